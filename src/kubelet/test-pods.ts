/** Pods and runtime states for the unit tests of the kubelet. */
import type { Container, Pod, PodSpec } from '../api/types/core.v1.ts';
import type { ContainerState, PodSandboxStatus } from './contract.ts';
import type { PodContainer, PodRuntimeStatus } from './pods/runtime-status.ts';

export function testPod(spec: Partial<PodSpec> = {}): Pod {
  return {
    metadata: { name: 'a', namespace: 'default', uid: 'uid-a', generation: 1 },
    spec: { containers: [container('web')], restartPolicy: 'Always', ...spec },
  };
}

export function container(name: string, more: Partial<Container> = {}): Container {
  return { name, image: `${name}:1`, ...more };
}

export function sidecar(name: string, more: Partial<Container> = {}): Container {
  return container(name, { restartPolicy: 'Always', ...more });
}

const ownNetwork = { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } as const;

export function sandbox(more: Partial<PodSandboxStatus> = {}, attempt = 0): PodSandboxStatus {
  return {
    id: `sandbox-${attempt}`,
    metadata: { name: 'a', namespace: 'default', uid: 'uid-a', attempt },
    state: 'SANDBOX_READY',
    createdAt: 1n,
    network: { ip: '10.0.0.2', additionalIps: [] },
    linux: { namespaces: { options: ownNetwork } },
    labels: {},
    annotations: {},
    runtimeHandler: '',
    ...more,
  };
}

/** `web`, `web:exited=1`, `web:created`: a container in a state, in the first sandbox. */
export function runtimeContainer(text: string, attempt = 0): PodContainer {
  const [name = '', state = 'running'] = text.split(':');
  const [word = '', exitCode = '0'] = state.split('=');
  return {
    id: `${name}-${attempt}`,
    podSandboxId: 'sandbox-0',
    metadata: { name, attempt },
    state: `CONTAINER_${word.toUpperCase()}` as ContainerState,
    createdAt: BigInt(attempt + 1) * 1_000_000_000n,
    startedAt: word === 'created' ? 0n : BigInt(attempt + 1) * 1_000_000_000n,
    finishedAt: word === 'exited' ? BigInt(attempt + 2) * 1_000_000_000n : 0n,
    exitCode: Number(exitCode),
    image: { image: 'image', annotations: {}, userSpecifiedImage: `${name}:1`, runtimeHandler: '' },
    imageRef: 'image@sha256:00',
    reason: word === 'exited' ? (exitCode === '0' ? 'Completed' : 'Error') : '',
    message: '',
    labels: {},
    annotations: {},
    mounts: [],
    logPath: '',
  };
}

/** What runs: a sandbox and these containers, the newest first. */
export function runs(...containers: readonly (string | PodContainer)[]): PodRuntimeStatus {
  return {
    sandboxes: [sandbox()],
    containers: containers.map((each) => (typeof each === 'string' ? runtimeContainer(each) : each)),
    ips: ['10.0.0.2'],
  };
}
