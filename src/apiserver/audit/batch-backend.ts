import type { Clock, Timer } from '../../machinery/clock.ts';
import { TokenBucketRateLimiter } from '../../machinery/rate-limiter.ts';
import type { AuditBackend, AuditFailure } from './contract.ts';
import type { AuditEvent } from './event.ts';

export interface BatchOptions {
  /** Events beyond this are lost. */
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  /** A batch that is not full goes after this. */
  readonly maxBatchWaitMs: number;
  /** Batches a second, and how many at once; undefined: as they come. */
  readonly throttle: { readonly perSecond: number; readonly burst: number } | undefined;
  /** Whether a batch waits for the one before it. */
  readonly isOrdered: boolean;
}

/** What waits for an answer may not grow for ever when the other side does not give any. */
const maxBatchesUnderWay = 100;

/** Gathers events and gives them on in batches: requests do not wait for them. */
export class BatchBackend implements AuditBackend {
  readonly #delegate: AuditBackend;
  readonly #options: BatchOptions;
  readonly #clock: Clock;
  readonly #onFailure: AuditFailure;
  readonly #limiter: TokenBucketRateLimiter<undefined> | undefined;
  readonly #underWay = new Set<Promise<unknown>>();
  #buffer: AuditEvent[] = [];
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;
  #isClosed = false;

  constructor(delegate: AuditBackend, options: BatchOptions, clock: Clock, onFailure: AuditFailure) {
    this.#delegate = delegate;
    this.#options = options;
    this.#clock = clock;
    this.#onFailure = onFailure;
    const { throttle } = options;
    if (throttle !== undefined) this.#limiter = new TokenBucketRateLimiter(throttle.perSecond, throttle.burst, clock);
  }

  process(events: readonly AuditEvent[]): boolean {
    const { bufferSize, maxBatchSize, maxBatchWaitMs } = this.#options;
    let lost = 0;
    for (const event of events) {
      if (this.#isClosed || this.#buffer.length >= bufferSize) lost++;
      else this.#buffer.push(event);
    }
    const problem = this.#isClosed ? 'audit backend shut down' : 'audit buffer queue blocked';
    if (lost > 0) this.#onFailure('buffered', lost, new Error(problem));
    if (this.#buffer.length >= maxBatchSize) this.#flush();
    else if (this.#buffer.length > 0) {
      this.#timer ??= this.#clock.setTimeout(() => this.#flush(), maxBatchWaitMs).unref();
    }
    return true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#flush();
    await this.#sending;
    await Promise.all(this.#underWay);
    await this.#delegate.close();
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
      // What came while the last batch went out.
      if (this.#buffer.length > 0) this.process([]);
    });
  }

  async #send(): Promise<void> {
    const { maxBatchSize, isOrdered } = this.#options;
    for (let isFirst = true; isFirst || this.#isClosed || this.#buffer.length >= maxBatchSize; isFirst = false) {
      if (this.#buffer.length === 0) return;
      const delayMs = this.#isClosed ? 0 : (this.#limiter?.delayMs(undefined) ?? 0);
      if (delayMs > 0) await this.#clock.sleep(delayMs);
      const batch = this.#buffer.splice(0, maxBatchSize);
      const sent = Promise.resolve(this.#delegate.process(batch));
      this.#underWay.add(sent);
      const done = sent.finally(() => this.#underWay.delete(sent));
      if (isOrdered) await done;
      else if (this.#underWay.size >= maxBatchesUnderWay) await Promise.race(this.#underWay);
    }
  }
}
