import { CompactedError, FutureRevisionError, KeyNotFoundError, LeaseNotFoundError } from '../contract.ts';
import type {
  DeleteRangeRequest,
  KeyValue,
  LeaseId,
  PutRequest,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseOp,
  Revision,
  Txn,
  TxnResponse,
} from '../contract.ts';
import type { Write } from './commit.ts';
import { holds } from './compare.ts';
import type { KeyIndex } from './key-index.ts';
import type { KeyRecord } from './key-record.ts';
import { emptyValue, rangeAccepted } from './range.ts';

/** The transaction reads a revision that is made but not yet durable: it must run again when it is. */
export class NotDurableError extends Error {
  override name = 'NotDurableError';
}

/** What a transaction reads and changes. */
export interface TransactionState {
  readonly index: KeyIndex;
  readonly compactRevision: Revision;
  readonly durableRevision: Revision;
  hasLease(id: LeaseId): boolean;
  /** Sets a key's newest accepted state. */
  accept(record: KeyRecord, kv: KeyValue | undefined): void;
  /** Sets it back to what it was before a write. */
  undo(write: Write): void;
  /** Reads as of a past revision. */
  rangePast(request: RangeRequest & { readonly revision: Revision }): RangeResponse;
}

/** Which branch of a transaction runs, and of those within it, in order. All is decided before anything is written. */
interface Decision {
  readonly succeeded: boolean;
  readonly ops: readonly RequestOp[];
  readonly nested: readonly Decision[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const noOps: readonly RequestOp[] = [];
const noDecisions: readonly Decision[] = [];

/** One transaction on the newest accepted state. */
export class Transaction {
  readonly writes: Write[] = [];
  readonly #state: TransactionState;
  readonly #base: Revision;
  readonly #nested: Mutable<TxnResponse>[] = [];

  /** `base` is the newest accepted revision. */
  constructor(state: TransactionState, base: Revision) {
    this.#state = state;
    this.#base = base;
  }

  /** The revision as the transaction sees it: the next one as soon as it has written. */
  get revision(): Revision {
    return this.writes.length === 0 ? this.#base : this.#base + 1;
  }

  /** Runs it. Throws, with nothing changed, when an operation cannot be done. */
  run(txn: Txn): TxnResponse {
    const decision = this.#decide(txn);
    this.#check(decision);
    const responses = this.#execute(decision);
    for (const response of this.#nested) response.revision = this.revision;
    return { revision: this.revision, succeeded: decision.succeeded, responses };
  }

  /** Takes all writes back. */
  undo(): void {
    for (let i = this.writes.length - 1; i >= 0; i--) {
      const write = this.writes[i];
      if (write !== undefined) this.#state.undo(write);
    }
  }

  #decide(txn: Txn): Decision {
    const succeeded = txn.compare === undefined || txn.compare.every((compare) => holds(this.#state.index, compare));
    const ops = (succeeded ? txn.success : txn.failure) ?? noOps;
    let nested: Decision[] | undefined;
    for (const op of ops) if (op.type === 'txn') (nested ??= []).push(this.#decide(op.txn));
    return { succeeded, ops, nested: nested ?? noDecisions };
  }

  #check(decision: Decision): void {
    for (const op of decision.ops) {
      if (op.type === 'put') this.#checkPut(op.put);
      else if (op.type === 'range') this.#checkRange(op.range);
    }
    for (const nested of decision.nested) this.#check(nested);
  }

  #checkPut(put: PutRequest): void {
    if (put.ignoreValue === true || put.ignoreLease === true) {
      if (this.#state.index.get(put.key)?.accepted === undefined) throw new KeyNotFoundError();
    }
    if (put.lease !== undefined && put.lease !== 0 && !this.#state.hasLease(put.lease)) throw new LeaseNotFoundError();
  }

  #checkRange({ revision = 0 }: RangeRequest): void {
    if (revision > this.#base) throw new FutureRevisionError();
    if (revision > 0 && revision < this.#state.compactRevision) throw new CompactedError(this.#state.compactRevision);
    if (revision > this.#state.durableRevision) throw new NotDurableError();
  }

  #execute(decision: Decision): ResponseOp[] {
    const responses: ResponseOp[] = [];
    let nested = 0;
    for (const op of decision.ops) {
      switch (op.type) {
        case 'put':
          responses.push(this.#put(op.put));
          break;
        case 'deleteRange':
          responses.push({ type: 'deleteRange', deleteRange: this.#deleteRange(op.deleteRange) });
          break;
        case 'range':
          responses.push({ type: 'range', range: this.#range(op.range) });
          break;
        case 'txn': {
          const inner = decision.nested[nested++];
          if (inner === undefined) break;
          const txn = { revision: 0, succeeded: inner.succeeded, responses: this.#execute(inner) };
          this.#nested.push(txn);
          responses.push({ type: 'txn', txn });
        }
      }
    }
    return responses;
  }

  #put(put: PutRequest): ResponseOp {
    const record = this.#state.index.obtain(put.key);
    const previous = record.accepted;
    const revision = this.#base + 1;
    const kv: KeyValue = {
      key: record.key,
      value: put.ignoreValue === true ? (previous?.value ?? emptyValue) : put.value,
      createRevision: previous?.createRevision ?? revision,
      modRevision: revision,
      version: (previous?.version ?? 0) + 1,
      lease: put.ignoreLease === true ? (previous?.lease ?? 0) : (put.lease ?? 0),
    };
    this.#state.accept(record, kv);
    this.writes.push({ type: 'put', record, kv, previous });
    return put.prevKv === true && previous !== undefined
      ? { type: 'put', put: { prevKv: previous } }
      : emptyPutResponse;
  }

  #deleteRange(request: DeleteRangeRequest): { deleted: number; prevKvs: readonly KeyValue[] } {
    const records: KeyRecord[] = [];
    this.#state.index.forEach(request, (record) => {
      if (record.accepted !== undefined) records.push(record);
      return true;
    });
    const prevKvs: KeyValue[] = [];
    for (const record of records) {
      if (request.prevKv === true && record.accepted !== undefined) prevKvs.push(record.accepted);
      this.remove(record);
    }
    return { deleted: records.length, prevKvs };
  }

  /** Deletes a key that exists. */
  remove(record: KeyRecord): void {
    const previous = record.accepted;
    const kv: KeyValue = {
      key: record.key,
      value: emptyValue,
      createRevision: 0,
      modRevision: this.#base + 1,
      version: 0,
      lease: 0,
    };
    this.#state.accept(record, undefined);
    this.writes.push({ type: 'delete', record, kv, previous });
  }

  #range(request: RangeRequest): RangeResponse {
    const at = request.revision ?? 0;
    if (at > 0 && (at < this.#base || this.writes.length > 0)) {
      return { ...this.#state.rangePast({ ...request, revision: at }), revision: this.revision };
    }
    return rangeAccepted(this.#state.index, request, this.revision);
  }
}

const emptyPutResponse: ResponseOp = { type: 'put', put: {} };
