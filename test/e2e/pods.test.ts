// Pods that really run: the kubelet on a real containerd, with an API server, controllers and a scheduler.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Pod } from '../../src/api/types/core.v1.ts';
import { Informer } from '../../src/client/informer.ts';
import { configMaps, deployments, events, nodes, pods } from '../../src/client/resources.ts';
import { Cluster } from '../../src/cluster/cluster.ts';
import { Kubelet } from '../../src/kubelet/kubelet.ts';
import { linuxMachine } from '../../src/kubelet/node/linux-machine.ts';
import { ApiEnvironment } from '../../src/kubelet/pods/api-environment.ts';
import { sandboxConfigOf } from '../../src/kubelet/pods/configs.ts';
import { networkHooks } from '../../src/kubelet/pods/network-hooks.ts';
import { NetworkProber } from '../../src/kubelet/probes/network-prober.ts';
import { CriRuntime } from '../../src/kubelet/runtime/cri/cri-runtime.ts';
import { NodesByName } from '../../src/kubelet/sources.ts';
import { realClock } from '../../src/machinery/clock.ts';
import { Logger } from '../../src/machinery/logging.ts';
import { systemRandom } from '../../src/machinery/random.ts';
import { busyboxImage, missingForContainers, TestContainerd } from '../support/containerd.ts';
import { eventually } from '../support/eventually.ts';

const missing = missingForContainers();
const skip = missing === undefined ? false : `NO CONTAINERS: ${missing}. None of these tests ran.`;
const nodeName = 'real';

describe('a kubelet on containerd', { skip }, () => {
  let containerd: TestContainerd;
  let runtime: CriRuntime;
  let cluster: Cluster;
  let kubelet: Kubelet;
  const stop = new AbortController();
  const informers: Promise<void>[] = [];
  const logDirectories = new Set<string>();

  before(async () => {
    containerd = await TestContainerd.start();
    runtime = new CriRuntime(containerd.socketPath);
    cluster = await Cluster.start({ nodes: 0 });
    const world = { clock: realClock, random: systemRandom, log: Logger.silent };
    const client = cluster.clientAs({
      username: `system:node:${nodeName}`,
      groups: ['system:nodes', 'system:authenticated'],
    });
    const fieldSelector = `spec.nodeName=${nodeName}`;
    const podInformer = new Informer({ ...world, client, resource: pods, fieldSelector });
    const nodeInformer = new Informer({
      ...world,
      client,
      resource: nodes,
      fieldSelector: `metadata.name=${nodeName}`,
    });
    podInformer.addHandlers({ added: (pod) => logDirectories.add(sandboxConfigOf(pod, 0).logDirectory) });
    informers.push(podInformer.run(stop.signal), nodeInformer.run(stop.signal));
    const machine = linuxMachine({
      nodeName,
      runtime: await runtime.version(),
      rootDirectory: containerd.directory,
      kubeletPort: 10_250,
    });
    kubelet = new Kubelet({
      ...world,
      client,
      machine,
      runtime,
      prober: new NetworkProber(runtime),
      environment: new ApiEnvironment(client, {
        hostIPs: machine.addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
        allocatable: machine.allocatable,
      }),
      hookNetwork: networkHooks,
      pods: podInformer,
      node: new NodesByName(nodeInformer).of(nodeName),
    });
    await kubelet.start();
    // Without a network plugin the runtime says that its network is not ready; these Pods are on the host's.
    await cluster.client.patch(nodes, undefined, nodeName, 'merge', { spec: { taints: null } });
  });

  after(async () => {
    await kubelet?.stop();
    stop.abort();
    await Promise.all(informers);
    if (runtime !== undefined) {
      for (const { id } of await runtime.listPodSandbox({})) {
        await runtime.stopPodSandbox(id);
        await runtime.removePodSandbox(id);
      }
      runtime.close();
    }
    await cluster?.stop();
    await containerd?.stop();
    for (const directory of logDirectories) await rm(directory, { recursive: true, force: true });
  });

  async function create(name: string, command: readonly string[], more: Partial<Pod['spec']> = {}): Promise<void> {
    const { containers: [container] = [], ...rest } = more as { containers?: object[] };
    await cluster.client.create(pods, {
      metadata: { name, namespace: 'default' },
      spec: {
        hostNetwork: true,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 1,
        tolerations: [{ operator: 'Exists' }],
        containers: [{ name: 'main', image: busyboxImage, command: [...command], ...container }],
        ...rest,
      },
    });
  }

  async function read(name: string): Promise<Pod> {
    return cluster.client.get(pods, 'default', name);
  }

  async function until(name: string, what: string, holds: (pod: Pod) => boolean): Promise<Pod> {
    let pod = await read(name);
    await eventually(`${name}: ${what}; it is ${JSON.stringify(pod.status)}`, async () =>
      holds((pod = await read(name))),
    );
    return pod;
  }

  async function logsOf(pod: Pod): Promise<string[]> {
    const id = pod.status?.containerStatuses?.[0]?.containerID?.replace('containerd://', '') ?? '';
    return (await Array.fromAsync(runtime.logs(id, {}))).map(({ line }) => line);
  }

  test('a Pod runs to its end, and tells how', async () => {
    await create('ends', ['sh', '-c', 'echo done; exit 0'], { restartPolicy: 'Never' });
    const pod = await until('ends', 'it succeeds', ({ status }) => status?.phase === 'Succeeded');
    const state = pod.status?.containerStatuses?.[0]?.state?.terminated;
    assert.deepEqual([state?.exitCode, state?.reason], [0, 'Completed']);
    assert.deepEqual(await logsOf(pod), ['done']);
    await create('fails', ['sh', '-c', 'exit 9'], { restartPolicy: 'Never' });
    const failed = await until('fails', 'it fails', ({ status }) => status?.phase === 'Failed');
    assert.equal(failed.status?.containerStatuses?.[0]?.state?.terminated?.exitCode, 9);
  });

  test('its environment comes from the API', async () => {
    await cluster.client.create(configMaps, { metadata: { name: 'c', namespace: 'default' }, data: { color: 'blue' } });
    const env = [
      { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'c', key: 'color' } } },
      { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'BOTH', value: '$(NAME) is $(COLOR), $$(NAME), $(NOBODY)' },
    ];
    const containers = [{ env }] as unknown as NonNullable<Pod['spec']['containers']>;
    await create('env', ['sh', '-c', 'echo "$BOTH"; echo "$KUBERNETES_SERVICE_PORT"'], {
      restartPolicy: 'Never',
      containers,
    });
    const pod = await until('env', 'it succeeds', ({ status }) => status?.phase === 'Succeeded');
    assert.deepEqual(await logsOf(pod), ['env is blue, $(NAME), $(NOBODY)', '443']);
  });

  test('what is missing is said, and waited for', async () => {
    const env = [{ name: 'LATE', valueFrom: { configMapKeyRef: { name: 'late', key: 'key' } } }];
    const containers = [{ env }] as unknown as NonNullable<Pod['spec']['containers']>;
    await create('waits', ['sleep', '1000'], { containers });
    await until('waits', 'it cannot be configured', ({ status }) => {
      const waiting = status?.containerStatuses?.[0]?.state?.waiting;
      return waiting?.reason === 'CreateContainerConfigError' && waiting.message === 'configmap "late" not found';
    });
    await cluster.client.create(configMaps, { metadata: { name: 'late', namespace: 'default' }, data: { key: 'now' } });
    await until('waits', 'it runs', ({ status }) => status?.phase === 'Running');
  });

  test('a container that ends is started again; one that is never alive is killed', async () => {
    const livenessProbe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 2 };
    const containers = [{ livenessProbe }] as unknown as NonNullable<Pod['spec']['containers']>;
    await create('ill', ['sleep', '1000'], { containers });
    await until(
      'ill',
      'it was started again',
      ({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) >= 1,
    );
    await eventually('that is told', async () => {
      const told = (await cluster.client.list(events, 'default')).items;
      return told.some(({ reason, involvedObject }) => reason === 'Unhealthy' && involvedObject.name === 'ill');
    });
  });

  test('readiness follows a command', async () => {
    const readinessProbe = { exec: { command: ['cat', '/tmp/ready'] }, periodSeconds: 1 };
    const containers = [{ readinessProbe }] as unknown as NonNullable<Pod['spec']['containers']>;
    await create('ready', ['sh', '-c', 'sleep 2; echo > /tmp/ready; sleep 1000'], { containers });
    const isReady = ({ status }: Pod): boolean =>
      status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
    const running = await until('ready', 'it runs', ({ status }) => status?.phase === 'Running');
    assert.ok(!isReady(running));
    await until('ready', 'it is ready', isReady);
  });

  test('a Deployment is available, scales, and leaves no container behind', async () => {
    const template: Pod = {
      metadata: { labels: { app: 'web' } },
      spec: {
        hostNetwork: true,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        tolerations: [{ operator: 'Exists' }],
        containers: [{ name: 'main', image: busyboxImage, command: ['sleep', '1000'] }],
      },
    };
    const metadata = { name: 'web', namespace: 'default' };
    const selector = { matchLabels: { app: 'web' } };
    await cluster.client.create(deployments, { metadata, spec: { replicas: 3, selector, template } });
    await eventually('it is available', async () => {
      const { status } = await cluster.client.get(deployments, 'default', 'web');
      return status?.availableReplicas === 3;
    });
    await cluster.client.delete(deployments, 'default', 'web', { propagationPolicy: 'Foreground' });
    await eventually('its Pods are gone', async () => {
      const { items } = await cluster.client.list(pods, 'default', { labelSelector: 'app=web' });
      return items.length === 0;
    });
    await eventually('so are its containers', async () => {
      const sandboxes = await runtime.listPodSandbox({ state: 'SANDBOX_READY' });
      return sandboxes.every(({ metadata: { name } }) => !name.startsWith('web-'));
    });
  });

  test('what is not implemented is refused, not passed over', async () => {
    const containers = [{ securityContext: { privileged: true }, resources: { limits: { memory: '1Mi' } } }];
    await create('guarded', ['true'], { containers: containers as unknown as NonNullable<Pod['spec']['containers']> });
    await until('guarded', 'it is refused', ({ status }) => {
      const waiting = status?.containerStatuses?.[0]?.state?.waiting;
      return waiting?.message === 'not implemented yet on real nodes: security contexts, resource limits';
    });
  });

  test('a missing image is said as upstream says it', async () => {
    await create('nowhere', ['true'], {
      containers: [{ image: 'kubets.test/none:1', imagePullPolicy: 'Never' }] as unknown as NonNullable<
        Pod['spec']['containers']
      >,
    });
    await until('nowhere', 'its image is missed', ({ status }) => {
      return status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImageNeverPull';
    });
  });
});
