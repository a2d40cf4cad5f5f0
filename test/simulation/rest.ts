/** What holds when nothing has happened for a while and nothing fails. */
import type { KubernetesObject } from '../../src/api/contract.ts';
import type { Pod, Service } from '../../src/api/types/core.v1.ts';
import {
  controllerRevisions,
  cronJobs,
  daemonSets,
  deployments,
  endpoints,
  endpointSlices,
  ipAddresses,
  jobs,
  namespaces,
  nodes,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  replicaSets,
  replicationControllers,
  services,
  statefulSets,
} from '../../src/client/resources.ts';
import type { Resource } from '../../src/client/resource.ts';
import { isReady } from './drain.ts';
import { isOver } from './invariants.ts';
import type { World } from './world.ts';

const looked = {
  controllerRevisions,
  cronJobs,
  daemonSets,
  deployments,
  endpoints,
  endpointSlices,
  ipAddresses,
  jobs,
  namespaces,
  nodes,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  replicaSets,
  replicationControllers,
  services,
  statefulSets,
};

type Looked = { readonly [K in keyof typeof looked]: readonly ObjectOf<(typeof looked)[K]>[] };
type ObjectOf<R> = R extends Resource<infer T> ? T : never;

/** What does not hold yet; empty when the cluster is as it should be. */
export async function unrest(world: World): Promise<string[]> {
  const entries = Object.entries(looked) as [keyof typeof looked, Resource<KubernetesObject>][];
  const lists = await Promise.all(entries.map(async ([, resource]) => (await world.client.list(resource)).items));
  const all = Object.fromEntries(entries.map(([key], index) => [key, lists[index] ?? []])) as unknown as Looked;
  return [...leftovers(all), ...replicas(all), ...endpointsAndPods(all), ...addresses(all)];
}

function* leftovers(all: Looked): Generator<string> {
  const objects = Object.entries(all).flatMap(([kind, items]) => items.map((object) => ({ kind, ...object.metadata })));
  const living = new Set(objects.map(({ uid }) => uid));
  for (const { kind, namespace = '', name = '', deletionTimestamp, ownerReferences = [] } of objects) {
    if (deletionTimestamp !== undefined) yield `${kind} ${namespace}/${name} is still being deleted`;
    for (const owner of ownerReferences) {
      if (!living.has(owner.uid)) yield `${kind} ${namespace}/${name} outlived its owner ${owner.kind} ${owner.name}`;
    }
  }
}

function* replicas(all: Looked): Generator<string> {
  const podsOf = new Map<string, Pod[]>();
  for (const pod of all.pods) {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
    if (owner === undefined || isOver(pod)) continue;
    const known = podsOf.get(owner.uid);
    if (known === undefined) podsOf.set(owner.uid, [pod]);
    else known.push(pod);
  }
  for (const { metadata, spec, status } of [...all.replicaSets, ...all.statefulSets]) {
    const wanted = spec?.replicas ?? 1;
    const owned = podsOf.get(metadata.uid ?? '') ?? [];
    const ready = owned.filter(isReady).length;
    const says = `${status?.replicas ?? 0} and ${status?.readyReplicas ?? 0} ready`;
    if (owned.length === wanted && ready === wanted && says === `${wanted} and ${wanted} ready`) continue;
    yield `${metadata.namespace}/${metadata.name} wants ${wanted}, has ${owned.length}, ${ready} ready, says ${says}`;
  }
  for (const { metadata, spec, status } of all.deployments) {
    const wanted = spec?.replicas ?? 1;
    const { replicas: has = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration } = status ?? {};
    const isCurrent = observedGeneration === metadata.generation;
    if (isCurrent && has === wanted && updatedReplicas === wanted && availableReplicas === wanted) continue;
    yield `Deployment ${metadata.namespace}/${metadata.name} wants ${wanted}: ${JSON.stringify(status)}`;
  }
  for (const { metadata, spec, status } of all.statefulSets) {
    if (status?.updatedReplicas === spec?.replicas || status?.currentRevision === status?.updateRevision) continue;
    yield `StatefulSet ${metadata.namespace}/${metadata.name} is not updated: ${JSON.stringify(status)}`;
  }
  for (const { metadata, status } of all.daemonSets) {
    const wanted = all.nodes.length;
    const owned = podsOf.get(metadata.uid ?? '') ?? [];
    const on = new Set(owned.map((pod) => pod.spec.nodeName));
    if (owned.length === wanted && on.size === wanted && status?.numberReady === wanted) continue;
    yield `DaemonSet ${metadata.namespace}/${metadata.name} has ${owned.length} on ${on.size} nodes of ${wanted}`;
  }
  for (const { metadata, status } of all.jobs) {
    if (status?.conditions?.some(({ type, status: is }) => /^(Complete|Failed)$/.test(type) && is === 'True')) continue;
    yield `Job ${metadata.namespace}/${metadata.name} does not end: ${JSON.stringify(status)}`;
  }
}

/** Endpoints and EndpointSlices both name the addresses of the ready Pods that a Service selects, and no others. */
function* endpointsAndPods(all: Looked): Generator<string> {
  for (const service of all.services) {
    const { namespace, name } = service.metadata;
    if (service.spec?.selector === undefined) continue;
    const expected = textOf(all.pods.filter((pod) => isServed(service, pod)).map(({ status }) => status?.podIP ?? ''));
    const ofEndpoints = all.endpoints
      .filter(({ metadata }) => metadata.namespace === namespace && metadata.name === name)
      .flatMap(({ subsets = [] }) => subsets.flatMap((subset) => (subset.addresses ?? []).map(({ ip }) => ip)));
    const ofSlices = all.endpointSlices
      .filter(
        ({ metadata }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
      )
      .flatMap((slice) => slice.endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready === true)
      .flatMap(({ addresses: given }) => given);
    if (textOf(ofEndpoints) === expected && textOf(ofSlices) === expected) continue;
    yield `Service ${namespace}/${name}: Pods ${expected}; Endpoints ${textOf(ofEndpoints)}; slices ${textOf(ofSlices)}`;
  }
}

function isServed({ metadata, spec }: Service, pod: Pod): boolean {
  if (pod.metadata.namespace !== metadata.namespace || isOver(pod) || !isReady(pod)) return false;
  return Object.entries(spec?.selector ?? {}).every(([key, value]) => pod.metadata.labels?.[key] === value);
}

/** Every cluster IP is one Service's, and every address that is kept for one is used. */
function* addresses(all: Looked): Generator<string> {
  const used = textOf(all.services.flatMap(({ spec }) => spec?.clusterIPs ?? []).filter((ip) => ip !== 'None'));
  const kept = textOf(all.ipAddresses.map(({ metadata }) => metadata.name ?? ''));
  if (used !== kept) yield `Services use ${used}, kept for them are ${kept}`;
  const ofPods = all.pods.filter((pod) => !isOver(pod)).map(({ status }) => status?.podIP ?? '');
  if (new Set(ofPods).size !== ofPods.length) yield `two Pods have the same address: ${textOf(ofPods)}`;
}

function textOf(texts: readonly (string | null)[]): string {
  return texts.map(String).toSorted().join(' ');
}
