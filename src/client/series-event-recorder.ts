import type { KubernetesObject } from '../api/contract.ts';
import type { Event } from '../api/types/events.v1.ts';
import type { Clock, Timer } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { Random } from '../machinery/random.ts';
import { formatMicroTime } from '../machinery/time.ts';
import type { Client } from './client.ts';
import type { EventType } from './event-recorder.ts';
import { referenceTo } from './object-reference.ts';
import type { Resource } from './resource.ts';
import { newEvents } from './resources.ts';
import { hasReason } from './retry-on-conflict.ts';

export interface SeriesEventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** `default-scheduler`. */
  readonly reportingController: string;
  /** `default-scheduler-<host>`. */
  readonly reportingInstance: string;
}

/** Client-go's numbers: a series that saw nothing for so long is over; in between it is written this often. */
const seriesFinishMs = 6 * 60_000;
const seriesWriteMs = 30 * 60_000;
const sweepMs = 6 * 60_000;
const maxSeries = 4096;
const maxNoteBytes = 1024;

interface Series {
  event: Event;
  lastMs: number;
  writtenMs: number;
}

/**
 * Tells users what a component did, as events of `events.k8s.io` (KEP-383): the first of its kind is written at once,
 * the second begins a series, and of what follows only the count is kept, and written now and then.
 */
export class SeriesEventRecorder {
  readonly #options: SeriesEventRecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #sweep: Timer;
  #writes: Promise<void> = Promise.resolve();

  constructor(options: SeriesEventRecorderOptions) {
    this.#options = options;
    this.#sweep = options.clock.setInterval(() => this.#finishSeries(), sweepMs).unref();
  }

  /**
   * Returns at once.
   * @param action What was done or tried: `Binding`, `Scheduling`.
   * @param note The message; what is longer than the API lets it be is cut.
   */
  event(
    resource: Resource,
    object: KubernetesObject,
    type: EventType,
    reason: string,
    action: string,
    note: string,
  ): void {
    const { clock, random, reportingController, reportingInstance } = this.#options;
    const nowMs = clock.now();
    const regarding = referenceTo(resource, object);
    const { namespace = 'default', name = '', uid } = regarding;
    const key = JSON.stringify([uid, namespace, name, regarding.kind, type, reason, action, cut(note)]);
    const known = this.#series.get(key);
    if (known !== undefined && clock.monotonicMs() - known.lastMs < seriesFinishMs) {
      this.#continueSeries(known);
      return;
    }
    const ns = BigInt(Math.round(nowMs)) * 1_000_000n + BigInt(random.int(1_000_000));
    const event: Event = {
      metadata: { name: `${name}.${ns.toString(16)}`, namespace },
      eventTime: formatMicroTime(nowMs),
      reportingController,
      reportingInstance,
      action,
      reason,
      regarding,
      note: cut(note),
      type,
    };
    const oldest = this.#series.keys().next();
    if (this.#series.size >= maxSeries && oldest.done !== true) this.#series.delete(oldest.value);
    const monotonicMs = clock.monotonicMs();
    this.#series.set(key, { event, lastMs: monotonicMs, writtenMs: monotonicMs });
    this.#write((client) => client.create(newEvents, event));
  }

  /** Resolves when what was recorded is written. */
  flush(): Promise<void> {
    return this.#writes;
  }

  stop(): void {
    this.#sweep.cancel();
    this.#series.clear();
  }

  #continueSeries(series: Series): void {
    const { clock } = this.#options;
    const lastObservedTime = formatMicroTime(clock.now());
    const isFirst = series.event.series === undefined;
    const count = (series.event.series?.count ?? 1) + 1;
    series.event = { ...series.event, series: { count, lastObservedTime } };
    series.lastMs = clock.monotonicMs();
    if (isFirst || series.lastMs - series.writtenMs >= seriesWriteMs) this.#writeSeries(series);
  }

  #writeSeries(series: Series): void {
    const { event } = series;
    const { namespace, name = '' } = event.metadata;
    series.writtenMs = this.#options.clock.monotonicMs();
    this.#write(async (client) => {
      try {
        await client.patch(newEvents, namespace, name, 'strategic', { series: event.series });
      } catch (error) {
        // It had expired: it begins anew, with the count it had.
        if (!hasReason(error, 'NotFound')) throw error;
        await client.create(newEvents, event);
      }
    });
  }

  #finishSeries(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [key, series] of this.#series) {
      if (nowMs - series.lastMs < seriesFinishMs) continue;
      this.#series.delete(key);
      if (series.event.series !== undefined && series.lastMs > series.writtenMs) this.#writeSeries(series);
    }
  }

  /** One after the other, so that a series is not written before its event. What fails is lost, as upstream's. */
  #write(send: (client: Client) => Promise<unknown>): void {
    const { client, log } = this.#options;
    this.#writes = this.#writes.then(async () => {
      try {
        await send(client);
      } catch (error) {
        log.v(2)?.info('Unable to write event', { error: String(error) });
      }
    });
  }
}

function cut(note: string): string {
  if (Buffer.byteLength(note) <= maxNoteBytes) return note;
  let cutNote = note.slice(0, maxNoteBytes);
  while (Buffer.byteLength(cutNote) > maxNoteBytes) cutNote = cutNote.slice(0, -1);
  return cutNote;
}
