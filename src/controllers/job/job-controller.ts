import type { Job } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { Client } from '../../client/client.ts';
import { Expectations } from '../../client/expectations.ts';
import { namespaceIndex, ownerIndex } from '../../client/indexer.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { jobs, pods } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';
import { ExponentialRateLimiter } from '../../machinery/rate-limiter.ts';
import { candidatesFor, claim } from '../claims.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { controllerOf, isReferenceTo } from '../owner.ts';
import { PodControl } from '../pods/pod-control.ts';
import { isJobFinished } from './conditions.ts';
import { FinalizerReleases } from './finalizer-releases.ts';
import { JobMetrics } from './job-metrics.ts';
import { releasePod } from './job-pods.ts';
import { hasTrackingFinalizer, isManagedElsewhere, trackingFinalizer } from './job-spec.ts';
import { JobSync } from './job-sync.ts';
import type { FailureRecord } from './pod-back-off.ts';

/** Changes of Pods are gathered so long, because they come in crowds: upstream's `syncJobBatchPeriod`. */
const batchMs = 1000;
/** Between tries of a round that failed: upstream's `DefaultJobApiBackOff` and `MaxJobApiBackOff`. */
const firstRetryMs = 1000;
const longestRetryMs = 60_000;

/** Runs the Pods of Jobs until enough have succeeded, or too many failed. */
export class JobController implements Controller {
  readonly #context: ControllerContext;
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  readonly #expectations: Expectations;
  readonly #releases = new FinalizerReleases();
  readonly #failures = new Map<string, FailureRecord>();
  readonly #podControl: PodControl<Job>;
  readonly #metrics: JobMetrics;
  readonly #loop: ReconcileLoop;
  /** Pods that keep the finalizer though no Job will count them. */
  readonly #orphanLoop: ReconcileLoop;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#expectations = new Expectations(context.clock);
    this.#podControl = new PodControl(context.recorder, jobs);
    this.#metrics = new JobMetrics(context.metrics);
    const isNoteworthy = (error: unknown): boolean => !hasReason(error, 'Conflict');
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('job'),
      workers: context.options.concurrentSyncs.job,
      rateLimiter: new ExponentialRateLimiter(firstRetryMs, longestRetryMs),
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
      isNoteworthy,
    });
    this.#orphanLoop = new ReconcileLoop({
      ...context.queueOptions('job_orphan_pod'),
      workers: 1,
      rateLimiter: new ExponentialRateLimiter(firstRetryMs, longestRetryMs),
      reconcile: (key, cause) => this.#releaseOrphan(key, context.client.causedBy(cause)),
      isNoteworthy,
    });
    this.#jobs = context.informers.of(jobs);
    this.#pods = context.informers.of(pods);
    this.#jobs.addHandlers({
      added: (job) => {
        this.#enqueue(job, job);
        if (isManagedElsewhere(job)) this.#metrics.managedElsewhere(job);
      },
      updated: (job, old) => this.#jobUpdated(job, old),
      deleted: (job) => {
        this.#enqueue(job, job);
        this.#releasePodsOf(job);
      },
    });
    this.#pods.addHandlers({
      added: (pod) => {
        this.#metrics.podChanged(undefined, pod);
        this.#podAdded(pod);
      },
      updated: (pod, old) => {
        this.#metrics.podChanged(old, pod);
        this.#podUpdated(pod, old);
      },
      deleted: (pod) => {
        this.#metrics.podChanged(pod, undefined);
        this.#podDeleted(pod, true);
      },
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#jobs.synced, this.#pods.synced]);
    await Promise.all([this.#loop.run(signal), this.#orphanLoop.run(signal)]);
  }

  #enqueue(job: Job, cause: Job | Pod, delayMs = 0): void {
    this.#loop.enqueueAfter(keyOf(job), delayMs, cause.metadata.resourceVersion);
  }

  #enqueueOrphan(pod: Pod): void {
    if (hasTrackingFinalizer(pod)) this.#orphanLoop.enqueue(keyOf(pod), pod.metadata.resourceVersion);
  }

  #resolve(namespace: string | undefined, reference: OwnerReference | undefined): Job | undefined {
    if (reference === undefined || !isReferenceTo(jobs, reference)) return undefined;
    const job = this.#jobs.lister.get(`${namespace ?? ''}/${reference.name}`);
    return job?.metadata.uid === reference.uid ? job : undefined;
  }

  #jobUpdated(job: Job, old: Job): void {
    if (job.metadata.uid !== old.metadata.uid) this.#forget(keyOf(old));
    const hasNewSpec = job.metadata.generation !== old.metadata.generation;
    this.#enqueue(job, job, hasNewSpec ? 0 : batchMs);
    // All were released before it ended, unless somebody else ended it.
    if (isJobFinished(job)) this.#releasePodsOf(job);
  }

  #releasePodsOf({ metadata }: Job): void {
    for (const pod of this.#pods.lister.byIndex(ownerIndex, metadata.uid ?? '')) this.#enqueueOrphan(pod);
  }

  #enqueueMatching(pod: Pod): void {
    for (const job of this.#jobs.lister.byIndex(namespaceIndex, pod.metadata.namespace ?? '')) {
      const selector = LabelSelector.fromObject(job.spec.selector);
      if (!selector.isEmpty && selector.matches(pod.metadata.labels)) this.#enqueue(job, pod, batchMs);
    }
  }

  #podAdded(pod: Pod): void {
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#podDeleted(pod, false);
      return;
    }
    const reference = controllerOf(pod);
    if (reference === undefined) {
      this.#enqueueOrphan(pod);
      this.#enqueueMatching(pod);
      return;
    }
    const job = this.#resolve(pod.metadata.namespace, reference);
    if (job === undefined) return;
    this.#expectations.creationObserved(keyOf(job));
    this.#enqueue(job, pod, batchMs);
  }

  #podUpdated(pod: Pod, old: Pod): void {
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#podDeleted(pod, false);
      return;
    }
    const [reference, oldReference] = [controllerOf(pod), controllerOf(old)];
    const ownerChanged = reference?.uid !== oldReference?.uid;
    if (ownerChanged) this.#podOfJobChanged(this.#resolve(old.metadata.namespace, oldReference), pod);
    if (reference !== undefined) {
      this.#podOfJobChanged(this.#resolve(pod.metadata.namespace, reference), pod);
      return;
    }
    this.#enqueueOrphan(pod);
    if (ownerChanged || !semanticDeepEqual(pod.metadata.labels, old.metadata.labels)) this.#enqueueMatching(pod);
  }

  #podOfJobChanged(job: Job | undefined, pod: Pod): void {
    if (job === undefined) return;
    if (!hasTrackingFinalizer(pod)) this.#releases.observed(keyOf(job), pod.metadata.uid ?? '');
    this.#enqueue(job, pod, batchMs);
  }

  /** @param isGone Not only about to go. */
  #podDeleted(pod: Pod, isGone: boolean): void {
    const job = this.#resolve(pod.metadata.namespace, controllerOf(pod));
    if (job === undefined || isJobFinished(job)) {
      const reference = controllerOf(pod);
      if (!isGone && (reference === undefined || isReferenceTo(jobs, reference))) this.#enqueueOrphan(pod);
      return;
    }
    this.#expectations.deletionObserved(keyOf(job), keyOf(pod));
    if (isGone || !hasTrackingFinalizer(pod)) this.#releases.observed(keyOf(job), pod.metadata.uid ?? '');
    this.#enqueue(job, pod, batchMs);
  }

  #forget(key: string): void {
    this.#expectations.forget(key);
    this.#releases.forget(key);
    this.#failures.delete(key);
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const job = this.#jobs.lister.get(key);
    if (job === undefined) {
      this.#forget(key);
      return;
    }
    if (isManagedElsewhere(job)) return;
    if (isJobFinished(job)) {
      this.#failures.delete(key);
      return;
    }
    const { recorder, clock } = this.#context;
    const startedMs = clock.monotonicMs();
    const mayManage = this.#expectations.areSatisfied(key);
    const sync = new JobSync(
      {
        client,
        recorder,
        podControl: this.#podControl,
        expectations: this.#expectations,
        releases: this.#releases,
        failures: this.#failures,
        metrics: this.#metrics,
        nowMs: clock.now(),
        again: (afterMs) => this.#loop.enqueueAfter(key, afterMs),
      },
      job,
      await this.#claimPods(job, client),
    );
    let isSuccess = false;
    try {
      await sync.run(mayManage);
      isSuccess = true;
    } finally {
      this.#metrics.synced(job, sync.action, isSuccess, clock.monotonicMs() - startedMs);
    }
  }

  async #claimPods(job: Job, client: Client): Promise<Pod[]> {
    const selector = LabelSelector.fromObject(job.spec.selector);
    const claimed = await claim(candidatesFor(this.#pods.lister, job), {
      client,
      owners: jobs,
      owner: job,
      owned: pods,
      matches: ({ metadata }) => selector.matches(metadata.labels),
      finalizers: [trackingFinalizer],
    });
    // What was adopted has the finalizer now, though our copy does not show it yet.
    return claimed.map((pod) => {
      if (controllerOf(pod) !== undefined || hasTrackingFinalizer(pod)) return pod;
      const finalizers = [...(pod.metadata.finalizers ?? []), trackingFinalizer];
      return { ...pod, metadata: { ...pod.metadata, finalizers } };
    });
  }

  async #releaseOrphan(key: string, client: Client): Promise<void> {
    const pod = this.#pods.lister.get(key);
    if (pod === undefined || !hasTrackingFinalizer(pod)) return;
    const reference = controllerOf(pod);
    if (reference !== undefined) {
      if (!isReferenceTo(jobs, reference)) return;
      const job = this.#resolve(pod.metadata.namespace, reference);
      // One that was adopted meanwhile, or whose Job is not ours, keeps it.
      if (job !== undefined && (isManagedElsewhere(job) || !isJobFinished(job))) return;
    }
    await releasePod(client, pod).catch((error: unknown) => {
      if (!hasReason(error, 'NotFound')) throw error;
    });
  }
}
