/** The Container Runtime Interface over gRPC: containerd, CRI-O. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  isNotFound,
  RuntimeError,
  type AuthConfig,
  type ContainerConfig,
  type ContainerFilter,
  type ContainerStats,
  type ExecSyncResponse,
  type ImageSpec,
  type LogLine,
  type LogOptions,
  type NamespaceOption,
  type PodSandboxConfig,
  type PodSandboxFilter,
  type PodSandboxStatus,
  type Runtime,
  type RuntimeContainer,
  type RuntimeContainerStatus,
  type RuntimeImage,
  type RuntimeStatus,
  type VersionResponse,
} from '../../contract.ts';
import { readLog } from './log-file.ts';
import { ServiceClient } from './service-client.ts';

/** Upstream's `--runtime-request-timeout`; pulling an image and starting a sandbox may take longer. */
const requestTimeoutMs = 2 * 60_000;
const slowTimeoutMs = 15 * 60_000;
/** More than a container's grace period, so that the runtime answers first. */
const stopGraceMs = 30_000;

/** As CRI's messages come from gRPC: 64-bit numbers are text. */
type Wire<T> = T extends bigint
  ? string
  : T extends Uint8Array
    ? T
    : T extends object
      ? { [K in keyof T]: Wire<T[K]> }
      : T;

function sandboxOf(status: Wire<PodSandboxStatus>): PodSandboxStatus {
  const { createdAt, network, ...rest } = status;
  const hasNetwork = network !== undefined && network !== null && network.ip !== '';
  return { ...rest, createdAt: BigInt(createdAt), ...(hasNetwork ? { network } : {}) } as PodSandboxStatus;
}

const noOptions: NamespaceOption = { network: 'POD', pid: 'CONTAINER', ipc: 'POD' };

export class CriRuntime implements Runtime {
  readonly #runtime: ServiceClient;
  readonly #images: ServiceClient;

  /** @param imageSocketPath Where images are served; default: at the same socket. */
  constructor(socketPath: string, imageSocketPath: string = socketPath) {
    this.#runtime = new ServiceClient(socketPath, 'RuntimeService', requestTimeoutMs);
    this.#images = new ServiceClient(imageSocketPath, 'ImageService', requestTimeoutMs);
  }

  close(): void {
    this.#runtime.close();
    this.#images.close();
  }

  version(signal?: AbortSignal): Promise<VersionResponse> {
    return this.#runtime.call('Version', { version: 'v1' }, { signal });
  }

  async status(signal?: AbortSignal): Promise<RuntimeStatus> {
    return (await this.#runtime.call<{ status: RuntimeStatus }>('Status', {}, { signal })).status;
  }

  async updateRuntimeConfig(config: { readonly networkConfig: { readonly podCidr: string } }): Promise<void> {
    await this.#runtime.call('UpdateRuntimeConfig', { runtimeConfig: config });
  }

  async runPodSandbox(config: PodSandboxConfig, runtimeHandler: string, signal?: AbortSignal): Promise<string> {
    if (config.logDirectory !== '') await mkdir(config.logDirectory, { recursive: true, mode: 0o755 });
    const request = { config, runtimeHandler };
    const options = { signal, timeoutMs: slowTimeoutMs };
    return (await this.#runtime.call<{ podSandboxId: string }>('RunPodSandbox', request, options)).podSandboxId;
  }

  async stopPodSandbox(podSandboxId: string, signal?: AbortSignal): Promise<void> {
    await ignoringAbsence(this.#runtime.call('StopPodSandbox', { podSandboxId }, { signal }));
  }

  async removePodSandbox(podSandboxId: string, signal?: AbortSignal): Promise<void> {
    await ignoringAbsence(this.#runtime.call('RemovePodSandbox', { podSandboxId }, { signal }));
  }

  async podSandboxStatus(podSandboxId: string, signal?: AbortSignal): Promise<PodSandboxStatus> {
    const { status } = await this.#runtime.call<{ status: Wire<PodSandboxStatus> }>(
      'PodSandboxStatus',
      { podSandboxId },
      { signal },
    );
    return sandboxOf(status);
  }

  /** A list tells no addresses and no namespaces: those are in the status of each. */
  async listPodSandbox(
    { id, state, labelSelector }: PodSandboxFilter,
    signal?: AbortSignal,
  ): Promise<readonly PodSandboxStatus[]> {
    const filter = {
      ...(id === undefined ? {} : { id }),
      ...(state === undefined ? {} : { state: { state } }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    };
    const { items } = await this.#runtime.call<{ items: Wire<PodSandboxStatus>[] }>(
      'ListPodSandbox',
      { filter },
      { signal },
    );
    return items.map((item) => sandboxOf({ ...item, linux: { namespaces: { options: noOptions } } }));
  }

  async createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    sandboxConfig: PodSandboxConfig,
    signal?: AbortSignal,
  ): Promise<string> {
    // A runtime makes neither the directory of a Pod's logs nor that of a container's.
    if (config.logPath !== '')
      await mkdir(dirname(join(sandboxConfig.logDirectory, config.logPath)), { recursive: true });
    const mounts = config.mounts.map(({ containerPath, hostPath, readonly }) => ({
      containerPath,
      hostPath,
      readonly,
    }));
    // Values are bytes on the wire; protobuf's own form of bytes in text would be base64.
    const envs = config.envs.map(({ key, value }) => ({ key, value: Buffer.from(value, 'utf8') }));
    const request = { podSandboxId, config: { ...config, envs, mounts }, sandboxConfig };
    return (await this.#runtime.call<{ containerId: string }>('CreateContainer', request, { signal })).containerId;
  }

  async startContainer(containerId: string, signal?: AbortSignal): Promise<void> {
    await this.#runtime.call('StartContainer', { containerId }, { signal });
  }

  async stopContainer(containerId: string, timeoutSeconds: number, signal?: AbortSignal): Promise<void> {
    const timeoutMs = timeoutSeconds * 1000 + stopGraceMs;
    const request = { containerId, timeout: timeoutSeconds };
    await ignoringAbsence(this.#runtime.call('StopContainer', request, { signal, timeoutMs }));
  }

  async removeContainer(containerId: string, signal?: AbortSignal): Promise<void> {
    await ignoringAbsence(this.#runtime.call('RemoveContainer', { containerId }, { signal }));
  }

  async listContainers(
    { id, state, podSandboxId, labelSelector }: ContainerFilter,
    signal?: AbortSignal,
  ): Promise<readonly RuntimeContainer[]> {
    const filter = {
      ...(id === undefined ? {} : { id }),
      ...(state === undefined ? {} : { state: { state } }),
      ...(podSandboxId === undefined ? {} : { podSandboxId }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    };
    const { containers } = await this.#runtime.call<{ containers: Wire<RuntimeContainer>[] }>(
      'ListContainers',
      { filter },
      { signal },
    );
    return containers.map((one) => ({ ...one, createdAt: BigInt(one.createdAt) }) as RuntimeContainer);
  }

  async containerStatus(containerId: string, signal?: AbortSignal): Promise<RuntimeContainerStatus> {
    const { status } = await this.#runtime.call<{ status: Wire<RuntimeContainerStatus> }>(
      'ContainerStatus',
      { containerId },
      { signal },
    );
    return {
      ...status,
      createdAt: BigInt(status.createdAt),
      startedAt: BigInt(status.startedAt),
      finishedAt: BigInt(status.finishedAt),
    } as RuntimeContainerStatus;
  }

  execSync(
    containerId: string,
    cmd: readonly string[],
    timeoutSeconds: number,
    signal?: AbortSignal,
  ): Promise<ExecSyncResponse> {
    const timeoutMs = timeoutSeconds === 0 ? Infinity : timeoutSeconds * 1000 + stopGraceMs;
    return this.#runtime.call('ExecSync', { containerId, cmd, timeout: timeoutSeconds }, { signal, timeoutMs });
  }

  async listContainerStats({ id, podSandboxId, labelSelector }: ContainerFilter): Promise<readonly ContainerStats[]> {
    const filter = {
      ...(id === undefined ? {} : { id }),
      ...(podSandboxId === undefined ? {} : { podSandboxId }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    };
    const { stats } = await this.#runtime.call<{ stats: WireStats[] }>('ListContainerStats', { filter });
    return stats.map(statsOf);
  }

  exec(): Promise<number> {
    return Promise.reject(new RuntimeError('Unimplemented', 'exec over CRI is not implemented yet'));
  }

  async *logs(containerId: string, options: LogOptions, signal?: AbortSignal): AsyncGenerator<LogLine> {
    const { logPath } = await this.containerStatus(containerId, signal);
    yield* readLog(logPath, options);
  }

  async listImages(signal?: AbortSignal): Promise<readonly RuntimeImage[]> {
    const { images } = await this.#images.call<{ images: Wire<RuntimeImage>[] }>('ListImages', {}, { signal });
    return images.map(imageOf);
  }

  async imageStatus(image: ImageSpec, signal?: AbortSignal): Promise<RuntimeImage | undefined> {
    const answer = await this.#images.call<{ image?: Wire<RuntimeImage> | null }>('ImageStatus', { image }, { signal });
    return answer.image === undefined || answer.image === null ? undefined : imageOf(answer.image);
  }

  async pullImage(
    image: ImageSpec,
    auth: AuthConfig | undefined,
    sandboxConfig: PodSandboxConfig,
    signal?: AbortSignal,
  ): Promise<string> {
    const request = { image, ...(auth === undefined ? {} : { auth }), sandboxConfig };
    const options = { signal, timeoutMs: slowTimeoutMs };
    return (await this.#images.call<{ imageRef: string }>('PullImage', request, options)).imageRef;
  }

  async removeImage(image: ImageSpec, signal?: AbortSignal): Promise<void> {
    await this.#images.call('RemoveImage', { image }, { signal });
  }
}

/** To stop or remove again does nothing, whatever a runtime says to it. */
async function ignoringAbsence(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function imageOf({ id, repoTags, repoDigests, size }: Wire<RuntimeImage>): RuntimeImage {
  return { id, repoTags, repoDigests, size: BigInt(size) };
}

interface WireNumber {
  readonly value: string;
}

interface WireStats {
  readonly attributes: ContainerStats['attributes'];
  readonly cpu: {
    readonly timestamp: string;
    readonly usageCoreNanoSeconds: WireNumber | null;
    readonly usageNanoCores: WireNumber | null;
  } | null;
  readonly memory: {
    readonly timestamp: string;
    readonly workingSetBytes: WireNumber | null;
    readonly usageBytes: WireNumber | null;
  } | null;
}

function statsOf({ attributes, cpu, memory }: WireStats): ContainerStats {
  const number = (wire: WireNumber | null | undefined): bigint => BigInt(wire?.value ?? 0);
  return {
    attributes,
    cpu: {
      timestamp: BigInt(cpu?.timestamp ?? 0),
      usageCoreNanoSeconds: number(cpu?.usageCoreNanoSeconds),
      usageNanoCores: number(cpu?.usageNanoCores),
    },
    memory: {
      timestamp: BigInt(memory?.timestamp ?? 0),
      workingSetBytes: number(memory?.workingSetBytes),
      usageBytes: number(memory?.usageBytes),
    },
  };
}
