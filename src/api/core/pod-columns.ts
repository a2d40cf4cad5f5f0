/** Printer columns of Pods (upstream's `printPod`). */
import type { Column, RowCondition } from '../contract.ts';
import { age, ageColumn, column, nameColumn, orNone, wideColumn } from '../columns.ts';
import type {
  Container,
  ContainerStateTerminated,
  ContainerStatus,
  Pod,
  PodConditionType,
  PodStatus,
} from '../types/core.v1.ts';
import { isSidecar } from './pod-resources.ts';

/** What the columns READY, STATUS and RESTARTS say of one Pod: they come from one walk over its containers. */
export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly status: string;
  readonly restarts: number;
  /** When a container last ended before it was restarted; 0 when that is not known. */
  readonly lastRestartMs: number;
}

export function summarizePod(pod: Pod): PodSummary {
  const status: PodStatus = pod.status ?? {};
  const initContainers = new Map<string, Container>();
  let total = pod.spec?.containers?.length ?? 0;
  for (const container of pod.spec?.initContainers ?? []) {
    initContainers.set(container.name, container);
    if (isSidecar(container)) total++;
  }
  const initialization = summarizeInitContainers(pod, initContainers);
  let reason: string = status.reason || status.phase || '';
  for (const condition of status.conditions ?? []) {
    if (condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated') reason = 'SchedulingGated';
  }
  reason = initialization.pendingReason ?? reason;
  let ready = initialization.readySidecars;
  let { restarts, lastRestartMs } = initialization.all;
  if (initialization.pendingReason === undefined || isTrue(status, 'Initialized')) {
    const main = summarizeContainers(status, reason);
    reason = main.reason;
    ready += main.ready;
    restarts = initialization.sidecars.restarts + main.restarts.restarts;
    lastRestartMs = Math.max(initialization.sidecars.lastRestartMs, main.restarts.lastRestartMs);
  }
  return { ready, total, status: withDeletion(pod, reason), restarts, lastRestartMs };
}

interface Restarts {
  restarts: number;
  lastRestartMs: number;
}

function countRestarts(count: Restarts, status: ContainerStatus): void {
  count.restarts += status.restartCount ?? 0;
  const finishedAt = status.lastState?.terminated?.finishedAt;
  const finishedMs = finishedAt ? Date.parse(finishedAt) : 0;
  if (finishedMs > count.lastRestartMs) count.lastRestartMs = finishedMs;
}

interface Initialization {
  /** Why the Pod is not initialized yet; undefined when it is. */
  readonly pendingReason: string | undefined;
  readonly readySidecars: number;
  readonly all: Restarts;
  readonly sidecars: Restarts;
}

function summarizeInitContainers(pod: Pod, containers: ReadonlyMap<string, Container>): Initialization {
  const all: Restarts = { restarts: 0, lastRestartMs: 0 };
  const sidecars: Restarts = { restarts: 0, lastRestartMs: 0 };
  let readySidecars = 0;
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const isSidecarStatus = isSidecar(containers.get(status.name));
    countRestarts(all, status);
    if (isSidecarStatus) countRestarts(sidecars, status);
    const { terminated, waiting } = status.state ?? {};
    if (terminated && !terminated.exitCode) continue;
    if (isSidecarStatus && status.started === true) {
      if (status.ready) readySidecars++;
      continue;
    }
    let pendingReason = `Init:${index}/${pod.spec?.initContainers?.length ?? 0}`;
    if (terminated) pendingReason = `Init:${terminated.reason || exitReason(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') pendingReason = `Init:${waiting.reason}`;
    return { pendingReason, readySidecars, all, sidecars };
  }
  return { pendingReason: undefined, readySidecars, all, sidecars };
}

function exitReason({ signal, exitCode }: ContainerStateTerminated): string {
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`;
}

function summarizeContainers(status: PodStatus, before: string): { reason: string; ready: number; restarts: Restarts } {
  const restarts: Restarts = { restarts: 0, lastRestartMs: 0 };
  let reason = before;
  let errorReason = '';
  let ready = 0;
  // From the last to the first, so that the first container has the last word.
  for (const container of (status.containerStatuses ?? []).toReversed()) {
    countRestarts(restarts, container);
    const { waiting, terminated, running } = container.state ?? {};
    if (waiting?.reason) reason = waiting.reason;
    else if (terminated) {
      reason = terminated.reason || exitReason(terminated);
      if (terminated.exitCode) errorReason = reason;
    } else if (container.ready && running) ready++;
  }
  if (reason === 'Completed') {
    if (ready > 0 && isTrue(status, 'Ready')) reason = 'Running';
    else if (errorReason !== '') reason = errorReason;
    else if (ready > 0) reason = 'NotReady';
  }
  return { reason, ready, restarts };
}

function isTrue(status: PodStatus, type: PodConditionType): boolean {
  return status.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

function withDeletion(pod: Pod, reason: string): string {
  if (!pod.metadata?.deletionTimestamp) return reason;
  if (pod.status?.reason === 'NodeLost') return 'Unknown';
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed' ? reason : 'Terminating';
}

function restartsCell({ restarts, lastRestartMs }: PodSummary, nowMs: number): string {
  if (restarts === 0 || lastRestartMs === 0) return String(restarts);
  return `${restarts} (${age(new Date(lastRestartMs).toISOString(), nowMs)} ago)`;
}

function readinessGatesCell(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const conditions = pod.status?.conditions ?? [];
  const open = gates.filter(
    (gate) => conditions.find((condition) => condition.type === gate.conditionType)?.status === 'True',
  );
  return `${open.length}/${gates.length}`;
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  column('Ready', (pod) => {
    const { ready, total } = summarizePod(pod);
    return `${ready}/${total}`;
  }),
  column('Status', (pod) => summarizePod(pod).status),
  column('Restarts', (pod, { nowMs }) => restartsCell(summarizePod(pod), nowMs)),
  ageColumn,
  wideColumn('IP', (pod) => orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP)),
  wideColumn('Node', (pod) => orNone(pod.spec?.nodeName)),
  wideColumn('Nominated Node', (pod) => orNone(pod.status?.nominatedNodeName)),
  wideColumn('Readiness Gates', readinessGatesCell),
];

/** A Pod that has ended: its row will not change any more. */
export function podRowConditions({ status }: Pod): readonly RowCondition[] {
  switch (status?.phase) {
    case 'Succeeded':
      return [completed('Succeeded', 'The pod has completed successfully.')];
    case 'Failed':
      return [completed('Failed', 'The pod failed.')];
    default:
      return [];
  }
}

function completed(reason: string, message: string): RowCondition {
  return { type: 'Completed', status: 'True', reason, message };
}
