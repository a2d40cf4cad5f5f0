/** What has to be done so that the runtime has what a Pod's spec says. Pure: the worker does it. */
import { isSidecar } from '../../api/core/pod-resources.ts';
import type { Container, Pod, PodSpec } from '../../api/types/core.v1.ts';
import type { RuntimeContainerStatus } from '../contract.ts';
import { shouldRestart } from './restart-policy.ts';
import { isRunning, latestContainer, type PodRuntimeStatus } from './runtime-status.ts';

export type KillReason = 'livenessProbe' | 'startupProbe' | 'unknown' | '';

export interface ContainerToKill {
  readonly id: string;
  readonly container: Container;
  readonly message: string;
  readonly reason: KillReason;
}

export interface PodActions {
  /** Ends everything first. */
  readonly killPod: boolean;
  readonly createSandbox: boolean;
  /** Of the sandbox to create. */
  readonly attempt: number;
  /** The sandbox in use; of one that is replaced, the old one. */
  readonly sandboxId: string | undefined;
  readonly containersToKill: readonly ContainerToKill[];
  readonly ephemeralContainersToStart: readonly Container[];
  readonly initContainersToStart: readonly Container[];
  readonly containersToStart: readonly Container[];
}

/** What probes said last of a container, by its id; undefined: nothing yet, or nobody asks. */
export interface ProbeResults {
  liveness(containerId: string): 'success' | 'failure' | undefined;
  startup(containerId: string): 'success' | 'failure' | undefined;
}

type Draft = { -readonly [Field in keyof PodActions]: PodActions[Field] };

export function computePodActions(pod: Pod, status: PodRuntimeStatus, probes: ProbeResults): PodActions {
  const { spec } = pod;
  const { isChanged, attempt, sandboxId } = sandboxChange(spec, status);
  const actions: Draft = {
    killPod: isChanged,
    createSandbox: isChanged,
    attempt,
    sandboxId,
    containersToKill: [],
    ephemeralContainersToStart: [],
    initContainersToStart: [],
    containersToStart: [],
  };
  if (isChanged) return startOver(pod, status, actions);
  // What an earlier sandbox held does not count for this one.
  const active = { containers: status.containers.filter(({ podSandboxId }) => podSandboxId === sandboxId) };
  actions.ephemeralContainersToStart = ephemeralContainers(spec).filter(
    ({ name }) => latestContainer(active, name) === undefined,
  );
  if (!initialize(spec, active, probes, actions)) return actions;
  return keepContainers(spec, active, probes, actions);
}

export function ephemeralContainers({ ephemeralContainers: containers }: PodSpec): Container[] {
  return (containers ?? []) as Container[];
}

export interface SandboxChange {
  /** Whether a new sandbox is needed. */
  readonly isChanged: boolean;
  readonly attempt: number;
  readonly sandboxId: string | undefined;
}

export function sandboxChange({ hostNetwork = false }: PodSpec, { sandboxes }: PodRuntimeStatus): SandboxChange {
  const [newest] = sandboxes;
  if (newest === undefined) return { isChanged: true, attempt: 0, sandboxId: undefined };
  const { id, metadata, state, network, linux } = newest;
  const ready = sandboxes.filter((sandbox) => sandbox.state === 'SANDBOX_READY').length;
  const isOnHost = linux.namespaces.options.network === 'NODE';
  const hasAddress = hostNetwork || (network !== undefined && network.ip !== '');
  const isUsable = state === 'SANDBOX_READY' && ready === 1 && isOnHost === hostNetwork && hasAddress;
  return { isChanged: !isUsable, attempt: isUsable ? metadata.attempt : metadata.attempt + 1, sandboxId: id };
}

function startOver({ spec }: Pod, status: PodRuntimeStatus, actions: Draft): PodActions {
  const containers = spec.containers ?? [];
  const toStart = containers.filter((container) => {
    const last = latestContainer(status, container.name);
    return last?.state !== 'CONTAINER_EXITED' || shouldRestart(container, spec, last.exitCode);
  });
  // One that was only created has not run: it may still.
  const hasRun = containers.some(({ name }) => {
    const state = latestContainer(status, name)?.state;
    return state !== undefined && state !== 'CONTAINER_CREATED';
  });
  if (hasRun && (toStart.length === 0 || isFinished(spec, actions))) return { ...actions, createSandbox: false };
  const [firstInit] = spec.initContainers ?? [];
  return firstInit === undefined
    ? { ...actions, containersToStart: toStart }
    : { ...actions, initContainersToStart: [firstInit] };
}

/** What is never restarted does not begin anew in another sandbox once its containers have been there. */
function isFinished({ restartPolicy, containers }: PodSpec, { attempt }: PodActions): boolean {
  const mayRestart = restartPolicy !== 'Never' || (containers ?? []).some((each) => each.restartPolicy !== undefined);
  return !mayRestart && attempt > 0;
}

/** Decides about init containers and sidecars; false while the containers have to wait, or the Pod has failed. */
function initialize(
  spec: PodSpec,
  active: Pick<PodRuntimeStatus, 'containers'>,
  probes: ProbeResults,
  actions: Draft,
): boolean {
  const containers = spec.initContainers ?? [];
  if (containers.length === 0) return true;
  const wasInitialized = (spec.containers ?? []).some(({ name }) => latestContainer(active, name) !== undefined);
  // An init container that ended well may have been removed since: that a later one was started proves it.
  const furthest = containers.findLastIndex(({ name }) => latestContainer(active, name) !== undefined);
  const start: Container[] = [];
  const kill: ContainerToKill[] = [];
  let isInitialized = true;
  for (const [index, container] of containers.entries()) {
    const isPassed = wasInitialized || index < furthest;
    const last = latestContainer(active, container.name);
    const next = isSidecar(container)
      ? sidecarStep(container, last, probes, kill)
      : isPassed
        ? 'done'
        : initStep(container, spec, last);
    if (next === 'start') start.push(container);
    if (next === 'fail') {
      actions.killPod = true;
      return false;
    }
    if (next !== 'done' && !isPassed) {
      isInitialized = false;
      break;
    }
  }
  actions.initContainersToStart = start;
  actions.containersToKill = kill;
  return isInitialized;
}

type InitStep = 'start' | 'wait' | 'done' | 'fail';

function initStep(container: Container, spec: PodSpec, last: RuntimeContainerStatus | undefined): InitStep {
  if (last === undefined || last.state === 'CONTAINER_CREATED') return 'start';
  if (isRunning(last)) return 'wait';
  if (last.state === 'CONTAINER_EXITED' && last.exitCode === 0) return 'done';
  // An init container runs until it succeeds, unless nothing is restarted.
  const policy = { ...spec, restartPolicy: spec.restartPolicy === 'Never' ? 'Never' : 'OnFailure' } as PodSpec;
  return shouldRestart(container, policy, last.exitCode) ? 'start' : 'fail';
}

function sidecarStep(
  container: Container,
  last: RuntimeContainerStatus | undefined,
  probes: ProbeResults,
  kill: ContainerToKill[],
): InitStep {
  if (last === undefined || !isRunning(last)) return 'start';
  const failed = failedProbe(container, last, probes);
  if (failed !== undefined) {
    kill.push({ ...failed, message: `${failed.message}, will be restarted` });
    return 'start';
  }
  return container.startupProbe === undefined || probes.startup(last.id) === 'success' ? 'done' : 'wait';
}

function failedProbe(
  container: Container,
  { id }: RuntimeContainerStatus,
  probes: ProbeResults,
): ContainerToKill | undefined {
  const { name } = container;
  if (probes.liveness(id) === 'failure') {
    return { id, container, message: `Container ${name} failed liveness probe`, reason: 'livenessProbe' };
  }
  if (probes.startup(id) === 'failure') {
    return { id, container, message: `Container ${name} failed startup probe`, reason: 'startupProbe' };
  }
  return undefined;
}

function keepContainers(
  spec: PodSpec,
  active: Pick<PodRuntimeStatus, 'containers'>,
  probes: ProbeResults,
  actions: Draft,
): PodActions {
  const start: Container[] = [];
  const kill = [...actions.containersToKill];
  let kept = 0;
  for (const container of spec.containers ?? []) {
    const last = latestContainer(active, container.name);
    if (last === undefined || !isRunning(last)) {
      const ended = last?.state === 'CONTAINER_EXITED';
      if (!ended || shouldRestart(container, spec, last.exitCode)) start.push(container);
      if (last?.state === 'CONTAINER_UNKNOWN') {
        const message = 'Container is in "unknown" state, try killing it before restart';
        kill.push({ id: last.id, container, message, reason: 'unknown' });
      }
      continue;
    }
    const failed = failedProbe(container, last, probes);
    if (failed === undefined) {
      kept++;
      continue;
    }
    // A container that is killed ends with a code that is not 0.
    const isRestarted = shouldRestart(container, spec, killedExitCode);
    kill.push(isRestarted ? { ...failed, message: `${failed.message}, will be restarted` } : failed);
    if (isRestarted) start.push(container);
  }
  const isOver = kept === 0 && start.length === 0;
  return {
    ...actions,
    killPod: isOver,
    containersToKill: kill,
    containersToStart: start,
    // Sidecars alone do not keep a Pod alive.
    initContainersToStart: isOver ? [] : actions.initContainersToStart,
  };
}

const killedExitCode = 137;
