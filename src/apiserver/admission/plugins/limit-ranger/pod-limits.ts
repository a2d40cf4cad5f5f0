import { aggregateContainerResources } from '../../../../api/core/pod-resources.ts';
import type { Amounts } from '../../../../api/core/resource-list.ts';
import type {
  Container,
  LimitRange,
  LimitRangeItem,
  Pod,
  PodSpec,
  ResourceList,
  ResourceRequirements,
} from '../../../../api/types/core.v1.ts';
import { maximum, maximumRatio, minimum, violations, type Asked } from './constraints.ts';

/** Says on a Pod what was filled in for it. */
const annotation = 'kubernetes.io/limit-ranger';

/** Fills in what containers leave open and a LimitRange has a default for. */
export function setPodDefaults(pod: Pod, range: LimitRange): void {
  const defaults = containerDefaults(range);
  const notes: string[] = [];
  for (const container of pod.spec?.containers ?? []) notes.push(...fill(container, 'container', defaults));
  for (const container of pod.spec?.initContainers ?? []) notes.push(...fill(container, 'init container', defaults));
  if (notes.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [annotation]: `LimitRanger plugin set: ${notes.join('; ')}`,
  };
}

/** What one LimitRange has against a Pod. */
export function podViolations(spec: PodSpec, range: LimitRange): string[] {
  return (range.spec?.limits ?? []).flatMap((item) => {
    if (item.type === 'Container') return containerViolations(spec, item);
    return item.type === 'Pod' ? check(item, wholePod(spec)) : [];
  });
}

function containerViolations(spec: PodSpec, item: LimitRangeItem): string[] {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  return containers.flatMap(({ resources }) =>
    check(item, { requests: resources?.requests ?? {}, limits: resources?.limits ?? {} }),
  );
}

function check(item: LimitRangeItem, asked: Asked): string[] {
  return [
    ...violations(minimum, item.type, item.min, asked),
    ...violations(maximum, item.type, item.max, asked),
    ...violations(maximumRatio, item.type, item.maxLimitRequestRatio, asked),
  ];
}

/** What the containers need together, or the Pod's own amounts where it has some (KEP-2837). */
function wholePod(spec: PodSpec): Asked {
  const totals = (listOf: (resources: ResourceRequirements) => ResourceList | undefined): ResourceList => ({
    ...listed(aggregateContainerResources(spec, listOf)),
    ...(spec.resources ? listOf(spec.resources) : {}),
  });
  return { requests: totals(({ requests }) => requests), limits: totals(({ limits }) => limits) };
}

function listed(amounts: Amounts): ResourceList {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, amount.toString()]));
}

interface ContainerDefaults {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

function containerDefaults(range: LimitRange): ContainerDefaults {
  const items = (range.spec?.limits ?? []).filter(({ type }) => type === 'Container');
  return {
    requests: Object.assign({}, ...items.map(({ defaultRequest }) => defaultRequest ?? {})) as ResourceList,
    limits: Object.assign({}, ...items.map((item) => item.default ?? {})) as ResourceList,
  };
}

function fill(container: Container, what: string, defaults: ContainerDefaults): string[] {
  const notes: string[] = [];
  const subject = `${what} ${container.name ?? ''}`;
  for (const [field, noun] of [
    ['requests', 'request'],
    ['limits', 'limit'],
  ] as const) {
    const set = Object.keys(defaults[field]).filter((name) => container.resources?.[field]?.[name] === undefined);
    if (set.length === 0) continue;
    const resources = (container.resources ??= {});
    resources[field] = { ...resources[field] };
    for (const name of set) resources[field][name] = defaults[field][name] ?? '0';
    notes.push(`${set.sort().join(', ')} ${noun} for ${subject}`);
  }
  return notes;
}
