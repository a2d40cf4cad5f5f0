import { isTimeZone } from '../../api/batch/validation/schedule.ts';
import type { CronJob, CronJobStatus, Job } from '../../api/types/batch.v1.ts';
import type { ObjectReference } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder, EventType } from '../../client/event-recorder.ts';
import { referenceTo } from '../../client/object-reference.ts';
import { cronJobs, jobs } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import type { HistogramSeries } from '../../machinery/metrics.ts';
import { quote } from '../../machinery/quote.ts';
import { formatTime } from '../../machinery/time.ts';
import { finishedCondition } from '../job/conditions.ts';
import { controllerOf } from '../owner.ts';
import { isNamespaceTerminating } from '../pods/pod-control.ts';
import { dueTime, EmptyScheduleError, nextLookMs } from './due-time.ts';
import { surplusJobs } from './history.ts';
import { jobName, jobOf } from './job-of.ts';
import { parseSchedule, ScheduleError, type Schedule } from './schedule.ts';

export interface CronJobSyncContext {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly nowMs: number;
  /** By how many seconds Jobs come late. */
  readonly skew: HistogramSeries;
}

/** One round of a CronJob: Jobs that have ended are noted, old ones removed, and the one that is due is made. */
export class CronJobSync {
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #nowMs: number;
  readonly #skew: HistogramSeries;
  #stored: CronJob;
  #cronJob: CronJob;

  constructor({ client, recorder, nowMs, skew }: CronJobSyncContext, cronJob: CronJob) {
    this.#client = client;
    this.#recorder = recorder;
    this.#nowMs = nowMs;
    this.#skew = skew;
    this.#stored = cronJob;
    this.#cronJob = cronJob;
  }

  /** Resolves to the ms after which to look again; undefined: when something changes. */
  async run(children: readonly Job[]): Promise<number | undefined> {
    let againMs: number | undefined;
    let problem: unknown;
    try {
      await this.#removeSurplus(children);
      await this.#noteChildren(children);
      await this.#noteMissing(children);
      if (this.#cronJob.metadata.deletionTimestamp === undefined) againMs = await this.#start();
    } catch (error) {
      problem = error;
    }
    if (!semanticDeepEqual(this.#cronJob.status, this.#stored.status)) {
      await this.#client.updateStatus(cronJobs, this.#cronJob);
    }
    if (problem !== undefined) throw problem;
    return againMs;
  }

  get #active(): readonly ObjectReference[] {
    return this.#cronJob.status?.active ?? [];
  }

  #note(status: CronJobStatus): void {
    this.#cronJob = { ...this.#cronJob, status: { ...this.#cronJob.status, ...status } };
  }

  #noteEnded(uid: string | undefined): void {
    const { active: _, ...rest } = this.#cronJob.status ?? {};
    const left = this.#active.filter((reference) => reference.uid !== uid);
    this.#cronJob = { ...this.#cronJob, status: { ...rest, ...(left.length === 0 ? {} : { active: left }) } };
  }

  #isActive(uid: string | undefined): boolean {
    return this.#active.some((reference) => reference.uid === uid);
  }

  async #noteChildren(children: readonly Job[]): Promise<void> {
    for (const job of children) {
      const { name = '', uid } = job.metadata;
      const end = finishedCondition(job.status);
      if (end === undefined) {
        if (!this.#isActive(uid)) await this.#noteUnexpected(name, uid);
        continue;
      }
      if (this.#isActive(uid)) {
        this.#noteEnded(uid);
        this.#tell('Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end.type}`);
      }
      const { completionTime } = job.status ?? {};
      const { lastSuccessfulTime } = this.#cronJob.status ?? {};
      if (end.type !== 'Complete' || completionTime === undefined) continue;
      if (lastSuccessfulTime !== undefined && Date.parse(completionTime) <= Date.parse(lastSuccessfulTime)) continue;
      this.#note({ lastSuccessfulTime: completionTime });
    }
  }

  /** A Job of ours that is not in the list: made just before we ended, or by a user; or our copy of the list is old. */
  async #noteUnexpected(name: string, uid: string | undefined): Promise<void> {
    const { metadata } = this.#cronJob;
    const fresh = await this.#client.get(cronJobs, metadata.namespace, metadata.name ?? '');
    if (fresh.status?.active?.some((reference) => reference.uid === uid) === true) {
      this.#stored = this.#cronJob = fresh;
      return;
    }
    this.#tell('Warning', 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${name}`);
  }

  async #noteMissing(children: readonly Job[]): Promise<void> {
    const known = new Set(children.map(({ metadata }) => metadata.uid));
    for (const { uid, namespace, name = '' } of this.#active) {
      if (known.has(uid)) continue;
      // It may be that it is only not seen yet.
      const found = await this.#client.get(jobs, namespace, name).catch((error: unknown) => {
        if (hasReason(error, 'NotFound')) return undefined;
        throw error;
      });
      if (found !== undefined) continue;
      this.#tell('Normal', 'MissingJob', `Active job went missing: ${name}`);
      this.#noteEnded(uid);
    }
  }

  async #removeSurplus(children: readonly Job[]): Promise<void> {
    for (const job of surplusJobs(this.#cronJob, children)) await this.#delete(job);
  }

  /** Resolves to whether it is gone. */
  async #delete({ metadata }: Job): Promise<boolean> {
    const { namespace, name = '', uid } = metadata;
    try {
      await this.#client.delete(jobs, namespace, name, { propagationPolicy: 'Background' });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) {
        this.#tell('Warning', 'FailedDelete', `Deleted job: ${messageOf(error)}`);
        return false;
      }
    }
    this.#noteEnded(uid);
    this.#tell('Normal', 'SuccessfulDelete', `Deleted job ${name}`);
    return true;
  }

  /** What cannot be read is reported, and looked at again when it changes. */
  #schedule(): Schedule | undefined {
    const { schedule, timeZone } = this.#cronJob.spec;
    if (timeZone !== undefined && !isTimeZone(timeZone)) {
      const why = `invalid timeZone: ${quote(timeZone)}: unknown time zone ${timeZone}`;
      this.#tell('Warning', 'UnknownTimeZone', why);
      return undefined;
    }
    if (this.#cronJob.spec.suspend === true) return undefined;
    if (schedule.includes('TZ')) {
      const where = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';
      const what = `CRON_TZ or TZ used in schedule ${quote(schedule)} is not officially supported, see ${where} for more details`;
      this.#tell('Warning', 'UnsupportedSchedule', what);
    }
    try {
      return parseSchedule(schedule, timeZone);
    } catch (error) {
      if (!(error instanceof ScheduleError)) throw error;
      this.#tell('Warning', 'UnparseableSchedule', `unparseable schedule: ${quote(schedule)} : ${error.message}`);
      return undefined;
    }
  }

  async #start(): Promise<number | undefined> {
    const schedule = this.#schedule();
    if (schedule === undefined) return undefined;
    let dueMs: number | undefined;
    try {
      const due = dueTime(this.#cronJob, schedule, this.#nowMs, true);
      dueMs = due.dueMs;
      if (due.hasMissedTooMany) {
        const advice = 'Set or decrease .spec.startingDeadlineSeconds or check clock skew';
        this.#tell('Warning', 'TooManyMissedTimes', `too many missed start times. ${advice}`);
      }
    } catch (error) {
      if (!(error instanceof EmptyScheduleError)) throw error;
      const what = `invalid schedule: ${this.#cronJob.spec.schedule} : ${error.message}`;
      this.#tell('Warning', 'InvalidSchedule', what);
      return undefined;
    }
    if (dueMs !== undefined && this.#mayStart(dueMs)) await this.#startAt(dueMs);
    return nextLookMs(this.#cronJob, schedule, this.#nowMs);
  }

  #mayStart(dueMs: number): boolean {
    const { spec, status } = this.#cronJob;
    const { startingDeadlineSeconds: deadlineSeconds = Infinity, concurrencyPolicy } = spec;
    if (dueMs + deadlineSeconds * 1000 < this.#nowMs) {
      const when = new Date(dueMs).toUTCString().replace('GMT', '+0000');
      this.#tell('Warning', 'MissSchedule', `Missed scheduled time to start a job: ${when}`);
      return false;
    }
    const name = jobName(this.#cronJob, dueMs);
    const isDone = this.#active.some((reference) => reference.name === name);
    if (isDone || Date.parse(status?.lastScheduleTime ?? '') === dueMs) return false;
    if (concurrencyPolicy === 'Forbid' && this.#active.length > 0) {
      const why = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.#tell('Normal', 'JobAlreadyActive', why);
      return false;
    }
    return true;
  }

  async #startAt(dueMs: number): Promise<void> {
    if (this.#cronJob.spec.concurrencyPolicy === 'Replace') await this.#deleteActive();
    const job = await this.#create(dueMs);
    if (job === undefined) return;
    const { uid: _, ...reference } = referenceTo(jobs, job);
    const active = [...this.#active, { ...reference, uid: job.metadata.uid ?? '' }];
    this.#note({ active, lastScheduleTime: formatTime(dueMs) });
  }

  async #deleteActive(): Promise<void> {
    for (const { namespace, name = '' } of this.#active) {
      const job = await this.#client.get(jobs, namespace, name).catch((error: unknown) => {
        this.#tell('Warning', 'FailedGet', `Get job: ${messageOf(error)}`);
        throw error;
      });
      if (!(await this.#delete(job))) throw new Error(`could not replace job ${namespace ?? ''}/${name}`);
    }
  }

  /** Resolves to undefined when there is nothing to note. */
  async #create(dueMs: number): Promise<Job | undefined> {
    const job = jobOf(this.#cronJob, dueMs);
    const { namespace, name = '' } = job.metadata;
    try {
      const created = await this.#client.create(jobs, job);
      this.#skew.observe((Date.parse(created.metadata.creationTimestamp ?? '') - dueMs) / 1000);
      this.#tell('Normal', 'SuccessfulCreate', `Created job ${name}`);
      return created;
    } catch (error) {
      if (hasReason(error, 'AlreadyExists')) {
        const existing = await this.#client.get(jobs, namespace, name);
        // Ours, when it was made and could not be noted; otherwise somebody else's affair.
        const isOurs = controllerOf(existing)?.uid === this.#cronJob.metadata.uid;
        return isOurs && !this.#isActive(existing.metadata.uid) ? existing : undefined;
      }
      if (!isNamespaceTerminating(error)) {
        this.#tell('Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`);
      }
      throw error;
    }
  }

  #tell(type: EventType, reason: string, message: string): void {
    this.#recorder.event(cronJobs, this.#cronJob, type, reason, message);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
