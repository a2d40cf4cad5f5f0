import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { EndpointSlice } from '../types/discovery.v1.ts';
import { validateEndpointSlice, validateEndpointSliceUpdate } from './validation.ts';
import { endpointSliceWarnings, newEndpointSliceWarnings } from '../warnings/endpoints.ts';

const shown = 3;

/** The first three, and how many more. */
function listCell(values: readonly string[]): string {
  const text = values.slice(0, shown).join(',');
  if (values.length > shown) return `${text} + ${values.length - shown} more...`;
  return text === '' ? '<unset>' : text;
}

function defaults({ ports }: EndpointSlice): void {
  for (const port of ports ?? []) {
    port.name ??= '';
    port.protocol ??= 'TCP';
  }
}

/** The old topology field is not written any more, except that it stays where the endpoints do not change. */
function dropTopology(slice: EndpointSlice, old?: EndpointSlice): void {
  if (old !== undefined && semanticDeepEqual(old.endpoints, slice.endpoints)) return;
  for (const endpoint of slice.endpoints ?? []) delete endpoint.deprecatedTopology;
}

/** All of a slice but its metadata, and its labels, which say whose it is. */
function content({ metadata, ...content }: EndpointSlice): unknown {
  return { ...content, labels: metadata?.labels };
}

export const endpointslices = defineResource<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
  defaults,
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  prepareForCreate: (slice) => dropTopology(slice),
  prepareForUpdate: (slice, old) => dropTopology(slice, old),
  generationChanges: (object, old) => !semanticDeepEqual(content(object), content(old)),
  warningsOnCreate: newEndpointSliceWarnings,
  warningsOnUpdate: endpointSliceWarnings,
  columns: [
    nameColumn,
    column('AddressType', ({ addressType }) => addressType ?? ''),
    column('Ports', ({ ports }) => listCell((ports ?? []).map((port) => String(port?.port ?? port?.name ?? '*')))),
    column('Endpoints', ({ endpoints }) => listCell((endpoints ?? []).flatMap((one) => one?.addresses ?? []))),
    ageColumn,
  ],
});
