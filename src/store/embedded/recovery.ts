import type { KeyValue } from '../contract.ts';
import { Changes } from '../core/changes.ts';
import type { StoredLease } from '../core/commit.ts';
import { KeyIndex } from '../core/key-index.ts';
import { emptyValue } from '../core/range.ts';
import type { InitialState } from '../core/store-state.ts';
import { forEachRecord } from './environment.ts';
import type { Environment } from './environment.ts';
import type { RawRecord } from './record-format.ts';
import { ValueSlabs } from './value-slabs.ts';

export interface Recovered {
  readonly initial: InitialState;
  readonly leases: readonly StoredLease[];
  /** Of all records. */
  readonly bytes: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads records in place: what is decoded is only handed on. */
export type RecoveryEnvironment = Environment<RawRecord>;

/**
 * Replays the log into an index. Twice: which state of a key is its newest is known only at the end, and only the
 * newest states' values are to be in memory.
 */
export function recover(environment: RecoveryEnvironment): Recovered {
  const index = new KeyIndex();
  const changes = new Changes();
  let revision = 1;
  let timeMs = 0;
  let bytes = 0;
  forEachRecord(environment, 0, (raw) => {
    const { type, key, sub } = raw;
    revision = raw.revision;
    timeMs = raw.timeMs;
    bytes += raw.length;
    const record = index.obtain(key);
    const kv = raw.keyValue(record.key, emptyValue);
    record.accepted = type === 'put' ? kv : undefined;
    record.pending++;
    index.apply({ type, record, kv, previous: undefined }, revision, sub);
    changes.add(revision, record);
  });
  const slabs = new ValueSlabs();
  let place = 0;
  forEachRecord(environment, 0, (raw) => {
    const newest: Mutable<KeyValue> | undefined = changes.recordAt(place++)?.durable;
    if (newest !== undefined && newest.modRevision === raw.revision) newest.value = slabs.copy(raw.value);
  });
  const leases: StoredLease[] = [];
  for (const { value } of environment.leases.getRange({})) leases.push(value);
  const compactRevision = Number(environment.meta.get('compactRevision') ?? 0);
  return { initial: { index, changes, revision, timeMs, compactRevision }, leases, bytes };
}
