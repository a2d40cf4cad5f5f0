import { isSidecar } from '../../api/core/pod-resources.ts';
import type { Container, ContainerStatus, PodPhase, PodSpec } from '../../api/types/core.v1.ts';
import { shouldRestart } from '../pods/restart-policy.ts';

interface PhaseInput {
  readonly spec: PodSpec;
  readonly initContainerStatuses: readonly ContainerStatus[];
  readonly containerStatuses: readonly ContainerStatus[];
  /** Nothing will be started any more, whatever the restart policy. */
  readonly isTerminal: boolean;
}

/** How far a Pod has come (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase). */
export function podPhase({ spec, initContainerStatuses, containerStatuses, isTerminal }: PhaseInput): PodPhase {
  const init = initializationOf(spec, initContainerStatuses);
  if (init.hasFailed) return 'Failed';
  const sidecars = sidecarsOf(spec, initContainerStatuses);
  const regular = regularOf(spec, containerStatuses);
  const running = sidecars.running + regular.running;
  const unknown = sidecars.unknown + regular.unknown;
  const hasRun = containerStatuses.some(({ state, lastState }) =>
    [state?.running, state?.terminated, lastState?.terminated].some((each) => each !== undefined),
  );
  if (init.pending > 0 || (sidecars.pending > 0 && !hasRun)) return 'Pending';
  if (sidecars.waiting + regular.waiting > 0) return 'Pending';
  if (running > 0 && unknown === 0) return 'Running';
  if (running > 0 || unknown > 0 || regular.stopped === 0) return 'Pending';
  if (!isTerminal && regular.restartable > 0) return 'Running';
  return regular.stopped === regular.succeeded ? 'Succeeded' : 'Failed';
}

function terminationOf({ state, lastState }: ContainerStatus): { readonly exitCode: number } | undefined {
  if (state?.running !== undefined) return undefined;
  return state?.terminated ?? lastState?.terminated;
}

function named(statuses: readonly ContainerStatus[], { name }: Container): ContainerStatus | undefined {
  return statuses.find((status) => status.name === name);
}

/** Of the init containers that run to their end. */
function initializationOf(
  spec: PodSpec,
  statuses: readonly ContainerStatus[],
): { readonly pending: number; readonly hasFailed: boolean } {
  let pending = 0;
  let hasFailed = false;
  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container)) continue;
    const status = named(statuses, container);
    const termination = status === undefined ? undefined : terminationOf(status);
    if (termination === undefined) pending++;
    else if (termination.exitCode !== 0 && !shouldRestart(container, spec, termination.exitCode)) hasFailed = true;
  }
  return { pending, hasFailed };
}

function sidecarsOf(
  spec: PodSpec,
  statuses: readonly ContainerStatus[],
): { readonly pending: number; readonly running: number; readonly waiting: number; readonly unknown: number } {
  const counts = { pending: 0, running: 0, waiting: 0, unknown: 0 };
  for (const container of spec.initContainers ?? []) {
    if (!isSidecar(container)) continue;
    const status = named(statuses, container);
    if (status?.state?.running !== undefined) {
      counts.running++;
      if (status.started !== true) counts.pending++;
    } else if (status?.state?.waiting !== undefined) {
      if (status.lastState?.terminated !== undefined) continue;
      counts.pending++;
      counts.waiting++;
    } else if (status?.state?.terminated === undefined) {
      counts.unknown++;
      if (status !== undefined) counts.pending++;
    }
  }
  return counts;
}

interface RegularCounts {
  running: number;
  waiting: number;
  unknown: number;
  stopped: number;
  succeeded: number;
  restartable: number;
}

function regularOf(spec: PodSpec, statuses: readonly ContainerStatus[]): RegularCounts {
  const counts: RegularCounts = { running: 0, waiting: 0, unknown: 0, stopped: 0, succeeded: 0, restartable: 0 };
  for (const container of spec.containers ?? []) {
    const status = named(statuses, container);
    const termination = status === undefined ? undefined : terminationOf(status);
    if (status?.state?.running !== undefined) counts.running++;
    else if (termination !== undefined) {
      counts.stopped++;
      if (shouldRestart(container, spec, termination.exitCode)) counts.restartable++;
      if (status?.state?.terminated?.exitCode === 0) counts.succeeded++;
    } else if (status?.state?.waiting !== undefined) counts.waiting++;
    else counts.unknown++;
  }
  return counts;
}
