import type { ServedResource } from './discovery.ts';

/** A resource as somebody wrote it: `po`, `deployments.apps`, `deployment.v1.apps`. */
interface Wanted {
  readonly name: string;
  readonly version?: string;
  readonly group?: string;
}

/** The readings of a text, the most definite first. */
function readingsOf(text: string): Wanted[] {
  const [name = '', version, ...rest] = text.split('.');
  const readings: Wanted[] = [];
  if (version !== undefined && rest.length > 0) readings.push({ name, version, group: rest.join('.') });
  if (version === undefined) readings.push({ name });
  else readings.push({ name, group: [version, ...rest].join('.') });
  return readings;
}

/**
 * The resource that a text means, as kubectl reads it: plural, singular, kind or short name in any case, with its group
 * (the beginning of one will do) and version after dots. Of several the first that the server names; undefined when
 * there is none.
 */
export function resolveResource(served: readonly ServedResource[], text: string): ServedResource | undefined {
  for (const wanted of readingsOf(text)) {
    const found = find(served, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

function find(served: readonly ServedResource[], { name, version, group }: Wanted): ServedResource | undefined {
  const lower = name.toLowerCase();
  const isOfVersion = (one: ServedResource): boolean => version === undefined || one.version === version;
  const isNamed = ({ plural, singular, kind }: ServedResource): boolean =>
    plural === lower || singular === lower || kind.toLowerCase() === lower;
  const isShort = ({ shortNames }: ServedResource): boolean => shortNames.includes(lower);
  const inGroup = served.filter((one) => isOfVersion(one) && (group === undefined || one.group === group));
  const inPrefix = served.filter((one) => isOfVersion(one) && group !== undefined && one.group.startsWith(group));
  for (const candidates of [inGroup, inPrefix]) {
    const found = candidates.find(isNamed) ?? candidates.find(isShort);
    if (found !== undefined) return found;
  }
  return undefined;
}
