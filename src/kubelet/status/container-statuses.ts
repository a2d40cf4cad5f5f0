import { isSidecar } from '../../api/core/pod-resources.ts';
import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  PodSpec,
  VolumeMountStatus,
} from '../../api/types/core.v1.ts';
import { formatTime } from '../../machinery/time.ts';
import type { Nanoseconds } from '../contract.ts';
import { ephemeralContainers } from '../pods/actions.ts';
import { shouldRestart } from '../pods/restart-policy.ts';
import type { PodContainer, PodRuntimeStatus } from '../pods/runtime-status.ts';

/** Why a container is not there yet: what its last start, or the one that is put off, met. */
export interface WaitingReason {
  /** `CrashLoopBackOff`, `ErrImagePull`. */
  readonly reason: string;
  readonly message: string;
}

/** What probes say of a running container. */
export interface Readiness {
  isStarted(container: Container, containerId: string): boolean;
  isReady(container: Container, containerId: string): boolean;
}

export interface ContainerStatusSource {
  readonly pod: Pod;
  readonly runtime: PodRuntimeStatus;
  /** `containerd`, `simulated`: the scheme of ids. */
  readonly runtimeName: string;
  readonly readiness: Readiness;
  /** Nothing runs and nothing will be started any more. */
  readonly isTerminal: boolean;
  waiting(containerName: string): WaitingReason | undefined;
}

export interface AllContainerStatuses {
  readonly initContainerStatuses: readonly ContainerStatus[];
  readonly containerStatuses: readonly ContainerStatus[];
  readonly ephemeralContainerStatuses: readonly ContainerStatus[];
}

const stateUnknown = 'ContainerStatusUnknown';

/** The status of every container of a Pod, in the order of its spec. */
export function containerStatusesOf(source: ContainerStatusSource): AllContainerStatuses {
  const { spec, status = {} } = source.pod;
  return {
    initContainerStatuses: (spec.initContainers ?? []).map((container) =>
      statusOf(source, container, 'init', find(status.initContainerStatuses, container.name)),
    ),
    containerStatuses: (spec.containers ?? []).map((container) =>
      statusOf(source, container, 'regular', find(status.containerStatuses, container.name)),
    ),
    ephemeralContainerStatuses: ephemeralContainers(spec).map((container) =>
      statusOf(source, container, 'ephemeral', find(status.ephemeralContainerStatuses, container.name)),
    ),
  };
}

function find(statuses: readonly ContainerStatus[] | undefined, name: string): ContainerStatus | undefined {
  return statuses?.find((status) => status.name === name);
}

type ContainerKind = 'init' | 'regular' | 'ephemeral';

function statusOf(
  source: ContainerStatusSource,
  container: Container,
  kind: ContainerKind,
  old: ContainerStatus | undefined,
): ContainerStatus {
  const { pod, runtime } = source;
  const [current, last] = runtime.containers.filter(({ metadata }) => metadata.name === container.name);
  const known =
    current === undefined ? absentStatus(pod, container, old) : knownStatus(source, container, current, last, old);
  const shown = source.isTerminal
    ? withEnd(source.pod, kind, known)
    : withWaiting(source, container, kind, current, known);
  return withReadiness(source, container, kind, shown);
}

/** In a Pod that is over, a container of which no end is known has failed, once it could have run. */
function withEnd({ spec, status }: Pod, kind: ContainerKind, known: ContainerStatus): ContainerStatus {
  const isInitialized =
    (spec.initContainers ?? []).length === 0 ||
    status?.conditions?.some(({ type, status: value }) => type === 'Initialized' && value === 'True') === true;
  if (known.state?.terminated !== undefined || (kind !== 'init' && !isInitialized)) return known;
  const message = 'The container could not be located when the pod was terminated';
  const terminated = { exitCode: 137, reason: stateUnknown, message, startedAt: null, finishedAt: null };
  return { ...known, state: { terminated } };
}

/** Of a container that the runtime does not know. */
function absentStatus(
  { metadata, spec }: Pod,
  container: Container,
  old: ContainerStatus | undefined,
): ContainerStatus {
  if (old?.state?.terminated !== undefined) return old;
  const hasInit = (spec.initContainers ?? []).length > 0;
  const status = baseStatus(container, { waiting: { reason: hasInit ? 'PodInitializing' : 'ContainerCreating' } });
  if (old === undefined) return status;
  status.restartCount = old.restartCount;
  if (old.lastState !== undefined) status.lastState = old.lastState;
  if (old.state?.running === undefined || old.lastState?.terminated !== undefined) return status;
  status.lastState = {
    terminated: {
      exitCode: 137,
      reason: stateUnknown,
      message: 'The container could not be located when the pod was deleted.  The container used to be Running',
      startedAt: null,
      finishedAt: null,
    },
  };
  if (metadata.deletionTimestamp === undefined) status.restartCount++;
  return status;
}

function baseStatus(container: Container, state: ContainerState): ContainerStatus {
  const mounts = mountStatuses(container);
  return {
    name: container.name,
    state,
    lastState: {},
    ready: false,
    restartCount: 0,
    image: container.image ?? '',
    imageID: '',
    ...(mounts.length === 0 ? {} : { volumeMounts: mounts }),
  };
}

function mountStatuses({ volumeMounts = [] }: Container): VolumeMountStatus[] {
  return volumeMounts.map(({ name, mountPath, readOnly = false }) => ({
    name,
    mountPath,
    ...(readOnly ? { readOnly, recursiveReadOnly: 'Disabled' as const } : {}),
  }));
}

function knownStatus(
  { runtimeName }: ContainerStatusSource,
  container: Container,
  current: PodContainer,
  last: PodContainer | undefined,
  old: ContainerStatus | undefined,
): ContainerStatus {
  const containerID = `${runtimeName}://${current.id}`;
  const status = baseStatus(container, stateOf(current, containerID));
  status.containerID = containerID;
  status.imageID = current.imageRef;
  status.image = current.image.userSpecifiedImage || current.image.image;
  status.restartCount = current.metadata.attempt;
  const { requests } = container.resources ?? {};
  status.resources = container.resources ?? {};
  if (requests !== undefined) status.allocatedResources = requests;
  if (last !== undefined) status.lastState = stateOf(last, `${runtimeName}://${last.id}`);
  else if (old?.lastState?.terminated !== undefined && old.restartCount === status.restartCount) {
    status.lastState = old.lastState;
  }
  return status;
}

function stateOf(container: PodContainer, containerID: string): ContainerState {
  switch (container.state) {
    case 'CONTAINER_RUNNING':
      return { running: { startedAt: timeOf(container.startedAt) } };
    case 'CONTAINER_EXITED': {
      const { exitCode, reason, message, startedAt, finishedAt } = container;
      return {
        terminated: {
          exitCode,
          ...(reason === '' ? {} : { reason }),
          ...(message === '' ? {} : { message }),
          startedAt: timeOf(startedAt),
          finishedAt: timeOf(finishedAt),
          containerID,
        },
      };
    }
    default:
      return { waiting: {} };
  }
}

/** `metav1.Time`; null for what has not happened. */
export function timeOf(moment: Nanoseconds): string | null {
  return moment === 0n ? null : formatTime(Number(moment / 1_000_000n));
}

/** One that could not be started, or has to wait before it is started again, is shown as waiting, with the reason. */
function withWaiting(
  { pod, waiting }: ContainerStatusSource,
  container: Container,
  kind: ContainerKind,
  current: PodContainer | undefined,
  status: ContainerStatus,
): ContainerStatus {
  if (current !== undefined && !isToBeStarted(container, kind, pod.spec, current)) return status;
  const why = waiting(container.name);
  if (why === undefined || status.state?.running !== undefined) return status;
  const { reason, message } = why;
  const lastState = status.state?.terminated === undefined ? status.lastState : status.state;
  return {
    ...status,
    state: { waiting: { reason, ...(message === '' ? {} : { message }) } },
    ...(lastState === undefined ? {} : { lastState }),
  };
}

function isToBeStarted(container: Container, kind: ContainerKind, spec: PodSpec, current: PodContainer): boolean {
  if (current.state !== 'CONTAINER_EXITED') return current.state === 'CONTAINER_CREATED';
  if (kind === 'ephemeral') return false;
  if (kind === 'init' && !isSidecar(container) && current.exitCode === 0) return false;
  return kind === 'init' || shouldRestart(container, spec, current.exitCode);
}

function withReadiness(
  { readiness, runtimeName }: ContainerStatusSource,
  container: Container,
  kind: ContainerKind,
  status: ContainerStatus,
): ContainerStatus {
  const isUp = status.state?.running !== undefined;
  const id = status.containerID?.slice(runtimeName.length + '://'.length) ?? '';
  if (kind === 'ephemeral') return { ...status, ready: false };
  const started = isUp && readiness.isStarted(container, id);
  if (kind === 'init' && !isSidecar(container)) {
    return { ...status, started: false, ready: status.state?.terminated?.exitCode === 0 };
  }
  return { ...status, started, ready: started && readiness.isReady(container, id) };
}
