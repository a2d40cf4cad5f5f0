import type { ContainerImage, NodeCondition, NodeStatus } from '../../api/types/core.v1.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import type { RuntimeImage, RuntimeStatus } from '../contract.ts';
import type { Machine } from './contract.ts';

/** Upstream's `nodeStatusMaxImages`, and how many names of one image are listed. */
const maxImages = 50;
const maxNamesPerImage = 5;

interface Pressure {
  readonly type: 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';
  readonly isUnder: boolean;
  readonly under: readonly [reason: string, message: string];
  readonly free: readonly [reason: string, message: string];
}

export interface NodeStatusSource {
  readonly machine: Machine;
  readonly runtime: RuntimeStatus;
  /** Undefined: the runtime could not be asked, for this reason. */
  readonly runtimeError: string | undefined;
  readonly images: readonly RuntimeImage[];
  readonly old: NodeStatus;
  /** `metav1.Time`. */
  readonly now: string;
}

/** What the kubelet says of its node. */
export function generateNodeStatus({ machine, runtime, runtimeError, images, old, now }: NodeStatusSource): NodeStatus {
  const { addresses, capacity, allocatable, nodeInfo, kubeletPort } = machine;
  const owned = [...pressureConditions(machine), readyCondition(runtime, runtimeError)].map((condition) =>
    withTimes(condition, old.conditions ?? [], now),
  );
  const foreign = (old.conditions ?? []).filter(({ type }) => !owned.some((condition) => condition.type === type));
  return {
    addresses: [...addresses],
    allocatable,
    capacity,
    conditions: [...foreign, ...owned],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    images: imagesOf(images),
    nodeInfo,
  };
}

/** Whether two states differ in more than the time of their conditions' last look. */
export function isNewNodeStatus(old: NodeStatus, fresh: NodeStatus): boolean {
  return !semanticDeepEqual(withoutHeartbeats(old), withoutHeartbeats(fresh));
}

function withoutHeartbeats(status: NodeStatus): NodeStatus {
  const { conditions = [] } = status;
  return { ...status, conditions: conditions.map((condition) => ({ ...condition, lastHeartbeatTime: null })) };
}

function withTimes(condition: NodeCondition, old: readonly NodeCondition[], now: string): NodeCondition {
  const before = old.find(({ type }) => type === condition.type);
  const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? now) : now;
  return { ...condition, lastHeartbeatTime: now, lastTransitionTime };
}

function pressureConditions(machine: Machine): NodeCondition[] {
  const { memory, disk, pid } = machine.pressure();
  const pressures: Pressure[] = [
    {
      type: 'MemoryPressure',
      isUnder: memory,
      under: ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
      free: ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    },
    {
      type: 'DiskPressure',
      isUnder: disk,
      under: ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
      free: ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    },
    {
      type: 'PIDPressure',
      isUnder: pid,
      under: ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
      free: ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    },
  ];
  return pressures.map(({ type, isUnder, under, free }) => {
    const [reason, message] = isUnder ? under : free;
    return { type, status: isUnder ? 'True' : 'False', reason, message };
  });
}

/** Last in the list, as upstream has it. */
function readyCondition({ conditions }: RuntimeStatus, runtimeError: string | undefined): NodeCondition {
  const problems: string[] = [];
  if (runtimeError !== undefined) problems.push(`container runtime is down: ${runtimeError}`);
  for (const { type, status, reason, message } of conditions) {
    if (status) continue;
    const what = type === 'NetworkReady' ? 'container runtime network not ready' : 'container runtime not ready';
    problems.push(`${what}: ${type}=false reason:${reason} message:${message}`);
  }
  return problems.length === 0
    ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: problems.join(',') };
}

/** The largest first. */
function imagesOf(images: readonly RuntimeImage[]): ContainerImage[] {
  return images
    .toSorted((a, b) => (a.size < b.size ? 1 : a.size > b.size ? -1 : 0))
    .slice(0, maxImages)
    .map(({ repoTags, repoDigests, size }) => ({
      names: [...repoDigests, ...repoTags].slice(0, maxNamesPerImage),
      sizeBytes: Number(size),
    }));
}
