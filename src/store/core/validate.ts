import {
  DuplicateKeyError,
  maxNoteBytes,
  maxRequestBytes,
  maxTxnOps,
  RequestTooLargeError,
  StoreError,
} from '../contract.ts';
import type { Compare, Key, KeyRange, RequestOp, Txn, TxnRequest } from '../contract.ts';
import { contains } from './key-index.ts';

const emptyKeyMessage = 'etcdserver: key is not provided';
const tooManyOpsMessage = 'etcdserver: too many operations in txn request';

/** Refuses a request that is wrong whatever the store holds. */
export function checkTxnRequest(request: TxnRequest): void {
  if ((request.note?.length ?? 0) > maxNoteBytes) {
    throw new RequestTooLargeError(`etcdserver: request is too large: a note may have ${maxNoteBytes} bytes`);
  }
  const { success, failure, compare } = request;
  // The hot path: one write under one condition cannot conflict with itself.
  const only = success?.[0];
  if (success?.length === 1 && only?.type === 'put' && (failure?.length ?? 0) === 0 && (compare?.length ?? 0) <= 1) {
    const condition = compare?.[0];
    if (condition !== undefined) checkKey(condition);
    checkOp(only);
    checkSize(opBytes(only) + (condition === undefined ? 0 : compareBytes(condition)));
    return;
  }
  checkTxn(request);
  checkSize(txnBytes(request));
  checkConflicts(success ?? []);
  checkConflicts(failure ?? []);
}

export function checkKey(range: KeyRange): void {
  if (range.key === '') throw new StoreError(emptyKeyMessage);
}

function checkSize(bytes: number): void {
  if (bytes > maxRequestBytes) throw new RequestTooLargeError();
}

function checkTxn({ compare, success, failure }: Txn): void {
  if (Math.max(compare?.length ?? 0, success?.length ?? 0, failure?.length ?? 0) > maxTxnOps) {
    throw new RequestTooLargeError(tooManyOpsMessage);
  }
  for (const condition of compare ?? []) checkKey(condition);
  for (const op of success ?? []) checkOp(op);
  for (const op of failure ?? []) checkOp(op);
}

function checkOp(op: RequestOp): void {
  switch (op.type) {
    case 'range':
      return checkKey(op.range);
    case 'deleteRange':
      return checkKey(op.deleteRange);
    case 'txn':
      return checkTxn(op.txn);
    case 'put':
      checkKey(op.put);
      if (op.put.ignoreValue === true && op.put.value.length > 0) {
        throw new StoreError('etcdserver: value is provided');
      }
      if (op.put.ignoreLease === true && (op.put.lease ?? 0) !== 0) {
        throw new StoreError('etcdserver: lease is provided');
      }
  }
}

function rangeBytes(range: KeyRange): number {
  return range.key.length + (range.rangeEnd?.length ?? 0);
}

function compareBytes(compare: Compare): number {
  return rangeBytes(compare) + (compare.target === 'value' ? compare.operand.length : 0);
}

function opBytes(op: RequestOp): number {
  switch (op.type) {
    case 'range':
      return rangeBytes(op.range);
    case 'deleteRange':
      return rangeBytes(op.deleteRange);
    case 'put':
      return op.put.key.length + op.put.value.length;
    case 'txn':
      return txnBytes(op.txn);
  }
}

function txnBytes({ compare, success, failure }: Txn): number {
  let bytes = 0;
  for (const condition of compare ?? []) bytes += compareBytes(condition);
  for (const op of success ?? []) bytes += opBytes(op);
  for (const op of failure ?? []) bytes += opBytes(op);
  return bytes;
}

interface Touched {
  readonly puts: Set<Key>;
  readonly deletes: KeyRange[];
}

/**
 * Refuses a list of operations that could put a key twice, or put it and delete it, in one revision. As in etcd, the
 * two branches of a nested transaction may put the same key, since only one of them runs.
 */
function checkConflicts(ops: readonly RequestOp[]): Touched {
  const puts = new Set<Key>();
  const deletes: KeyRange[] = [];
  for (const op of ops) if (op.type === 'deleteRange') deletes.push(op.deleteRange);
  const checkDeletes = (key: Key): void => {
    if (deletes.some((range) => contains(range, key))) throw new DuplicateKeyError();
  };
  for (const op of ops) {
    if (op.type !== 'txn') continue;
    const success = checkConflicts(op.txn.success ?? []);
    const failure = checkConflicts(op.txn.failure ?? []);
    for (const key of new Set([...success.puts, ...failure.puts])) {
      if (puts.has(key)) throw new DuplicateKeyError();
      checkDeletes(key);
      puts.add(key);
    }
    deletes.push(...success.deletes, ...failure.deletes);
  }
  for (const op of ops) {
    if (op.type !== 'put') continue;
    if (puts.has(op.put.key)) throw new DuplicateKeyError();
    checkDeletes(op.put.key);
    puts.add(op.put.key);
  }
  return { puts, deletes };
}
