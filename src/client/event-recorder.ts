import type { KubernetesObject } from '../api/contract.ts';
import type { Event, ObjectReference } from '../api/types/core.v1.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { Random } from '../machinery/random.ts';
import { StatusError } from '../machinery/status.ts';
import { formatTime } from '../machinery/time.ts';
import type { Client } from './client.ts';
import { EventCorrelator } from './event-correlator.ts';
import { referenceTo } from './object-reference.ts';
import type { Resource } from './resource.ts';
import { events } from './resources.ts';
import { hasReason } from './retry-on-conflict.ts';

export type EventType = 'Normal' | 'Warning';

/** Tells users what a component did about an object (client-go's `record.EventRecorder`). */
export interface EventRecorder {
  /** Returns at once; the event is written later, or lost when the server cannot be reached for long. */
  event(resource: Resource, object: KubernetesObject, type: EventType, reason: string, message: string): void;
  eventOf(reference: ObjectReference, type: EventType, reason: string, message: string): void;
}

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** `deployment-controller`, `kubelet`. */
  readonly component: string;
  /** The node, of components that run on each. */
  readonly host?: string;
}

/** Client-go's numbers. */
const maxQueued = 1000;
const maxTries = 12;
const retryMs = 10_000;

/** Writes events of the core API one after the other, in the background. */
export class CoreEventRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  readonly #queue: Event[] = [];
  readonly #stop = new AbortController();
  #lastNameNs = 0n;
  #writing: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#correlator = new EventCorrelator(options.clock);
  }

  event(resource: Resource, object: KubernetesObject, type: EventType, reason: string, message: string): void {
    this.eventOf(referenceTo(resource, object), type, reason, message);
  }

  eventOf(involvedObject: ObjectReference, type: EventType, reason: string, message: string): void {
    const { component, host, clock, log } = this.#options;
    if (this.#stop.signal.aborted) return;
    if (this.#queue.length >= maxQueued) {
      log.v(2)?.info('Too many events wait to be written: one is dropped', { reason, message });
      return;
    }
    const now = formatTime(clock.now());
    const namespace = involvedObject.namespace ?? 'default';
    this.#queue.push({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: this.#nameFor(involvedObject.name ?? ''), namespace },
      involvedObject,
      type,
      reason,
      message,
      source: { component, ...(host === undefined ? {} : { host }) },
      reportingComponent: component,
      reportingInstance: host ?? '',
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    });
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
  }

  /** Resolves when everything that was recorded is written or given up. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Drops what is not written yet. */
  stop(): void {
    this.#stop.abort();
    this.#queue.length = 0;
  }

  /** Upstream's names end in the time in nanoseconds, in hexadecimal: here it is at least one more than the last. */
  #nameFor(objectName: string): string {
    const ns = BigInt(Math.round(this.#options.clock.now())) * 1_000_000n + BigInt(this.#options.random.int(1_000_000));
    this.#lastNameNs = ns > this.#lastNameNs ? ns : this.#lastNameNs + 1n;
    return `${objectName}.${this.#lastNameNs.toString(16)}`;
  }

  async #writeAll(): Promise<void> {
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      const correlated = this.#correlator.correlate(event);
      if (correlated !== undefined) await this.#writeOne(correlated.event, correlated.existing, event);
    }
  }

  async #writeOne(event: Event, existing: string | undefined, fresh: Event): Promise<void> {
    const { clock, random, log } = this.#options;
    const { signal } = this.#stop;
    for (let tries = 1; !signal.aborted; tries++) {
      try {
        await this.#send(event, existing, fresh, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        // What the server refuses it refuses again; what did not reach it may.
        if (error instanceof StatusError || tries >= maxTries) {
          log.v(2)?.info('Unable to write event', { reason: event.reason, error: String(error) });
          return;
        }
        // Upstream spreads the first retry, so that clients of a server that comes back do not all come at once.
        const delayMs = tries === 1 ? random.float() * retryMs : retryMs;
        await clock.sleep(delayMs, signal).catch(() => {});
      }
    }
  }

  async #send(event: Event, existing: string | undefined, fresh: Event, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    if (existing !== undefined) {
      const { count, lastTimestamp, message } = event;
      const patch = { count, lastTimestamp, message };
      try {
        await client.patch(events, event.metadata.namespace, existing, 'strategic', patch, { signal });
        return;
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
      }
    }
    // One that had expired comes back under a new name, with the count it had.
    const { name } = fresh.metadata;
    const again = existing === undefined ? event : { ...event, metadata: { ...event.metadata, name } };
    if (existing !== undefined) this.#correlator.renewed(again as Event);
    await client.create(events, again as Event, { signal });
  }
}
