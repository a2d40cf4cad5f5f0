import type { Node, Pod } from '../../api/types/core.v1.ts';
import { maxNodeScore, type Plugin } from '../contract.ts';
import type { NodeInfo } from '../node-info.ts';
import {
  cpuColumn,
  guessedRequestsOf,
  memoryColumn,
  podsColumn,
  requestsOf,
  type ResourceColumns,
} from '../resources.ts';

interface Needs {
  readonly requests: readonly number[];
  readonly guessed: { readonly milliCpu: number; readonly memoryBytes: number };
}

function needsOf(columns: ResourceColumns, pod: Pod): Needs {
  return { requests: requestsOf(columns, pod), guessed: guessedRequestsOf(pod) };
}

/** A node has room for what its Pods request, of every resource; those with more to spare are preferred. */
export function nodeResourcesFit(columns: ResourceColumns): Plugin {
  return {
    name: 'NodeResourcesFit',
    mayHelp: ({ resource, action, object, old }, pod) => {
      if (resource === 'Pod') return action === 'Delete' || frees(columns, object as Pod, old as Pod | undefined, pod);
      if (resource !== 'Node' || action === 'Delete') return false;
      const allocatable = (object as Node).status?.allocatable ?? {};
      const requests = requestsOf(columns, pod);
      // What a node never has it will not have for this Pod either.
      return requests.every((amount, column) => amount === 0 || allocatable[columns.nameOf(column)] !== undefined);
    },
    preFilter(state, pod) {
      state.write(this, needsOf(columns, pod));
      return undefined;
    },
    filter(state, _pod, { allocatable, requested }) {
      const { requests = [] } = state.read<Needs>(this) ?? {};
      const reasons: string[] = [];
      let isHopeless = false;
      for (let column = 0; column < requests.length; column++) {
        const wanted = requests[column] ?? 0;
        const most = allocatable[column] ?? 0;
        if (wanted === 0 || wanted <= most - (requested[column] ?? 0)) continue;
        isHopeless ||= wanted > most;
        reasons.push(column === podsColumn ? 'Too many pods' : `Insufficient ${columns.nameOf(column)}`);
      }
      if (reasons.length === 0) return undefined;
      return { code: isHopeless ? 'UnschedulableAndUnresolvable' : 'Unschedulable', reasons };
    },
    score(state, _pod, node) {
      const { guessed = { milliCpu: 0, memoryBytes: 0 } } = state.read<Needs>(this) ?? {};
      const [cpu, memory] = [
        leastAllocated(node.guessed.milliCpu + guessed.milliCpu, node.allocatable[cpuColumn] ?? 0),
        leastAllocated(node.guessed.memoryBytes + guessed.memoryBytes, node.allocatable[memoryColumn] ?? 0),
      ];
      return Math.floor((cpu + memory) / 2);
    },
  };
}

/** Whether a change of a Pod, its own or another's, leaves more room: it ended, or was resized. */
function frees(columns: ResourceColumns, object: Pod, old: Pod | undefined, pod: Pod): boolean {
  if (object.metadata.uid === pod.metadata.uid) return true;
  if (object.status?.phase === 'Succeeded' || object.status?.phase === 'Failed') return true;
  if (old === undefined || object.spec === old.spec) return false;
  const now = requestsOf(columns, object);
  return requestsOf(columns, old).some((before, column) => before > (now[column] ?? 0));
}

function leastAllocated(requested: number, allocatable: number): number {
  if (allocatable === 0 || requested > allocatable) return 0;
  return Math.floor(((allocatable - requested) * maxNodeScore) / allocatable);
}

/** Prefers nodes on which CPU and memory would be used alike, so that neither is left over without the other. */
export function nodeResourcesBalancedAllocation(columns: ResourceColumns): Plugin {
  return {
    name: 'NodeResourcesBalancedAllocation',
    preScore(state, pod) {
      const needs = needsOf(columns, pod);
      const asksForNothing = (needs.requests[cpuColumn] ?? 0) === 0 && (needs.requests[memoryColumn] ?? 0) === 0;
      if (asksForNothing) return 'skip';
      state.write(this, needs);
      return undefined;
    },
    score(state, _pod, node) {
      const { requests = [] } = state.read<Needs>(this) ?? {};
      const cpu = share(node, cpuColumn, requests);
      const memory = share(node, memoryColumn, requests);
      const spread = cpu === undefined || memory === undefined ? 0 : Math.abs(cpu - memory) / 2;
      return Math.floor((1 - spread) * maxNodeScore);
    },
  };
}

function share({ allocatable, requested }: NodeInfo, column: number, requests: readonly number[]): number | undefined {
  const most = allocatable[column] ?? 0;
  if (most === 0) return undefined;
  return Math.min(1, ((requested[column] ?? 0) + (requests[column] ?? 0)) / most);
}
