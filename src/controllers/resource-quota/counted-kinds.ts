import type { CountedResource } from '../../api/quota/evaluator.ts';

/** Kinds that quotas count by more than their number. */
const measured: readonly CountedResource[] = [
  { group: '', resource: 'pods' },
  { group: '', resource: 'services' },
  { group: '', resource: 'persistentvolumeclaims' },
  { group: 'resource.k8s.io', resource: 'resourceclaims' },
];

/** Resources that quotas named without `count/` before that was there. */
const aliases: ReadonlySet<string> = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']);

/** The kind of object that uses what a quota names (`count/deployments.apps`, `requests.cpu`); undefined: none does. */
export function kindCountedAs(
  name: string,
  counts: (kind: CountedResource, name: string) => boolean,
): CountedResource | undefined {
  const known = measured.find((kind) => counts(kind, name));
  if (known !== undefined) return known;
  if (aliases.has(name)) return { group: '', resource: name };
  if (!name.startsWith('count/')) return undefined;
  const written = name.slice('count/'.length);
  const dot = written.indexOf('.');
  return dot < 0
    ? { group: '', resource: written }
    : { group: written.slice(dot + 1), resource: written.slice(0, dot) };
}
