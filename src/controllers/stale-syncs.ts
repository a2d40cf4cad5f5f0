import type { RevisionSource } from '../client/written-revisions.ts';
import type { MetricsRegistry } from '../machinery/metrics.ts';

/** Counts the rounds that wait because an informer has not seen yet what the controller wrote (KEP-5647). */
export function staleSyncCounter(
  metrics: MetricsRegistry,
  subsystem: string,
  kind: string,
): (behind: RevisionSource) => void {
  const skips = metrics.counter({
    name: `${subsystem}_stale_sync_skips_total`,
    help: `Total number of ${kind} syncs skipped due to a stale watch cache.`,
    labelNames: ['group', 'resource'] as const,
  });
  return ({ resource: { group, plural } }) => skips.labels(group, plural).inc();
}
