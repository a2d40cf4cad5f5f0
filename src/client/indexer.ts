import type { KubernetesObject } from '../api/contract.ts';
import { keyOf } from './resource.ts';

/** The values under which an object is found; as many as there are. */
export type IndexFunction<T> = (object: T) => readonly string[];

/**
 * The objects of a resource as an informer last saw them, by key and by index. They are shared by all who read them:
 * whoever wants to change one changes a `structuredClone`.
 */
export interface Lister<T> {
  readonly size: number;
  /** By `namespace/name`, or the name of a cluster-scoped object. */
  get(key: string): T | undefined;
  values(): IterableIterator<T>;
  /** In the order in which they were first seen. Throws a RangeError for an index that the informer was not given. */
  byIndex(index: string, value: string): readonly T[];
}

export const namespaceIndex = 'namespace';
export const ownerIndex = 'ownerUid';
/** By namespace, only what nobody controls. */
export const orphanIndex = 'orphanNamespace';

/** Indexes that every informer has: by namespace, and by the uid of the controlling owner or its absence. */
const commonIndexes: Readonly<Record<string, IndexFunction<KubernetesObject>>> = {
  [namespaceIndex]: ({ metadata }) => [metadata?.namespace ?? ''],
  [ownerIndex]: ({ metadata }) =>
    (metadata?.ownerReferences ?? []).filter(({ controller }) => controller === true).map(({ uid }) => uid),
  [orphanIndex]: ({ metadata }) =>
    metadata?.ownerReferences?.some(({ controller }) => controller === true) === true
      ? []
      : [metadata?.namespace ?? ''],
};

interface Index<T> {
  readonly valuesOf: IndexFunction<T>;
  readonly buckets: Map<string, Map<string, T>>;
}

/** Client-go's `Indexer`. */
export class Indexer<T extends KubernetesObject> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();

  constructor(indexes: Readonly<Record<string, IndexFunction<T>>> = {}) {
    for (const [name, valuesOf] of Object.entries({ ...commonIndexes, ...indexes })) this.addIndex(name, valuesOf);
  }

  /** Whoever shares an informer may bring indexes; the same name means the same function. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    if (this.#indexes.has(name)) return;
    const index: Index<T> = { valuesOf, buckets: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) put(index, key, object);
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new RangeError(`there is no index ${JSON.stringify(name)}`);
    const bucket = index.buckets.get(value);
    return bucket === undefined ? [] : [...bucket.values()];
  }

  /** Puts an object in the place of the one with its key, which is returned. */
  set(object: T): T | undefined {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    for (const index of this.#indexes.values()) {
      if (old !== undefined) remove(index, key, old);
      put(index, key, object);
    }
    this.#objects.set(key, object);
    return old;
  }

  delete(key: string): T | undefined {
    const old = this.#objects.get(key);
    if (old === undefined) return undefined;
    for (const index of this.#indexes.values()) remove(index, key, old);
    this.#objects.delete(key);
    return old;
  }
}

function put<T>({ valuesOf, buckets }: Index<T>, key: string, object: T): void {
  for (const value of valuesOf(object)) {
    const bucket = buckets.get(value);
    if (bucket === undefined) buckets.set(value, new Map([[key, object]]));
    else bucket.set(key, object);
  }
}

function remove<T>({ valuesOf, buckets }: Index<T>, key: string, object: T): void {
  for (const value of valuesOf(object)) {
    const bucket = buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) buckets.delete(value);
  }
}
