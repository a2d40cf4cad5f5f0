import type { Key, KeyValue, Revision } from '../contract.ts';

/** What is known of one key: its newest states, and where its past ones are in the log. */
export class KeyRecord {
  readonly key: Key;
  /** The newest state that a transaction may build on; not yet on disk when it differs from `durable`. */
  accepted: KeyValue | undefined = undefined;
  /** The newest state on disk: what readers see. */
  durable: KeyValue | undefined = undefined;
  /** Which write of its revision `durable` is. */
  sub = 0;
  /**
   * Where every older state since compaction is, oldest first, as pairs: revision, and which write of it (`~sub`, which
   * is negative, for a deletion). A deleted key's deletion is the last pair.
   */
  past: number[] | undefined = undefined;
  /** Accepted writes that are not durable yet. */
  pending = 0;

  constructor(key: Key) {
    this.key = key;
  }
}

/** How many of the pairs in `past` have a revision below `bound`. */
export function pairsBelow(past: readonly number[], bound: Revision): number {
  let low = 0;
  let high = past.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((past[middle * 2] ?? 0) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place in `past` of the state as of `revision`; -1 when the key did not exist then. Not for current states. */
export function pastIndexAt(record: KeyRecord, revision: Revision): number {
  if (record.past === undefined) return -1;
  const index = (pairsBelow(record.past, revision + 1) - 1) * 2;
  return index < 0 || (record.past[index + 1] ?? -1) < 0 ? -1 : index;
}

/**
 * How many of the oldest pairs in `past` compaction at `revision` drops: states that a later one at or before it
 * replaced, and deletions before it. What was written in `revision` itself stays, so that a watch from there is whole.
 */
export function droppedPairs({ past, durable }: KeyRecord, revision: Revision): number {
  if (past === undefined) return 0;
  const pairs = pairsBelow(past, revision);
  if (pairs === 0) return 0;
  const next = past[pairs * 2] ?? durable?.modRevision ?? Infinity;
  const isDeletion = (past[pairs * 2 - 1] ?? 0) < 0;
  return next > revision && !isDeletion ? pairs - 1 : pairs;
}

/** Forgets what compaction at `revision` drops, and appends its places in the log to `places`: revision and sub each. */
export function trimPast(record: KeyRecord, revision: Revision, places: number[]): void {
  const { past } = record;
  const end = droppedPairs(record, revision) * 2;
  if (past === undefined || end === 0) return;
  for (let i = 0; i < end; i += 2) {
    const sub = past[i + 1] ?? 0;
    places.push(past[i] ?? 0, sub < 0 ? ~sub : sub);
  }
  record.past = end === past.length ? undefined : past.slice(end);
}
