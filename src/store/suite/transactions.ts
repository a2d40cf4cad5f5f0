import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  DuplicateKeyError,
  FutureRevisionError,
  KeyNotFoundError,
  LeaseNotFoundError,
  maxNoteBytes,
  maxRequestBytes,
  maxTxnOps,
  RequestTooLargeError,
  StoreError,
} from '../contract.ts';
import type { RequestOp, Store, TxnRequest } from '../contract.ts';
import { assertSame, bytes, get, put, remove } from './harness.ts';
import type { OpenTest } from './harness.ts';

function putOp(key: string, value = ''): RequestOp {
  return { type: 'put', put: { key, value: bytes(value) } };
}

function rangeOp(key: string, revision = 0): RequestOp {
  return { type: 'range', range: { key, revision } };
}

async function refuses(store: Store, request: TxnRequest, error: new () => StoreError, text?: string): Promise<void> {
  const { revision } = store;
  await assert.rejects(store.txn(request), (actual) => {
    assert.ok(actual instanceof error, String(actual));
    if (text !== undefined) assert.equal(actual.message, text);
    return true;
  });
  assert.equal(store.revision, revision);
}

export function transactionTests(open: OpenTest): void {
  it('starts at revision 1 and counts successful writes', async () => {
    const store = await open();
    assert.equal(store.revision, 1);
    assert.equal(await put(store, 'a', '1'), 2);
    assert.equal(await put(store, 'a', '2'), 3);
    assert.equal(await remove(store, 'nothing'), 3);
    assert.equal(await remove(store, 'a'), 4);
    assert.equal((await store.txn({ success: [rangeOp('a')] })).revision, 4);
    assert.equal(store.revision, 4);
  });

  it('gives a key its revisions, version and lease', async () => {
    const store = await open();
    await store.grantLease({ id: 7, ttlSeconds: 100 });
    await put(store, 'a', '1');
    await put(store, 'a', '2', 7);
    const { kvs } = await store.range({ key: 'a' });
    assertSame(kvs, [{ key: 'a', value: bytes('2'), createRevision: 2, modRevision: 3, version: 2, lease: 7 }]);
    await remove(store, 'a');
    await put(store, 'a', '3');
    const again = await store.range({ key: 'a' });
    assertSame(again.kvs, [{ key: 'a', value: bytes('3'), createRevision: 5, modRevision: 5, version: 1, lease: 0 }]);
  });

  it('lets one of two win that expect the same revision', async () => {
    const store = await open();
    const modRevision = await put(store, 'a', '0');
    const attempt = (value: string): TxnRequest => ({
      compare: [{ key: 'a', target: 'mod', result: 'equal', operand: modRevision }],
      success: [putOp('a', value)],
      failure: [rangeOp('a')],
    });
    const [first, second] = await Promise.all([store.txn(attempt('1')), store.txn(attempt('2'))]);
    assertSame(first, { revision: 3, succeeded: true, responses: [{ type: 'put', put: {} }] });
    const { kvs } = await store.range({ key: 'a' });
    // The loser answers with what it lost to.
    const range = { revision: 3, kvs, more: false, count: 1 };
    assertSame(second, { revision: 3, succeeded: false, responses: [{ type: 'range', range }] });
    assert.equal(await get(store, 'a'), '1');
  });

  it('sees its own writes, and shows them to nobody before they are done', async () => {
    const store = await open();
    await put(store, 'a', 'old');
    const response = store.txn({
      success: [rangeOp('a'), putOp('a', 'new'), rangeOp('a'), rangeOp('a', 2)],
    });
    assert.equal(await get(store, 'a'), 'old');
    const { responses } = await response;
    const values = responses.map((op) =>
      op.type === 'range' ? String(Buffer.from(op.range.kvs[0]?.value ?? [])) : op.type,
    );
    assert.deepEqual(values, ['old', 'put', 'new', 'old']);
  });

  it('decides all conditions, nested ones too, before it writes', async () => {
    const store = await open();
    const { responses } = await store.txn({
      success: [
        putOp('a', '1'),
        {
          type: 'txn',
          txn: {
            compare: [{ key: 'a', target: 'version', result: 'equal', operand: 0 }],
            success: [putOp('b', 'a was absent')],
            failure: [putOp('b', 'a was there')],
          },
        },
      ],
    });
    assert.equal(await get(store, 'b'), 'a was absent');
    assertSame(responses[1], {
      type: 'txn',
      txn: { revision: 2, succeeded: true, responses: [{ type: 'put', put: {} }] },
    });
  });

  it('refuses to write a key twice', async () => {
    const store = await open();
    const inner = (...success: RequestOp[]): RequestOp => ({ type: 'txn', txn: { success } });
    const deleteOp: RequestOp = { type: 'deleteRange', deleteRange: { key: 'a', rangeEnd: 'c' } };
    const text = 'etcdserver: duplicate key given in txn request';
    await refuses(store, { success: [putOp('a'), putOp('a')] }, DuplicateKeyError, text);
    await refuses(store, { failure: [putOp('a'), putOp('a')] }, DuplicateKeyError);
    await refuses(store, { success: [putOp('b'), deleteOp] }, DuplicateKeyError);
    await refuses(store, { success: [deleteOp, inner(putOp('b'))] }, DuplicateKeyError);
    await refuses(store, { success: [putOp('a'), inner(putOp('a'))] }, DuplicateKeyError);
    await refuses(store, { success: [inner(putOp('a')), inner(putOp('a'))] }, DuplicateKeyError);
    const either: RequestOp = { type: 'txn', txn: { success: [putOp('a')], failure: [putOp('a')] } };
    assert.equal((await store.txn({ success: [either] })).revision, 2);
    assert.equal((await store.txn({ success: [deleteOp, deleteOp, putOp('c')] })).revision, 3);
  });

  it('keeps a value or a lease when asked, and needs the key for it', async () => {
    const store = await open();
    await store.grantLease({ id: 5, ttlSeconds: 100 });
    const keepValue: RequestOp = { type: 'put', put: { key: 'a', value: bytes(''), ignoreValue: true } };
    const keepLease: RequestOp = { type: 'put', put: { key: 'a', value: bytes('2'), ignoreLease: true } };
    await refuses(store, { success: [keepValue] }, KeyNotFoundError, 'etcdserver: key not found');
    await refuses(store, { success: [putOp('b'), keepLease] }, KeyNotFoundError);
    assert.equal(await get(store, 'b'), undefined);
    await put(store, 'a', '1', 5);
    await store.txn({ success: [keepLease] });
    const { kvs } = await store.range({ key: 'a' });
    assert.deepEqual([await get(store, 'a'), kvs[0]?.lease], ['2', 5]);
    await store.txn({ success: [keepValue] });
    assert.deepEqual([await get(store, 'a'), (await store.range({ key: 'a' })).kvs[0]?.lease], ['2', 0]);
  });

  it('has no effect when an operation cannot be done', async () => {
    const store = await open();
    const leased: RequestOp = { type: 'put', put: { key: 'b', value: bytes(''), lease: 9 } };
    await refuses(
      store,
      { success: [putOp('a'), leased] },
      LeaseNotFoundError,
      'etcdserver: requested lease not found',
    );
    await refuses(store, { success: [putOp('a'), rangeOp('a', 99)] }, FutureRevisionError);
    await refuses(store, { success: [putOp('')] }, StoreError, 'etcdserver: key is not provided');
    assert.equal((await store.range({ key: '\0', rangeEnd: '\0' })).count, 0);
    assert.equal(await put(store, 'a', '1'), 2);
  });

  it('bounds requests', async () => {
    const store = await open();
    const value = new Uint8Array(maxRequestBytes);
    const large: RequestOp = { type: 'put', put: { key: 'a', value } };
    await refuses(store, { success: [large] }, RequestTooLargeError, 'etcdserver: request is too large');
    await refuses(store, { success: [large, putOp('b')] }, RequestTooLargeError);
    await store.txn({ success: [{ type: 'put', put: { key: 'a', value: value.subarray(1) } }] });
    const many = Array.from({ length: maxTxnOps + 1 }, (_, i) => putOp(`k${i}`));
    await refuses(store, { success: many }, RequestTooLargeError, 'etcdserver: too many operations in txn request');
    await refuses(store, { success: [putOp('a')], note: new Uint8Array(maxNoteBytes + 1) }, RequestTooLargeError);
    assert.equal((await store.txn({ success: many.slice(1), note: new Uint8Array(maxNoteBytes) })).revision, 3);
  });

  it('reads a revision that another transaction has just made', async () => {
    const store = await open();
    const first = store.txn({ success: [putOp('a', '1')] });
    const second = store.txn({ success: [putOp('a', '2')] });
    const third = store.txn({ success: [rangeOp('a', 2), rangeOp('a', 3), putOp('b')] });
    const { responses, revision } = await third;
    const values = responses.map((op) =>
      op.type === 'range' ? String(Buffer.from(op.range.kvs[0]?.value ?? [])) : '',
    );
    assert.deepEqual([values, revision], [['1', '2', ''], 4]);
    await Promise.all([first, second]);
  });

  it('keeps the bytes it was given', async () => {
    const store = await open();
    for (const value of [bytes(''), Uint8Array.from({ length: 256 }, (_, i) => i), new Uint8Array(300_000).fill(7)]) {
      await store.txn({ success: [{ type: 'put', put: { key: 'k\xff\0', value } }] });
      const { kvs } = await store.range({ key: 'k\xff\0' });
      assert.ok(kvs[0] !== undefined && Buffer.from(kvs[0].value).equals(value));
    }
  });

  it('writes nothing more once it is closed', async () => {
    const store = await open();
    const before = put(store, 'a', '1');
    const closed = store.close();
    await assert.rejects(put(store, 'b'), { name: 'StoreClosedError' });
    await assert.rejects(store.range({ key: 'a' }), { name: 'StoreClosedError' });
    assert.equal(await before, 2);
    await closed;
    await store.close();
  });
}
