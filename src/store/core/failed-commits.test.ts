import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { NoSpaceError } from '../contract.ts';
import type { LeaseId, RequestOp, Store } from '../contract.ts';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { MemoryLog } from '../memory/memory-log.ts';
import { describeEvent, get, put } from '../suite/harness.ts';
import type { Commit } from './commit.ts';
import { defaultRecentLimits } from './defaults.ts';
import { MvccStore } from './mvcc-store.ts';
import type { CommitSink } from './revision-log.ts';
import { emptyState } from './store-state.ts';

/** A log whose disk can be full: then everything that waits for it fails. */
class FullLog extends MemoryLog {
  readonly #sink: CommitSink;
  #waiting: Commit[] = [];
  isFull = false;

  constructor(sink: CommitSink) {
    super(sink);
    this.#sink = sink;
  }

  override append(commit: Commit): void {
    if (!this.isFull) return super.append(commit);
    if (this.#waiting.push(commit) > 1) return undefined;
    queueMicrotask(() => {
      const failed = this.#waiting;
      this.#waiting = [];
      this.#sink.failed(failed, new NoSpaceError());
    });
    return undefined;
  }
}

function openStore(): { store: Store; log: FullLog; clock: VirtualClock } {
  const logs: FullLog[] = [];
  const clock = new VirtualClock();
  const store = new MvccStore({
    clock,
    retention: { historyMs: 1e12, historyRevisions: 1e12 },
    recent: defaultRecentLimits,
    initial: emptyState(),
    leases: [],
    leaseCheckpointMs: 0,
    createLog: (sink) => {
      const log = new FullLog(sink);
      logs.push(log);
      return log;
    },
  });
  const [log] = logs;
  assert.ok(log !== undefined);
  return { store, log, clock };
}

/** Everything that a reader can see. */
async function snapshot(store: Store): Promise<unknown> {
  const all = await store.range({ key: '\0', rangeEnd: '\0' });
  const inTxn = await store.txn({ success: [{ type: 'range', range: { key: '\0', rangeEnd: '\0' } }] });
  const leases = await Promise.all((await store.leases()).map((id) => store.leaseStatus(id)));
  return { all, inTxn, leases, status: store.status() };
}

const keys = ['a', 'b', 'c', 'd'];
const leaseIds: readonly LeaseId[] = [1, 2];

type Action =
  | { readonly type: 'put'; readonly key: string; readonly lease: LeaseId }
  | { readonly type: 'delete'; readonly key: string; readonly rangeEnd: string }
  | { readonly type: 'grant' | 'revoke'; readonly id: LeaseId };

const anyKey = fc.constantFrom(...keys);
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('put'), key: anyKey, lease: fc.constantFrom(0, 0, ...leaseIds) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete'), key: anyKey, rangeEnd: anyKey }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('grant', 'revoke'), id: fc.constantFrom(...leaseIds) }) },
);
const anyActions = fc.array(anyAction, { minLength: 1, maxLength: 12, size: 'max' });

function perform(store: Store, action: Action): Promise<unknown> {
  switch (action.type) {
    case 'put': {
      const op: RequestOp = { type: 'put', put: { key: action.key, value: Buffer.from('x'), lease: action.lease } };
      return store.txn({ success: [op] });
    }
    case 'delete':
      return store.txn({ success: [{ type: 'deleteRange', deleteRange: action }] });
    case 'grant':
      return store.grantLease({ id: action.id, ttlSeconds: 1000 });
    case 'revoke':
      return store.revokeLease(action.id);
  }
}

describe('commits that fail', () => {
  it('leave everything as it was', async () => {
    await fc.assert(
      fc.asyncProperty(anyActions, anyActions, anyActions, async (before, failing, after) => {
        const { store, log } = openStore();
        const { store: other } = openStore();
        for (const action of before) for (const each of [store, other]) await perform(each, action).catch(() => {});
        const expected = await snapshot(store);
        log.isFull = true;
        const results = await Promise.allSettled(failing.map((action) => perform(store, action)));
        log.isFull = false;
        for (const result of results) {
          // Some had nothing to write, or were refused for what is durable.
          if (result.status === 'rejected') assert.ok(result.reason instanceof Error);
        }
        assert.deepEqual(await snapshot(store), expected);
        // And what follows is as if they had never been.
        for (const action of after) {
          const [one, two] = await Promise.allSettled([perform(store, action), perform(other, action)]);
          assert.equal(one.status, two.status);
        }
        assert.deepEqual(await snapshot(store), await snapshot(other));
        await store.close();
        await other.close();
      }),
      { numRuns: 300 },
    );
  });

  it('are refused with all that built on them', async () => {
    const { store, log } = openStore();
    const watch = store.watch({ key: 'a' });
    log.isFull = true;
    const first = put(store, 'a', '1');
    const second = store.txn({
      compare: [{ key: 'a', target: 'mod', result: 'equal', operand: 2 }],
      success: [{ type: 'put', put: { key: 'b', value: Buffer.from('2') } }],
    });
    const reading = store.txn({ success: [{ type: 'range', range: { key: 'a' } }] });
    for (const refused of [first, second, reading]) await assert.rejects(refused, NoSpaceError);
    log.isFull = false;
    assert.deepEqual([await get(store, 'a'), await get(store, 'b'), watch.poll()], [undefined, undefined, undefined]);
    assert.equal(await put(store, 'a', '3'), 2);
    assert.deepEqual(watch.poll()?.events.map(describeEvent), ['put a=3@2']);
  });

  it('do not make a lease immortal', async () => {
    const { store, log, clock } = openStore();
    await store.grantLease({ id: 1, ttlSeconds: 10 });
    await put(store, 'a', '1', 1);
    log.isFull = true;
    await clock.advance(11_000);
    assert.equal(await get(store, 'a'), '1');
    log.isFull = false;
    await clock.advance(2000);
    assert.equal(await get(store, 'a'), undefined);
    assert.deepEqual(await store.leases(), []);
  });
});
