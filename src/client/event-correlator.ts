import type { Event } from '../api/types/core.v1.ts';
import { BoundedCache } from '../machinery/bounded.ts';
import type { Clock } from '../machinery/clock.ts';
import { TokenBucketRateLimiter } from '../machinery/rate-limiter.ts';
import { formatTime } from '../machinery/time.ts';

/** Client-go's numbers: what is remembered, and from when on events count as similar or as too many. */
const maxRemembered = 4096;
const similarWithinMs = 600_000;
const maxSimilar = 10;
const spamBurst = 25;
const spamPerSecond = 1 / 300;

/** What to do with an event: write it as new, or raise the count of one that is there. */
export interface Correlated {
  readonly event: Event;
  /** The event to raise; undefined for a new one. */
  readonly existing: string | undefined;
}

interface Similar {
  readonly messages: Set<string>;
  lastMs: number;
}

interface Known {
  count: number;
  name: string;
  firstTimestamp: string;
}

/**
 * Keeps events few, as client-go's correlator does: the same event again raises a count, many that differ in their
 * message alone become one, and a source that has too much to say of one object is cut short.
 */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #spam: BoundedCache<string, TokenBucketRateLimiter<string>>;
  readonly #similar: BoundedCache<string, Similar>;
  readonly #known: BoundedCache<string, Known>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#spam = new BoundedCache({ maxEntries: maxRemembered, clock });
    this.#similar = new BoundedCache({ maxEntries: maxRemembered, clock });
    this.#known = new BoundedCache({ maxEntries: maxRemembered, clock });
  }

  /** Undefined: the event is one too many. */
  correlate(event: Event): Correlated | undefined {
    if (this.#isSpam(event)) return undefined;
    const { event: aggregated, key } = this.#aggregate(event);
    const known = this.#known.get(key);
    if (known === undefined) {
      const { name = '' } = aggregated.metadata;
      this.#known.set(key, { count: 1, name, firstTimestamp: aggregated.firstTimestamp ?? '' });
      return { event: aggregated, existing: undefined };
    }
    known.count++;
    const counted = {
      ...aggregated,
      metadata: { ...aggregated.metadata, name: known.name },
      count: known.count,
      firstTimestamp: known.firstTimestamp,
    };
    return { event: counted, existing: known.name };
  }

  /** The event that was to be raised is gone: the next one like it is new, under this name. */
  renewed(event: Event): void {
    const known = this.#known.get(exactKey(event));
    if (known === undefined) return;
    known.name = event.metadata.name ?? '';
  }

  #isSpam(event: Event): boolean {
    const key = spamKey(event);
    let bucket = this.#spam.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucketRateLimiter(spamPerSecond, spamBurst, this.#clock);
      this.#spam.set(key, bucket);
    }
    return !bucket.tryTake();
  }

  #aggregate(event: Event): { readonly event: Event; readonly key: string } {
    const key = similarKey(event);
    const nowMs = this.#clock.monotonicMs();
    let similar = this.#similar.get(key);
    if (similar === undefined || nowMs - similar.lastMs > similarWithinMs) {
      similar = { messages: new Set(), lastMs: nowMs };
      this.#similar.set(key, similar);
    }
    similar.messages.add(event.message ?? '');
    similar.lastMs = nowMs;
    if (similar.messages.size < maxSimilar) return { event, key: exactKey(event) };
    similar.messages.delete(similar.messages.values().next().value ?? '');
    const now = formatTime(this.#clock.now());
    const message = `(combined from similar events): ${event.message ?? ''}`;
    return { event: { ...event, message, firstTimestamp: now, lastTimestamp: now }, key };
  }
}

function spamKey({ source, involvedObject: { kind, namespace, name, uid, apiVersion } }: Event): string {
  return JSON.stringify([source?.component, source?.host, kind, namespace, name, uid, apiVersion]);
}

function similarKey(event: Event): string {
  const { type, reason, reportingComponent, reportingInstance } = event;
  return JSON.stringify([spamKey(event), type, reason, reportingComponent, reportingInstance]);
}

function exactKey(event: Event): string {
  const { involvedObject, message } = event;
  return JSON.stringify([similarKey(event), involvedObject.fieldPath, message]);
}
