import type { KubernetesObject } from '../api/contract.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { Random } from '../machinery/random.ts';
import type { Client } from './client.ts';
import { Informer } from './informer.ts';
import { pathOf, type Resource } from './resource.ts';

export interface SharedInformersOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** One informer for each resource, however many components of a process look at it. */
export class SharedInformers {
  readonly #options: SharedInformersOptions;
  readonly #byPath = new Map<string, Informer<KubernetesObject>>();
  readonly #running = new Set<Promise<void>>();
  #signal: AbortSignal | undefined;

  constructor(options: SharedInformersOptions) {
    this.#options = options;
  }

  /** The informer of a resource, over all namespaces. One that is asked for after the start is started at once. */
  of<T extends KubernetesObject>(resource: Resource<T>): Informer<T> {
    const path = pathOf(resource);
    let informer = this.#byPath.get(path) as Informer<T> | undefined;
    if (informer === undefined) {
      informer = new Informer<T>({ ...this.#options, resource });
      this.#byPath.set(path, informer as unknown as Informer<KubernetesObject>);
      if (this.#signal !== undefined) this.#run(informer, this.#signal);
    }
    return informer;
  }

  /** Runs them all until the signal aborts. */
  start(signal: AbortSignal): void {
    this.#signal = signal;
    for (const informer of this.#byPath.values()) this.#run(informer, signal);
  }

  /** Resolves when each has told what there was at its start. */
  async synced(): Promise<void> {
    await Promise.all([...this.#byPath.values()].map((informer) => informer.synced));
  }

  /** Resolves when all have ended, after the signal aborted. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  #run<T extends KubernetesObject>(informer: Informer<T>, signal: AbortSignal): void {
    const running = informer.run(signal).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }
}
