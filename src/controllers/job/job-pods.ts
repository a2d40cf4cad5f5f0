import type { Job } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { keyOf } from '../../client/resource.ts';
import { pods as podResource } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { isNamespaceTerminating } from '../pods/pod-control.ts';
import { slowStartBatch } from '../slow-start.ts';
import { podOf } from './job-pod.ts';
import { hasTrackingFinalizer, trackingFinalizer } from './job-spec.ts';
import type { JobSyncContext } from './job-sync.ts';

/** Takes the finalizer from a Pod; one that is gone needs none. */
export async function releasePod(client: Client, { metadata }: Pod): Promise<void> {
  const patch = { metadata: { uid: metadata.uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } };
  await client.patch(podResource, metadata.namespace, metadata.name ?? '', 'strategic', patch);
}

/** Writes the Pods of a Job. */
export class JobPods {
  readonly #context: JobSyncContext;
  readonly #job: Job;
  readonly #key: string;

  constructor(context: JobSyncContext, job: Job) {
    this.#context = context;
    this.#job = job;
    this.#key = keyOf(job);
  }

  /** @param indexes Undefined: a Pod of no index. */
  async create(
    indexes: readonly (number | undefined)[],
    predecessors: ReadonlyMap<number, Pod>,
  ): Promise<{ readonly created: number; readonly refused: number; readonly problem: unknown }> {
    const { client, podControl, expectations } = this.#context;
    expectations.expectCreations(this.#key, indexes.length);
    let refused = 0;
    const { succeeded, error } = await slowStartBatch(indexes.length, 1, async (i) => {
      const index = indexes[i];
      const pod = podOf(this.#job, index, index === undefined ? undefined : predecessors.get(index));
      try {
        await podControl.create(client, pod, this.#job);
      } catch (reason) {
        if (isNamespaceTerminating(reason)) return;
        refused++;
        throw reason;
      }
    });
    for (let i = succeeded; i < indexes.length; i++) expectations.creationObserved(this.#key);
    return { created: succeeded, refused, problem: error };
  }

  /** Of a Job that ends: the Pods keep their finalizers until they are counted. */
  async delete(pods: readonly Pod[]): Promise<{ readonly done: readonly Pod[]; readonly problem: unknown }> {
    return this.#each(pods, (pod) => this.#context.podControl.delete(this.#context.client, pod, this.#job));
  }

  /** Pods that are too many, or of a Job that is suspended, do not count as failed. */
  async deleteSurplus(pods: readonly Pod[]): Promise<{ readonly done: readonly Pod[]; readonly problem: unknown }> {
    const { client, podControl, expectations } = this.#context;
    expectations.expectDeletions(this.#key, pods.map(keyOf));
    return this.#each(pods, async (pod) => {
      try {
        if (hasTrackingFinalizer(pod)) await releasePod(client, pod);
        await podControl.delete(client, pod, this.#job);
      } catch (error) {
        expectations.deletionObserved(this.#key, keyOf(pod));
        throw error;
      }
    });
  }

  /** Resolves to the uids of Pods that have no finalizer any more. */
  async release(pods: readonly Pod[]): Promise<{ readonly uids: readonly string[]; readonly problem: unknown }> {
    const { client, releases } = this.#context;
    const uidOf = ({ metadata }: Pod): string => metadata.uid ?? '';
    if (pods.length > 0) releases.expect(this.#key, pods.map(uidOf));
    const { done, problem } = await this.#each(pods, async (pod) => {
      try {
        await releasePod(client, pod);
      } catch (error) {
        releases.observed(this.#key, uidOf(pod));
        throw error;
      }
    });
    return { uids: done.map(uidOf), problem };
  }

  /** Those that are gone already are done. */
  async #each(
    pods: readonly Pod[],
    act: (pod: Pod) => Promise<unknown>,
  ): Promise<{ readonly done: readonly Pod[]; readonly problem: unknown }> {
    const results = await Promise.allSettled(pods.map(act));
    let problem: unknown;
    const done = pods.filter((_, i) => {
      const result = results[i];
      if (result?.status !== 'rejected' || hasReason(result.reason, 'NotFound')) return true;
      problem ??= result.reason;
      return false;
    });
    return { done, problem };
  }
}
