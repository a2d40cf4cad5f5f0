import type { Job } from '../../api/types/batch.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { jobs } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { exponentialBuckets, type HistogramSeries } from '../../machinery/metrics.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { finishedCondition } from '../job/conditions.ts';

/** Removes Jobs a while after they have ended, with their Pods (KEP-592). */
export class TTLAfterFinishedController implements Controller {
  readonly #context: ControllerContext;
  readonly #jobs: Informer<Job>;
  readonly #loop: ReconcileLoop;
  readonly #delays: HistogramSeries;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#delays = context.metrics
      .histogram({
        name: 'ttl_after_finished_controller_job_deletion_duration_seconds',
        help: '[ALPHA] The time it took to delete the job since it became eligible for deletion',
        buckets: exponentialBuckets(0.1, 2, 14),
      })
      .labels();
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('ttl_jobs_to_delete'),
      workers: context.options.concurrentSyncs.ttlAfterFinished,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#jobs = context.informers.of(jobs);
    const enqueue = (job: Job): void => {
      if (expiresAtMs(job) !== undefined) this.#loop.enqueue(keyOf(job), job.metadata.resourceVersion);
    };
    this.#jobs.addHandlers({ added: enqueue, updated: enqueue });
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#jobs.synced;
    await this.#loop.run(signal);
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const job = this.#jobs.lister.get(key);
    if (job === undefined || !this.#isExpired(key, job)) return;
    const { namespace, name = '' } = job.metadata;
    try {
      // The time to live may have been changed since: what is deleted does not come back.
      const fresh = await client.get(jobs, namespace, name);
      if (!this.#isExpired(key, fresh)) return;
      const { uid = '' } = fresh.metadata;
      await client.delete(jobs, namespace, name, { propagationPolicy: 'Foreground', preconditions: { uid } });
      this.#delays.observe((this.#context.clock.now() - (expiresAtMs(fresh) ?? 0)) / 1000);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }

  /** One that expires later is looked at then. */
  #isExpired(key: string, job: Job): boolean {
    const atMs = expiresAtMs(job);
    if (atMs === undefined) return false;
    const leftMs = atMs - this.#context.clock.now();
    if (leftMs > 0) this.#loop.enqueueAfter(key, leftMs);
    return leftMs <= 0;
  }
}

/** Ms since the epoch; undefined: it stays, or goes already. */
function expiresAtMs({ metadata, spec, status }: Job): number | undefined {
  const { ttlSecondsAfterFinished } = spec;
  const end = finishedCondition(status);
  if (ttlSecondsAfterFinished === undefined || end === undefined || metadata.deletionTimestamp !== undefined) {
    return undefined;
  }
  if (!end.lastTransitionTime) {
    throw new Error(`unable to find the time when the Job ${metadata.namespace ?? ''}/${metadata.name ?? ''} finished`);
  }
  return Date.parse(end.lastTransitionTime) + ttlSecondsAfterFinished * 1000;
}
