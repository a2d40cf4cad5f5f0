import { aggregateContainerResources } from '../core/pod-resources.ts';
import { qosClass } from '../core/pod-qos.ts';
import { addAmounts, quantityOf, type Amounts } from '../core/resource-list.ts';
import { isExtendedResource, isHugePages, isNativeResource } from '../core/validation/resource-kinds.ts';
import type { Pod, PodAffinityTerm, PodSpec, ResourceList } from '../types/core.v1.ts';
import type { Clock } from '../../machinery/clock.ts';
import { withGrantedResources } from './granted-resources.ts';
import { one, selectsName, type Evaluator, type ScopeSelector } from './evaluator.ts';

const computeResources = ['cpu', 'memory', 'ephemeral-storage'] as const;
const names: ReadonlySet<string> = new Set([
  'count/pods',
  'pods',
  ...computeResources.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);
/** Where a quota names one of these, each container must say how much of it; upstream calls that a mistake it keeps. */
const mandatory = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'];

/** Counts Pods, and what they ask for as long as they have not ended. */
export function podEvaluator(clock: Pick<Clock, 'now'>): Evaluator {
  return {
    handles: ({ operation, subresource }) =>
      (operation === 'CREATE' && subresource === '') || (operation === 'UPDATE' && subresource === 'resize'),
    counts: (resource) =>
      names.has(resource) ||
      isHugePages(resource) ||
      resource.startsWith('requests.hugepages-') ||
      (resource.startsWith('requests.') && !isNativeResource(resource)),
    usage: (object): Amounts => {
      const pod = object as Pod;
      const used: Amounts = new Map([['count/pods', one]]);
      if (!hasEnded(pod, clock.now())) computeUsage(withGrantedResources(pod), used);
      return used;
    },
    isInScope: (selector, object) => isInScope(selector, (object as Pod).spec ?? { containers: null }),
    missing: (resources, object) => missing(resources, (object as Pod).spec ?? { containers: null }),
  };
}

function hasEnded({ metadata, status }: Pod, nowMs: number): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  // The time already includes the grace period; a node that was lost may never report the end.
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata ?? {};
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return nowMs > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function computeUsage(spec: PodSpec, used: Amounts): void {
  used.set('pods', one);
  const requests = totals(spec, 'requests');
  const limits = totals(spec, 'limits');
  for (const name of computeResources) {
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (request !== undefined) used.set(name, request).set(`requests.${name}`, request);
    if (limit !== undefined) used.set(`limits.${name}`, limit);
  }
  for (const [name, request] of requests) {
    if (isHugePages(name)) used.set(name, request).set(`requests.${name}`, request);
    else if (isExtendedResource(name)) used.set(`requests.${name}`, request);
  }
}

/** What a Pod asks for as a whole: its containers' amounts or its own, and its overhead. */
function totals(spec: PodSpec, field: 'requests' | 'limits'): Amounts {
  const sum = aggregateContainerResources(spec, (resources) => resources[field]);
  for (const [name, amount] of Object.entries(spec.resources?.[field] ?? {})) sum.set(name, quantityOf(amount));
  const { overhead } = spec;
  if (overhead === undefined) return sum;
  // What has no limit has none with its overhead either.
  const counted = Object.entries(overhead).filter(([name]) => field === 'requests' || sum.has(name));
  addAmounts(sum, Object.fromEntries(counted));
  return sum;
}

function missing(resources: readonly string[], spec: PodSpec): string | undefined {
  const sentences: string[] = [];
  for (const resource of mandatory) {
    if (!resources.includes(resource)) continue;
    const lacking = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
      .filter((container) => !isGiven(resource, container.resources?.requests, container.resources?.limits))
      .map(({ name = '' }) => name);
    if (lacking.length > 0) sentences.push(`${resource} for: ${[...new Set(lacking)].sort().join(',')}`);
  }
  return sentences.length === 0 ? undefined : `must specify ${sentences.join('; ')}`;
}

function isGiven(resource: string, requests: ResourceList | undefined, limits: ResourceList | undefined): boolean {
  return resource.startsWith('limits.')
    ? limits?.[resource.slice('limits.'.length)] !== undefined
    : requests?.[resource.replace(/^requests\./, '')] !== undefined;
}

function isInScope(selector: ScopeSelector, spec: PodSpec): boolean {
  switch (selector.scopeName) {
    case 'Terminating':
      return isTerminating(spec);
    case 'NotTerminating':
      return !isTerminating(spec);
    case 'BestEffort':
      return qosClass(spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClass(spec) !== 'BestEffort';
    case 'PriorityClass':
      return selectsName(selector, spec.priorityClassName ?? '');
    case 'CrossNamespacePodAffinity':
      return affinityTerms(spec).some(({ namespaces, namespaceSelector }) => {
        return (namespaces ?? []).length > 0 || (namespaceSelector ?? undefined) !== undefined;
      });
    default:
      return false;
  }
}

function isTerminating({ activeDeadlineSeconds }: PodSpec): boolean {
  return typeof activeDeadlineSeconds === 'number' && activeDeadlineSeconds >= 0;
}

function affinityTerms({ affinity }: PodSpec): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((terms) => [
    ...(terms?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
}
