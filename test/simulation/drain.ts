import type { Pod } from '../../src/api/types/core.v1.ts';
import type { PodDisruptionBudget } from '../../src/api/types/policy.v1.ts';
import { nodes, podDisruptionBudgets, pods } from '../../src/client/resources.ts';
import { StatusError } from '../../src/machinery/status.ts';
import { chosen } from './workloads.ts';
import { Violation, type World } from './world.ts';

/** As `kubectl drain` does: no Pod is placed there any more, and those that are there are asked to go, once. */
export async function drain(world: World): Promise<string> {
  const { client, random, nodeNames } = world;
  const node = chosen(random, nodeNames);
  await client.patch(nodes, undefined, node, 'merge', { spec: { unschedulable: true } });
  const { items } = await client.list(pods, undefined, { fieldSelector: `spec.nodeName=${node}` });
  let evicted = 0;
  for (const pod of items) {
    if (pod.metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') === true) continue;
    if (await evict(world, pod)) evicted++;
  }
  return `drain ${node}: ${evicted} of ${items.length}`;
}

async function evict({ client }: World, pod: Pod): Promise<boolean> {
  const { namespace = '', name = '' } = pod.metadata;
  const before = await budgetsOf({ client }, pod);
  try {
    await client.createSubresource(pods, namespace, name, 'eviction', {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { namespace, name },
    });
  } catch (error) {
    if (error instanceof StatusError && error.code < 500) return false;
    throw error;
  }
  if (!isReady(pod) || pod.metadata.deletionTimestamp !== undefined) return true;
  for (const { metadata, status } of before) {
    if ((status?.disruptionsAllowed ?? 0) > 0) continue;
    throw new Violation(`${namespace}/${name} was evicted although the budget ${metadata.name} allows none`);
  }
  return true;
}

async function budgetsOf({ client }: Pick<World, 'client'>, { metadata }: Pod): Promise<PodDisruptionBudget[]> {
  const { items } = await client.list(podDisruptionBudgets, metadata.namespace);
  return items.filter(({ spec }) =>
    Object.entries(spec?.selector?.matchLabels ?? {}).every(([key, value]) => metadata.labels?.[key] === value),
  );
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
}
