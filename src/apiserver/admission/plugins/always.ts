import type { AdmissionPlugin, Attributes } from '../contract.ts';
import { refusal } from '../refusals.ts';

/** Upstream's plugin that does nothing, kept for command lines that name it. */
export class AlwaysAdmit implements AdmissionPlugin {
  readonly name = 'AlwaysAdmit';

  handles(): boolean {
    return false;
  }
}

/** Refuses everything, for tests of clients. */
export class AlwaysDeny implements AdmissionPlugin {
  readonly name = 'AlwaysDeny';

  handles(): boolean {
    return true;
  }

  admit(attributes: Attributes): void {
    throw refusal(attributes, 'admission control is denying all modifications');
  }

  validate(attributes: Attributes): void {
    this.admit(attributes);
  }
}
