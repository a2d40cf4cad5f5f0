import type { KeyRange, KeyValue, RangeRequest, RangeResponse, Revision } from '../contract.ts';
import type { Changes } from './changes.ts';
import { contains } from './key-index.ts';
import type { KeyIndex } from './key-index.ts';
import { pastIndexAt } from './key-record.ts';
import type { KeyRecord } from './key-record.ts';
import type { RevisionLog } from './revision-log.ts';

export const emptyValue = new Uint8Array(0);

/** The newest durable state. */
export function rangeNewest(index: KeyIndex, request: RangeRequest, revision: Revision): RangeResponse {
  if (request.countOnly === true) return { revision, kvs: [], more: false, count: index.countLive(request) };
  const limit = needsAll(request) ? 0 : (request.limit ?? 0);
  const kvs: KeyValue[] = [];
  let isCut = false;
  index.forEachLive(request, (record) => {
    if (limit > 0 && kvs.length === limit) {
      isCut = true;
      return false;
    }
    if (record.durable !== undefined) kvs.push(record.durable);
    return true;
  });
  return respond(request, revision, kvs, isCut ? index.countLive(request) : kvs.length);
}

/** The newest accepted state: what a transaction sees, its own writes included. */
export function rangeAccepted(index: KeyIndex, request: RangeRequest, revision: Revision): RangeResponse {
  const kvs: KeyValue[] = [];
  index.forEach(request, (record) => {
    if (record.accepted !== undefined) kvs.push(record.accepted);
    return true;
  });
  return respond(request, revision, request.countOnly === true ? [] : kvs, kvs.length);
}

/** What past states are read from. */
export interface PastSource {
  readonly index: KeyIndex;
  readonly changes: Changes;
  readonly log: RevisionLog;
  readonly durableRevision: Revision;
}

/** The state as of a past revision that is durable and not compacted. */
export function rangeAt(source: PastSource, request: RangeRequest & { readonly revision: Revision }): RangeResponse {
  const { index, log, durableRevision } = source;
  if (request.countOnly === true) {
    return { revision: durableRevision, kvs: [], more: false, count: countAt(source, request, request.revision) };
  }
  const limit = needsAll(request) ? 0 : (request.limit ?? 0);
  const kvs: KeyValue[] = [];
  let isCut = false;
  index.forEach(request, (record) => {
    const newest = record.durable;
    const isNewest = newest !== undefined && newest.modRevision <= request.revision;
    const place = isNewest ? -1 : pastIndexAt(record, request.revision);
    if (!isNewest && place < 0) return true;
    if (limit > 0 && kvs.length === limit) {
      isCut = true;
      return false;
    }
    kvs.push(isNewest ? newest : readPast(log, record, place));
    return true;
  });
  return respond(request, durableRevision, kvs, isCut ? countAt(source, request, request.revision) : kvs.length);
}

/** How many keys of a range existed in a past revision: those that exist now, but for what has changed since. */
function countAt({ index, changes }: PastSource, range: KeyRange, revision: Revision): number {
  let count = 0;
  if (changes.countFrom(revision + 1) > index.size) {
    index.forEach(range, (record) => {
      const isNewest = record.durable !== undefined && record.durable.modRevision <= revision;
      if (isNewest || pastIndexAt(record, revision) >= 0) count++;
      return true;
    });
    return count;
  }
  count = index.countLive(range);
  for (const record of changes.recordsFrom(revision + 1)) {
    if (!contains(range, record.key)) continue;
    if (record.durable !== undefined) count--;
    if (pastIndexAt(record, revision) >= 0) count++;
  }
  return count;
}

/** Reads the state that the pair of `record.past` at `place` stands for. */
export function readPast(log: RevisionLog, record: KeyRecord, place: number): KeyValue {
  const revision = record.past?.[place] ?? 0;
  const sub = record.past?.[place + 1] ?? 0;
  const found = log.read(revision, sub);
  if (found === undefined) throw new Error(`the log lacks revision ${revision}.${sub} of ${record.key}`);
  return found.kv;
}

/** Whether every key must be seen before `limit` can cut. */
function needsAll(request: RangeRequest): boolean {
  return (request.sortTarget ?? 'key') !== 'key' || request.sortOrder === 'descend' || hasFilter(request);
}

function hasFilter(request: RangeRequest): boolean {
  return (
    (request.minModRevision ?? 0) > 0 ||
    (request.maxModRevision ?? 0) > 0 ||
    (request.minCreateRevision ?? 0) > 0 ||
    (request.maxCreateRevision ?? 0) > 0
  );
}

/** Filters, sorts, cuts and strips, in etcd's order. `kvs` is in key order and may be changed. */
function respond(request: RangeRequest, revision: Revision, kvs: KeyValue[], count: number): RangeResponse {
  let found = kvs;
  if (hasFilter(request)) {
    const isBetween = (value: number, min = 0, max = 0): boolean => value >= min && (max === 0 || value <= max);
    found = kvs.filter(
      (kv) =>
        isBetween(kv.modRevision, request.minModRevision, request.maxModRevision) &&
        isBetween(kv.createRevision, request.minCreateRevision, request.maxCreateRevision),
    );
  }
  sortKeyValues(found, request);
  const limit = request.limit ?? 0;
  const total = found === kvs ? count : found.length;
  if (limit > 0 && found.length > limit) found.length = limit;
  if (request.keysOnly === true) found = found.map(withoutValue);
  return { revision, kvs: found, more: limit > 0 && total > limit && request.countOnly !== true, count };
}

function sortKeyValues(kvs: KeyValue[], { sortTarget = 'key', sortOrder = 'ascend' }: RangeRequest): void {
  const direction = sortOrder === 'ascend' ? 1 : -1;
  switch (sortTarget) {
    case 'key':
      if (direction < 0) kvs.reverse();
      return;
    case 'version':
      kvs.sort((a, b) => direction * (a.version - b.version));
      return;
    case 'create':
      kvs.sort((a, b) => direction * (a.createRevision - b.createRevision));
      return;
    case 'mod':
      kvs.sort((a, b) => direction * (a.modRevision - b.modRevision));
      return;
    case 'value':
      kvs.sort((a, b) => direction * Buffer.compare(a.value, b.value));
  }
}

function withoutValue(kv: KeyValue): KeyValue {
  return {
    key: kv.key,
    value: emptyValue,
    createRevision: kv.createRevision,
    modRevision: kv.modRevision,
    version: kv.version,
    lease: kv.lease,
  };
}
