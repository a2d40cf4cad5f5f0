import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import * as fc from 'fast-check';
import { seededRandom } from '../../../machinery/random.ts';
import { VirtualClock } from '../../../machinery/virtual-clock.ts';
import { podUidLabel, RuntimeError, type ContainerConfig, type PodSandboxConfig } from '../../contract.ts';
import { AddressPool } from './addresses.ts';
import { SimulatedRuntime } from './runtime.ts';
import { scriptAnnotation, type ContainerScript } from './script.ts';

let clock: VirtualClock;
let runtime: SimulatedRuntime;

beforeEach(() => {
  clock = new VirtualClock();
  runtime = new SimulatedRuntime({ clock, random: seededRandom('runtime'), podCIDR: '10.1.2.0/24' });
});

function sandboxConfig(uid: string, script?: ContainerScript): PodSandboxConfig {
  return {
    metadata: { name: uid, namespace: 'default', uid, attempt: 0 },
    hostname: uid,
    logDirectory: '',
    portMappings: [],
    labels: { [podUidLabel]: uid },
    annotations: script === undefined ? {} : { [scriptAnnotation]: JSON.stringify({ web: script }) },
    linux: { securityContext: { namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } } },
  };
}

function containerConfig(uid: string, attempt = 0): ContainerConfig {
  return {
    metadata: { name: 'web', attempt },
    image: { image: 'web:1', annotations: {}, userSpecifiedImage: 'web:1', runtimeHandler: '' },
    command: [],
    args: [],
    workingDir: '',
    envs: [],
    mounts: [],
    labels: { [podUidLabel]: uid },
    annotations: {},
    logPath: '',
    stdin: false,
    stdinOnce: false,
    tty: false,
  };
}

async function created(uid: string, script?: ContainerScript): Promise<{ sandboxId: string; id: string }> {
  const sandbox = sandboxConfig(uid, script);
  const sandboxId = await runtime.runPodSandbox(sandbox, '');
  const config = containerConfig(uid);
  await runtime.pullImage(config.image, undefined, sandbox);
  return { sandboxId, id: await runtime.createContainer(sandboxId, config, sandbox) };
}

async function started(uid: string, script?: ContainerScript): Promise<{ sandboxId: string; id: string }> {
  const ids = await created(uid, script);
  await runtime.startContainer(ids.id);
  return ids;
}

test('a container goes from created to running to exited, and tells of it', async () => {
  const changes: string[] = [];
  const { id } = await created('a', { runs: [{ exitAfterMs: 500, exitCode: 7, message: 'bye' }] });
  runtime.onPodChange((uid) => changes.push(uid));
  assert.equal((await runtime.containerStatus(id)).state, 'CONTAINER_CREATED');
  await runtime.startContainer(id);
  assert.equal((await runtime.containerStatus(id)).state, 'CONTAINER_RUNNING');
  await clock.advance(500);
  const { state, exitCode, reason, message, startedAt, finishedAt } = await runtime.containerStatus(id);
  assert.deepEqual([state, exitCode, reason, message], ['CONTAINER_EXITED', 7, 'Error', 'bye']);
  assert.equal(finishedAt - startedAt, 500_000_000n);
  assert.deepEqual(changes, ['a', 'a']);
  await assert.rejects(runtime.startContainer(id), { code: 'FailedPrecondition' });
});

test('what is asked to stop stops, in its time, or is killed', async () => {
  const quick = await started('quick');
  await runtime.stopContainer(quick.id, 30);
  assert.equal((await runtime.containerStatus(quick.id)).exitCode, 0);
  const slow = await started('slow', { onStop: { exitAfterMs: 3000, exitCode: 4 } });
  const stopping = runtime.stopContainer(slow.id, 30);
  await clock.advance(3000);
  await stopping;
  assert.equal((await runtime.containerStatus(slow.id)).exitCode, 4);
  const deaf = await started('deaf', { onStop: { ignored: true } });
  const killing = runtime.stopContainer(deaf.id, 5);
  await clock.advance(4999);
  assert.equal((await runtime.containerStatus(deaf.id)).state, 'CONTAINER_RUNNING');
  await clock.advance(1);
  await killing;
  assert.equal((await runtime.containerStatus(deaf.id)).exitCode, 137);
  await runtime.stopContainer(deaf.id, 5);
  assert.equal(clock.pending, 0);
});

test('a request to stop that is called off leaves the container to its end', async () => {
  const { id } = await started('a', { onStop: { ignored: true } });
  const abort = new AbortController();
  const first = runtime.stopContainer(id, 600, abort.signal);
  abort.abort(new Error('sooner'));
  await assert.rejects(first, /sooner/);
  const second = runtime.stopContainer(id, 5);
  await clock.advance(5000);
  await second;
  assert.equal((await runtime.containerStatus(id)).exitCode, 137);
});

test('stopping a sandbox kills what runs in it and frees its address; removing it removes all', async () => {
  const { sandboxId, id } = await started('a');
  await runtime.stopPodSandbox(sandboxId);
  await runtime.stopPodSandbox(sandboxId);
  const { state, network } = await runtime.podSandboxStatus(sandboxId);
  assert.deepEqual([state, network], ['SANDBOX_NOTREADY', undefined]);
  assert.equal((await runtime.containerStatus(id)).exitCode, 137);
  await runtime.removePodSandbox(sandboxId);
  await assert.rejects(runtime.containerStatus(id), { code: 'NotFound' });
  await assert.rejects(runtime.podSandboxStatus(sandboxId), { code: 'NotFound' });
  assert.deepEqual(await runtime.listContainers({}), []);
});

test('containers and sandboxes are found by label, state and id', async () => {
  const a = await started('a');
  await created('b');
  const ids = async (filter: Parameters<typeof runtime.listContainers>[0]): Promise<string[]> =>
    (await runtime.listContainers(filter)).map(({ id }) => id);
  assert.deepEqual(await ids({ labelSelector: { [podUidLabel]: 'a' } }), [a.id]);
  assert.deepEqual(await ids({ state: 'CONTAINER_RUNNING' }), [a.id]);
  assert.deepEqual(await ids({ podSandboxId: a.sandboxId }), [a.id]);
  assert.deepEqual(await ids({ id: 'none' }), []);
  assert.equal((await runtime.listPodSandbox({ labelSelector: { [podUidLabel]: 'none' } })).length, 0);
  assert.equal((await runtime.listPodSandbox({ state: 'SANDBOX_READY' })).length, 2);
});

test('commands answer as scripted, within their time', async () => {
  const exec = [
    { cmd: ['date'], stdout: 'now\n' },
    { cmd: ['fail'], stderr: 'no', exitCode: 3 },
    { cmd: ['slow'], takesMs: 5000 },
  ];
  const { id } = await started('a', { exec });
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
  assert.equal(text((await runtime.execSync(id, ['date', '-u'], 0)).stdout), 'now\n');
  const failed = await runtime.execSync(id, ['fail'], 0);
  assert.deepEqual([text(failed.stderr), failed.exitCode], ['no', 3]);
  assert.equal((await runtime.execSync(id, ['other'], 0)).exitCode, 0);
  const slow = runtime.execSync(id, ['slow'], 1);
  const refused = assert.rejects(slow, (error) => error instanceof RuntimeError && error.code === 'DeadlineExceeded');
  await clock.advance(1000);
  await refused;
  const written: string[] = [];
  const streams = { stdout: (bytes: Uint8Array) => written.push(text(bytes)), stderr: () => {} };
  assert.equal(await runtime.exec(id, { cmd: ['date'], tty: false }, streams), 0);
  assert.deepEqual(written, ['now\n']);
  await runtime.stopContainer(id, 0);
  await assert.rejects(runtime.execSync(id, ['date'], 0), { code: 'FailedPrecondition' });
});

test('logs come as scripted: those of the past, of the end, and those to come', async () => {
  const logs = [
    { line: 'one' },
    { afterMs: 1000, line: 'two', stream: 'stderr' as const },
    { afterMs: 2000, line: 'three' },
  ];
  const { id } = await started('a', { runs: [{ logs, exitAfterMs: 5000 }] });
  const read = async (options = {}): Promise<string[]> => {
    const lines: string[] = [];
    for await (const { stream, line } of runtime.logs(id, options)) lines.push(`${stream}:${line}`);
    return lines;
  };
  assert.deepEqual(await read(), ['stdout:one']);
  const following = read({ follow: true });
  await clock.advance(1500);
  assert.deepEqual(await read(), ['stdout:one', 'stderr:two']);
  assert.deepEqual(await read({ tailLines: 1 }), ['stderr:two']);
  assert.deepEqual(await read({ sinceMs: clock.now() - 600 }), ['stderr:two']);
  await clock.advance(10_000);
  assert.deepEqual(await following, ['stdout:one', 'stderr:two', 'stdout:three']);
});

test('without a pod network there are no sandboxes, until there is one', async () => {
  runtime = new SimulatedRuntime({ clock, random: seededRandom('none') });
  await assert.rejects(runtime.runPodSandbox(sandboxConfig('a'), ''), /no pod network/);
  assert.equal((await runtime.status()).conditions.find(({ type }) => type === 'NetworkReady')?.status, false);
  await runtime.updateRuntimeConfig({ networkConfig: { podCidr: '10.9.0.0/24' } });
  const id = await runtime.runPodSandbox(sandboxConfig('a'), '');
  assert.equal((await runtime.podSandboxStatus(id)).network?.ip, '10.9.0.2');
});

test('an image that is not there makes no container', async () => {
  const sandbox = sandboxConfig('a');
  const sandboxId = await runtime.runPodSandbox(sandbox, '');
  await assert.rejects(runtime.createContainer(sandboxId, containerConfig('a'), sandbox), { code: 'NotFound' });
  const { image } = containerConfig('a');
  await runtime.pullImage(image, undefined, sandbox);
  assert.deepEqual((await runtime.imageStatus(image))?.repoTags, ['web:1']);
  await runtime.removeImage(image);
  assert.equal(await runtime.imageStatus(image), undefined);
});

test('addresses are within the network and never given twice', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (steps) => {
      const pool = new AddressPool('10.0.0.0/28');
      const held: { ip: string; release(): void }[] = [];
      for (const step of steps) {
        const victim = step < 8 ? held.splice(step % Math.max(held.length, 1), 1)[0] : undefined;
        if (victim !== undefined) victim.release();
        else {
          const taken = pool.take();
          // 16 addresses, less the network's, the gateway's and the broadcast.
          assert.equal(taken === undefined, held.length === 13);
          if (taken !== undefined) held.push(taken);
        }
        assert.equal(new Set(held.map(({ ip }) => ip)).size, held.length);
      }
    }),
  );
});
