import type { Store } from '../contract.ts';
import { realClock } from '../../machinery/clock.ts';
import type { Clock } from '../../machinery/clock.ts';
import { defaultRecentLimits, defaultRetention } from '../core/defaults.ts';
import { MvccStore } from '../core/mvcc-store.ts';
import { emptyState } from '../core/store-state.ts';
import { MemoryLog } from './memory-log.ts';

export interface MemoryStoreOptions {
  readonly clock?: Clock;
  /** History is kept for so long (default 5 minutes) ... */
  readonly historyMs?: number;
  /** ... and at least for so many revisions (default 10,000). */
  readonly historyRevisions?: number;
  /** Events kept in memory for watches that lag (default 10,000). */
  readonly recentEvents?: number;
}

/** A store that lives as long as its object: for simulation and tests. What is written is "durable" at once. */
export async function openMemoryStore(options: MemoryStoreOptions = {}): Promise<Store> {
  return new MvccStore({
    clock: options.clock ?? realClock,
    retention: {
      historyMs: options.historyMs ?? defaultRetention.historyMs,
      historyRevisions: options.historyRevisions ?? defaultRetention.historyRevisions,
    },
    recent: { ...defaultRecentLimits, maxEvents: options.recentEvents ?? defaultRecentLimits.maxEvents },
    initial: emptyState(),
    leases: [],
    leaseCheckpointMs: 0,
    createLog: (sink) => new MemoryLog(sink),
  });
}
