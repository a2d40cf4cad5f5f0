/** Which container of a Pod somebody means, with upstream's words where there is none. */
import type { ContainerStatus, PodStatus } from '../api/types/core.v1.ts';
import { quote } from '../machinery/quote.ts';

/** There is nothing to read, for now or at all. */
export class ContainerLogsError extends Error {
  override name = 'ContainerLogsError';
}

function statusOf(status: PodStatus, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status;
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses];
  return all.find((candidate) => candidate.name === name);
}

/** The runtime's id of an id with its scheme. */
function withoutScheme(containerID: string): string {
  return containerID.slice(containerID.indexOf('://') + '://'.length);
}

/** The container whose logs are meant: the one that runs, or else the one that ended last. Throws a ContainerLogsError. */
export function loggedContainerId(podName: string, podStatus: PodStatus, name: string, previous: boolean): string {
  const refuse = (what: string): ContainerLogsError => new ContainerLogsError(what);
  const where = `container ${quote(name)} in pod ${quote(podName)}`;
  const status = statusOf(podStatus, name);
  if (status === undefined) throw refuse(`${where} is not available`);
  const last = status.lastState?.terminated?.containerID;
  const { running, terminated, waiting } = status.state ?? {};
  if (previous) {
    if (last === undefined) throw refuse(`previous terminated ${where} not found`);
    return withoutScheme(last);
  }
  if (running !== undefined && status.containerID !== undefined) return withoutScheme(status.containerID);
  const ended = terminated?.containerID ?? last;
  if (ended !== undefined) return withoutScheme(ended);
  if (terminated !== undefined || status.lastState?.terminated !== undefined) throw refuse(`${where} is terminated`);
  if (waiting === undefined) throw refuse(`${where} is waiting to start - no logs yet`);
  const { reason = '' } = waiting;
  if (reason === 'ErrImagePull') throw refuse(`${where} is waiting to start: image can't be pulled`);
  if (reason === 'ImagePullBackOff') {
    throw refuse(`${where} is waiting to start: trying and failing to pull image`);
  }
  throw refuse(`${where} is waiting to start: ${reason}`);
}

export function runningContainerId(podStatus: PodStatus, name: string): string | undefined {
  const status = statusOf(podStatus, name);
  if (status?.state?.running === undefined || status.containerID === undefined) return undefined;
  return withoutScheme(status.containerID);
}
