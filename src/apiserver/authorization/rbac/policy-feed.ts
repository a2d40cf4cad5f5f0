import type { KubernetesObject, ResourceDefinition } from '../../../api/contract.ts';
import type { ClusterRole, Role, RoleBinding } from '../../../api/types/rbac.v1.ts';
import type { Registry } from '../../registry/registry.ts';
import type { CachedObject } from '../../watch/cached-object.ts';
import type { ResourceCache } from '../../watch/resource-cache.ts';
import { rbacGroup } from './binding.ts';
import type { PolicyIndex } from './policy-index.ts';

/** The four kinds of RBAC, by plural. */
const plurals = ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'] as const;

/**
 * Fills an index from the server's own caches, and keeps it as they are: a change is in it before its writer is answered.
 * Resolves when it is filled.
 */
export async function feedPolicy(index: PolicyIndex, registry: Registry): Promise<void> {
  await Promise.all(
    plurals.map(async (plural) => {
      const definition = rbacDefinition(registry, plural);
      const cache = await registry.cacheOf(definition);
      const isRole = plural === 'clusterroles' || plural === 'roles';
      const take = (object: CachedObject, isGone: boolean): void => {
        if (isRole) takeRole(index, cache, object, isGone);
        else takeBinding(index, cache, object, isGone);
      };
      const { from, to } = cache.rangeOf('');
      cache.scan(from, to, (object) => {
        take(object, false);
        return true;
      });
      cache.listen({ onEvent: ({ type, object }) => take(object, type === 'delete') });
    }),
  );
}

export function rbacDefinition(registry: Registry, plural: (typeof plurals)[number]): ResourceDefinition {
  const definition = registry.catalog.find(rbacGroup, 'v1', plural);
  if (definition === undefined) throw new Error(`the catalog has no ${plural}.${rbacGroup}`);
  return definition;
}

function parsed<T extends KubernetesObject>(cache: ResourceCache, { value, revision }: CachedObject): T {
  return cache.form.decode(value, revision) as T;
}

function takeRole(index: PolicyIndex, cache: ResourceCache, object: CachedObject, isGone: boolean): void {
  const rules = isGone ? undefined : (parsed<Role | ClusterRole>(cache, object).rules ?? []);
  index.setRole(object.namespace, object.name, rules);
}

function takeBinding(index: PolicyIndex, cache: ResourceCache, object: CachedObject, isGone: boolean): void {
  const { namespace, name } = object;
  if (isGone) return index.setBinding(namespace, name, undefined);
  const { roleRef, subjects = [] } = parsed<RoleBinding>(cache, object);
  index.setBinding(namespace, name, { namespace, name, roleRef, subjects });
}
