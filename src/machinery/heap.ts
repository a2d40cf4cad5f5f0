/** A place in a `Heap`: hold it to remove the value early. */
export interface HeapEntry<T> {
  readonly value: T;
  /** Where the entry stands in the heap; -1 once it has left. Kept by the heap. */
  position: number;
}

/** A binary min-heap whose entries can be removed from the middle, all in logarithmic time. */
export class Heap<T> {
  readonly #entries: HeapEntry<T>[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  /** `isBefore` must be a strict total order when the order of equals matters: the heap is not stable. */
  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#entries.length;
  }

  peek(): T | undefined {
    return this.#entries[0]?.value;
  }

  push(value: T): HeapEntry<T> {
    const entry: HeapEntry<T> = { value, position: this.#entries.length };
    this.#entries.push(entry);
    this.#rise(entry);
    return entry;
  }

  pop(): T | undefined {
    const first = this.#entries[0];
    if (first === undefined) return undefined;
    this.remove(first);
    return first.value;
  }

  /** Removes an entry that `push` returned; false when it has left already. */
  remove(entry: HeapEntry<T>): boolean {
    const { position } = entry;
    if (position < 0 || this.#entries[position] !== entry) return false;
    const last = this.#entries.pop();
    entry.position = -1;
    if (last !== undefined && last !== entry) {
      this.#place(last, position);
      this.#rise(last);
      this.#sink(last);
    }
    return true;
  }

  clear(): void {
    for (const entry of this.#entries) entry.position = -1;
    this.#entries.length = 0;
  }

  #place(entry: HeapEntry<T>, position: number): void {
    this.#entries[position] = entry;
    entry.position = position;
  }

  #rise(entry: HeapEntry<T>): void {
    while (entry.position > 0) {
      const parentPosition = (entry.position - 1) >> 1;
      const parent = this.#entries[parentPosition];
      if (parent === undefined || !this.#isBefore(entry.value, parent.value)) return;
      this.#place(parent, entry.position);
      this.#place(entry, parentPosition);
    }
  }

  #sink(entry: HeapEntry<T>): void {
    for (;;) {
      const left = this.#entries[2 * entry.position + 1];
      const right = this.#entries[2 * entry.position + 2];
      const least = right !== undefined && left !== undefined && this.#isBefore(right.value, left.value) ? right : left;
      if (least === undefined || !this.#isBefore(least.value, entry.value)) return;
      const { position } = least;
      this.#place(least, entry.position);
      this.#place(entry, position);
    }
  }
}
