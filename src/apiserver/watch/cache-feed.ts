import type { Store, Watch, WatchBatch } from '../../store/contract.ts';
import { prefixEnd } from '../../store/contract.ts';
import type { ResourceCache } from './resource-cache.ts';

const registryPrefix = '/registry/';

/**
 * The API server's one watch on the store: hands each event to the cache of its resource, and says how far it has come,
 * so that a read can wait until it would see every write that was acknowledged before it.
 */
export class CacheFeed {
  readonly #store: Store;
  readonly #onFailure: (error: unknown) => void;
  /** By the first path segment of their keys, or the first two. */
  readonly #caches = new Map<string, ResourceCache>();
  #watch: Watch | undefined;
  #revision: number;
  #waiting: { readonly revision: number; readonly resolve: () => void }[] = [];

  /** @param onFailure Called when the feed breaks: nothing that is read from then on can be trusted. */
  constructor(store: Store, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
    this.#revision = store.revision;
  }

  /** Everything up to this revision is in the caches. */
  get revision(): number {
    return this.#revision;
  }

  add(cache: ResourceCache): void {
    this.#caches.set(cache.prefix, cache);
  }

  remove(cache: ResourceCache): void {
    this.#caches.delete(cache.prefix);
  }

  start(): void {
    const watch = this.#store.watch({
      key: registryPrefix,
      rangeEnd: prefixEnd(registryPrefix),
      startRevision: this.#revision + 1,
    });
    this.#watch = watch;
    watch.onAvailable(() => this.#drain(watch));
    void this.#follow(watch);
  }

  stop(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** Whether a linearizable read may be served now, without waiting. */
  get isCurrent(): boolean {
    return this.#revision >= this.#store.revision;
  }

  /** Resolves when the caches hold everything up to `revision`. */
  reach(revision: number): Promise<void> {
    if (this.#revision >= revision) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ revision, resolve }));
  }

  /** Waits until a read would see every acknowledged write. */
  async catchUp(): Promise<void> {
    if (!this.isCurrent) await this.reach(this.#store.revision);
  }

  #drain(watch: Watch): void {
    for (let batch = watch.poll(); batch !== undefined; batch = watch.poll()) this.#deliver(batch);
  }

  /** Takes what cannot be polled: what has to be read from disk, and from stores that know no polling. */
  async #follow(watch: Watch): Promise<void> {
    try {
      for (let batch = await watch.next(); batch !== undefined; batch = await watch.next()) {
        this.#deliver(batch);
        this.#drain(watch);
      }
    } catch (error) {
      if (this.#watch === watch) this.#onFailure(error);
    }
  }

  #deliver(batch: WatchBatch): void {
    for (const event of batch.events) this.#cacheOf(event.kv.key)?.apply(event);
    this.#revision = batch.revision;
    if (this.#waiting.length > 0) this.#wake();
  }

  #cacheOf(key: string): ResourceCache | undefined {
    const first = key.indexOf('/', registryPrefix.length);
    if (first < 0) return undefined;
    const cache = this.#caches.get(key.slice(0, first + 1));
    if (cache !== undefined) return cache;
    const second = key.indexOf('/', first + 1);
    return second < 0 ? undefined : this.#caches.get(key.slice(0, second + 1));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) {
      if (one.revision <= this.#revision) one.resolve();
      else this.#waiting.push(one);
    }
  }
}
