import { maxBatchEvents } from '../contract.ts';
import type { HistoryEntry, Key, Revision, WatchEvent } from '../contract.ts';
import { contains } from './key-index.ts';
import type { KeyIndex } from './key-index.ts';
import { droppedPairs, pairsBelow } from './key-record.ts';
import type { LogRecord, RevisionLog } from './revision-log.ts';
import { readPast } from './range.ts';
import type { HistorySlice } from './watch.ts';
import type { WatchGroup } from './watch-group.ts';

/** Bounds of one piece of history: some milliseconds of reading. */
const maxSliceRecords = 2000;
const maxSliceBytes = 4 * 1024 * 1024;

/** What history is read from. */
export interface HistorySource {
  readonly index: KeyIndex;
  readonly log: RevisionLog;
  readonly durableRevision: Revision;
  readonly compactRevision: Revision;
}

/** The events that a group wants from a revision on, in whole revisions. */
export function readSlice(source: HistorySource, group: WatchGroup, from: Revision): HistorySlice {
  const events: WatchEvent[] = [];
  let through = source.durableRevision;
  let records = 0;
  let bytes = 0;
  source.log.scan(from, (record) => {
    if (record.revision > source.durableRevision) return false;
    if (record.sub === 0 && (records >= maxSliceRecords || bytes >= maxSliceBytes || events.length >= maxBatchEvents)) {
      through = record.revision - 1;
      return false;
    }
    records++;
    bytes += record.kv.value.length;
    const event = contains(group.range, record.kv.key) ? group.shape(eventOf(source, group, record)) : undefined;
    if (event !== undefined) events.push(event);
    return true;
  });
  return { events, through };
}

function eventOf({ index, log }: HistorySource, group: WatchGroup, { type, kv, revision, sub }: LogRecord): WatchEvent {
  const record = group.wantsPrevious ? index.get(kv.key) : undefined;
  if (record?.past === undefined) return { type, kv };
  const position = type === 'put' ? sub : ~sub;
  // The pair of this very write, or the end when it is the current state; the one before it is the previous state.
  let place = pairsBelow(record.past, revision) * 2;
  while (place < record.past.length && (record.past[place] !== revision || record.past[place + 1] !== position)) {
    if ((record.past[place] ?? 0) > revision) return { type, kv };
    place += 2;
  }
  return place === 0 || (record.past[place - 1] ?? -1) < 0
    ? { type, kv }
    : { type, kv, prevKv: readPast(log, record, place - 2) };
}

/** A key's kept revisions before `before`, newest first. */
export function readHistory(source: HistorySource, key: Key, before: Revision, limit: number): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  const record = source.index.get(key);
  if (record === undefined) return entries;
  const { past = [], durable } = record;
  const add = (revision: Revision, sub: number): void => {
    const found = source.log.read(revision, sub);
    if (found === undefined) throw new Error(`the log lacks revision ${revision}.${sub} of ${key}`);
    const { timeMs, type, note } = found;
    // The current state is in memory already: its bytes need not be there twice.
    const kv = durable?.modRevision === revision && durable.version === found.kv.version ? durable : found.kv;
    entries.push(note === undefined ? { revision, timeMs, type, kv } : { revision, timeMs, type, kv, note });
  };
  if (durable !== undefined && durable.modRevision < before) add(durable.modRevision, record.sub);
  const oldest = droppedPairs(record, source.compactRevision);
  for (let pair = pairsBelow(past, before) - 1; pair >= oldest && entries.length < limit; pair--) {
    const sub = past[pair * 2 + 1] ?? 0;
    add(past[pair * 2] ?? 0, sub < 0 ? ~sub : sub);
  }
  return entries;
}

/** The newest revision made at or before a time, as far back as times are known. */
export function findRevisionAt(source: HistorySource, timeMs: number): Revision {
  let low = Math.max(1, source.compactRevision);
  let high = source.durableRevision;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (source.log.timeMs(middle) <= timeMs) low = middle;
    else high = middle - 1;
  }
  return low;
}
