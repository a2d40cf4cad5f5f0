import type { KubernetesObject } from '../api/contract.ts';
import type { OwnerReference } from '../api/types/meta.v1.ts';
import { apiVersionOf, type Resource } from '../client/resource.ts';

/** The reference that makes `owner` the controller of an object. */
export function controllerReferenceTo(resource: Resource, { metadata = {} }: KubernetesObject): OwnerReference {
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The reference to the controller of an object; undefined: it has none. */
export function controllerOf({ metadata }: KubernetesObject): OwnerReference | undefined {
  return metadata?.ownerReferences?.find(({ controller }) => controller === true);
}

/** Whether a reference is to an object of this resource, whatever its version. */
export function isReferenceTo({ group, kind }: Resource, reference: OwnerReference): boolean {
  const slash = reference.apiVersion.indexOf('/');
  return reference.kind === kind && reference.apiVersion.slice(0, Math.max(slash, 0)) === group;
}
