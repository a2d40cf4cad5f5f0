/**
 * The store: etcd v3's data model, and what every implementation of it promises.
 *
 * One flat, ordered key space. Every successful transaction that writes advances the store's revision by exactly one;
 * all its writes carry that revision. Old revisions stay readable until they are compacted. Semantics, names and the
 * order of checks are those of etcd's API reference (https://etcd.io/docs/v3.6/learning/api/).
 *
 * Promises that hold for every implementation:
 * - **Durable.** A promise returned by `txn`, `compact` or a lease call resolves only when its effect would survive the
 *   death of the process (embedded: of the machine). One that rejects has had no effect, now or after a restart.
 * - **Linearizable.** A read that starts after a write resolved sees it; a read never sees what is not yet durable.
 * - **Ordered, once.** A watch delivers every change to its keys once, in revision order, whole revisions at a time.
 *   Events of a write are deliverable (a pending `next()` resolved) before the write's own promise resolves.
 * - **Bounded.** A watcher that is not read costs a cursor, not a queue: history is read again from where it stopped.
 */

/**
 * A key: the bytes of an etcd key, one per character (U+0000 to U+00FF), so that comparing strings compares bytes.
 * Text becomes a key through `keyOf`, which encodes it as UTF-8; ASCII text is its own key.
 */
export type Key = string;

/** A store's revision: a positive safe integer. An empty store is at revision 1, as etcd's is. */
export type Revision = number;

/** A lease's ID: a positive safe integer; 0 means no lease. */
export type LeaseId = number;

/** One key with its value as of some revision. Immutable: the bytes in `value` may be shared and must not be changed. */
export interface KeyValue {
  readonly key: Key;
  readonly value: Uint8Array;
  /** The revision in which this key was last created. */
  readonly createRevision: Revision;
  /** The revision of its last modification. */
  readonly modRevision: Revision;
  /** Writes since creation: 1 for a key that was just created. */
  readonly version: number;
  readonly lease: LeaseId;
}

/** Selects `key` alone; or `[key, rangeEnd)`; `rangeEnd` of "\0" means every key from `key` on. */
export interface KeyRange {
  readonly key: Key;
  readonly rangeEnd?: Key;
}

export interface RangeRequest extends KeyRange {
  /** Read as of this revision; 0 or absent: the newest. */
  readonly revision?: Revision;
  /** At most so many keys; 0 or absent: all. */
  readonly limit?: number;
  /** Default: `key`, `ascend`. Anything else is sorted in memory before `limit` applies. */
  readonly sortTarget?: 'key' | 'version' | 'create' | 'mod' | 'value';
  readonly sortOrder?: 'ascend' | 'descend';
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
  readonly minModRevision?: Revision;
  readonly maxModRevision?: Revision;
  readonly minCreateRevision?: Revision;
  readonly maxCreateRevision?: Revision;
}

export interface RangeResponse {
  /** The store's revision when the read was served (not the one asked for). */
  readonly revision: Revision;
  readonly kvs: readonly KeyValue[];
  /** More keys were in the range than `limit` let through. */
  readonly more: boolean;
  /** Keys in the range, whatever `limit` (and before the min/max filters, as in etcd). */
  readonly count: number;
}

export type CompareTarget = 'version' | 'create' | 'mod' | 'lease' | 'value';

/** One condition of a transaction. An absent key has version, revisions and lease 0; comparing its value fails. */
export type Compare = KeyRange & { readonly result: 'equal' | 'greater' | 'less' | 'notEqual' } & (
    | { readonly target: 'version' | 'create' | 'mod' | 'lease'; readonly operand: number }
    | { readonly target: 'value'; readonly operand: Uint8Array }
  );

export interface PutRequest {
  readonly key: Key;
  readonly value: Uint8Array;
  readonly lease?: LeaseId;
  readonly prevKv?: boolean;
  /** Keep the current value (`value` must then be empty); the key must exist. */
  readonly ignoreValue?: boolean;
  /** Keep the current lease; the key must exist. */
  readonly ignoreLease?: boolean;
}

export interface DeleteRangeRequest extends KeyRange {
  readonly prevKv?: boolean;
}

export type RequestOp =
  | { readonly type: 'range'; readonly range: RangeRequest }
  | { readonly type: 'put'; readonly put: PutRequest }
  | { readonly type: 'deleteRange'; readonly deleteRange: DeleteRangeRequest }
  | { readonly type: 'txn'; readonly txn: Txn };

export interface Txn {
  /** All must hold for `success` to run; otherwise `failure` runs. */
  readonly compare?: readonly Compare[];
  readonly success?: readonly RequestOp[];
  readonly failure?: readonly RequestOp[];
}

export interface TxnRequest extends Txn {
  /**
   * Opaque bytes kept with the revision that this transaction makes, and dropped with it by compaction: the API server
   * keeps provenance here. Not part of etcd's model; at most `maxNoteBytes`.
   */
  readonly note?: Uint8Array;
}

export type ResponseOp =
  | { readonly type: 'range'; readonly range: RangeResponse }
  | { readonly type: 'put'; readonly put: { readonly prevKv?: KeyValue } }
  | {
      readonly type: 'deleteRange';
      readonly deleteRange: { readonly deleted: number; readonly prevKvs: readonly KeyValue[] };
    }
  | { readonly type: 'txn'; readonly txn: TxnResponse };

export interface TxnResponse {
  /** The store's revision after the transaction. */
  readonly revision: Revision;
  /** Whether every compare held. */
  readonly succeeded: boolean;
  /** One per operation of the branch that ran, in order. */
  readonly responses: readonly ResponseOp[];
}

export interface WatchRequest extends KeyRange {
  /** First revision of interest; 0 or absent: the one after the current. May lie in the future. */
  readonly startRevision?: Revision;
  /** Give each event the key's previous value, when that is not compacted. */
  readonly prevKv?: boolean;
  /** Leave these kinds of event out. */
  readonly filters?: readonly ('noput' | 'nodelete')[];
}

export interface WatchEvent {
  readonly type: 'put' | 'delete';
  /** For a delete: the key, `modRevision` of the deletion, an empty value, and zeros. */
  readonly kv: KeyValue;
  readonly prevKv?: KeyValue;
}

export interface WatchBatch {
  /** Everything up to and including this revision has now been delivered. */
  readonly revision: Revision;
  /** Whole revisions, in order; empty only in a progress notification. */
  readonly events: readonly WatchEvent[];
}

export interface Watch {
  /**
   * The next events, at most about `maxBatchEvents` (a revision is never split). Waits while there are none. Events that
   * are older than what is kept in memory are read from disk as this is called. Rejects with `CompactedError` when the
   * next revision is gone, with `StoreClosedError` when the store closes; resolves undefined after `close`.
   * One call at a time.
   */
  next(): Promise<WatchBatch | undefined>;
  /**
   * Events that can be had at once from memory, without a promise; undefined when there are none, or only on disk.
   * Exists for the API server's hot path. Implementations may always return undefined.
   */
  poll(): WatchBatch | undefined;
  /**
   * Calls `listener` each time events may have become available to `poll`, before the write's promise resolves. When
   * `poll` gives nothing then, the events are only on disk: `next` reads them.
   */
  onAvailable(listener: () => void): void;
  /** Asks that the pending or next `next()` resolve at the current revision even without events. */
  requestProgress(): void;
  close(): void;
}

/** One past or present state of a key, as `history` returns it. */
export interface HistoryEntry {
  readonly revision: Revision;
  /** When the revision was made: milliseconds since the epoch, by the store's clock. */
  readonly timeMs: number;
  readonly type: 'put' | 'delete';
  readonly kv: KeyValue;
  readonly note?: Uint8Array;
}

export interface StoreStatus {
  readonly revision: Revision;
  /** History before this revision is gone; 0: nothing was compacted. */
  readonly compactRevision: Revision;
  /** Size of the backing file, in bytes; 0 in memory. */
  readonly sizeBytes: number;
  /** Of that, bytes that hold data. */
  readonly sizeInUseBytes: number;
  /** Current keys. */
  readonly keys: number;
}

export interface LeaseStatus {
  readonly id: LeaseId;
  /** Seconds left; -1: no such lease. */
  readonly ttlSeconds: number;
  readonly grantedTtlSeconds: number;
  readonly keys: readonly Key[];
}

export interface Store {
  /** The newest durable revision, without a promise: what a linearizable read must have reached. */
  readonly revision: Revision;
  /** Rejects with `CompactedError`, `FutureRevisionError`. */
  range(request: RangeRequest): Promise<RangeResponse>;
  /**
   * Rejects, without any effect, with `DuplicateKeyError`, `LeaseNotFoundError`, `KeyNotFoundError` (`ignoreValue`,
   * `ignoreLease`), `RequestTooLargeError`, `NoSpaceError`, `StoreClosedError`, or a range's errors; with `StoreError`
   * when the disk fails, and `StoreUnusableError` from the moment on when it cannot be trusted any more.
   */
  txn(request: TxnRequest): Promise<TxnResponse>;
  /** A past `startRevision` that is compacted shows at the first `next()`. */
  watch(request: WatchRequest): Watch;
  /** Drops history before `revision`. Rejects with `CompactedError` (already done) or `FutureRevisionError`. */
  compact(revision: Revision): Promise<void>;
  /** A key's revisions, newest first, as far back as history is kept, from `before` (exclusive) on. */
  history(request: { key: Key; limit?: number; before?: Revision }): Promise<readonly HistoryEntry[]>;
  /** The newest revision made at or before a time; the compact revision when history does not reach back that far. */
  revisionAt(timeMs: number): Promise<Revision>;

  /** `id` 0 or absent: the store chooses. Rejects with `LeaseExistsError`. */
  grantLease(request: { ttlSeconds: number; id?: LeaseId }): Promise<LeaseStatus>;
  /** Deletes the lease's keys in one revision. Rejects with `LeaseNotFoundError`. */
  revokeLease(id: LeaseId): Promise<void>;
  /** The lease has its full time again, also after a restart. Rejects with `LeaseNotFoundError`. */
  keepAliveLease(id: LeaseId): Promise<LeaseStatus>;
  /** Does not reject for a lease that there is not: see `LeaseStatus.ttlSeconds`. */
  leaseStatus(id: LeaseId): Promise<LeaseStatus>;
  leases(): Promise<readonly LeaseId[]>;

  status(): StoreStatus;
  /** Waits for what was accepted, then releases everything. Calls after it reject with `StoreClosedError`. */
  close(): Promise<void>;
}

/** A request's keys and values together: etcd's default of 1.5 MiB. */
export const maxRequestBytes = 1.5 * 1024 * 1024;
/** Operations in one transaction: etcd's `--max-txn-ops`. */
export const maxTxnOps = 128;
/** Provenance is a few hundred bytes; this bounds a hostile user agent. */
export const maxNoteBytes = 4096;
/** Events handed over at a time, unless one revision alone has more. */
export const maxBatchEvents = 1000;

/** Every error a store raises on purpose. `message` is etcd's text where etcd has one. */
export class StoreError extends Error {
  override name = 'StoreError';
}
/** The revision asked for was compacted; `compactRevision` is the oldest that can be read. */
export class CompactedError extends StoreError {
  override name = 'CompactedError';
  readonly compactRevision: Revision;
  constructor(compactRevision: Revision) {
    super('etcdserver: mvcc: required revision has been compacted');
    this.compactRevision = compactRevision;
  }
}
export class FutureRevisionError extends StoreError {
  override name = 'FutureRevisionError';
  constructor() {
    super('etcdserver: mvcc: required revision is a future revision');
  }
}
export class DuplicateKeyError extends StoreError {
  override name = 'DuplicateKeyError';
  constructor() {
    super('etcdserver: duplicate key given in txn request');
  }
}
export class KeyNotFoundError extends StoreError {
  override name = 'KeyNotFoundError';
  constructor() {
    super('etcdserver: key not found');
  }
}
export class LeaseNotFoundError extends StoreError {
  override name = 'LeaseNotFoundError';
  constructor() {
    super('etcdserver: requested lease not found');
  }
}
export class LeaseExistsError extends StoreError {
  override name = 'LeaseExistsError';
  constructor() {
    super('etcdserver: lease already exists');
  }
}
export class RequestTooLargeError extends StoreError {
  override name = 'RequestTooLargeError';
  constructor(message = 'etcdserver: request is too large') {
    super(message);
  }
}
/** The disk is full (or the file may not grow): nothing was written, reads go on, and writes may be tried again. */
export class NoSpaceError extends StoreError {
  override name = 'NoSpaceError';
  constructor(message = 'etcdserver: mvcc: database space exceeded') {
    super(message);
  }
}
export class StoreClosedError extends StoreError {
  override name = 'StoreClosedError';
  constructor() {
    super('etcdserver: server stopped');
  }
}
/** The directory cannot be used as it is: another process has it, it is not ours, or it is of a newer format. */
export class StoreUnusableError extends StoreError {
  override name = 'StoreUnusableError';
}

/** Text as a key. */
export function keyOf(text: string): Key {
  // oxlint-disable-next-line no-control-regex -- the range is ASCII, control characters included
  return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** A key as text, for a key that `keyOf` made. */
export function textOf(key: Key): string {
  // oxlint-disable-next-line no-control-regex -- the range is ASCII, control characters included
  return /^[\x00-\x7f]*$/.test(key) ? key : Buffer.from(key, 'latin1').toString('utf8');
}

/** The end of the range of keys that start with `prefix`. */
export function prefixEnd(prefix: Key): Key {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const byte = prefix.charCodeAt(i);
    if (byte < 0xff) return prefix.slice(0, i) + String.fromCharCode(byte + 1);
  }
  return '\0';
}
