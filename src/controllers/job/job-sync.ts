import type { Job, JobCondition, JobStatus } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { Expectations } from '../../client/expectations.ts';
import { keyOf } from '../../client/resource.ts';
import { jobs } from '../../client/resources.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { formatTime } from '../../machinery/time.ts';
import type { PodControl } from '../pods/pod-control.ts';
import { newCondition, withCondition } from './conditions.ts';
import type { FinalizerReleases } from './finalizer-releases.ts';
import type { JobMetrics, SyncAction } from './job-metrics.ts';
import { JobPods } from './job-pods.ts';
import { hasTrackingFinalizer, isSuspended } from './job-spec.ts';
import { nextStep } from './next-step.ts';
import { countReady, countTerminating, observe, type Observation } from './observation.ts';
import { noFailures, recordEnds, type FailureRecord } from './pod-back-off.ts';
import { hasUncounted, movedToCounts, setCount, track } from './tracking.ts';
import { deadlineInMs, verdictOn } from './verdict.ts';

/** However short the back-off of a Pod still is: changes of Pods are gathered so long, too. */
const shortestWaitMs = 1000;

/** What rounds of the same Job share. */
export interface JobSyncContext {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly podControl: PodControl<Job>;
  readonly expectations: Expectations;
  readonly releases: FinalizerReleases;
  /** By key. */
  readonly failures: Map<string, FailureRecord>;
  readonly metrics: JobMetrics;
  readonly nowMs: number;
  /** Asks for another round. */
  again(afterMs: number): void;
}

interface Counts {
  active: number;
  ready: number;
  terminating: number;
}

/** One round of a Job that has not ended: its Pods are counted, made and deleted, and its status says how it stands. */
export class JobSync {
  readonly #context: JobSyncContext;
  readonly #key: string;
  /** As it was last read or written. */
  #stored: Job;
  /** With what this round found out. */
  #job: Job;
  readonly #observation: Observation;
  readonly #counts: Counts;
  readonly #pods: JobPods;
  #action: SyncAction = 'reconciling';
  readonly #news: { readonly reason: string; readonly message: string }[] = [];

  constructor(context: JobSyncContext, job: Job, pods: readonly Pod[]) {
    const { releases, nowMs } = context;
    this.#context = context;
    this.#key = keyOf(job);
    this.#stored = job;
    const status: JobStatus = { uncountedTerminatedPods: {}, ...job.status };
    if (!isSuspended(job)) status.startTime ??= formatTime(nowMs);
    this.#job = { ...job, status };
    this.#observation = observe(this.#job, pods, (uid) => releases.isExpected(this.#key, uid));
    const { active } = this.#observation;
    this.#counts = { active: active.length, ready: countReady(active), terminating: countTerminating(pods) };
    this.#pods = new JobPods(context, this.#job);
  }

  /** @param mayManage Whether all Pods that were made and deleted before have been seen. */
  async run(mayManage: boolean): Promise<void> {
    const { nowMs, failures } = this.#context;
    const { newSucceeded, newFailed } = this.#observation;
    const record = recordEnds(failures.get(this.#key) ?? noFailures, newSucceeded, newFailed);
    let verdict = verdictOn(this.#job, this.#observation, nowMs);
    let problem: unknown;
    if (verdict !== undefined) {
      problem = await this.#deletePods(this.#observation.active, false);
      // It cannot end while there may be Pods that nobody knows of.
      if (problem !== undefined || !mayManage) verdict = undefined;
    } else {
      const deadlineMs = deadlineInMs(this.#job, nowMs);
      if (deadlineMs !== undefined) this.#context.again(deadlineMs);
      const mayWrite = mayManage && this.#job.metadata.deletionTimestamp === undefined;
      if (mayWrite) problem = await this.#manage(record);
      if (this.#isComplete) verdict = completionsReached(nowMs);
      else if (mayWrite) this.#tellSuspension();
    }
    await this.#count(verdict, record);
    if (problem !== undefined) throw problem;
  }

  /** What it did about Pods. */
  get action(): SyncAction {
    return this.#action;
  }

  get #isComplete(): boolean {
    const { succeeded } = this.#observation;
    const { completions } = this.#job.spec;
    return this.#counts.active === 0 && (completions === undefined ? succeeded > 0 : succeeded >= completions);
  }

  /** Resolves to what went wrong. */
  async #manage(record: FailureRecord): Promise<unknown> {
    const step = nextStep(this.#job, this.#observation, record, this.#context.nowMs);
    switch (step.kind) {
      case 'none':
        this.#action = 'tracking';
        return undefined;
      case 'wait':
        this.#action = 'pods_created';
        this.#context.again(Math.max(step.afterMs, shortestWaitMs));
        return undefined;
      case 'delete':
        this.#action = 'pods_deleted';
        return this.#deletePods(step.pods, true);
      case 'create': {
        const { created, refused, problem } = await this.#pods.create(
          step.indexes,
          this.#observation.awaitingSuccessor,
        );
        this.#action = 'pods_created';
        this.#counts.active += created;
        const { failed } = this.#observation;
        const counts = { failed, terminating: this.#counts.terminating };
        this.#context.metrics.created(this.#job, counts, created, refused);
        return problem;
      }
    }
  }

  /** Resolves to what went wrong. */
  async #deletePods(pods: readonly Pod[], isSurplus: boolean): Promise<unknown> {
    const { done: deleted, problem } = isSurplus ? await this.#pods.deleteSurplus(pods) : await this.#pods.delete(pods);
    this.#counts.active -= deleted.length;
    this.#counts.terminating += deleted.length;
    this.#counts.ready -= countReady(deleted);
    return problem;
  }

  #tellSuspension(): void {
    const { nowMs } = this.#context;
    const isNow = isSuspended(this.#job);
    const [word, reason, message] = isNow
      ? (['Suspended', 'JobSuspended', 'Job suspended'] as const)
      : (['Resumed', 'JobResumed', 'Job resumed'] as const);
    const condition = newCondition('Suspended', isNow ? 'True' : 'False', reason, message, nowMs);
    const conditions = withCondition(this.#job.status?.conditions ?? [], condition, nowMs);
    if (conditions === undefined) return;
    this.#news.push({ reason: word, message });
    // The deadline counts from when it last began to run (KEP-2232, KEP-5440).
    const { startTime: _, ...status } = this.#job.status ?? {};
    this.#job = { ...this.#job, status: { ...status, conditions, ...(isNow ? {} : { startTime: formatTime(nowMs) }) } };
  }

  /** Counts the Pods that have ended, and ends the Job when all are counted. */
  async #count(verdict: JobCondition | undefined, record: FailureRecord): Promise<void> {
    const { nowMs, failures, metrics } = this.#context;
    const { active, ready, terminating } = this.#counts;
    const tracking = track(this.#job, this.#observation, verdict, nowMs);
    const { status, released, policyActions, isPartial, conclusion } = tracking;
    setCount(status, 'active', active);
    await this.#store({ ...status, ready, terminating });
    failures.set(this.#key, record);
    for (const action of policyActions) metrics.policyMatched(action);
    const tracked = new Set(this.#observation.tracked.map(({ metadata }) => metadata.uid ?? ''));
    const { uids, problem } = await this.#pods.release(released.filter(hasTrackingFinalizer));
    for (const uid of uids) tracked.delete(uid);
    const counted = movedToCounts(this.#stored.status ?? {}, tracked);
    const mayEnd = problem === undefined && !isPartial && !hasUncounted(counted) && terminating === 0;
    if (conclusion === undefined || !mayEnd) {
      await this.#store(counted);
      if (problem !== undefined) throw problem;
      return;
    }
    const conditions = withCondition(counted.conditions ?? [], conclusion, nowMs);
    const completionTime = formatTime(nowMs);
    await this.#store({
      ...counted,
      ...(conditions === undefined ? {} : { conditions }),
      ...(conclusion.type === 'Complete' ? { completionTime } : {}),
    });
    this.#tellEnd(conclusion);
  }

  async #store(status: JobStatus): Promise<void> {
    if (!semanticDeepEqual(status, this.#stored.status)) {
      const { status: before = {} } = this.#stored;
      this.#stored = await this.#context.client.updateStatus(jobs, { ...this.#stored, status });
      this.#context.metrics.counted(this.#stored, before, status);
    }
    for (const { reason, message } of this.#news.splice(0)) this.#tell('Normal', reason, message);
  }

  #tellEnd({ type, reason = '', message = '' }: JobCondition): void {
    this.#context.metrics.finished(
      this.#stored,
      type === 'Failed' ? 'failed' : 'succeeded',
      type === 'Failed' ? reason : '',
    );
    if (type === 'Failed') {
      this.#tell('Warning', reason, message);
      return;
    }
    const { spec, status } = this.#stored;
    if (spec.completions !== undefined && (status?.succeeded ?? 0) > spec.completions) {
      const tooMany = 'Too many succeeded pods running after completion count reached';
      this.#tell('Warning', 'TooManySucceededPods', tooMany);
    }
    this.#tell('Normal', 'Completed', 'Job completed');
  }

  #tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#context.recorder.event(jobs, this.#stored, type, reason, message);
  }
}

function completionsReached(nowMs: number): JobCondition {
  const message = 'Reached expected number of succeeded pods';
  return newCondition('SuccessCriteriaMet', 'True', 'CompletionsReached', message, nowMs);
}
