import type { Pod, PodCondition, PodPhase, PodStatus } from '../../api/types/core.v1.ts';
import { sandboxChange } from '../pods/actions.ts';
import type { PodRuntimeStatus } from '../pods/runtime-status.ts';
import { judgeConditions, kubeletConditions, type Judgement } from './conditions.ts';
import { containerStatusesOf, type Readiness, type WaitingReason } from './container-statuses.ts';
import { podPhase } from './phase.ts';

/** Why a Pod's phase is what it is, when the kubelet decided that: `Evicted`, `DeadlineExceeded`. */
export interface Verdict {
  readonly phase: 'Failed';
  readonly reason: string;
  readonly message: string;
}

export interface PodStatusSource {
  readonly pod: Pod;
  /** What was last generated; the API's status at first. */
  readonly old: PodStatus;
  readonly runtime: PodRuntimeStatus;
  readonly runtimeName: string;
  readonly readiness: Readiness;
  /** Nothing will be started any more. */
  readonly isTerminal: boolean;
  readonly verdict: Verdict | undefined;
  readonly hostIPs: readonly string[];
  /** `metav1.Time`. */
  readonly now: string;
  waiting(containerName: string): WaitingReason | undefined;
}

function isFinal(phase: PodPhase | undefined): phase is 'Succeeded' | 'Failed' {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** The status of a Pod as the API is to show it. Pure. */
export function generatePodStatus(source: PodStatusSource): PodStatus {
  const { pod, old, runtime, verdict, isTerminal, hostIPs, now } = source;
  const { spec, metadata } = pod;
  const containers = containerStatusesOf({ ...source, pod: { ...pod, status: old } });
  const counted = podPhase({ spec, ...containers, isTerminal });
  // What has ended before it could succeed has failed.
  const computed = isTerminal && !isFinal(counted) ? 'Failed' : counted;
  // A Pod that is over does not come back.
  const final = [pod.status?.phase, old.phase].find(isFinal);
  const phase = final ?? verdict?.phase ?? computed;
  const foreign = (pod.status?.conditions ?? []).filter(({ type }) => !kubeletConditions.has(type));
  const judgements = judgeConditions({
    spec,
    phase,
    statuses: [...containers.initContainerStatuses, ...containers.containerStatuses],
    hasSandbox: !sandboxChange(spec, runtime).isChanged,
    foreign,
  });
  const why = phase === old.phase ? { reason: old.reason, message: old.message } : (verdict ?? {});
  const ips = spec.hostNetwork === true ? hostIPs : runtime.ips;
  return {
    ...preserved(pod.status ?? {}),
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    phase,
    ...present({ reason: why.reason, message: why.message }),
    conditions: [...foreign, ...judgements.map((each) => conditionOf(each, old, metadata.generation, now))],
    ...(hostIPs[0] === undefined ? {} : { hostIP: hostIPs[0], hostIPs: hostIPs.map((ip) => ({ ip })) }),
    ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    startTime: old.startTime ?? now,
    ...lists(containers),
  };
}

/** Fields of the status that others own. */
function preserved({
  qosClass,
  nominatedNodeName,
  resourceClaimStatuses,
  extendedResourceClaimStatus,
}: PodStatus): object {
  return present({ qosClass, nominatedNodeName, resourceClaimStatuses, extendedResourceClaimStatus });
}

function present<T extends object>(fields: T): { [Name in keyof T]?: NonNullable<T[Name]> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  ) as { [Name in keyof T]?: NonNullable<T[Name]> };
}

function lists(containers: ReturnType<typeof containerStatusesOf>): Partial<PodStatus> {
  const { initContainerStatuses, containerStatuses, ephemeralContainerStatuses } = containers;
  return {
    ...(initContainerStatuses.length === 0 ? {} : { initContainerStatuses: [...initContainerStatuses] }),
    containerStatuses: [...containerStatuses],
    ...(ephemeralContainerStatuses.length === 0 ? {} : { ephemeralContainerStatuses: [...ephemeralContainerStatuses] }),
  };
}

function conditionOf(
  { type, status, reason, message }: Judgement,
  old: PodStatus,
  generation: number | undefined,
  now: string,
): PodCondition {
  const before = old.conditions?.find((condition) => condition.type === type);
  const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? now) : now;
  return {
    type,
    status,
    lastProbeTime: null,
    lastTransitionTime,
    ...present({ observedGeneration: generation, reason, message }),
  };
}
