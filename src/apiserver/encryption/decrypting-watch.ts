import type { KeyValue, Watch, WatchBatch, WatchEvent } from '../../store/contract.ts';

/** Decrypts a value; a promise where somebody has to be asked for a key. */
export type Open = (kv: KeyValue) => KeyValue | Promise<KeyValue>;

/**
 * A watch whose values are decrypted, in order. As long as keys are at hand nothing waits; when one has to be asked for,
 * what comes after it waits, too.
 */
export class DecryptingWatch implements Watch {
  readonly #watch: Watch;
  readonly #open: Open;
  /** The oldest batch that is being decrypted, which `next` is to deliver. */
  #opening: Promise<WatchBatch> | undefined;
  #reading: Promise<WatchBatch | undefined> | undefined;
  #wake: (() => void) | undefined;
  #listener: (() => void) | undefined;

  constructor(watch: Watch, open: Open) {
    this.#watch = watch;
    this.#open = open;
  }

  poll(): WatchBatch | undefined {
    if (this.#opening !== undefined) return undefined;
    const batch = this.#watch.poll();
    if (batch === undefined) return undefined;
    const opened = this.#opened(batch);
    if (!(opened instanceof Promise)) return opened;
    this.#opening = opened;
    // It is `next` that tells of a failure.
    opened.catch(() => {});
    this.#wake?.();
    return undefined;
  }

  async next(): Promise<WatchBatch | undefined> {
    for (;;) {
      if (this.#opening !== undefined) return this.#delivered(this.#opening);
      this.#reading ??= this.#watch.next();
      const woken = new Promise<'woken'>((resolve) => (this.#wake = () => resolve('woken')));
      const batch = await Promise.race([this.#reading, woken]).finally(() => (this.#wake = undefined));
      if (batch === 'woken') continue;
      this.#reading = undefined;
      if (batch === undefined) return undefined;
      const opened = this.#opened(batch);
      if (!(opened instanceof Promise)) return opened;
      return this.#delivered((this.#opening = opened));
    }
  }

  onAvailable(listener: () => void): void {
    this.#listener = listener;
    this.#watch.onAvailable(() => {
      if (this.#opening === undefined) listener();
    });
  }

  requestProgress(): void {
    this.#watch.requestProgress();
  }

  close(): void {
    this.#watch.close();
  }

  async #delivered(opening: Promise<WatchBatch>): Promise<WatchBatch> {
    try {
      return await opening;
    } finally {
      this.#opening = undefined;
      // What came meanwhile was not told of.
      const listener = this.#listener;
      if (listener !== undefined) setImmediate(listener);
    }
  }

  #opened(batch: WatchBatch): WatchBatch | Promise<WatchBatch> {
    const events: (WatchEvent | Promise<WatchEvent>)[] = batch.events.map((event) => this.#openedEvent(event));
    if (events.some((event) => event instanceof Promise)) {
      return Promise.all(events).then((opened) => ({ ...batch, events: opened }));
    }
    return { ...batch, events: events as WatchEvent[] };
  }

  #openedEvent(event: WatchEvent): WatchEvent | Promise<WatchEvent> {
    const kv = this.#open(event.kv);
    const prevKv = event.prevKv === undefined ? undefined : this.#open(event.prevKv);
    if (kv instanceof Promise || prevKv instanceof Promise) {
      return Promise.all([kv, prevKv]).then(([opened, previous]) => eventWith(event, opened, previous));
    }
    return kv === event.kv && prevKv === event.prevKv ? event : eventWith(event, kv, prevKv);
  }
}

function eventWith({ type }: WatchEvent, kv: KeyValue, prevKv: KeyValue | undefined): WatchEvent {
  return prevKv === undefined ? { type, kv } : { type, kv, prevKv };
}
