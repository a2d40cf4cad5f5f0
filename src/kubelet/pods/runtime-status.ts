import { podUidLabel, type PodSandboxStatus, type RuntimeContainerStatus, type RuntimeService } from '../contract.ts';

export interface PodContainer extends RuntimeContainerStatus {
  readonly podSandboxId: string;
}

/** What the runtime knows of one Pod. */
export interface PodRuntimeStatus {
  /** The newest first. */
  readonly sandboxes: readonly PodSandboxStatus[];
  /** Of all its sandboxes, the newest first. */
  readonly containers: readonly PodContainer[];
  /** Of the newest sandbox when that is ready. */
  readonly ips: readonly string[];
}

export const nothingRuns: PodRuntimeStatus = { sandboxes: [], containers: [], ips: [] };

export async function readPodRuntimeStatus(runtime: RuntimeService, podUid: string): Promise<PodRuntimeStatus> {
  const labelSelector = { [podUidLabel]: podUid };
  const [sandboxes, containers] = await Promise.all([
    runtime.listPodSandbox({ labelSelector }),
    runtime.listContainers({ labelSelector }),
  ]);
  if (sandboxes.length === 0 && containers.length === 0) return nothingRuns;
  const [sandboxStatuses, containerStatuses] = await Promise.all([
    Promise.all(sandboxes.map(({ id }) => runtime.podSandboxStatus(id))),
    Promise.all(
      containers.map(async ({ id, podSandboxId }): Promise<PodContainer> => {
        return { ...(await runtime.containerStatus(id)), podSandboxId };
      }),
    ),
  ]);
  // Attempts tell apart what was made within the same nanosecond, or while the clock stood still.
  sandboxStatuses.sort((a, b) => b.metadata.attempt - a.metadata.attempt || compare(b.createdAt, a.createdAt));
  containerStatuses.sort((a, b) => compare(b.createdAt, a.createdAt) || b.metadata.attempt - a.metadata.attempt);
  return { sandboxes: sandboxStatuses, containers: containerStatuses, ips: ipsOf(sandboxStatuses[0]) };
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function ipsOf(sandbox: PodSandboxStatus | undefined): readonly string[] {
  if (sandbox?.state !== 'SANDBOX_READY' || sandbox.network === undefined || sandbox.network.ip === '') return [];
  return [sandbox.network.ip, ...sandbox.network.additionalIps.map(({ ip }) => ip)];
}

/** The newest container of a name, running or not. */
export function latestContainer(
  { containers }: Pick<PodRuntimeStatus, 'containers'>,
  name: string,
): PodContainer | undefined {
  return containers.find(({ metadata }) => metadata.name === name);
}

export function isRunning(status: RuntimeContainerStatus | undefined): boolean {
  return status?.state === 'CONTAINER_RUNNING';
}
