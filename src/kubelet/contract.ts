/**
 * What the kubelet stands on: a container runtime, spoken to as the Container Runtime Interface has it
 * (https://kubernetes.io/docs/concepts/architecture/cri/, `runtime.v1`). Messages and fields bear CRI's names; only what
 * the kubelet uses is here. Every call may throw a RuntimeError, or the signal's reason when that aborts.
 */

/** Nanoseconds since the epoch; 0n: not yet. */
export type Nanoseconds = bigint;

export type StringMap = Readonly<Record<string, string>>;

export interface VersionResponse {
  readonly version: string;
  /** `containerd`, `cri-o`, `simulated`: the scheme of container ids in the API. */
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  readonly runtimeApiVersion: string;
}

export interface RuntimeCondition {
  /** `RuntimeReady`, `NetworkReady`. */
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

export interface RuntimeStatus {
  readonly conditions: readonly RuntimeCondition[];
}

export interface PodSandboxMetadata {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly attempt: number;
}

export type NamespaceMode = 'POD' | 'CONTAINER' | 'NODE' | 'TARGET';

export interface NamespaceOption {
  readonly network: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
}

export interface PortMapping {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp: string;
}

export interface PodSandboxConfig {
  readonly metadata: PodSandboxMetadata;
  readonly hostname: string;
  readonly logDirectory: string;
  readonly portMappings: readonly PortMapping[];
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly linux: { readonly securityContext: { readonly namespaceOptions: NamespaceOption } };
}

export type PodSandboxState = 'SANDBOX_READY' | 'SANDBOX_NOTREADY';

export interface PodSandboxStatus {
  readonly id: string;
  readonly metadata: PodSandboxMetadata;
  readonly state: PodSandboxState;
  readonly createdAt: Nanoseconds;
  /** Undefined on the host's network. */
  readonly network?: { readonly ip: string; readonly additionalIps: readonly { readonly ip: string }[] };
  readonly linux: { readonly namespaces: { readonly options: NamespaceOption } };
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly runtimeHandler: string;
}

export interface PodSandboxFilter {
  readonly id?: string;
  readonly state?: PodSandboxState;
  readonly labelSelector?: StringMap;
}

export interface ImageSpec {
  readonly image: string;
  readonly annotations: StringMap;
  readonly userSpecifiedImage: string;
  readonly runtimeHandler: string;
}

export interface Mount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readonly: boolean;
}

export interface ContainerMetadata {
  readonly name: string;
  readonly attempt: number;
}

export interface ContainerConfig {
  readonly metadata: ContainerMetadata;
  readonly image: ImageSpec;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly envs: readonly { readonly key: string; readonly value: string }[];
  readonly mounts: readonly Mount[];
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** Relative to the sandbox's log directory. */
  readonly logPath: string;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
}

export type ContainerState = 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN';

export interface RuntimeContainer {
  readonly id: string;
  readonly podSandboxId: string;
  readonly metadata: ContainerMetadata;
  readonly state: ContainerState;
  readonly createdAt: Nanoseconds;
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

export interface RuntimeContainerStatus {
  readonly id: string;
  readonly metadata: ContainerMetadata;
  readonly state: ContainerState;
  readonly createdAt: Nanoseconds;
  readonly startedAt: Nanoseconds;
  readonly finishedAt: Nanoseconds;
  readonly exitCode: number;
  readonly image: ImageSpec;
  readonly imageRef: string;
  /** `Completed`, `Error`, `OOMKilled`. */
  readonly reason: string;
  readonly message: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly mounts: readonly Mount[];
  readonly logPath: string;
}

export interface ContainerFilter {
  readonly id?: string;
  readonly state?: ContainerState;
  readonly podSandboxId?: string;
  readonly labelSelector?: StringMap;
}

export interface ExecSyncResponse {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}

export interface RuntimeImage {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Bytes. */
  readonly size: bigint;
}

export interface AuthConfig {
  readonly username: string;
  readonly password: string;
  readonly auth: string;
  readonly serverAddress: string;
  readonly identityToken: string;
  readonly registryToken: string;
}

export interface ContainerStats {
  readonly attributes: {
    readonly id: string;
    readonly metadata: ContainerMetadata;
    readonly labels: StringMap;
    readonly annotations: StringMap;
  };
  readonly cpu: {
    readonly timestamp: Nanoseconds;
    readonly usageCoreNanoSeconds: bigint;
    readonly usageNanoCores: bigint;
  };
  readonly memory: {
    readonly timestamp: Nanoseconds;
    readonly workingSetBytes: bigint;
    readonly usageBytes: bigint;
  };
}

export interface LogOptions {
  readonly follow?: boolean;
  /** Of the end. */
  readonly tailLines?: number;
  readonly sinceMs?: number;
}

export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly timestamp: Nanoseconds;
  /** Without its line break. */
  readonly line: string;
}

/** The streams of a process that a user runs in a container. */
export interface ExecStreams {
  readonly stdin?: AsyncIterable<Uint8Array>;
  stdout(bytes: Uint8Array): void;
  stderr(bytes: Uint8Array): void;
}

export interface ExecOptions {
  readonly cmd: readonly string[];
  readonly tty: boolean;
}

/** Containers and the sandboxes that they share: CRI's `RuntimeService`. */
export interface RuntimeService {
  version(signal?: AbortSignal): Promise<VersionResponse>;
  status(signal?: AbortSignal): Promise<RuntimeStatus>;
  updateRuntimeConfig(config: { readonly networkConfig: { readonly podCidr: string } }): Promise<void>;

  /** Resolves with the sandbox's id when it has its network. */
  runPodSandbox(config: PodSandboxConfig, runtimeHandler: string, signal?: AbortSignal): Promise<string>;
  /** Kills what still runs in it and takes its network away. Stopping again does nothing. */
  stopPodSandbox(podSandboxId: string, signal?: AbortSignal): Promise<void>;
  /** Removes its containers too. Removing again does nothing. */
  removePodSandbox(podSandboxId: string, signal?: AbortSignal): Promise<void>;
  podSandboxStatus(podSandboxId: string, signal?: AbortSignal): Promise<PodSandboxStatus>;
  listPodSandbox(filter: PodSandboxFilter, signal?: AbortSignal): Promise<readonly PodSandboxStatus[]>;

  createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    sandboxConfig: PodSandboxConfig,
    signal?: AbortSignal,
  ): Promise<string>;
  startContainer(containerId: string, signal?: AbortSignal): Promise<void>;
  /** Asks it to stop and kills it after the timeout; resolves when it has ended. Stopping again does nothing. */
  stopContainer(containerId: string, timeoutSeconds: number, signal?: AbortSignal): Promise<void>;
  removeContainer(containerId: string, signal?: AbortSignal): Promise<void>;
  listContainers(filter: ContainerFilter, signal?: AbortSignal): Promise<readonly RuntimeContainer[]>;
  containerStatus(containerId: string, signal?: AbortSignal): Promise<RuntimeContainerStatus>;
  /** @param timeoutSeconds 0: none. One that takes longer throws a RuntimeError of code DeadlineExceeded. */
  execSync(
    containerId: string,
    cmd: readonly string[],
    timeoutSeconds: number,
    signal?: AbortSignal,
  ): Promise<ExecSyncResponse>;
  listContainerStats(filter: ContainerFilter, signal?: AbortSignal): Promise<readonly ContainerStats[]>;

  /** Resolves with the exit code. */
  exec(containerId: string, options: ExecOptions, streams: ExecStreams, signal?: AbortSignal): Promise<number>;
  logs(containerId: string, options: LogOptions, signal?: AbortSignal): AsyncIterable<LogLine>;

  /**
   * Told of the pods (by uid) whose sandboxes or containers changed (CRI's `GetContainerEvents`). Returns what ends it.
   * A runtime without it is asked for its containers every second (`RelistingEvents`).
   */
  onPodChange?(listener: (podUid: string) => void): () => void;
}

/** CRI's `ImageService`. */
export interface ImageService {
  listImages(signal?: AbortSignal): Promise<readonly RuntimeImage[]>;
  /** Undefined when it is not there. */
  imageStatus(image: ImageSpec, signal?: AbortSignal): Promise<RuntimeImage | undefined>;
  /** Resolves with the reference by which a container is made of it. */
  pullImage(
    image: ImageSpec,
    auth: AuthConfig | undefined,
    sandboxConfig: PodSandboxConfig,
    signal?: AbortSignal,
  ): Promise<string>;
  removeImage(image: ImageSpec, signal?: AbortSignal): Promise<void>;
}

export interface Runtime extends RuntimeService, ImageService {}

export type ProbeType = 'startup' | 'liveness' | 'readiness';

export interface ProbeResult {
  /** `warning` counts as success and is told. */
  readonly result: 'success' | 'warning' | 'failure';
  readonly output: string;
}

/** Codes of gRPC, as runtimes use them. */
export type RuntimeErrorCode =
  | 'NotFound'
  | 'DeadlineExceeded'
  | 'Unavailable'
  | 'InvalidArgument'
  | 'FailedPrecondition'
  | 'Unimplemented'
  | 'Unknown';

/** What a runtime refuses; the message is the runtime's own. */
export class RuntimeError extends Error {
  override name = 'RuntimeError';
  readonly code: RuntimeErrorCode;

  constructor(code: RuntimeErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === 'NotFound';
}

/** Labels by which the kubelet finds what it made (upstream's `pkg/kubelet/types`). */
export const podNameLabel = 'io.kubernetes.pod.name';
export const podNamespaceLabel = 'io.kubernetes.pod.namespace';
export const podUidLabel = 'io.kubernetes.pod.uid';
export const containerNameLabel = 'io.kubernetes.container.name';
