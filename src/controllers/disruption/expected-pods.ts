import type { KubernetesObject } from '../../api/contract.ts';
import type { Scale } from '../../api/types/autoscaling.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { PodDisruptionBudget } from '../../api/types/policy.v1.ts';
import { scaledValue } from '../../machinery/int-or-string.ts';
import { controllerOf } from '../owner.ts';

/** How many Pods a controller of Pods wants; undefined: there is no such controller, or it does not say. */
export type ScaleOf = (namespace: string, owner: OwnerReference) => Promise<ScaledOwner | undefined>;

export interface ScaledOwner {
  readonly uid: string;
  readonly replicas: number;
}

/** What a budget comes to for the Pods that it selects. */
export interface ExpectedPods {
  readonly expected: number;
  readonly desiredHealthy: number;
  /** Pods without a controller, of which nobody says how many there should be. */
  readonly unmanaged: readonly string[];
}

/**
 * How many Pods there should be and how many of them must stay healthy
 * (https://kubernetes.io/docs/tasks/run-application/configure-pdb/). Throws where a controller does not tell its size.
 */
export async function expectedPods(
  { spec }: PodDisruptionBudget,
  pods: readonly Pod[],
  scaleOf: ScaleOf,
): Promise<ExpectedPods> {
  const { minAvailable, maxUnavailable } = spec ?? {};
  if (maxUnavailable !== undefined) {
    const { expected, unmanaged } = await sumOfScales(pods, scaleOf);
    const desiredHealthy = Math.max(0, expected - scaledValue(maxUnavailable, expected, 'up'));
    return { expected, desiredHealthy, unmanaged };
  }
  if (minAvailable === undefined) return { expected: 0, desiredHealthy: 0, unmanaged: [] };
  if (typeof minAvailable === 'number') {
    return { expected: pods.length, desiredHealthy: minAvailable, unmanaged: [] };
  }
  const { expected, unmanaged } = await sumOfScales(pods, scaleOf);
  return { expected, desiredHealthy: scaledValue(minAvailable, expected, 'up'), unmanaged };
}

async function sumOfScales(
  pods: readonly Pod[],
  scaleOf: ScaleOf,
): Promise<{ readonly expected: number; readonly unmanaged: readonly string[] }> {
  const sizes = new Map<string, number>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined) {
      unmanaged.push(pod.metadata.name ?? '');
      continue;
    }
    if (sizes.has(owner.uid)) continue;
    const scaled = await scaleOf(pod.metadata.namespace ?? '', owner);
    if (scaled === undefined) {
      throw new Error(
        `found no controllers for pod "${pod.metadata.name ?? ''}": ${owner.kind} "${owner.name}" does not implement the scale subresource`,
      );
    }
    // Several ReplicaSets of one Deployment count once: as the Deployment.
    sizes.set(owner.uid, 0);
    sizes.set(scaled.uid, scaled.replicas);
  }
  return { expected: [...sizes.values()].reduce((sum, size) => sum + size, 0), unmanaged };
}

export function replicasOf(object: KubernetesObject & { readonly spec?: Scale['spec'] }): number {
  return object.spec?.replicas ?? 0;
}
