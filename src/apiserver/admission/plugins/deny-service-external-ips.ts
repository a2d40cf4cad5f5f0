import type { Service } from '../../../api/types/core.v1.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import { refusal } from '../refusals.ts';
import { isOf } from './pod-requests.ts';

/** Refuses new external addresses of Services, by which one could take another's traffic (CVE-2020-8554). */
export class DenyServiceExternalIPs implements AdmissionPlugin {
  readonly name = 'DenyServiceExternalIPs';

  handles(kind: RequestKind): boolean {
    const isWrite = kind.operation === 'CREATE' || kind.operation === 'UPDATE';
    return isOf(kind, '', 'services') && kind.subresource === '' && isWrite;
  }

  validate(attributes: Attributes): void {
    const addresses = (attributes.object as Service).spec?.externalIPs ?? [];
    const old = (attributes.oldObject as Service | undefined)?.spec?.externalIPs ?? [];
    if (addresses.every((address) => old.includes(address))) return;
    throw refusal(attributes, 'Use of external IPs is denied by admission control');
  }
}
