import type { CronJob, Job } from '../../api/types/batch.v1.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { Client } from '../../client/client.ts';
import { ownerIndex } from '../../client/indexer.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { cronJobs, jobs } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { exponentialBuckets, type HistogramSeries } from '../../machinery/metrics.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { controllerOf, isReferenceTo } from '../owner.ts';
import { CronJobSync } from './cron-job-sync.ts';
import { nextLookMs } from './due-time.ts';
import { parseSchedule, ScheduleError } from './schedule.ts';

/** Makes Jobs when they are due. */
export class CronJobController implements Controller {
  readonly #context: ControllerContext;
  readonly #cronJobs: Informer<CronJob>;
  readonly #jobs: Informer<Job>;
  readonly #loop: ReconcileLoop;
  readonly #skew: HistogramSeries;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#skew = context.metrics
      .histogram({
        name: 'cronjob_controller_job_creation_skew_duration_seconds',
        help: '[STABLE] Time between when a cronjob is scheduled to be run, and when the corresponding job is created',
        buckets: exponentialBuckets(1, 2, 10),
      })
      .labels();
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('cronjob'),
      workers: context.options.concurrentSyncs.cronJob,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#cronJobs = context.informers.of(cronJobs);
    this.#jobs = context.informers.of(jobs);
    this.#cronJobs.addHandlers({
      added: (cronJob) => this.#loop.enqueue(keyOf(cronJob), cronJob.metadata.resourceVersion),
      updated: (cronJob, old) => this.#cronJobUpdated(cronJob, old),
    });
    this.#jobs.addHandlers({
      added: (job) => this.#jobChanged(job, controllerOf(job)),
      updated: (job, old) => {
        const [reference, oldReference] = [controllerOf(job), controllerOf(old)];
        if (reference?.uid !== oldReference?.uid) this.#jobChanged(job, oldReference);
        this.#jobChanged(job, reference);
      },
      deleted: (job) => this.#jobChanged(job, controllerOf(job)),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#cronJobs.synced, this.#jobs.synced]);
    await this.#loop.run(signal);
  }

  #jobChanged({ metadata }: Job, reference: OwnerReference | undefined): void {
    if (reference === undefined || !isReferenceTo(cronJobs, reference)) return;
    const cronJob = this.#cronJobs.lister.get(`${metadata.namespace ?? ''}/${reference.name}`);
    if (cronJob?.metadata.uid !== reference.uid) return;
    this.#loop.enqueue(keyOf(cronJob), metadata.resourceVersion);
  }

  /** A new schedule begins with its next time: what it would have missed was never asked for. */
  #cronJobUpdated(cronJob: CronJob, old: CronJob): void {
    const { spec, metadata } = cronJob;
    if (spec.schedule === old.spec.schedule && spec.timeZone === old.spec.timeZone) {
      this.#loop.enqueue(keyOf(cronJob), metadata.resourceVersion);
      return;
    }
    try {
      const afterMs = nextLookMs(cronJob, parseSchedule(spec.schedule, spec.timeZone), this.#context.clock.now());
      this.#loop.enqueueAfter(keyOf(cronJob), afterMs ?? 0, metadata.resourceVersion);
    } catch (error) {
      if (!(error instanceof ScheduleError)) throw error;
      const message = `unparseable schedule for cronjob: ${spec.schedule}`;
      this.#context.recorder.event(cronJobs, cronJob, 'Warning', 'UnParseableCronJobSchedule', message);
    }
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const cronJob = this.#cronJobs.lister.get(key);
    if (cronJob === undefined) return;
    const { recorder, clock } = this.#context;
    const children = this.#jobs.lister.byIndex(ownerIndex, cronJob.metadata.uid ?? '');
    const context = { client, recorder, nowMs: clock.now(), skew: this.#skew };
    const againMs = await new CronJobSync(context, cronJob).run(children);
    if (againMs !== undefined) this.#loop.enqueueAfter(key, againMs);
  }
}
