import type { KubernetesObject } from '../api/contract.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { Random } from '../machinery/random.ts';
import { StatusError } from '../machinery/status.ts';
import { Backoff } from './backoff.ts';
import type { Client } from './client.ts';
import type { Resource } from './resource.ts';

export interface ReflectorOptions<T extends KubernetesObject> {
  readonly client: Client;
  readonly resource: Resource<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Where a reflector puts what it reads. */
export interface ReflectorSink<T> {
  /** All objects that there are. */
  replace(objects: readonly T[]): void;
  set(object: T): void;
  delete(object: T): void;
}

/** Upstream's: a watch is asked to end after this long, or up to twice as long, so that watches spread over servers. */
const minWatchSeconds = 300;
/** The annotation of the bookmark that ends the initial events (KEP-3157). */
const initialEventsEnd = 'k8s.io/initial-events-end';

/**
 * Copies a resource into a sink: first all of it, then every change, until the signal aborts. It asks for everything
 * through the watch itself (`sendInitialEvents`), and lists instead where the server cannot do that.
 */
export class Reflector<T extends KubernetesObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #sink: ReflectorSink<T>;
  readonly #backoff: Backoff;
  /** Up to where the sink knows everything; '' when it must be read anew. */
  #resourceVersion = '';
  #canStreamInitialEvents = true;

  constructor(options: ReflectorOptions<T>, sink: ReflectorSink<T>) {
    this.#options = options;
    this.#sink = sink;
    // Upstream's reflector backs off by these numbers.
    this.#backoff = new Backoff(options.clock, options.random, { baseMs: 800, maxMs: 30_000, resetAfterMs: 120_000 });
  }

  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#round(signal);
        // A watch that ends well is the server's choice: it is resumed at once.
      } catch (error) {
        if (signal.aborted) return;
        if (!(await this.#recover(error, signal))) return;
      }
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    if (this.#resourceVersion === '' && !this.#canStreamInitialEvents) await this.#list(signal);
    if (this.#resourceVersion === '') await this.#watchFromStart(signal);
    else await this.#watch(signal);
  }

  /** False when the signal aborted meanwhile. */
  async #recover(error: unknown, signal: AbortSignal): Promise<boolean> {
    const { log, resource } = this.#options;
    if (error instanceof StatusError && error.code === 410) {
      log.v(2)?.info('Reading everything again', { resource: resource.plural, error: error.message });
      this.#resourceVersion = '';
      return true;
    }
    const cannotStream = error instanceof StatusError && (error.code === 422 || error.code === 400);
    if (cannotStream && this.#resourceVersion === '' && this.#canStreamInitialEvents) {
      this.#canStreamInitialEvents = false;
      return true;
    }
    log.v(2)?.info('Failed to watch', { resource: resource.plural, error: String(error) });
    try {
      await this.#backoff.wait(signal);
      return true;
    } catch {
      return false;
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, labelSelector, fieldSelector } = this.#options;
    const selectors = {
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
    const { items, metadata } = await client.list(resource, namespace, { ...selectors, signal });
    this.#sink.replace(items);
    this.#resourceVersion = metadata.resourceVersion ?? '';
  }

  #query(): Record<string, string | number | boolean | undefined> {
    const { labelSelector, fieldSelector, random } = this.#options;
    return {
      labelSelector,
      fieldSelector,
      allowWatchBookmarks: true,
      timeoutSeconds: minWatchSeconds + random.int(minWatchSeconds),
    };
  }

  async #watchFromStart(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace } = this.#options;
    const query = { ...this.#query(), sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
    let initial: T[] | undefined = [];
    for await (const { type, object } of client.watch(resource, namespace, query, signal)) {
      if (initial === undefined) {
        this.#apply(type, object);
      } else if (type === 'BOOKMARK') {
        if (object.metadata?.annotations?.[initialEventsEnd] !== 'true') continue;
        this.#sink.replace(initial);
        initial = undefined;
        this.#resourceVersion = object.metadata.resourceVersion ?? '';
      } else if (type === 'ADDED') {
        initial.push(object);
      }
    }
    if (initial !== undefined) throw new Error('the watch ended before it had told of everything');
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace } = this.#options;
    const query = { ...this.#query(), resourceVersion: this.#resourceVersion };
    for await (const { type, object } of client.watch(resource, namespace, query, signal)) this.#apply(type, object);
  }

  #apply(type: string, object: T): void {
    if (type === 'ADDED' || type === 'MODIFIED') this.#sink.set(object);
    else if (type === 'DELETED') this.#sink.delete(object);
    this.#resourceVersion = object.metadata?.resourceVersion ?? this.#resourceVersion;
  }
}
