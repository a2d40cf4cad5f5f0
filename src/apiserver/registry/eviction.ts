import type { ResourceDefinition } from '../../api/contract.ts';
import type { Condition } from '../../api/types/meta.v1.ts';
import type { Pod, PodCondition } from '../../api/types/core.v1.ts';
import type { PodDisruptionBudget } from '../../api/types/policy.v1.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';
import { conflict, forbidden, notFound, objectModified, StatusError } from '../../machinery/status.ts';
import { formatTime } from '../../machinery/time.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { objectOf } from './convert.ts';
import { deleteObject, type Deletion } from './delete.ts';
import type { DeleteOptions } from './options.ts';
import { resourceOf, type ResourceRequest } from './request.ts';
import { commitUpdate, currentObject, StaleRevisionError } from './write.ts';

/** Upstream's bound on evictions that the budget's controller has not yet seen. */
const maxDisruptedPods = 2000;
/** Rounds against other writers of a Pod or of its budget: upstream's number, without its waits. */
const maxAttempts = 20;

/**
 * Evicts the Pod that the path names: deletes it where the PodDisruptionBudget that selects it allows that, and counts
 * the disruption in the budget (upstream's `pods/eviction`). Throws 429 where the budget does not allow it, and what a
 * deletion throws.
 */
export async function evict(request: ResourceRequest, options: DeleteOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const pod = readPod(request);
    if (!needsNoBudget(pod)) return evictWithBudget(request, pod, options);
    const isUnfinished = pod.status?.phase === 'Pending' && pod.metadata.deletionTimestamp === undefined;
    try {
      // A Pod that becomes ready in the meantime must not slip past its budget.
      await deleteObject(request, isUnfinished ? atVersion(options, pod) : options);
      return;
    } catch (error) {
      if (!isConflict(error) || isVersionGiven(options) || attempt >= maxAttempts) throw error;
      await request.registry.feed.catchUp();
    }
  }
}

async function evictWithBudget(request: ResourceRequest, pod: Pod, options: DeleteOptions): Promise<void> {
  const budgets = await budgetsOf(request, pod);
  const [budget] = budgets;
  if (budgets.length > 1) throw new SeveralBudgetsError();
  if (budget === undefined) {
    await markAndDelete(request, options);
    return;
  }
  if (!isProtected(pod, budget.object)) {
    try {
      await markAndDelete(request, isVersionGiven(options) ? options : atVersion(options, pod));
    } catch (error) {
      if (isConflict(error) && !isVersionGiven(options)) throw stillProcessed(budget.cached.name);
      throw error;
    }
    return;
  }
  await countDisruption(budget, pod.metadata.name ?? '', isDryRun(options));
  await markAndDelete(request, options);
}

/** Says on the Pod why it goes, for who counts its failure, and deletes it. */
async function markAndDelete(request: ResourceRequest, options: DeleteOptions): Promise<Deletion> {
  const { registry, info } = request;
  if (isDryRun(options)) return deleteObject(request, options);
  for (let attempt = 1; ; attempt++) {
    const current = currentObject(request);
    if (current === undefined) throw notFound(resourceOf(request), info.name);
    const pod = objectOf(request.definition, request.cache, current) as Pod;
    const { uid, resourceVersion } = options.preconditions ?? {};
    const isMeant = (uid ?? pod.metadata.uid) === pod.metadata.uid;
    // The deletion refuses another Pod than the one that is meant.
    if (!isMeant || (resourceVersion ?? pod.metadata.resourceVersion) !== pod.metadata.resourceVersion) {
      return deleteObject(request, options);
    }
    setDisruptionTarget(pod, formatTime(registry.clock.now()));
    try {
      const marked = await commitUpdate({ ...request, info: { ...info, subresource: 'status' } }, current, pod, false);
      await registry.feed.catchUp();
      const version = String(marked.revision);
      const preconditions = { ...options.preconditions, resourceVersion: version };
      return await deleteObject(request, isVersionGiven(options) ? { ...options, preconditions } : options);
    } catch (error) {
      if (!(error instanceof StaleRevisionError)) throw error;
      if (attempt >= maxAttempts) throw conflict(resourceOf(request), current.name, objectModified);
      await registry.feed.catchUp();
    }
  }
}

function setDisruptionTarget(pod: Pod, now: string): void {
  const conditions = ((pod.status ??= {}).conditions ??= []);
  const old = conditions.find(({ type }) => type === 'DisruptionTarget');
  const { generation } = pod.metadata;
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: 'True',
    lastTransitionTime: old?.status === 'True' ? (old.lastTransitionTime ?? now) : now,
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  if (old === undefined) conditions.push(condition);
  else Object.assign(old, condition);
}

/** More than one budget selects the Pod: upstream answers with a Status of failure, under 201. */
export class SeveralBudgetsError extends Error {
  override name = 'SeveralBudgetsError';
  override message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
}

function readPod(request: ResourceRequest): Pod {
  const current = currentObject(request);
  if (current === undefined) throw notFound(resourceOf(request), request.info.name);
  return objectOf(request.definition, request.cache, current) as Pod;
}

function needsNoBudget({ metadata, status }: Pod): boolean {
  const { phase } = status ?? {};
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || metadata.deletionTimestamp !== undefined;
}

function isConflict(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'Conflict';
}

function isDryRun({ dryRun = [] }: DeleteOptions): boolean {
  return dryRun.length > 0;
}

function isVersionGiven({ preconditions }: DeleteOptions): boolean {
  return preconditions?.resourceVersion !== undefined;
}

function atVersion(options: DeleteOptions, { metadata }: Pod): DeleteOptions {
  const { resourceVersion = '' } = metadata;
  return isVersionGiven(options)
    ? options
    : { ...options, preconditions: { ...options.preconditions, resourceVersion } };
}

/** A budget as it was read, and the request that would write it. */
interface Budget {
  readonly request: ResourceRequest;
  readonly cached: CachedObject;
  readonly object: PodDisruptionBudget;
}

/** The budgets whose selectors match a Pod; a selector that is empty or not valid matches none. */
async function budgetsOf(request: ResourceRequest, pod: Pod): Promise<Budget[]> {
  const { registry, info } = request;
  const definition: ResourceDefinition | undefined = registry.catalog.find('policy', 'v1', 'poddisruptionbudgets');
  if (definition === undefined) return [];
  const cache = await registry.cacheOf(definition);
  const budgets: Budget[] = [];
  const { from, to } = cache.rangeOf(info.namespace);
  cache.scan(from, to, (cached) => {
    const object = objectOf(definition, cache, cached) as PodDisruptionBudget;
    if (selects(object, pod)) {
      const { apiPrefix: _, ...rest } = info;
      const about = { ...rest, apiPrefix: 'apis', apiGroup: 'policy', resource: definition.plural, name: cached.name };
      budgets.push({
        cached,
        object,
        request: { ...request, definition, cache, info: { ...about, subresource: 'status' } },
      });
    }
    return true;
  });
  return budgets;
}

function selects({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean {
  try {
    const selector = LabelSelector.fromObject(spec.selector);
    return !selector.isNothing && !selector.isEmpty && selector.matches(metadata.labels);
  } catch {
    return false;
  }
}

/** Whether the Pod counts: one that is not ready may go where enough others are, or where the budget says so. */
function isProtected(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
  if (isReady) return true;
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return false;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return !(desiredHealthy > 0 && currentHealthy >= desiredHealthy);
}

/** Takes one of the disruptions that a budget allows. Throws 429 when there is none, 403 when it makes no sense. */
async function countDisruption(read: Budget, podName: string, dryRun: boolean): Promise<void> {
  const { request } = read;
  const { registry, definition, cache } = request;
  let { cached, object } = read;
  for (let attempt = 1; ; attempt++) {
    checkAllows(object);
    const status = (object.status ??= {});
    status.disruptionsAllowed = (status.disruptionsAllowed ?? 0) - 1;
    const now = formatTime(registry.clock.now());
    if (status.disruptionsAllowed === 0) setInsufficient(status, now);
    (status.disruptedPods ??= {})[podName] = now;
    if (dryRun) return;
    try {
      await commitUpdate(request, cached, object, false);
      return;
    } catch (error) {
      if (!(error instanceof StaleRevisionError)) throw error;
      if (attempt >= maxAttempts) throw conflict(resourceOf(request), cached.name, objectModified);
      await registry.feed.catchUp();
      const current = currentObject(request);
      if (current === undefined) throw notFound(resourceOf(request), cached.name);
      cached = current;
      object = objectOf(definition, cache, current) as PodDisruptionBudget;
    }
  }
}

const budgetResource = { group: 'policy', resource: 'poddisruptionbudget' };

function checkAllows({ metadata, status }: PodDisruptionBudget): void {
  const { name = '', generation = 0 } = metadata;
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {} } = status ?? {};
  if (observedGeneration < generation) throw stillProcessed(name);
  if (disruptionsAllowed < 0) throw forbidden(budgetResource, name, 'pdb disruptions allowed is negative');
  if (Object.keys(disruptedPods).length > maxDisruptedPods) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbidden(budgetResource, name, why);
  }
  if (disruptionsAllowed === 0) throw budgetExhausted(name, status ?? {});
}

function refusal(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: {
      causes: [{ reason: 'DisruptionBudget', message }],
      ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
    },
  });
}

function stillProcessed(name: string): StatusError {
  return refusal(`The disruption budget ${name} is still being processed by the server.`, 10);
}

function budgetExhausted(name: string, status: NonNullable<PodDisruptionBudget['status']>): StatusError {
  const { desiredHealthy = 0, currentHealthy = 0, conditions = [] } = status;
  const denies = `The disruption budget ${name} does not allow evicting pods currently`;
  const said = conditions.find((one) => one.type === 'DisruptionAllowed' && one.status === 'False' && one.message);
  // Where the budget's controller failed, the numbers mean nothing.
  if (said?.reason === 'SyncFailed') return refusal(`${denies} because it failed sync: ${said.message}`, 0);
  if (currentHealthy <= desiredHealthy) {
    const needs = `needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
    return refusal(`The disruption budget ${name} ${needs}`, 0);
  }
  return refusal(said === undefined ? denies : `${denies} (${said.reason}): ${said.message}`, 0);
}

function setInsufficient(status: NonNullable<PodDisruptionBudget['status']>, now: string): void {
  const conditions = (status.conditions ??= []);
  const old = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const condition: Condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
    lastTransitionTime: old?.status === 'False' ? old.lastTransitionTime : now,
    reason: 'InsufficientPods',
    message: '',
  };
  if (old === undefined) conditions.push(condition);
  else Object.assign(old, condition);
}
