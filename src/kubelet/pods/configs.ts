/** What the runtime is told of a Pod's sandbox and containers. */
import type { Container, Pod, PodSpec } from '../../api/types/core.v1.ts';
import {
  containerNameLabel,
  podNameLabel,
  podNamespaceLabel,
  podUidLabel,
  type ContainerConfig,
  type ImageSpec,
  type NamespaceMode,
  type PodSandboxConfig,
  type PortMapping,
} from '../contract.ts';

/** What of a container's configuration is made on the node: its environment and what is mounted. */
export interface ContainerEnvironment {
  readonly envs: ContainerConfig['envs'];
  readonly mounts: ContainerConfig['mounts'];
}

/** What the node has to have ready for a Pod beside its containers: directories, volumes, secrets. */
export interface EnvironmentSource {
  /** Before the Pod's sandbox is made; again for each new one. Throws what keeps the Pod from starting. */
  preparePod?(pod: Pod, sandbox: PodSandboxConfig, signal: AbortSignal): Promise<void>;
  /** Throws a ContainerConfigError: a ConfigMap that is not there, say. */
  prepare(
    pod: Pod,
    container: Container,
    podIPs: readonly string[],
    signal: AbortSignal,
  ): Promise<ContainerEnvironment>;
  /** The Pod has ended and nothing of it runs: what was made for it is taken away. Doing so again does nothing. */
  removePod?(pod: Pod): Promise<void>;
}

/** Upstream's `CreateContainerConfigError`. */
export class ContainerConfigError extends Error {
  override name = 'ContainerConfigError';
}

/** Upstream's limit of a kernel's host name. */
const maxHostnameLength = 63;
const podLogsRoot = '/var/log/pods';

export function sandboxConfigOf(pod: Pod, attempt: number): PodSandboxConfig {
  const { metadata, spec } = pod;
  const { name = '', namespace = '', uid = '' } = metadata;
  return {
    metadata: { name, namespace, uid, attempt },
    // On the host's network the name is the host's, too.
    hostname:
      spec.hostNetwork === true ? '' : (spec.hostname ?? name).slice(0, maxHostnameLength).replace(/[-.]+$/, ''),
    logDirectory: `${podLogsRoot}/${namespace}_${name}_${uid}`,
    portMappings: portMappings(spec),
    labels: { ...metadata.labels, [podNameLabel]: name, [podNamespaceLabel]: namespace, [podUidLabel]: uid },
    annotations: metadata.annotations ?? {},
    linux: { securityContext: { namespaceOptions: namespacesOf(spec) } },
  };
}

function namespacesOf({ hostNetwork, hostPID, hostIPC, shareProcessNamespace }: PodSpec): {
  readonly network: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
} {
  const mode = (isHost: boolean | undefined): NamespaceMode => (isHost === true ? 'NODE' : 'POD');
  const pid = hostPID === true ? 'NODE' : shareProcessNamespace === true ? 'POD' : 'CONTAINER';
  return { network: mode(hostNetwork), pid, ipc: mode(hostIPC) };
}

function portMappings({ containers }: PodSpec): PortMapping[] {
  return (containers ?? []).flatMap(({ ports }) =>
    (ports ?? []).map(({ containerPort, hostPort = 0, hostIP = '', protocol = 'TCP' }) => ({
      protocol: protocol as PortMapping['protocol'],
      containerPort,
      hostPort,
      hostIp: hostIP,
    })),
  );
}

export function imageSpecOf({ metadata: { annotations = {} } }: Pod, image: string): ImageSpec {
  return { image, annotations, userSpecifiedImage: image, runtimeHandler: '' };
}

export function containerConfigOf(
  pod: Pod,
  container: Container,
  attempt: number,
  imageRef: string,
  { envs, mounts }: ContainerEnvironment,
): ContainerConfig {
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  return {
    metadata: { name: container.name, attempt },
    image: { ...imageSpecOf(pod, container.image ?? ''), image: imageRef },
    command: container.command ?? [],
    args: container.args ?? [],
    workingDir: container.workingDir ?? '',
    envs,
    mounts,
    labels: {
      [podNameLabel]: name,
      [podNamespaceLabel]: namespace,
      [podUidLabel]: uid,
      [containerNameLabel]: container.name,
    },
    annotations: { 'io.kubernetes.container.restartCount': String(attempt) },
    logPath: `${container.name}/${attempt}.log`,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
  };
}
