import type { Retention } from './compactor.ts';
import type { RecentLimits } from './watch-hub.ts';

/** History is kept for the longer of the two. */
export const defaultRetention: Retention = { historyMs: 5 * 60_000, historyRevisions: 10_000 };

/** Enough for watches that lag by a burst; those that lag more read the log. */
export const defaultRecentLimits: RecentLimits = { maxEvents: 10_000, maxBytes: 16 * 1024 * 1024 };
