import type { DaemonSet, DaemonSetStatus } from '../../api/types/apps.v1.ts';
import type { Node } from '../../api/types/core.v1.ts';
import { isPodAvailable, isPodReady } from '../pods/pod-state.ts';
import { hashOfPod, type PodsByNode } from './daemon-pod.ts';
import type { Eligibility } from './eligibility.ts';

export interface DaemonSetObservation {
  readonly set: DaemonSet;
  readonly hash: string;
  readonly collisionCount: number | undefined;
  readonly nodes: readonly { readonly node: Node; readonly eligibility: Eligibility }[];
  readonly pods: PodsByNode;
  readonly nowMs: number;
}

/** The status of a set with these Pods. Of a node with several, the first counts. Conditions are left as they are. */
export function daemonSetStatus({
  set,
  hash,
  collisionCount,
  nodes,
  pods,
  nowMs,
}: DaemonSetObservation): DaemonSetStatus {
  let [desired, current, misscheduled, ready, updated, available] = [0, 0, 0, 0, 0, 0];
  for (const { node, eligibility } of nodes) {
    const [pod] = pods.get(node.metadata.name ?? '') ?? [];
    if (eligibility !== 'run') {
      if (pod !== undefined) misscheduled++;
      continue;
    }
    desired++;
    if (pod === undefined) continue;
    current++;
    if (isPodReady(pod)) {
      ready++;
      if (isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)) available++;
    }
    if (hashOfPod(pod) === hash) updated++;
  }
  const unavailable = desired - available;
  const { generation } = set.metadata;
  const { conditions } = set.status ?? {};
  return {
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(updated === 0 ? {} : { updatedNumberScheduled: updated }),
    ...(available === 0 ? {} : { numberAvailable: available }),
    ...(unavailable === 0 ? {} : { numberUnavailable: unavailable }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
