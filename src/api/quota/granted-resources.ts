import { quantityOf } from '../core/resource-list.ts';
import type { Container, ContainerStatus, Pod, PodSpec, ResourceList } from '../types/core.v1.ts';

/**
 * A Pod's spec with what its containers were granted where that is more than what they ask for now: a resize that makes
 * them smaller is not done before the node has done it (KEP-1287). Of a resize that the node cannot do, only what was
 * granted counts.
 */
export function withGrantedResources({ spec, status }: Pod): PodSpec {
  const own = spec ?? { containers: null };
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  if (!statuses.some(({ resources, allocatedResources }) => resources ?? allocatedResources)) return own;
  const byName = new Map(statuses.map((one) => [one.name, one]));
  const isInfeasible = (status?.conditions ?? []).some(
    ({ type, reason, status: holds }) => type === 'PodResizePending' && holds === 'True' && reason === 'Infeasible',
  );
  const granted = (container: Container): Container => withGranted(container, byName.get(container.name), isInfeasible);
  return {
    ...own,
    containers: own.containers?.map(granted) ?? null,
    ...(own.initContainers ? { initContainers: own.initContainers.map(granted) } : {}),
  };
}

function withGranted(container: Container, status: ContainerStatus | undefined, isInfeasible: boolean): Container {
  if (!status?.resources && !status?.allocatedResources) return container;
  const asked = isInfeasible ? undefined : container.resources;
  return {
    ...container,
    resources: {
      ...container.resources,
      requests: most(asked?.requests, status.resources?.requests, status.allocatedResources),
      limits: most(asked?.limits, status.resources?.limits),
    },
  };
}

/** The most of each resource. */
function most(...lists: readonly (ResourceList | undefined)[]): ResourceList {
  const result: ResourceList = {};
  for (const list of lists) {
    for (const [name, amount] of Object.entries(list ?? {})) {
      const known = result[name];
      if (known === undefined || quantityOf(amount).compare(quantityOf(known)) > 0) result[name] = amount;
    }
  }
  return result;
}
