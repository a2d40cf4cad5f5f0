import type { Clock } from './clock.ts';

/** The last `capacity` items that were pushed, oldest first. */
export class RingBuffer<T> {
  readonly #capacity: number;
  readonly #slots: (T | undefined)[] = [];
  /** How many items were ever pushed; item n lies in slot n modulo the capacity. */
  #pushed = 0;
  /** The number of the oldest item that is still held. */
  #first = 0;

  /** Throws a RangeError unless the capacity is a whole number above 0. */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`a ring cannot hold ${capacity} items`);
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#pushed - this.#first;
  }

  /** Adds an item; returns the one that had to leave for it. */
  push(item: T): T | undefined {
    const evicted = this.size === this.#capacity ? this.shift() : undefined;
    this.#slots[this.#pushed % this.#capacity] = item;
    this.#pushed++;
    return evicted;
  }

  /** Removes and returns the oldest item. */
  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const slot = this.#first % this.#capacity;
    const item = this.#slots[slot];
    this.#slots[slot] = undefined;
    this.#first++;
    return item;
  }

  /** The item at a position from the oldest (0) on; negative ones count from the newest (-1). */
  at(position: number): T | undefined {
    const number = position < 0 ? this.#pushed + position : this.#first + position;
    return number < this.#first || number >= this.#pushed ? undefined : this.#slots[number % this.#capacity];
  }

  /**
   * The first position whose item `isAfter` holds for, or the size when there is none. The items must be in an order
   * in which it holds for all from some item on: it is found by halving.
   */
  findFirst(isAfter: (item: T) => boolean): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isAfter(this.at(middle) as T)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  clear(): void {
    this.#slots.length = 0;
    this.#pushed = 0;
    this.#first = 0;
  }

  /** From a position on, oldest first. What is pushed meanwhile is seen; what leaves meanwhile is not. */
  *from(position: number): IterableIterator<T> {
    for (let number = this.#first + Math.max(0, position); number < this.#pushed; number++) {
      if (number < this.#first) number = this.#first;
      yield this.#slots[number % this.#capacity] as T;
    }
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.from(0);
  }
}

export interface BoundedCacheOptions {
  /** At most so many entries; the one that was used longest ago leaves first. */
  readonly maxEntries: number;
  /** An entry is gone so long after it was set. Default: never. Needs a clock. */
  readonly ttlMs?: number;
  readonly clock?: Pick<Clock, 'monotonicMs'>;
}

/** A map that forgets: for results that are worth keeping but can be made again. */
export class BoundedCache<K, V> {
  readonly #maxEntries: number;
  readonly #ttlMs: number;
  readonly #nowMs: () => number;
  /** In order of use: a Map keeps the order of insertion, and an entry that is used is inserted again. */
  readonly #entries = new Map<K, { readonly value: V; readonly expiresAtMs: number }>();

  /** Throws a RangeError for bounds that hold nothing, and a TypeError for a time to live without a clock. */
  constructor(options: BoundedCacheOptions) {
    const { maxEntries, ttlMs = Infinity, clock } = options;
    if (!Number.isInteger(maxEntries) || maxEntries < 1)
      throw new RangeError(`a cache cannot hold ${maxEntries} entries`);
    if (!(ttlMs > 0)) throw new RangeError(`a cache cannot keep entries for ${ttlMs} ms`);
    if (ttlMs !== Infinity && clock === undefined) throw new TypeError('a time to live needs a clock');
    this.#maxEntries = maxEntries;
    this.#ttlMs = ttlMs;
    this.#nowMs = clock === undefined ? () => 0 : () => clock.monotonicMs();
  }

  /** How many entries it holds; some may have expired without anybody asking. */
  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAtMs <= this.#nowMs()) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAtMs: this.#nowMs() + this.#ttlMs });
    if (this.#entries.size <= this.#maxEntries) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }

  /** The value, made and kept when it is not there. */
  getOrMake(key: K, make: (key: K) => V): V {
    const known = this.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    this.set(key, value);
    return value;
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
