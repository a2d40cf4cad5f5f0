import type { KubernetesObject, ResourceCatalog, ResourceDefinition } from '../../api/contract.ts';
import { decode } from '../../api/schema/decode.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Random } from '../../machinery/random.ts';
import { keyOf, type Store } from '../../store/contract.ts';
import type { Authorizer } from '../contract.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { CacheFeed } from '../watch/cache-feed.ts';
import { ResourceCache } from '../watch/resource-cache.ts';
import { AdmissionChain } from '../admission/chain.ts';
import { EventLeases } from './event-leases.ts';
import { WriteHooks, type WriteHook } from './write-hook.ts';

export interface RegistryOptions {
  readonly store: Store;
  readonly catalog: ResourceCatalog;
  readonly clock: Clock;
  readonly random: Random;
  /** How long events are kept (`--event-ttl`), in seconds. */
  readonly eventTtlSeconds: number;
  /** Watches without a timeout of their own end after between this and twice this (`--min-request-timeout`). */
  readonly minRequestTimeoutMs: number;
  /** Steps in the writes of single kinds. */
  readonly writeHooks?: readonly WriteHook[];
  /** Makes the chain that writes have to pass. Absent: nothing is in their way. */
  readonly admission?: (registry: Registry) => AdmissionChain;
  /** Who decides what the user of a request may do besides. Absent: everything. */
  readonly authorizer?: Authorizer;
  /** Whether a value that the store gave should be written again though it has not changed. Absent: none. */
  readonly isStale?: ((key: string, value: Uint8Array) => boolean) | undefined;
  /** Called when what is served can no longer be trusted, e.g. the store failed. */
  onFailure(error: unknown): void;
}

/** What all verbs share: the store, the definitions, and a cache per stored resource. */
export class Registry {
  readonly store: Store;
  readonly catalog: ResourceCatalog;
  readonly clock: Clock;
  readonly random: Random;
  readonly feed: CacheFeed;
  readonly eventLeases: EventLeases;
  readonly hooks: WriteHooks;
  readonly admission: AdmissionChain;
  readonly minRequestTimeoutMs: number;
  readonly authorizer: Authorizer | undefined;
  readonly #isStale: RegistryOptions['isStale'];
  readonly #caches = new Map<string, ResourceCache>();

  constructor(options: RegistryOptions) {
    this.store = options.store;
    this.catalog = options.catalog;
    this.clock = options.clock;
    this.random = options.random;
    this.minRequestTimeoutMs = options.minRequestTimeoutMs;
    this.authorizer = options.authorizer;
    this.#isStale = options.isStale;
    this.hooks = new WriteHooks(options.writeHooks ?? []);
    this.feed = new CacheFeed(options.store, (error) => options.onFailure(error));
    this.eventLeases = new EventLeases(options.store, options.clock, options.eventTtlSeconds);
    this.admission = options.admission?.(this) ?? new AdmissionChain([], options.clock);
    this.feed.start();
  }

  /** The cache of a definition's stored form, filled. At once, without a promise, when it is filled already. */
  cacheOf(definition: ResourceDefinition): ResourceCache | Promise<ResourceCache> {
    const prefix = definition.storage?.prefix ?? '';
    const known = this.#caches.get(prefix);
    if (known?.isLoaded === true) return known;
    const cache = known ?? this.#addCache(definition);
    return cache.load(this.store).then(() => cache);
  }

  /** The cache of a definition's stored form, if it is filled. */
  loadedCache(definition: ResourceDefinition): ResourceCache | undefined {
    const cache = this.#caches.get(definition.storage?.prefix ?? '');
    return cache?.isLoaded === true ? cache : undefined;
  }

  /** Caches that have been filled, for metrics. */
  caches(): Iterable<ResourceCache> {
    return this.#caches.values();
  }

  /** Where an object is kept. */
  keyFor(definition: ResourceDefinition, namespace: string, name: string): string {
    const prefix = `/registry/${definition.storage?.prefix ?? definition.plural}/`;
    return keyOf(definition.namespaced ? `${prefix}${namespace}/${name}` : prefix + name);
  }

  /** The definition of the version in which a resource is stored. */
  storedDefinition(definition: ResourceDefinition): ResourceDefinition {
    const { storage } = definition;
    if (storage?.convert === undefined) return definition;
    const stored = this.catalog.definitions.find(
      (other) => other.storage?.prefix === storage.prefix && other.storage.convert === undefined,
    );
    if (stored === undefined) throw new Error(`no definition of the stored version of ${definition.plural}`);
    return stored;
  }

  /** Whether an object is to be written again though it has not changed: its key was replaced (encryption at rest). */
  isStale({ key, value }: CachedObject): boolean {
    return this.#isStale?.(key, value) === true;
  }

  stop(): void {
    this.feed.stop();
  }

  #addCache(definition: ResourceDefinition): ResourceCache {
    const stored = this.storedDefinition(definition);
    const cache = new ResourceCache(stored, (object) => decode(stored.schema, object) as KubernetesObject);
    this.#caches.set(stored.storage?.prefix ?? '', cache);
    this.feed.add(cache);
    return cache;
  }
}
