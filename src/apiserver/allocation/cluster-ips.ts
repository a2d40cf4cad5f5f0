/** Which cluster IPs a Service gets, as upstream gives them out on create and on update. */
import { isHeadless } from '../../api/core/validation/service-addresses.ts';
import type { ServiceSpec } from '../../api/types/core.v1.ts';
import type { IPFamily } from './address-range.ts';
import { isUnchangedPreference } from './ip-families.ts';

/** Gives out the addresses of one write. Both throw a StatusError when they cannot. */
export interface AddressAllocation {
  take(family: IPFamily, address: string): void;
  takeAny(family: IPFamily): string;
}

/** Fills `clusterIPs` for each of `ipFamilies`, which are settled. */
export function allocateClusterIPs(
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  allocation: AddressAllocation,
): void {
  if (spec.type === 'ExternalName' || isHeadless(spec)) return;
  const isNew = old === undefined || old.type === 'ExternalName';
  if (!isNew && (isUnchangedPreference(spec, old) || isHeadless(old))) return;
  const families = spec.ipFamilies ?? [];
  // The addresses that a stored Service has are its own; a second family alone may join.
  const from = isNew ? 0 : 1;
  if (!isNew && (old.ipFamilies?.length ?? 0) !== 1) return;
  const clusterIPs = [...(spec.clusterIPs ?? [])];
  for (const [index, family] of families.entries()) {
    if (index < from) continue;
    const chosen = clusterIPs[index];
    if (chosen) allocation.take(family as IPFamily, chosen);
    else clusterIPs[index] = allocation.takeAny(family as IPFamily);
  }
  if (clusterIPs.length === 0) return;
  spec.clusterIPs = clusterIPs;
  if (isNew) spec.clusterIP = clusterIPs[0] ?? '';
}
