/** The post-start hook `rbac/bootstrap-roles`: every start brings the roles and bindings of the policy up to date. */
import type { KubernetesObject, ResourceDefinition } from '../../../api/contract.ts';
import type { ClusterRole } from '../../../api/types/rbac.v1.ts';
import type { InternalResponse } from '../../http/internal.ts';
import type { Registry } from '../../registry/registry.ts';
import type { ResourceCache } from '../../watch/resource-cache.ts';
import { aggregateAll } from '../../../api/rbac/aggregation.ts';
import { bootstrapPolicy } from './bootstrap-policy/policy.ts';
import { rbacDefinition } from './policy-feed.ts';
import { reconciledBinding, reconciledRole, type BindingChange } from './reconcile.ts';

/** The hook's check in health endpoints. */
export const bootstrapRolesHook = 'poststarthook/rbac/bootstrap-roles';

export interface BootstrapRolesOptions {
  readonly registry: Registry;
  /** Sends a request in the server's own name, who may grant what nobody holds yet. */
  request(method: string, path: string, body?: object): Promise<InternalResponse>;
}

/**
 * Creates what is missing and adds what is missing from what is there, unless its annotation forbids it. Aggregated
 * roles are then given the rules of the roles they are made of, as their controller does from then on. Rejects with an
 * Error when something cannot be written.
 */
export async function bootstrapRoles(options: BootstrapRolesOptions): Promise<void> {
  const policy = bootstrapPolicy();
  const [clusterRoles, roles, clusterRoleBindings, roleBindings] = await Promise.all([
    PolicyKind.open<ClusterRole>(options, 'clusterroles'),
    PolicyKind.open<(typeof policy.roles)[number]>(options, 'roles'),
    PolicyKind.open<(typeof policy.clusterRoleBindings)[number]>(options, 'clusterrolebindings'),
    PolicyKind.open<(typeof policy.roleBindings)[number]>(options, 'rolebindings'),
  ]);
  // A first start writes the aggregated roles whole, in one go with all others.
  const isFirst = clusterRoles.isEmpty;
  const filled = new Map((isFirst ? aggregateAll(policy.clusterRoles) : []).map((role) => [role.metadata.name, role]));
  await Promise.all([
    ...policy.clusterRoles.map((expected) =>
      clusterRoles.ensure(expected, reconciledRole, filled.get(expected.metadata.name)),
    ),
    ...policy.roles.map((expected) => roles.ensure(expected, reconciledRole)),
  ]);
  // Bindings come after their roles, so that nobody is refused for want of a role that is about to come.
  await Promise.all([
    ...policy.clusterRoleBindings.map((expected) => clusterRoleBindings.ensureBinding(expected, reconciledBinding)),
    ...policy.roleBindings.map((expected) => roleBindings.ensureBinding(expected, reconciledBinding)),
  ]);
  if (!isFirst) await Promise.all(aggregateAll(clusterRoles.all()).map((role) => clusterRoles.replace(role)));
}

type Named = KubernetesObject & { readonly metadata: { readonly name?: string; readonly namespace?: string } };

/** The objects of one kind: read from the server's cache, written as any client writes them. */
class PolicyKind<T extends Named> {
  readonly #options: BootstrapRolesOptions;
  readonly #definition: ResourceDefinition;
  readonly #cache: ResourceCache;

  private constructor(options: BootstrapRolesOptions, definition: ResourceDefinition, cache: ResourceCache) {
    this.#options = options;
    this.#definition = definition;
    this.#cache = cache;
  }

  static async open<T extends Named>(
    options: BootstrapRolesOptions,
    plural: Parameters<typeof rbacDefinition>[1],
  ): Promise<PolicyKind<T>> {
    const definition = rbacDefinition(options.registry, plural);
    return new PolicyKind(options, definition, await options.registry.cacheOf(definition));
  }

  get isEmpty(): boolean {
    return this.#cache.size === 0;
  }

  all(): T[] {
    const found: T[] = [];
    const { from, to } = this.#cache.rangeOf('');
    this.#cache.scan(from, to, ({ value, revision }) => {
      found.push(this.#cache.form.decode(value, revision) as T);
      return true;
    });
    return found;
  }

  /** @param created What to create when there is none; default: what is expected. */
  async ensure(expected: T, reconcile: (existing: T, expected: T) => T | undefined, created = expected): Promise<void> {
    const existing = this.#find(expected);
    if (existing === undefined) return this.#create(created);
    const changed = reconcile(existing, expected);
    if (changed !== undefined) await this.replace(changed);
  }

  async ensureBinding(
    expected: T,
    reconcile: (existing: T, expected: T) => BindingChange<T> | undefined,
  ): Promise<void> {
    const existing = this.#find(expected);
    if (existing === undefined) return this.#create(expected);
    const change = reconcile(existing, expected);
    if (change === undefined) return;
    if (change.operation === 'update') return this.#write('PUT', this.#pathOf(expected), change.binding);
    await this.#write('DELETE', this.#pathOf(expected));
    await this.#create(expected);
  }

  replace(object: T): Promise<void> {
    return this.#write('PUT', this.#pathOf(object), object);
  }

  #find({ metadata }: T): T | undefined {
    const key = this.#options.registry.keyFor(this.#definition, metadata.namespace ?? '', metadata.name ?? '');
    const found = this.#cache.get(key);
    return found && (this.#cache.form.decode(found.value, found.revision) as T);
  }

  #create(object: T): Promise<void> {
    return this.#write('POST', this.#collectionOf(object), object);
  }

  #collectionOf({ metadata: { namespace } }: T): string {
    const { group, version, plural } = this.#definition;
    const place = namespace === undefined ? '' : `/namespaces/${namespace}`;
    return `/apis/${group}/${version}${place}/${plural}`;
  }

  #pathOf(object: T): string {
    return `${this.#collectionOf(object)}/${encodeURIComponent(object.metadata.name ?? '')}`;
  }

  async #write(method: string, path: string, body?: object): Promise<void> {
    const { status, body: answer } = await this.#options.request(method, path, body);
    // Another server of the same cluster may be doing the same: what it wrote is as good.
    if (status < 300 || status === 409 || (method === 'DELETE' && status === 404)) return;
    throw new Error(`${method} ${path}: ${answer.toString('utf8')}`);
  }
}
