import type { Clock, Timer } from './clock.ts';
import { Heap } from './heap.ts';
import type { HeapEntry } from './heap.ts';
import { controllerRateLimiter } from './rate-limiter.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** What a queue tells about itself; see `workQueueMetrics`. */
export interface WorkQueueObserver<T> {
  /** The item entered the queue. */
  added(item: T): void;
  /** A worker took it. */
  taken(item: T): void;
  /** The worker is done with it. */
  finished(item: T): void;
  /** It was asked for again, later. */
  retried(item: T): void;
}

export interface WorkQueueOptions<T> {
  readonly clock: Clock;
  /** Default: upstream's for controllers. */
  readonly rateLimiter?: RateLimiter<T>;
  readonly observer?: WorkQueueObserver<T>;
}

interface Delayed<T> {
  readonly item: T;
  readonly readyAtMs: number;
  readonly sequence: number;
}

interface Waiter<T> {
  readonly resolve: (item: T | undefined) => void;
}

/** Below so many taken items the queue's array is not moved up. */
const compactFrom = 1024;

/**
 * The queue between a controller's events and its workers, with client-go's promises: an item that waits is not added
 * twice; one that is being worked on is never given to a second worker, and comes again afterwards if it was added
 * meanwhile. Items are compared as Map keys are: use strings. It holds at most one place for each item.
 */
export class WorkQueue<T> {
  readonly #clock: Clock;
  readonly #limiter: RateLimiter<T>;
  readonly #observer: WorkQueueObserver<T> | undefined;
  /** In order, from #head on. Each is in #dirty too. */
  readonly #queue: T[] = [];
  #head = 0;
  /** What has to be worked on: queued, or waiting until its worker is done. */
  readonly #dirty = new Set<T>();
  readonly #processing = new Set<T>();
  readonly #waiters = new Set<Waiter<T>>();
  readonly #delayed = new Heap<Delayed<T>>(
    (a, b) => a.readyAtMs < b.readyAtMs || (a.readyAtMs === b.readyAtMs && a.sequence < b.sequence),
  );
  readonly #delayedEntries = new Map<T, HeapEntry<Delayed<T>>>();
  #sequence = 0;
  #timer: Timer | undefined;
  #timerAtMs = Infinity;
  #isShuttingDown = false;
  readonly #drained: (() => void)[] = [];

  constructor(options: WorkQueueOptions<T>) {
    this.#clock = options.clock;
    this.#limiter = options.rateLimiter ?? controllerRateLimiter(options.clock);
    this.#observer = options.observer;
  }

  /** How many items wait for a worker now. */
  get length(): number {
    return this.#queue.length - this.#head;
  }

  get isShuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  add(item: T): void {
    if (this.#isShuttingDown || this.#dirty.has(item)) return;
    this.#observer?.added(item);
    this.#dirty.add(item);
    if (!this.#processing.has(item)) this.#enqueue(item);
  }

  /** Adds the item after a delay; of several delays the one that ends first counts. */
  addAfter(item: T, delayMs: number): void {
    if (this.#isShuttingDown) return;
    this.#observer?.retried(item);
    if (!(delayMs > 0)) {
      this.add(item);
      return;
    }
    const readyAtMs = this.#clock.monotonicMs() + delayMs;
    const earlier = this.#delayedEntries.get(item);
    if (earlier !== undefined) {
      if (earlier.value.readyAtMs <= readyAtMs) return;
      this.#delayed.remove(earlier);
    }
    this.#delayedEntries.set(item, this.#delayed.push({ item, readyAtMs, sequence: this.#sequence++ }));
    this.#arm();
  }

  /** Adds the item once its rate limit allows. */
  addRateLimited(item: T): void {
    this.addAfter(item, this.#limiter.delayMs(item));
  }

  /** The item succeeded, or is given up: its failures no longer count. It still needs `done`. */
  forget(item: T): void {
    this.#limiter.forget(item);
  }

  failures(item: T): number {
    return this.#limiter.failures(item);
  }

  /**
   * The next item, as soon as there is one; undefined when the queue is shut down and empty. Whoever takes an item
   * must call `done` with it. Rejects with the signal's reason when that aborts first.
   */
  get(signal?: AbortSignal): Promise<T | undefined> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (this.length > 0) return Promise.resolve(this.#take());
    if (this.#isShuttingDown) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter<T> = {
        resolve: (item) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(item);
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** The worker is done with the item, whether it succeeded or not. */
  done(item: T): void {
    if (!this.#processing.delete(item)) return;
    this.#observer?.finished(item);
    if (this.#dirty.has(item)) this.#enqueue(item);
    if (this.#processing.size === 0) for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** No item enters any more, delayed ones are dropped; workers get what is queued and then undefined. */
  shutDown(): void {
    this.#isShuttingDown = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAtMs = Infinity;
    this.#delayed.clear();
    this.#delayedEntries.clear();
    for (const waiter of this.#waiters) waiter.resolve(undefined);
    this.#waiters.clear();
  }

  /** Shuts down and resolves when no item is being worked on any more. */
  async shutDownWithDrain(): Promise<void> {
    this.shutDown();
    while (this.#processing.size > 0) {
      await new Promise<void>((resolve) => {
        this.#drained.push(resolve);
      });
    }
  }

  #enqueue(item: T): void {
    this.#queue.push(item);
    const [waiter] = this.#waiters;
    if (waiter === undefined) return;
    this.#waiters.delete(waiter);
    waiter.resolve(this.#take());
  }

  #take(): T {
    const item = this.#queue[this.#head++] as T;
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    } else if (this.#head >= compactFrom && this.#head * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    this.#observer?.taken(item);
    this.#processing.add(item);
    this.#dirty.delete(item);
    return item;
  }

  /** Keeps one timer, for the delay that ends first. */
  #arm(): void {
    const readyAtMs = this.#delayed.peek()?.readyAtMs ?? Infinity;
    if (readyAtMs >= this.#timerAtMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = readyAtMs;
    this.#timer = this.#clock.setTimeout(() => this.#release(), readyAtMs - this.#clock.monotonicMs());
  }

  #release(): void {
    this.#timer = undefined;
    this.#timerAtMs = Infinity;
    const nowMs = this.#clock.monotonicMs();
    for (let next = this.#delayed.peek(); next !== undefined && next.readyAtMs <= nowMs; next = this.#delayed.peek()) {
      this.#delayed.pop();
      this.#delayedEntries.delete(next.item);
      this.add(next.item);
    }
    this.#arm();
  }
}
