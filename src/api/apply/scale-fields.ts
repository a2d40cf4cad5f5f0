/** Who owns the number of replicas, of an object and of its Scale (upstream's ScaleHandler). */
import { difference, hasPath, isEmpty, setOfPaths, union } from './field-set.ts';
import { managerId, type Manager, type ManagerId, type Managers } from './managers.ts';
import { fieldElement, type PathElement } from './path-element.ts';

const scaleVersion = 'autoscaling/v1';
const replicasInScale = ['spec', 'replicas'].map(fieldElement);
const scaleFields = setOfPaths([replicasInScale]);

/** Where the number of replicas stands in the object, by version; undefined: in a version that is not served. */
export type ReplicasPath = (apiVersion: string) => readonly PathElement[] | undefined;

/** The managers of a Scale: those who own the number of replicas. */
export function managersOfScale(managers: Managers, pathIn: ReplicasPath): Managers {
  const scale: Managers = new Map();
  for (const owner of managers.values()) {
    const path = pathIn(owner.apiVersion);
    if (path === undefined || !hasPath(owner.fields, path)) continue;
    const one: Manager = { ...owner, apiVersion: scaleVersion, fields: scaleFields };
    scale.set(managerId(one), one);
  }
  return scale;
}

/**
 * The managers of the object after its Scale was written. The number of replicas is of those who own it there; who did
 * not own it before does so in the version of the request. Upstream gives such an entry no time.
 */
export function managersAfterScale(
  managers: Managers,
  scale: Managers,
  pathIn: ReplicasPath,
  apiVersion: string,
): Managers {
  const left = new Map<ManagerId, Manager>([...scale].filter(([, { fields }]) => hasPath(fields, replicasInScale)));
  const out: Managers = new Map();
  for (const [id, owner] of managers) {
    const path = pathIn(owner.apiVersion);
    if (path === undefined) continue;
    const inScale = managerId({ ...owner, apiVersion: scaleVersion });
    if (!hasPath(owner.fields, path) || left.delete(inScale)) {
      out.set(id, owner);
      continue;
    }
    const fields = difference(owner.fields, setOfPaths([path]));
    if (!isEmpty(fields)) out.set(id, { ...owner, fields });
  }
  const path = pathIn(apiVersion) ?? replicasInScale;
  for (const owner of left.values()) {
    const one: Manager = { ...owner, apiVersion, time: undefined, fields: setOfPaths([path]) };
    const id = managerId(one);
    const known = out.get(id);
    out.set(id, known === undefined ? one : { ...known, fields: union(known.fields, one.fields) });
  }
  return out;
}
