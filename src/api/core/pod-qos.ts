/** The quality-of-service class of a Pod (`k8s.io/kubernetes/pkg/apis/core/helper/qos`). */
import type { PodQOSClass, PodSpec, ResourceList, ResourceRequirements } from '../types/core.v1.ts';
import { isPodLevelResource } from './pod-resources.ts';
import { addAmounts, quantityOf, type Amounts } from './resource-list.ts';

/** BestEffort without any request or limit, Guaranteed when limits for CPU and memory equal requests, else Burstable. */
export function qosClass(spec: PodSpec | null | undefined): PodQOSClass {
  if (!spec) return 'BestEffort';
  const parts = countingParts(spec);
  if (parts.every((resources) => !hasCompute(resources.requests) && !hasCompute(resources.limits))) {
    return 'BestEffort';
  }
  return parts.every(isLimited) && requestsEqualLimits(parts) ? 'Guaranteed' : 'Burstable';
}

const nothing: ResourceRequirements = {};

/** The Pod's own resources where it has some, else those of each container. */
function countingParts(spec: PodSpec): readonly ResourceRequirements[] {
  const { resources } = spec;
  if (resources && [resources.requests, resources.limits].some(hasPodLevelResource)) return [resources];
  const parts: ResourceRequirements[] = [];
  for (const container of spec.containers ?? []) parts.push(container.resources ?? nothing);
  for (const container of spec.initContainers ?? []) parts.push(container.resources ?? nothing);
  return parts;
}

function hasPodLevelResource(list: ResourceList | undefined): boolean {
  return Object.keys(list ?? {}).some(isPodLevelResource);
}

/** What is positive starts with its first digit in canonical form; anything else is worth the reading. */
function isPositive(text: string | undefined): boolean {
  return text !== undefined && text !== '0' && (/^[1-9]/.test(text) || quantityOf(text).sign > 0);
}

function hasCompute(list: ResourceList | null | undefined): boolean {
  return isPositive(list?.['cpu']) || isPositive(list?.['memory']);
}

function isLimited({ limits }: ResourceRequirements): boolean {
  return isPositive(limits?.['cpu']) && isPositive(limits?.['memory']);
}

function requestsEqualLimits(parts: readonly ResourceRequirements[]): boolean {
  const areSameText = parts.every(
    ({ requests, limits }) => requests?.['cpu'] === limits?.['cpu'] && requests?.['memory'] === limits?.['memory'],
  );
  if (areSameText) return true;
  const requests: Amounts = new Map();
  const limits: Amounts = new Map();
  for (const part of parts) {
    addAmounts(requests, positiveCompute(part.requests));
    addAmounts(limits, positiveCompute(part.limits));
  }
  if (requests.size !== limits.size) return false;
  for (const [name, request] of requests) if (limits.get(name)?.equals(request) !== true) return false;
  return true;
}

function positiveCompute(list: ResourceList | undefined): ResourceList {
  const { cpu = '0', memory = '0' } = list ?? {};
  return { ...(isPositive(cpu) ? { cpu } : {}), ...(isPositive(memory) ? { memory } : {}) };
}
