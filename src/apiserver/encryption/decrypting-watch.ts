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
  /** The batch that is being decrypted, which `next` is to deliver. */
  #opening: Promise<WatchBatch> | undefined;
  /** What the watch below is asked for, and may have handed over already. */
  #reading: Promise<WatchBatch | undefined> | undefined;
  #isHanded = false;
  /** `next` has resolved: its batch reaches the reader later, and what is polled would overtake it. */
  #isDelivering = false;
  #wake: (() => void) | undefined;

  constructor(watch: Watch, open: Open) {
    this.#watch = watch;
    this.#open = open;
  }

  poll(): WatchBatch | undefined {
    if (this.#isBusy) return undefined;
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
    this.#isDelivering = false;
    for (;;) {
      if (this.#opening !== undefined) {
        const batch = await this.#opening;
        this.#opening = undefined;
        return this.#delivered(batch);
      }
      // What is there is taken at once: what came after it could be polled before a promise of it is settled.
      const polled = this.poll();
      if (polled !== undefined) return this.#delivered(polled);
      if (this.#opening !== undefined) continue;
      const reading = (this.#reading ??= this.#read());
      const woken = new Promise<'woken'>((resolve) => (this.#wake = () => resolve('woken')));
      const batch = await Promise.race([reading, woken]);
      this.#wake = undefined;
      if (batch === 'woken') continue;
      this.#reading = undefined;
      this.#isHanded = false;
      if (batch === undefined) return undefined;
      const opened = this.#opened(batch);
      if (!(opened instanceof Promise)) return this.#delivered(opened);
      this.#opening = opened;
    }
  }

  onAvailable(listener: () => void): void {
    this.#watch.onAvailable(() => {
      if (!this.#isBusy) listener();
      // What nobody polls is handed to whoever waits.
      else if (this.#reading !== undefined) this.#isHanded = true;
    });
  }

  requestProgress(): void {
    this.#watch.requestProgress();
  }

  close(): void {
    this.#watch.close();
  }

  /** Whether an older batch is on its way. */
  get #isBusy(): boolean {
    return this.#opening !== undefined || this.#isHanded || this.#isDelivering;
  }

  #read(): Promise<WatchBatch | undefined> {
    const reading = this.#watch.next();
    const handed = (): void => {
      this.#isHanded = true;
    };
    reading.then(handed, handed);
    return reading;
  }

  #delivered(batch: WatchBatch): WatchBatch {
    this.#isDelivering = true;
    return batch;
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
