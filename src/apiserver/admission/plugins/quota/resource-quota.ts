import { Evaluators, isIgnoredByQuota } from '../../../../api/quota/evaluators.ts';
import type { ResourceQuota as ResourceQuotaObject } from '../../../../api/types/core.v1.ts';
import type { Clock } from '../../../../machinery/clock.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../../contract.ts';
import type { Lister } from '../../lister.ts';
import { Ledger } from './ledger.ts';
import type { LimitedResource } from './limited-resources.ts';

export interface ResourceQuotaOptions {
  readonly quotas: Lister<ResourceQuotaObject>;
  readonly clock: Pick<Clock, 'now'>;
  readonly limited: readonly LimitedResource[];
}

/** Keeps what a namespace uses within its ResourceQuotas. */
export class ResourceQuota implements AdmissionPlugin {
  readonly name = 'ResourceQuota';
  readonly #quotas: Lister<ResourceQuotaObject>;
  readonly #isLimited: boolean;
  readonly #ledger: Ledger;
  readonly #evaluators: Evaluators;

  constructor({ quotas, clock, limited }: ResourceQuotaOptions) {
    this.#quotas = quotas;
    this.#isLimited = limited.length > 0;
    this.#ledger = new Ledger(quotas, limited);
    this.#evaluators = new Evaluators(clock);
  }

  handles(kind: RequestKind): boolean {
    return kind.namespaced && !isIgnoredByQuota(kind) && this.#evaluators.of(kind).handles(kind);
  }

  prepare(): Promise<void> | undefined {
    return this.#quotas.load();
  }

  validate(attributes: Attributes): void | Promise<void> {
    const { requestKind, namespace, operation, object } = attributes;
    if (!this.#isLimited && this.#quotas.isEmptyIn(namespace)) return;
    const { registry, definition, cache } = attributes.request;
    const name = object?.metadata?.name ?? '';
    // What is there already will be refused for that: nothing is to be paid for it.
    if (operation === 'CREATE' && cache.get(registry.keyFor(definition, namespace, name)) !== undefined) return;
    return this.#ledger.charge(attributes, this.#evaluators.of(requestKind));
  }
}
