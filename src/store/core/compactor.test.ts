import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Key, Revision } from '../contract.ts';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { MemoryLog } from '../memory/memory-log.ts';
import { put, remove } from '../suite/harness.ts';
import { defaultRecentLimits } from './defaults.ts';
import { MvccStore } from './mvcc-store.ts';
import { emptyState } from './store-state.ts';

interface Written {
  readonly key: Key;
  readonly revision: Revision;
  readonly isDeletion: boolean;
}

/** What the log must still have, by etcd's rule. */
function kept(all: readonly Written[], compactRevision: Revision): Written[] {
  return all.filter(({ key, revision, isDeletion }) => {
    if (revision >= compactRevision) return true;
    const isReplaced = all.some(
      (other) => other.key === key && other.revision > revision && other.revision <= compactRevision,
    );
    return !isReplaced && !isDeletion;
  });
}

describe('compaction', () => {
  it('leaves in the log what can still be read, and nothing else', async () => {
    const anyWrite = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), isDeletion: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyWrite, { minLength: 1, maxLength: 40, size: 'max' }),
        fc.array(fc.nat({ max: 10 }), { maxLength: 4 }),
        async (writes, compactions) => {
          const logs: MemoryLog[] = [];
          const store = new MvccStore({
            clock: new VirtualClock(),
            retention: { historyMs: 1e12, historyRevisions: 1e12 },
            recent: defaultRecentLimits,
            initial: emptyState(),
            leases: [],
            leaseCheckpointMs: 0,
            createLog: (sink) => {
              const log = new MemoryLog(sink);
              logs.push(log);
              return log;
            },
          });
          const all: Written[] = [];
          let compactRevision = 0;
          for (const [i, { key, isDeletion }] of writes.entries()) {
            const before = store.revision;
            const revision = await (isDeletion ? remove(store, key) : put(store, key));
            if (revision > before) all.push({ key, revision, isDeletion });
            const back = compactions[i % 7];
            const target = back === undefined ? 0 : revision - back;
            if (target <= compactRevision) continue;
            await store.compact(target);
            compactRevision = target;
          }
          const found: Written[] = [];
          logs[0]?.scan(0, ({ kv, revision, type }) => {
            found.push({ key: kv.key, revision, isDeletion: type === 'delete' });
            return true;
          });
          assert.deepEqual(found, kept(all, compactRevision));
          await store.close();
        },
      ),
      { numRuns: 200 },
    );
  });
});
