import type { Key, KeyRange, Revision } from '../contract.ts';
import { BTree, btreeNodeSize, compareKeys } from './btree.ts';
import { KeyRecord } from './key-record.ts';
import type { Write } from './commit.ts';

/** Greater than every key, whose characters are at most U+00FF. */
const afterAllKeys = '\uffff';
/** What a visitor of the tree returns to end the walk; the walk then returns -1, which is no count. */
const stop = { break: -1 };

/** Whether the range is one key rather than an interval. */
export function isSingleKey(range: KeyRange): boolean {
  return range.rangeEnd === undefined || range.rangeEnd === '';
}

/** The end of an interval in a form that compares. */
export function upperBound(rangeEnd: Key | undefined): Key {
  return rangeEnd === undefined || rangeEnd === '\0' ? afterAllKeys : rangeEnd;
}

export function contains(range: KeyRange, key: Key): boolean {
  return isSingleKey(range) ? key === range.key : key >= range.key && key < upperBound(range.rangeEnd);
}

/** Every key that exists, existed since compaction, or is about to exist, in order. */
export class KeyIndex {
  /** Keys that exist, durably. */
  readonly #live: BTree<Key, KeyRecord> = new BTree<Key, KeyRecord>(undefined, compareKeys, btreeNodeSize);
  /** Keys that are deleted but have a past, or are created but not yet durable. Usually few. */
  readonly #dormant: BTree<Key, KeyRecord> = new BTree<Key, KeyRecord>(undefined, compareKeys, btreeNodeSize);

  /** How many keys exist. */
  get size(): number {
    return this.#live.size;
  }

  get(key: Key): KeyRecord | undefined {
    return this.#live.get(key) ?? this.#dormant.get(key);
  }

  /** The key's record, made when there is none. */
  obtain(key: Key): KeyRecord {
    const known = this.get(key);
    if (known !== undefined) return known;
    const record = new KeyRecord(key);
    this.#dormant.set(key, record);
    return record;
  }

  /** Records of keys that exist, in order, until `visit` returns false. */
  forEachLive(range: KeyRange, visit: (record: KeyRecord) => boolean): void {
    if (isSingleKey(range)) {
      const record = this.#live.get(range.key);
      if (record !== undefined) visit(record);
      return;
    }
    this.#live.forRange(range.key, upperBound(range.rangeEnd), false, (_key, record) =>
      visit(record) ? undefined : stop,
    );
  }

  /** How many keys exist in the range. */
  countLive(range: KeyRange): number {
    if (isSingleKey(range)) return this.#live.has(range.key) ? 1 : 0;
    return range.key < upperBound(range.rangeEnd)
      ? this.#live.forRange(range.key, upperBound(range.rangeEnd), false)
      : 0;
  }

  /** All records in order, those of deleted and coming keys included, until `visit` returns false. */
  forEach(range: KeyRange, visit: (record: KeyRecord) => boolean): void {
    if (isSingleKey(range)) {
      const record = this.get(range.key);
      if (record !== undefined) visit(record);
      return;
    }
    const dormant: KeyRecord[] = [];
    const end = upperBound(range.rangeEnd);
    this.#dormant.forRange(range.key, end, false, (_key, record) => {
      dormant.push(record);
    });
    let next = 0;
    const goesOn = this.#live.forRange(range.key, end, false, (key, record) => {
      for (let other = dormant[next]; other !== undefined && other.key < key; other = dormant[++next]) {
        if (!visit(other)) return stop;
      }
      return visit(record) ? undefined : stop;
    });
    if (goesOn === stop.break) return;
    for (let other = dormant[next]; other !== undefined; other = dormant[++next]) if (!visit(other)) return;
  }

  /** Makes a write visible to readers. */
  apply(write: Write, revision: Revision, sub: number): void {
    const { record, kv } = write;
    const before = record.durable;
    record.pending--;
    if (before !== undefined) {
      if (record.past === undefined) record.past = [before.modRevision, record.sub];
      else record.past.push(before.modRevision, record.sub);
    }
    if (write.type === 'put') {
      record.durable = kv;
      record.sub = sub;
      if (before === undefined) {
        this.#dormant.delete(record.key);
        this.#live.set(record.key, record);
      }
    } else {
      record.durable = undefined;
      (record.past ??= []).push(revision, ~sub);
      if (before !== undefined) {
        this.#live.delete(record.key);
        this.#dormant.set(record.key, record);
      }
    }
  }

  /** Drops the record of a key that has no state left. */
  forget(record: KeyRecord): void {
    if (record.durable === undefined && record.pending === 0 && record.past === undefined) {
      this.#dormant.delete(record.key);
    }
  }
}
