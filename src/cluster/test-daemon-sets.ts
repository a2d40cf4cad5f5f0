/** For tests of DaemonSets: nodes, and what the scheduler and kubelets do. */
import assert from 'node:assert/strict';
import type { DaemonSet } from '../api/types/apps.v1.ts';
import type { Pod, PodSpec, Taint } from '../api/types/core.v1.ts';
import { nodes, pods } from '../client/resources.ts';
import { targetNodeOf } from '../controllers/daemon-set/daemon-pod.ts';
import { setReady } from './test-pods.ts';
import { templateOf, type WorkloadScene } from './test-workloads.ts';

type Scene = WorkloadScene<DaemonSet>;

export function template(image = 'log:1', spec: Partial<PodSpec> = {}): DaemonSet['spec']['template'] {
  return templateOf('log', image, spec);
}

export function daemonSet(more: Partial<DaemonSet['spec']> = {}): DaemonSet {
  return {
    metadata: { name: 'log', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'log' } }, template: template(), ...more },
  };
}

export async function addNode(
  scene: Scene,
  name: string,
  labels: Record<string, string> = {},
  taints: Taint[] = [],
): Promise<void> {
  await scene.plane.client.create(nodes, { metadata: { name, labels }, spec: { taints } });
  await scene.rest();
}

/** `node image`, of Pods that are not on their way out. */
export async function placed(scene: Scene): Promise<string[]> {
  const living = (await scene.pods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return living.map((pod) => `${targetNodeOf(pod)} ${pod.spec.containers?.[0]?.image}`).sort();
}

export async function placedNodes(scene: Scene): Promise<string[]> {
  return (await placed(scene)).map((text) => text.split(' ')[0] ?? '');
}

/** What the scheduler and the kubelets do with Pods that are new; those that are deleted go. */
export async function runPods(scene: Scene, becomesReady: (pod: Pod) => boolean = () => true): Promise<void> {
  const { client } = scene.plane;
  for (let worked = true; worked;) {
    worked = false;
    for (const pod of await scene.pods()) {
      const { name = '', deletionTimestamp } = pod.metadata;
      if (deletionTimestamp !== undefined) {
        await client.delete(pods, 'default', name, { gracePeriodSeconds: 0 });
        worked = true;
      } else if (!pod.spec.nodeName) {
        const target = { kind: 'Node', name: targetNodeOf(pod) ?? '' };
        await client.createSubresource(pods, 'default', name, 'binding', { metadata: { name }, target } as object);
        if (becomesReady(pod)) await setReady(scene.plane, pod, true);
        worked = true;
      }
    }
  }
}

export async function statusOf(scene: Scene): Promise<NonNullable<DaemonSet['status']>> {
  const { status } = await scene.current();
  assert.ok(status);
  return status;
}
