import type { KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import type { Registry } from '../registry/registry.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';

/**
 * Reads objects of one resource from the server's own cache, at once. To be loaded before it is read. What is read is
 * shared and must not be changed.
 */
export class Lister<T extends KubernetesObject> {
  readonly #registry: Registry;
  readonly #definition: ResourceDefinition;
  readonly #parsed = new WeakMap<CachedObject, T>();
  #cache: ResourceCache | undefined;

  /** Of the resource's stored version. Throws when the catalog does not have it. */
  constructor(registry: Registry, group: string, resource: string) {
    const definition = registry.catalog.definitions.find(
      (one) => one.group === group && one.plural === resource && one.storage?.convert === undefined,
    );
    if (definition?.storage === undefined) throw new Error(`no definition of ${resource}.${group}`);
    this.#registry = registry;
    this.#definition = definition;
  }

  /** Undefined when it is loaded already. */
  load(): Promise<void> | undefined {
    if (this.#cache !== undefined) return undefined;
    const cache = this.#registry.cacheOf(this.#definition);
    if (cache instanceof Promise) {
      return cache.then((loaded) => {
        this.#cache = loaded;
      });
    }
    this.#cache = cache;
    return undefined;
  }

  get definition(): ResourceDefinition {
    return this.#definition;
  }

  get cache(): ResourceCache {
    if (this.#cache === undefined) throw new Error(`${this.#definition.plural} are not loaded`);
    return this.#cache;
  }

  get isEmpty(): boolean {
    return this.cache.size === 0;
  }

  /** Whether there is none in a namespace. */
  isEmptyIn(namespace: string): boolean {
    if (this.isEmpty) return true;
    let isEmpty = true;
    const { from, to } = this.cache.rangeOf(namespace);
    this.cache.scan(from, to, () => {
      isEmpty = false;
      return false;
    });
    return isEmpty;
  }

  /** Waits until every write that anybody was told of is seen. Undefined when it is. */
  catchUp(): Promise<void> | undefined {
    const { feed } = this.#registry;
    return feed.isCurrent ? undefined : feed.catchUp();
  }

  /** The object with its labels and selectable fields, not parsed. */
  record(namespace: string, name: string): CachedObject | undefined {
    return this.cache.get(this.#registry.keyFor(this.#definition, namespace, name));
  }

  get(namespace: string, name: string): T | undefined {
    const record = this.record(namespace, name);
    return record && this.parse(record);
  }

  /** All of a namespace, or all there are, in order of their keys. */
  list(namespace = ''): T[] {
    return this.records(namespace).map((record) => this.parse(record));
  }

  records(namespace = ''): CachedObject[] {
    const records: CachedObject[] = [];
    if (this.isEmpty) return records;
    const { from, to } = this.cache.rangeOf(namespace);
    this.cache.scan(from, to, (record) => {
      records.push(record);
      return true;
    });
    return records;
  }

  /** A new object each time, for what is read once. */
  decode(record: CachedObject): T {
    return this.cache.form.decode(record.value, record.revision) as T;
  }

  /** Parsed once, and kept as long as this is the object's state. */
  parse(record: CachedObject): T {
    let object = this.#parsed.get(record);
    if (object === undefined) {
      object = this.decode(record);
      this.#parsed.set(record, object);
    }
    return object;
  }
}
