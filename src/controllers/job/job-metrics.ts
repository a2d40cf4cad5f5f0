import type { Job, JobStatus } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { exponentialBuckets, type Counter, type Histogram, type MetricsRegistry } from '../../machinery/metrics.ts';
import { isPodFinished } from '../pods/pod-state.ts';
import { IndexSet } from './index-set.ts';
import { hasLimitPerIndex, hasTrackingFinalizer, isIndexed } from './job-spec.ts';

/** What a round did about Pods. */
export type SyncAction = 'reconciling' | 'tracking' | 'pods_created' | 'pods_deleted';

const syncLabels = ['completion_mode', 'result', 'action'] as const;

/** Upstream's `job_controller_*`. */
export class JobMetrics {
  readonly #durations: Histogram<typeof syncLabels>;
  readonly #syncs: Counter<typeof syncLabels>;
  readonly #finished: Counter<readonly ['completion_mode', 'result', 'reason']>;
  readonly #pods: Counter<readonly ['completion_mode', 'result']>;
  readonly #indexes: Counter<readonly ['status', 'backoffLimit']>;
  readonly #created: Counter<readonly ['reason', 'status']>;
  readonly #policyActions: Counter<readonly ['action']>;
  readonly #tracked: Counter<readonly ['event']>;
  readonly #external: Counter<readonly ['controller_name']>;

  constructor(registry: MetricsRegistry) {
    this.#durations = registry.histogram({
      name: 'job_controller_job_sync_duration_seconds',
      help: '[STABLE] The time it took to sync a job',
      labelNames: syncLabels,
      buckets: exponentialBuckets(0.004, 2, 15),
    });
    this.#syncs = registry.counter({
      name: 'job_controller_job_syncs_total',
      help: '[STABLE] The number of job syncs',
      labelNames: syncLabels,
    });
    this.#finished = registry.counter({
      name: 'job_controller_jobs_finished_total',
      help: '[STABLE] The number of finished jobs',
      labelNames: ['completion_mode', 'result', 'reason'],
    });
    this.#pods = registry.counter({
      name: 'job_controller_job_pods_finished_total',
      help: '[STABLE] The number of finished Pods that are fully tracked',
      labelNames: ['completion_mode', 'result'],
    });
    this.#indexes = registry.counter({
      name: 'job_controller_job_finished_indexes_total',
      help: '[ALPHA] The number of finished indexes.',
      labelNames: ['status', 'backoffLimit'],
    });
    this.#created = registry.counter({
      name: 'job_controller_job_pods_creation_total',
      help: '[ALPHA] The number of Pods created by the Job controller labelled with a reason for the Pod creation.',
      labelNames: ['reason', 'status'],
    });
    this.#policyActions = registry.counter({
      name: 'job_controller_pod_failures_handled_by_failure_policy_total',
      help: '[ALPHA] The number of failed Pods handled by failure policy, by the action that was matched.',
      labelNames: ['action'],
    });
    this.#tracked = registry.counter({
      name: 'job_controller_terminated_pods_tracking_finalizer_total',
      help: '[ALPHA] The number of terminated pods (phase=Failed|Succeeded) that have the tracking finalizer.',
      labelNames: ['event'],
    });
    this.#external = registry.counter({
      name: 'job_controller_jobs_by_external_controller_total',
      help: '[ALPHA] The number of Jobs managed by an external controller',
      labelNames: ['controller_name'],
    });
  }

  synced(job: Job, action: SyncAction, isSuccess: boolean, durationMs: number): void {
    const labels = [modeOf(job), isSuccess ? 'success' : 'error', action] as const;
    this.#durations.labels(...labels).observe(durationMs / 1000);
    this.#syncs.labels(...labels).inc();
  }

  finished(job: Job, result: 'succeeded' | 'failed', reason: string): void {
    this.#finished.labels(modeOf(job), result, reason).inc();
  }

  /** What the status counts now and did not before. */
  counted(job: Job, before: JobStatus, after: JobStatus): void {
    const mode = modeOf(job);
    const added = (was = 0, is = 0): number => Math.max(0, is - was);
    let succeeded = added(before.succeeded, after.succeeded);
    if (isIndexed(job)) {
      const limit = hasLimitPerIndex(job) ? 'perIndex' : 'global';
      const size = (text = ''): number => IndexSet.parse(text, job.spec.completions ?? 0).size;
      succeeded = added(size(before.completedIndexes), size(after.completedIndexes));
      this.#indexes.labels('succeeded', limit).inc(succeeded);
      if (limit === 'perIndex') {
        this.#indexes.labels('failed', limit).inc(added(size(before.failedIndexes), size(after.failedIndexes)));
      }
    }
    this.#pods.labels(mode, 'succeeded').inc(succeeded);
    this.#pods.labels(mode, 'failed').inc(added(before.failed, after.failed));
  }

  /** @param failed How many Pods of the Job have failed, and how many are on their way out. */
  created(
    job: Job,
    counts: { readonly failed: number; readonly terminating: number },
    made: number,
    refused: number,
  ): void {
    const onlyFailed = job.spec.podReplacementPolicy === 'Failed' && counts.failed > 0;
    const isReplacement = counts.failed > 0 || counts.terminating > 0;
    const reason = onlyFailed ? 'recreate_failed' : isReplacement ? 'recreate_terminating_or_failed' : 'new';
    if (made > 0) this.#created.labels(reason, 'succeeded').inc(made);
    if (refused > 0) this.#created.labels(reason, 'failed').inc(refused);
  }

  policyMatched(action: string): void {
    this.#policyActions.labels(action).inc();
  }

  /** A Pod came, changed or went. */
  podChanged(before: Pod | undefined, after: Pod | undefined): void {
    const isTracked = (pod: Pod | undefined): boolean =>
      pod !== undefined && isPodFinished(pod) && hasTrackingFinalizer(pod);
    const [was, is] = [isTracked(before), isTracked(after)];
    if (was !== is) this.#tracked.labels(is ? 'add' : 'delete').inc();
  }

  managedElsewhere({ spec }: Job): void {
    this.#external.labels(spec.managedBy ?? '').inc();
  }
}

function modeOf(job: Job): string {
  return isIndexed(job) ? 'Indexed' : 'NonIndexed';
}
