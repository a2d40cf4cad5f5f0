import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery.v1.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';

/** Endpoints that share their ports. */
export interface PortGroup {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** What has to be written. An update is the slice as it should be. */
export interface SlicePlan {
  readonly create: readonly PortGroup[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

export function portsKey(ports: readonly EndpointPort[] | null | undefined): string {
  return JSON.stringify(
    (ports ?? [])
      .map(({ name = '', port, protocol, appProtocol }) => [name, port, protocol, appProtocol])
      .sort((a, b) => (String(a) < String(b) ? -1 : 1)),
  );
}

/** An endpoint is the same while it is of the same Pod, or has the same addresses. */
function identityOf({ targetRef, addresses }: Endpoint): string {
  return targetRef?.uid ?? JSON.stringify(addresses);
}

interface Draft {
  readonly slice: EndpointSlice;
  endpoints: Endpoint[];
  hasChanged: boolean;
}

/**
 * The fewest writes that bring slices to the endpoints that there should be (KEP-752): what is right stays where it is,
 * what is new goes first into slices that are written anyway, then into one that has just enough room, then into new
 * ones.
 * @param isCurrent Whether labels, annotations and owner of a slice are as they should be.
 */
export function planSlices(
  existing: readonly EndpointSlice[],
  groups: ReadonlyMap<string, PortGroup>,
  maxPerSlice: number,
  isCurrent: (slice: EndpointSlice) => boolean,
): SlicePlan {
  const create: PortGroup[] = [];
  const update: EndpointSlice[] = [];
  const remove: EndpointSlice[] = [];
  const byPorts = new Map<string, EndpointSlice[]>();
  for (const slice of existing) {
    const key = portsKey(slice.ports);
    if (!groups.has(key)) remove.push(slice);
    else byPorts.set(key, [...(byPorts.get(key) ?? []), slice]);
  }
  for (const [key, { ports, endpoints }] of groups) {
    const drafts: Draft[] = (byPorts.get(key) ?? []).map((slice) => ({ slice, endpoints: [], hasChanged: false }));
    const missing = new Map(endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
    for (const draft of drafts) keepDesired(draft, missing);
    let rest = [...missing.values()];
    if (rest.length > 0) {
      for (const draft of drafts.filter(({ hasChanged }) => hasChanged)) rest = fill(draft, rest, maxPerSlice);
    }
    while (rest.length > 0) {
      const draft = closestFit(drafts, Math.min(rest.length, maxPerSlice), maxPerSlice);
      if (draft === undefined) {
        create.push({ ports, endpoints: rest.slice(0, maxPerSlice) });
        rest = rest.slice(maxPerSlice);
      } else rest = fill(draft, rest, maxPerSlice);
    }
    const hasOthers = create.length > 0 || drafts.some((draft) => draft.endpoints.length > 0);
    for (const draft of drafts) {
      const { slice } = draft;
      if (draft.endpoints.length === 0 && hasOthers) remove.push(slice);
      else if (draft.hasChanged || !isCurrent(slice)) update.push({ ...slice, endpoints: draft.endpoints });
    }
  }
  return { create, update, remove };
}

/** Keeps of a slice what should be there, as it should be now, and takes that from what is missing. */
function keepDesired(draft: Draft, missing: Map<string, Endpoint>): void {
  for (const endpoint of draft.slice.endpoints ?? []) {
    const key = identityOf(endpoint);
    const desired = missing.get(key);
    if (desired === undefined) {
      draft.hasChanged = true;
      continue;
    }
    missing.delete(key);
    draft.endpoints.push(desired);
    if (!semanticDeepEqual(endpoint, desired)) draft.hasChanged = true;
  }
}

function fill(draft: Draft, endpoints: readonly Endpoint[], maxPerSlice: number): Endpoint[] {
  const room = Math.max(0, maxPerSlice - draft.endpoints.length);
  if (room > 0 && endpoints.length > 0) draft.hasChanged = true;
  draft.endpoints.push(...endpoints.slice(0, room));
  return endpoints.slice(room);
}

/** The slice that will be the fullest with so many more. */
function closestFit(drafts: readonly Draft[], count: number, maxPerSlice: number): Draft | undefined {
  let best: Draft | undefined;
  for (const draft of drafts) {
    if (draft.endpoints.length + count > maxPerSlice) continue;
    if (best === undefined || draft.endpoints.length > best.endpoints.length) best = draft;
  }
  return best;
}
