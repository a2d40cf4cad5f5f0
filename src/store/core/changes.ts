import type { Revision } from '../contract.ts';
import type { KeyRecord } from './key-record.ts';

/** Which keys every revision since compaction wrote, oldest first. As long as history is. */
export class Changes {
  #revisions: Revision[] = [];
  #records: KeyRecord[] = [];
  #head = 0;

  add(revision: Revision, record: KeyRecord): void {
    this.#revisions.push(revision);
    this.#records.push(record);
  }

  /** The record that the change after so many others was about. */
  recordAt(place: number): KeyRecord | undefined {
    return this.#records[this.#head + place];
  }

  /** How many there are from a revision on. */
  countFrom(revision: Revision): number {
    return this.#revisions.length - this.#find(revision);
  }

  /** The records written from a revision on, each once. */
  recordsFrom(revision: Revision): Set<KeyRecord> {
    return new Set(this.#records.slice(this.#find(revision)));
  }

  /** Visits the records written in one revision. */
  forEachAt(revision: Revision, visit: (record: KeyRecord) => void): void {
    for (let i = this.#find(revision); this.#revisions[i] === revision; i++) {
      const record = this.#records[i];
      if (record !== undefined) visit(record);
    }
  }

  /** Takes out the oldest change when it is from before `revision`. */
  takeBefore(revision: Revision): KeyRecord | undefined {
    if ((this.#revisions[this.#head] ?? Infinity) >= revision) return undefined;
    const record = this.#records[this.#head++];
    if (this.#head > 1024 && this.#head * 2 > this.#records.length) {
      this.#revisions = this.#revisions.slice(this.#head);
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    return record;
  }

  #find(revision: Revision): number {
    let low = this.#head;
    let high = this.#revisions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#revisions[middle] ?? 0) < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
