import { root } from '../../machinery/field-error.ts';
import type { Endpoints } from '../types/core.v1.ts';
import type { EndpointSlice } from '../types/discovery.v1.ts';
import { addressWarnings } from './addresses.ts';

/** These write addresses as they should be: theirs need not be looked at. */
const sliceControllers: ReadonlySet<string | undefined> = new Set([
  'endpointslice-controller.k8s.io',
  'endpointslicemirroring-controller.k8s.io',
]);

export function endpointsWarnings({ metadata, subsets }: Endpoints): string[] {
  if (metadata?.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return [];
  const warnings: string[] = [];
  for (const [index, subset] of (subsets ?? []).entries()) {
    for (const list of ['addresses', 'notReadyAddresses'] as const) {
      for (const [at, { ip }] of (subset[list] ?? []).entries()) {
        warnings.push(...addressWarnings(root('subsets').index(index).child(list).index(at).child('ip'), ip));
      }
    }
  }
  return warnings;
}

export function newEndpointSliceWarnings(slice: EndpointSlice): string[] {
  const warnings = endpointSliceWarnings(slice);
  if (slice.addressType !== 'FQDN') return warnings;
  return ['spec.addressType: FQDN endpoints are deprecated', ...warnings];
}

export function endpointSliceWarnings({ metadata, addressType, endpoints }: EndpointSlice): string[] {
  if (addressType === 'FQDN') return [];
  if (sliceControllers.has(metadata?.labels?.['endpointslice.kubernetes.io/managed-by'])) return [];
  const warnings: string[] = [];
  for (const [index, { addresses }] of (endpoints ?? []).entries()) {
    for (const [at, address] of (addresses ?? []).entries()) {
      warnings.push(...addressWarnings(root('endpoints').index(index).child('addresses').index(at), address));
    }
  }
  return warnings;
}
