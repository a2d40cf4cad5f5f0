/** What holds at every moment, whatever fails. */
import type { Pod, Service } from '../../src/api/types/core.v1.ts';
import { jobs, pods, resourceQuotas, services } from '../../src/client/resources.ts';
import { podNameLabel, podNamespaceLabel } from '../../src/kubelet/contract.ts';
import { Violation, type World } from './world.ts';

export async function checkAlways(world: World): Promise<void> {
  const { client } = world;
  const [allPods, allServices, allQuotas, allJobs] = await Promise.all([
    client.list(pods),
    client.list(services),
    client.list(resourceQuotas),
    client.list(jobs),
  ]);
  await checkOrdinals(world, allPods.items);
  checkAddresses(allServices.items);
  for (const { metadata, spec } of allQuotas.items) {
    const hard = Number(spec?.hard?.['pods'] ?? Infinity);
    const used = allPods.items.filter((pod) => pod.metadata.namespace === metadata.namespace && !isOver(pod)).length;
    if (used > hard) throw new Violation(`${metadata.namespace} has ${used} Pods, its quota allows ${hard}`);
  }
  for (const { metadata, spec, status } of allJobs.items) {
    const { succeeded = 0 } = status ?? {};
    if (succeeded <= (spec?.completions ?? Infinity)) continue;
    throw new Violation(`Job ${metadata.namespace}/${metadata.name} succeeded ${succeeded} times`);
  }
}

/** Of a StatefulSet's Pod there is never more than one that runs, not even while nodes cannot be reached. */
async function checkOrdinals({ cluster, nodeNames }: World, all: readonly Pod[]): Promise<void> {
  const stateful = new Set<string>();
  for (const { metadata } of all) {
    if (metadata.labels?.['kind'] === 'statefulset') stateful.add(`${metadata.namespace}/${metadata.name}`);
  }
  const runsOn = new Map<string, string>();
  for (const node of nodeNames) {
    for (const { labels } of await cluster.node(node).runtime.listContainers({ state: 'CONTAINER_RUNNING' })) {
      const pod = `${labels[podNamespaceLabel]}/${labels[podNameLabel]}`;
      if (!stateful.has(pod)) continue;
      const other = runsOn.get(pod);
      if (other !== undefined) throw new Violation(`${pod} of a StatefulSet runs on ${other} and on ${node}`);
      runsOn.set(pod, node);
    }
  }
}

/** No two Services have the same address or node port. */
function checkAddresses(all: readonly Service[]): void {
  const holders = new Map<string, string>();
  for (const { metadata, spec } of all) {
    const addresses = (spec?.clusterIPs ?? []).filter((address) => address !== 'None');
    const nodePorts = (spec?.ports ?? []).flatMap(({ nodePort }) =>
      nodePort === undefined ? [] : [`port ${nodePort}`],
    );
    for (const held of [...addresses, ...nodePorts]) {
      const other = holders.get(held);
      if (other !== undefined) throw new Violation(`${other} and ${metadata.namespace}/${metadata.name} have ${held}`);
      holders.set(held, `${metadata.namespace}/${metadata.name}`);
    }
  }
}

export function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
