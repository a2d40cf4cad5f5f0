import type { KubernetesObject } from '../api/contract.ts';

/**
 * A resource as a client names it. `T` is the type of its objects: it stands nowhere at run time. A definition of
 * `api/` and what discovery finds are resources too.
 */
export interface Resource<T extends KubernetesObject = KubernetesObject> {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** What to ask the server for instead of the object itself. */
  readonly accept?: string;
  readonly objectType?: T;
}

/** The same resource, of whose objects only the metadata is asked for. */
export function metadataOnly({ group, version, plural, kind, namespaced }: Resource): Resource {
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  return { group, version, plural, kind, namespaced, accept };
}

/** `apps/v1`, `v1`. */
export function apiVersionOf({ group, version }: Pick<Resource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/**
 * `/apis/apps/v1/namespaces/default/deployments/web/scale`: the path of a collection, of an object, of its subresource.
 * @param namespace Undefined or '': of a cluster-scoped resource, or the collection over all namespaces.
 */
export function pathOf(resource: Resource, namespace?: string, name?: string, subresource?: string): string {
  const { group, version, plural, namespaced } = resource;
  let path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  if (namespaced && namespace !== undefined && namespace !== '') path += `/namespaces/${encodeURIComponent(namespace)}`;
  path += `/${plural}`;
  if (name !== undefined) path += `/${encodeURIComponent(name)}`;
  if (subresource !== undefined) path += `/${subresource}`;
  return path;
}

/** `namespace/name`, or the name alone: client-go's `MetaNamespaceKeyFunc`. */
export function keyOf({ metadata }: KubernetesObject): string {
  const { namespace, name = '' } = metadata ?? {};
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** The parts of a key; the namespace is '' for cluster-scoped objects. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
