import type { KubernetesObject } from '../../../api/contract.ts';
import type { Node, Pod, Secret, ServiceAccount } from '../../../api/types/core.v1.ts';
import { Lister } from '../../admission/lister.ts';
import type { Registry } from '../../registry/registry.ts';
import type { CachedObject } from '../../watch/cached-object.ts';

export interface Kinds {
  readonly serviceaccounts: ServiceAccount;
  readonly secrets: Secret;
  readonly pods: Pod;
  readonly nodes: Node;
}

export type BoundKind = keyof Kinds;

/** An object as it was read. It is shared, and must not be changed. */
export interface ReadObject<T extends KubernetesObject> {
  readonly object: T;
  /** Whether it is still as it was read: a look into a map. */
  isCurrent(): boolean;
}

/** Reads the objects that tokens are about and bound to. */
export interface BoundObjects {
  /** Undefined when these kinds can be read now, and every write that anybody was told of is seen. */
  prepare(kinds: readonly BoundKind[]): Promise<void> | undefined;
  /** Needs `prepare`. `namespace` is '' for nodes. */
  read<K extends BoundKind>(kind: K, namespace: string, name: string): ReadObject<Kinds[K]> | undefined;
}

/** From the server's own caches. */
export class CachedBoundObjects implements BoundObjects {
  readonly #registry: Registry;
  readonly #listers: { readonly [K in BoundKind]: Lister<Kinds[K]> };

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#listers = {
      serviceaccounts: new Lister<ServiceAccount>(registry, '', 'serviceaccounts'),
      secrets: new Lister<Secret>(registry, '', 'secrets'),
      pods: new Lister<Pod>(registry, '', 'pods'),
      nodes: new Lister<Node>(registry, '', 'nodes'),
    };
  }

  prepare(kinds: readonly BoundKind[]): Promise<void> | undefined {
    const loading = kinds.flatMap((kind) => this.#listers[kind].load() ?? []);
    const { feed } = this.#registry;
    if (loading.length > 0) return Promise.all(loading).then(() => feed.catchUp());
    return feed.isCurrent ? undefined : feed.catchUp();
  }

  read<K extends BoundKind>(kind: K, namespace: string, name: string): ReadObject<Kinds[K]> | undefined {
    const lister = this.#listers[kind];
    // A claim without a name names nothing; and no name that a token makes up may reach into another key.
    if (name === '' || name.includes('/') || namespace.includes('/')) return undefined;
    const record: CachedObject | undefined = lister.record(namespace, name);
    if (record === undefined) return undefined;
    return { object: lister.parse(record), isCurrent: () => lister.record(namespace, name) === record };
  }
}

/** Where the objects come from, once there is a server that has them: authenticators are made before. */
export class LateBoundObjects {
  #objects: BoundObjects | undefined;

  attach(objects: BoundObjects): void {
    this.#objects = objects;
  }

  get(): BoundObjects {
    if (this.#objects === undefined) throw new Error('the server that has the objects is not there yet');
    return this.#objects;
  }
}
