/** Resources of a whole Pod (KEP-2837, KEP-753). */
import type { Container, PodSpec, ResourceList, ResourceRequirements } from '../types/core.v1.ts';
import { addAmounts, raiseAmounts, type Amounts } from './resource-list.ts';

/** Whether a resource can be requested for the Pod as a whole. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePages(name);
}

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

/** A sidecar: an init container that keeps running beside the containers (KEP-753). */
export function isSidecar(container: Container | undefined): boolean {
  return container?.restartPolicy === 'Always';
}

/**
 * What all containers need at once: the sum of containers and sidecars, or what an init container needs beside the
 * sidecars before it, whichever is more.
 */
export function aggregateContainerResources(
  spec: PodSpec,
  listOf: (resources: ResourceRequirements) => ResourceList | undefined,
): Amounts {
  const total: Amounts = new Map();
  for (const { resources } of spec.containers ?? []) if (resources) addAmounts(total, listOf(resources));
  const sidecars: Amounts = new Map();
  const initialization: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const list = container.resources ? listOf(container.resources) : undefined;
    if (isSidecar(container)) {
      addAmounts(total, list);
      addAmounts(sidecars, list);
      raiseAmounts(initialization, sidecars);
    } else {
      const beside: Amounts = new Map(sidecars);
      addAmounts(beside, list);
      raiseAmounts(initialization, beside);
    }
  }
  raiseAmounts(total, initialization);
  return total;
}

/**
 * Completes `spec.resources` where it is given: limits of huge pages from the containers', requests from the
 * containers' or else from the limits.
 */
export function setPodLevelResourceDefaults(spec: PodSpec): void {
  const resources = spec.resources;
  if (!resources) return;
  if (hasEntries(resources.limits) || hasEntries(resources.requests)) defaultHugePageLimits(spec, resources);
  if (hasEntries(resources.limits)) defaultRequests(spec, resources, resources.limits ?? {});
}

function hasEntries(list: ResourceList | undefined): boolean {
  return list !== undefined && list !== null && Object.keys(list).length > 0;
}

function defaultHugePageLimits(spec: PodSpec, resources: ResourceRequirements): void {
  for (const [name, amount] of aggregateContainerResources(spec, ({ limits }) => limits)) {
    if (!isHugePages(name) || Object.hasOwn(resources.requests ?? {}, name)) continue;
    const limits = (resources.limits ??= {});
    if (!Object.hasOwn(limits, name)) limits[name] = amount.toString();
  }
}

function defaultRequests(spec: PodSpec, resources: ResourceRequirements, limits: ResourceList): void {
  const requests: ResourceList = { ...resources.requests };
  for (const [name, amount] of aggregateContainerResources(spec, (container) => container.requests)) {
    if ((name === 'cpu' || name === 'memory') && !Object.hasOwn(requests, name)) requests[name] = amount.toString();
  }
  for (const [name, limit] of Object.entries(limits)) {
    if (isPodLevelResource(name) && !Object.hasOwn(requests, name)) requests[name] = limit;
  }
  if (hasEntries(requests)) resources.requests = requests;
}
