import type { Pod, PodCondition } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { pods } from '../../client/resources.ts';
import { formatTime } from '../../machinery/time.ts';
import { podCondition } from './pod-state.ts';

export interface PodDisruption {
  /** `DeletionByPodGC`, `DeletionByTaintManager`. */
  readonly reason: string;
  readonly message: string;
}

/**
 * Says in the status of a Pod, before it is deleted, by whom and why (KEP-3329), and that it has failed where no kubelet
 * is left to say so. Throws NotFound when it is gone.
 */
export async function markDisrupted(
  client: Client,
  pod: Pod,
  { disruption, isFailed = false }: { readonly disruption?: PodDisruption | undefined; readonly isFailed?: boolean },
  nowMs: number,
): Promise<void> {
  const { namespace, name = '', uid, generation } = pod.metadata;
  const observedGeneration = generation === undefined ? {} : { observedGeneration: generation };
  const status = {
    ...(isFailed ? { phase: 'Failed', ...observedGeneration } : {}),
    ...(disruption === undefined
      ? {}
      : { conditions: [{ ...disruptionTarget(pod, disruption, nowMs), ...observedGeneration }] }),
  };
  await client.patch(pods, namespace, name, 'strategic', { metadata: { uid }, status }, { subresource: 'status' });
}

function disruptionTarget(pod: Pod, { reason, message }: PodDisruption, nowMs: number): PodCondition {
  const known = podCondition(pod, 'DisruptionTarget');
  const since = known?.status === 'True' ? known.lastTransitionTime : undefined;
  return { type: 'DisruptionTarget', status: 'True', reason, message, lastTransitionTime: since ?? formatTime(nowMs) };
}
