import type { KubernetesObject } from '../api/contract.ts';
import type { ObjectReference } from '../api/types/core.v1.ts';
import { apiVersionOf, type Resource } from './resource.ts';

/** A reference to an object that came from a list or watch of the resource. */
export function referenceTo(resource: Resource, { metadata = {} }: KubernetesObject): ObjectReference {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}
