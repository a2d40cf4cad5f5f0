// The runtime's interface against a real containerd: sandboxes, containers, exec, logs, images.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isNotFound, type ContainerConfig, type ImageSpec, type PodSandboxConfig } from '../../src/kubelet/contract.ts';
import { CriRuntime } from '../../src/kubelet/runtime/cri/cri-runtime.ts';
import { busyboxImage, missingForContainers, TestContainerd } from '../support/containerd.ts';
import { eventually } from '../support/eventually.ts';

const missing = missingForContainers();
const skip = missing === undefined ? false : `NO CONTAINERS: ${missing}. None of these tests ran.`;

const image: ImageSpec = { image: busyboxImage, annotations: {}, userSpecifiedImage: busyboxImage, runtimeHandler: '' };

describe('CRI', { skip }, () => {
  let containerd: TestContainerd;
  let runtime: CriRuntime;
  let count = 0;

  before(async () => {
    containerd = await TestContainerd.start();
    runtime = new CriRuntime(containerd.socketPath);
  });
  after(async () => {
    if (runtime === undefined) return;
    for (const { id } of await runtime.listPodSandbox({})) {
      await runtime.stopPodSandbox(id);
      await runtime.removePodSandbox(id);
    }
    runtime.close();
    await containerd.stop();
  });

  async function sandbox(): Promise<{ id: string; config: PodSandboxConfig }> {
    const name = `pod-${++count}`;
    const logDirectory = join(containerd.directory, 'logs', name);
    await mkdir(logDirectory, { recursive: true });
    const config: PodSandboxConfig = {
      metadata: { name, uid: name, namespace: 'default', attempt: 0 },
      hostname: '',
      logDirectory,
      portMappings: [],
      labels: { test: name },
      annotations: { note: 'kept' },
      // On the host's network no CNI plugin is needed.
      linux: { securityContext: { namespaceOptions: { network: 'NODE', pid: 'CONTAINER', ipc: 'POD' } } },
    };
    return { id: await runtime.runPodSandbox(config, ''), config };
  }

  async function container(
    of: { readonly id: string; readonly config: PodSandboxConfig },
    name: string,
    ...command: readonly string[]
  ): Promise<string> {
    const config: ContainerConfig = {
      metadata: { name, attempt: 0 },
      image,
      command,
      args: [],
      workingDir: '',
      envs: [{ key: 'GREETING', value: 'hello' }],
      mounts: [],
      labels: { name },
      annotations: {},
      logPath: `${name}.log`,
      stdin: false,
      stdinOnce: false,
      tty: false,
    };
    const id = await runtime.createContainer(of.id, config, of.config);
    await runtime.startContainer(id);
    return id;
  }

  test('it says who it is, that it is ready, and which images it has', async () => {
    const version = await runtime.version();
    assert.equal(version.runtimeName, 'containerd');
    const { conditions } = await runtime.status();
    assert.equal(conditions.find(({ type }) => type === 'RuntimeReady')?.status, true);
    const found = await runtime.imageStatus(image);
    assert.deepEqual(found?.repoTags, [busyboxImage]);
    assert.ok((found?.size ?? 0n) > 100_000n);
    assert.equal(await runtime.imageStatus({ ...image, image: 'kubets.test/none:1' }), undefined);
    assert.ok((await runtime.listImages()).some(({ repoTags }) => repoTags.includes(busyboxImage)));
  });

  test('a container runs, is listed, executes, and stops', async () => {
    const pod = await sandbox();
    const id = await container(pod, 'main', 'sleep', '1000');
    const status = await runtime.containerStatus(id);
    assert.equal(status.state, 'CONTAINER_RUNNING');
    assert.ok(status.startedAt > 0n && status.finishedAt === 0n);
    assert.deepEqual(status.labels, { name: 'main' });
    const listed = await runtime.listContainers({ podSandboxId: pod.id, state: 'CONTAINER_RUNNING' });
    assert.deepEqual(
      listed.map((one) => one.id),
      [id],
    );
    const answer = await runtime.execSync(id, ['sh', '-c', 'echo $GREETING; echo no >&2; exit 3'], 10);
    assert.equal(Buffer.from(answer.stdout).toString(), 'hello\n');
    assert.equal(Buffer.from(answer.stderr).toString(), 'no\n');
    assert.equal(answer.exitCode, 3);
    await assert.rejects(runtime.execSync(id, ['sleep', '60'], 1), { code: 'DeadlineExceeded' });
    await runtime.stopContainer(id, 0);
    assert.equal((await runtime.containerStatus(id)).state, 'CONTAINER_EXITED');
    await runtime.removeContainer(id);
    await assert.rejects(runtime.containerStatus(id), isNotFound);
  });

  test('what a container prints and how it ends is known', async () => {
    const pod = await sandbox();
    const id = await container(pod, 'main', 'sh', '-c', 'echo one; echo two >&2; echo three; exit 7');
    await eventually('it ended', async () => (await runtime.containerStatus(id)).state === 'CONTAINER_EXITED');
    const { exitCode, reason, finishedAt } = await runtime.containerStatus(id);
    assert.deepEqual([exitCode, reason], [7, 'Error']);
    assert.ok(finishedAt > 0n);
    const lines = await Array.fromAsync(runtime.logs(id, {}));
    assert.deepEqual(lines.map(({ stream, line }) => [stream, line]).sort(), [
      ['stderr', 'two'],
      ['stdout', 'one'],
      ['stdout', 'three'],
    ]);
    const last = await Array.fromAsync(runtime.logs(id, { tailLines: 1 }));
    assert.equal(last.length, 1);
  });

  test('a sandbox keeps its labels and takes its containers with it', async () => {
    const pod = await sandbox();
    const id = await container(pod, 'main', 'sleep', '1000');
    const [found] = await runtime.listPodSandbox({ labelSelector: pod.config.labels });
    assert.equal(found?.id, pod.id);
    assert.equal((await runtime.podSandboxStatus(pod.id)).annotations['note'], 'kept');
    assert.equal((await runtime.podSandboxStatus(pod.id)).state, 'SANDBOX_READY');
    await runtime.stopPodSandbox(pod.id);
    assert.equal((await runtime.podSandboxStatus(pod.id)).state, 'SANDBOX_NOTREADY');
    await runtime.removePodSandbox(pod.id);
    await assert.rejects(runtime.containerStatus(id), isNotFound);
    await runtime.removePodSandbox(pod.id);
  });

  test('what is not there is told as such', async () => {
    await assert.rejects(runtime.podSandboxStatus('none'), isNotFound);
    await assert.rejects(runtime.startContainer('none'), isNotFound);
    await runtime.stopPodSandbox('none');
  });

  test('figures of use are told', async () => {
    const pod = await sandbox();
    const id = await container(pod, 'busy', 'sh', '-c', 'while :; do :; done');
    await eventually('it used the processor', async () => {
      const [stats] = await runtime.listContainerStats({ id });
      return (stats?.cpu.usageCoreNanoSeconds ?? 0n) > 10_000_000n && (stats?.memory.workingSetBytes ?? 0n) > 0n;
    });
    await runtime.stopContainer(id, 0);
  });
});
