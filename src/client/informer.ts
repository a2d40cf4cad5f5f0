import type { KubernetesObject } from '../api/contract.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { Random } from '../machinery/random.ts';
import { StatusError } from '../machinery/status.ts';
import type { Client } from './client.ts';
import { Indexer, type IndexFunction, type Lister } from './indexer.ts';
import { Reflector, type ReflectorSink } from './reflector.ts';
import { keyOf, type Resource } from './resource.ts';

/** Told of changes, one after the other, in the order of the server's revisions. */
export interface InformerHandlers<T> {
  added?(object: T): void;
  updated?(object: T, old: T): void;
  /** The last state that was seen. When the deletion itself was missed, that may be an older one. */
  deleted?(object: T): void;
}

export interface InformerOptions<T extends KubernetesObject> {
  readonly client: Client;
  readonly resource: Resource<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Undefined: all. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
  /** Makes an object smaller before it is kept. */
  readonly transform?: (object: T) => T;
}

/**
 * Keeps a copy of a resource's objects up to date and tells of changes: client-go's shared informer. Survives every
 * failure of the server: it backs off, resumes the watch, and lists again when the server no longer knows the revision;
 * what changed meanwhile is told as if it had been seen.
 */
export class Informer<T extends KubernetesObject> {
  readonly resource: Resource<T>;
  readonly #indexer: Indexer<T>;
  readonly #handlers = new Set<InformerHandlers<T>>();
  readonly #reflector: Reflector<T>;
  readonly #synced = Promise.withResolvers<void>();
  readonly #transform: (object: T) => T;
  readonly #log: Logger;
  #hasSynced = false;

  constructor(options: InformerOptions<T>) {
    this.#indexer = new Indexer(options.indexes);
    this.#transform = options.transform ?? ((object) => object);
    this.#log = options.log;
    this.resource = options.resource;
    const sink: ReflectorSink<T> = {
      replace: (objects) => this.#replace(objects),
      set: (object) => this.#set(this.#transform(object)),
      delete: (object) => this.#delete(keyOf(object), object),
    };
    this.#reflector = new Reflector(options, sink);
  }

  get lister(): Lister<T> {
    return this.#indexer;
  }

  /** Whether all that was there at the start has been told. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when `hasSynced` holds. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** The revision up to which changes are known. */
  get resourceVersion(): string {
    return this.#reflector.resourceVersion;
  }

  /** Tells of what is there already, then of changes. Returns what ends that. */
  addHandlers(handlers: InformerHandlers<T>): () => void {
    this.#handlers.add(handlers);
    for (const object of this.#indexer.values()) this.#tell(() => handlers.added?.(object));
    return () => this.#handlers.delete(handlers);
  }

  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    this.#indexer.addIndex(name, valuesOf);
  }

  /** Runs until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void> {
    return this.#reflector.run(signal);
  }

  #replace(objects: readonly T[]): void {
    const gone = new Set(this.#indexer.keys());
    for (const object of objects) {
      const kept = this.#transform(object);
      gone.delete(keyOf(kept));
      this.#set(kept);
    }
    for (const key of gone) this.#delete(key);
    if (this.#hasSynced) return;
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  #set(object: T): void {
    const known = this.#indexer.get(keyOf(object));
    if (known !== undefined && isSameState(known, object)) return;
    const old = this.#indexer.set(object);
    for (const handlers of this.#handlers) {
      this.#tell(() => (old === undefined ? handlers.added?.(object) : handlers.updated?.(object, old)));
    }
  }

  #delete(key: string, last?: T): void {
    const known = this.#indexer.delete(key);
    const object = last === undefined ? known : this.#transform(last);
    if (known === undefined || object === undefined) return;
    for (const handlers of this.#handlers) this.#tell(() => handlers.deleted?.(object));
  }

  /** A handler that throws must not keep the others, and the copy itself, from going on. */
  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#log.error('An informer’s handler failed', error);
    }
  }
}

function isSameState(a: KubernetesObject, b: KubernetesObject): boolean {
  return a.metadata?.resourceVersion === b.metadata?.resourceVersion && a.metadata?.uid === b.metadata?.uid;
}

/** Whether the server no longer has the revision that was asked for: 410, as reason Expired or Gone. */
export function isExpired(error: unknown): boolean {
  return error instanceof StatusError && error.code === 410;
}
