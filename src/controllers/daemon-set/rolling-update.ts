import type { DaemonSet } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { isPodAvailable } from '../pods/pod-state.ts';
import { hashOfPod, type PodsByNode } from './daemon-pod.ts';
import { maxSurgeOf, maxUnavailableOf } from './limits.ts';

export interface Update {
  readonly set: DaemonSet;
  /** Of the newest revision. */
  readonly hash: string;
  /** The names of the nodes that are to have a Pod. */
  readonly eligible: readonly string[];
  readonly pods: PodsByNode;
  readonly nowMs: number;
}

export interface UpdateStep {
  /** Those that make room for a new one. */
  readonly deletes: readonly Pod[];
  /** The names of the nodes that get a new one beside the old one. */
  readonly createsOn: readonly string[];
}

interface NodeState {
  readonly name: string;
  readonly fresh: Pod | undefined;
  readonly old: Pod | undefined;
}

/** The next step towards Pods of the newest revision only. It assumes that each node has as many Pods as it should. */
export function nextStep(update: Update): UpdateStep {
  const { set, eligible } = update;
  const maxSurge = maxSurgeOf(set, eligible.length);
  return maxSurge === 0 ? replace(update, maxUnavailableOf(set, eligible.length)) : surge(update, maxSurge);
}

/** Each node's Pods that stay; undefined for a node with too many, which is tidied up first. */
function statesOf({ hash, eligible, pods }: Update): { readonly states: NodeState[]; readonly untidy: number } {
  const states: NodeState[] = [];
  let untidy = 0;
  for (const name of new Set([...eligible, ...pods.keys()])) {
    const staying = (pods.get(name) ?? []).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const fresh = staying.filter((pod) => hashOfPod(pod) === hash);
    const old = staying.filter((pod) => hashOfPod(pod) !== hash);
    if (fresh.length > 1 || old.length > 1) untidy++;
    else states.push({ name, fresh: fresh[0], old: old[0] });
  }
  return { states, untidy };
}

function replace(update: Update, maxUnavailable: number): UpdateStep {
  const isAvailable = availability(update);
  const { states, untidy } = statesOf(update);
  let unavailable = untidy;
  // What does not work can be replaced whatever the budget.
  const broken: Pod[] = [];
  const working: Pod[] = [];
  for (const { fresh, old } of states) {
    if ((fresh === undefined) === (old === undefined)) unavailable++;
    else if (fresh !== undefined) unavailable += isAvailable(fresh) ? 0 : 1;
    else if (old !== undefined) (isAvailable(old) ? working : broken).push(old);
  }
  return { deletes: [...broken, ...working.slice(0, Math.max(maxUnavailable - unavailable, 0))], createsOn: [] };
}

function surge(update: Update, maxSurge: number): UpdateStep {
  const isAvailable = availability(update);
  const { states, untidy } = statesOf(update);
  let surging = untidy;
  const deletes: Pod[] = [];
  const broken: string[] = [];
  const working: string[] = [];
  for (const { name, fresh, old } of states) {
    if (old === undefined) continue;
    if (fresh === undefined) (isAvailable(old) ? working : broken).push(name);
    else if (isAvailable(fresh)) deletes.push(old);
    else surging++;
  }
  return { deletes, createsOn: [...broken, ...working.slice(0, Math.max(maxSurge - surging, 0))] };
}

function availability({ set, nowMs }: Update): (pod: Pod) => boolean {
  return (pod) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);
}
