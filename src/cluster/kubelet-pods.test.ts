// The kubelet's pod workers on simulated nodes, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ContainerStatus, Pod, PodCondition } from '../api/types/core.v1.ts';
import { pods } from '../client/resources.ts';
import { scriptAnnotation, imagesAnnotation, type ContainerScript } from '../kubelet/runtime/simulated/script.ts';
import { TestNodes } from './test-nodes.ts';

let nodes: TestNodes;

beforeEach(async () => {
  nodes = await TestNodes.start();
});
afterEach(async () => {
  await nodes.stop();
});

function script(scripts: Readonly<Record<string, ContainerScript>>): { annotations: Record<string, string> } {
  return { annotations: { [scriptAnnotation]: JSON.stringify(scripts) } };
}

function condition({ status }: Pod, type: string): Partial<PodCondition> {
  const found = status?.conditions?.find((each) => each.type === type);
  assert.ok(found, `condition ${type}`);
  const { status: value, reason, message } = found;
  return { status: value, ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) };
}

function container({ status }: Pod, name = 'web'): ContainerStatus {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const found = all.find((each) => each.name === name);
  assert.ok(found, `status of ${name}`);
  return found;
}

test('a bound Pod runs, is ready, and has addresses, ids and events', async () => {
  await nodes.run('a');
  const pod = await nodes.pod('a');
  assert.equal(pod.status?.phase, 'Running');
  assert.deepEqual(
    pod.status.conditions?.map(({ type, status }) => `${type}=${status}`),
    ['PodReadyToStartContainers=True', 'Initialized=True', 'Ready=True', 'ContainersReady=True', 'PodScheduled=True'],
  );
  assert.equal(pod.status.observedGeneration, pod.metadata.generation);
  assert.equal(pod.status.podIP, '10.244.0.2');
  assert.deepEqual(pod.status.podIPs, [{ ip: '10.244.0.2' }]);
  assert.deepEqual(pod.status.hostIPs, [{ ip: pod.status.hostIP }]);
  const status = container(pod);
  assert.match(status.containerID ?? '', /^simulated:\/\/[0-9a-f]{64}$/);
  assert.match(status.imageID, /^web@sha256:/);
  assert.equal(status.started, true);
  assert.equal(status.restartCount, 0);
  assert.deepEqual(
    (await nodes.eventsOf('a')).map((text) => text.replace(/\d+ bytes/, 'N bytes')),
    [
      'Pulling: Pulling image "web:1"',
      'Pulled: Successfully pulled image "web:1" in 0s (0s including waiting). Image size: N bytes.',
      'Created: Container created',
      'Started: Container started',
    ],
  );
  await nodes.run('b');
  assert.equal(
    (await nodes.eventsOf('b'))[0],
    'Pulled: Container image "web:1" already present on machine and can be accessed by the pod',
  );
});

test('while a container starts the Pod is pending and its container is being created', async () => {
  await nodes.run('a', {}, script({ web: { startDelayMs: 5000 } }));
  const pod = await nodes.pod('a');
  assert.equal(pod.status?.phase, 'Pending');
  assert.deepEqual(container(pod).state, { waiting: { reason: 'ContainerCreating' } });
  assert.deepEqual(condition(pod, 'Ready'), {
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [web]',
  });
  await nodes.advance(5);
  assert.equal((await nodes.pod('a')).status?.phase, 'Running');
});

test('a Pod whose containers end well, and are not restarted, has succeeded', async () => {
  await nodes.run('a', { restartPolicy: 'OnFailure' }, script({ web: { runs: [{ exitAfterMs: 3000 }] } }));
  await nodes.advance(4);
  const pod = await nodes.pod('a');
  assert.equal(pod.status?.phase, 'Succeeded');
  assert.deepEqual(condition(pod, 'Ready'), { status: 'False', reason: 'PodCompleted' });
  assert.deepEqual(condition(pod, 'Initialized'), { status: 'True', reason: 'PodCompleted' });
  const { terminated } = container(pod).state ?? {};
  assert.deepEqual(
    [terminated?.exitCode, terminated?.reason, terminated?.startedAt, terminated?.finishedAt],
    [0, 'Completed', '2026-01-01T00:00:00Z', '2026-01-01T00:00:03Z'],
  );
  await nodes.plane.client.delete(pods, 'default', 'a');
  assert.equal(await nodes.exists('a'), false);
});

test('a Pod whose container fails and is never restarted has failed', async () => {
  const run = { exitAfterMs: 1000, exitCode: 3, message: 'no more' };
  await nodes.run('a', { restartPolicy: 'Never' }, script({ web: { runs: [run] } }));
  await nodes.advance(1);
  const pod = await nodes.pod('a');
  assert.equal(pod.status?.phase, 'Failed');
  assert.deepEqual(condition(pod, 'Ready'), { status: 'False', reason: 'PodFailed' });
  const { exitCode, reason, message } = container(pod).state?.terminated ?? {};
  assert.deepEqual([exitCode, reason, message], [3, 'Error', 'no more']);
});

test('a container that crashes is restarted at once, then after 10 s, 20 s, 40 s …', async () => {
  await nodes.run('a', {}, script({ web: { runs: [{ exitAfterMs: 1000, exitCode: 1 }] } }));
  const restarts: number[] = [];
  let count = 0;
  for (let second = 1; second <= 90; second++) {
    await nodes.advance(1);
    const { restartCount } = container(await nodes.pod('a'));
    if (restartCount !== count) restarts.push(second);
    count = restartCount;
  }
  // Each runs for one second, and waits from its end.
  assert.deepEqual(restarts, [1, 12, 33, 74]);
  const pod = await nodes.pod('a');
  const { uid } = pod.metadata;
  const { state, lastState, ready } = container(pod);
  assert.deepEqual(state, {
    waiting: {
      reason: 'CrashLoopBackOff',
      message: `back-off 1m20s restarting failed container=web pod=a_default(${uid})`,
    },
  });
  assert.equal(lastState?.terminated?.exitCode, 1);
  assert.equal(ready, false);
  assert.equal(pod.status?.phase, 'Running');
  const events = await nodes.eventsOf('a');
  assert.ok(events.includes(`BackOff: Back-off restarting failed container web in pod a_default(${uid})`));
  const [node] = nodes.simulated.nodes;
  assert.ok(node);
  // Of all its runs the newest stays, and the one before it until the new one has started.
  assert.ok((await node.runtime.listContainers({})).length <= 2);
});

test('after ten minutes of health a crash counts as the first', async () => {
  const crash = { exitAfterMs: 1000, exitCode: 1 };
  const scripts = { web: { runs: [crash, crash, { exitAfterMs: 700_000, exitCode: 1 }, {}] } };
  await nodes.run('a', {}, script(scripts));
  await nodes.advance(20);
  assert.equal(container(await nodes.pod('a')).restartCount, 2);
  await nodes.advance(700);
  const status = container(await nodes.pod('a'));
  assert.equal(status.restartCount, 3);
  assert.ok(status.state?.running);
});

test('init containers run one after the other before the containers', async () => {
  const spec = {
    initContainers: [
      { name: 'first', image: 'i:1' },
      { name: 'second', image: 'i:1' },
    ],
  };
  const scripts = { first: { runs: [{ exitAfterMs: 2000 }] }, second: { runs: [{ exitAfterMs: 3000 }] } };
  await nodes.run('a', spec, script(scripts));
  await nodes.advance(1);
  let pod = await nodes.pod('a');
  assert.equal(pod.status?.phase, 'Pending');
  assert.deepEqual(condition(pod, 'Initialized'), {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: 'containers with incomplete status: [first second]',
  });
  assert.deepEqual(container(pod).state, { waiting: { reason: 'PodInitializing' } });
  assert.ok(container(pod, 'first').state?.running);
  await nodes.advance(2);
  pod = await nodes.pod('a');
  assert.equal(container(pod, 'first').ready, true);
  assert.ok(container(pod, 'second').state?.running);
  await nodes.advance(3);
  pod = await nodes.pod('a');
  assert.equal(pod.status?.phase, 'Running');
  assert.deepEqual(condition(pod, 'Initialized'), { status: 'True' });
});

test('an init container that fails is tried again, or fails the Pod', async () => {
  const spec = { initContainers: [{ name: 'init', image: 'i:1' }] };
  const scripts = { init: { runs: [{ exitAfterMs: 1000, exitCode: 1 }, { exitAfterMs: 1000 }] } };
  await nodes.run('again', spec, script(scripts));
  await nodes.run('never', { ...spec, restartPolicy: 'Never' }, script(scripts));
  await nodes.advance(3);
  assert.equal((await nodes.pod('again')).status?.phase, 'Running');
  assert.equal(container(await nodes.pod('again'), 'init').restartCount, 1);
  assert.equal((await nodes.pod('never')).status?.phase, 'Failed');
});

test('a sidecar starts before the containers, is restarted, and does not keep a Pod alive', async () => {
  const spec = {
    restartPolicy: 'Never' as const,
    initContainers: [{ name: 'proxy', image: 'p:1', restartPolicy: 'Always' as const }],
  };
  const scripts = { proxy: { runs: [{ exitAfterMs: 2000, exitCode: 1 }, {}] }, web: { runs: [{ exitAfterMs: 9000 }] } };
  await nodes.run('a', spec, script(scripts));
  let pod = await nodes.pod('a');
  assert.equal(container(pod, 'proxy').ready, true);
  assert.ok(container(pod).state?.running);
  await nodes.advance(3);
  pod = await nodes.pod('a');
  assert.equal(pod.status?.phase, 'Running');
  assert.equal(container(pod, 'proxy').restartCount, 1);
  await nodes.advance(7);
  pod = await nodes.pod('a');
  assert.equal(pod.status?.phase, 'Succeeded');
  assert.ok(container(pod, 'proxy').state?.terminated);
});

test('sidecars end after the containers, the last one first', async () => {
  const restartPolicy = 'Always' as const;
  const initContainers = ['one', 'two'].map((name) => ({ name, image: 'p:1', restartPolicy }));
  const slow = { onStop: { exitAfterMs: 3000 } };
  await nodes.run('a', { initContainers }, script({ web: slow, one: slow, two: slow }));
  await nodes.plane.client.delete(pods, 'default', 'a');
  const seen = new Set<string>();
  for (let second = 0; second < 9; second++) {
    await nodes.plane.settle();
    const running = await nodes.simulated.nodes[0]?.runtime.listContainers({ state: 'CONTAINER_RUNNING' });
    seen.add((running ?? []).map(({ metadata }) => metadata.name).join(' '));
    await nodes.advance(1);
  }
  assert.deepEqual([...seen], ['one two web', 'one two', 'one']);
  assert.equal(await nodes.exists('a'), false);
});

test('a deleted Pod has its grace period, and is killed when that is over', async () => {
  await nodes.run('a', { terminationGracePeriodSeconds: 20 }, script({ web: { onStop: { ignored: true } } }));
  await nodes.plane.client.delete(pods, 'default', 'a');
  await nodes.advance(19);
  const pod = await nodes.pod('a');
  assert.ok(container(pod).state?.running);
  assert.ok((await nodes.eventsOf('a')).includes('Killing: Stopping container web'));
  await nodes.advance(1);
  assert.equal(await nodes.exists('a'), false);
  assert.equal(nodes.simulated.nodes[0]?.kubelet?.podCount, 0);
  assert.equal((await nodes.simulated.nodes[0]?.runtime.listPodSandbox({}))?.length, 0);
});

test('a shorter grace period cuts a longer one short', async () => {
  await nodes.run('a', { terminationGracePeriodSeconds: 600 }, script({ web: { onStop: { ignored: true } } }));
  await nodes.plane.client.delete(pods, 'default', 'a');
  await nodes.advance(5);
  await nodes.plane.client.delete(pods, 'default', 'a', { gracePeriodSeconds: 5 });
  await nodes.advance(6);
  assert.equal(await nodes.exists('a'), false);
});

test('the hook before the end runs within the grace period', async () => {
  const lifecycle = { preStop: { sleep: { seconds: 4 } } };
  await nodes.run('a', { containers: [{ name: 'web', image: 'web:1', lifecycle }] });
  await nodes.plane.client.delete(pods, 'default', 'a');
  await nodes.advance(3);
  assert.equal(await nodes.exists('a'), true);
  await nodes.advance(2);
  assert.equal(await nodes.exists('a'), false);
});

test('a hook after the start that fails has the container killed', async () => {
  const lifecycle = { postStart: { exec: { command: ['warm-up'] } } };
  const scripts = { web: { exec: [{ cmd: ['warm-up'], exitCode: 2 }] } };
  await nodes.run('a', { containers: [{ name: 'web', image: 'web:1', lifecycle }] }, script(scripts));
  assert.ok((await nodes.eventsOf('a')).includes('FailedPostStartHook: PostStartHook failed'));
  assert.equal(container(await nodes.pod('a')).state?.waiting?.reason, 'PostStartHookError');
});

test('a Pod that is deleted by force leaves the runtime, too', async () => {
  await nodes.run('a');
  await nodes.plane.client.delete(pods, 'default', 'a', { gracePeriodSeconds: 0 });
  await nodes.advance(1);
  assert.equal((await nodes.simulated.nodes[0]?.runtime.listContainers({}))?.length, 0);
  assert.equal(nodes.simulated.nodes[0]?.kubelet?.podCount, 0);
});

test('a Pod that is active for too long fails', async () => {
  await nodes.run('a', { activeDeadlineSeconds: 30 });
  await nodes.advance(29);
  assert.equal((await nodes.pod('a')).status?.phase, 'Running');
  await nodes.advance(1);
  const { phase, reason, message } = (await nodes.pod('a')).status ?? {};
  assert.deepEqual(
    [phase, reason, message],
    ['Failed', 'DeadlineExceeded', 'Pod was active on the node longer than the specified deadline'],
  );
});

test('an image that cannot be pulled is tried again, less and less often', async () => {
  const images = JSON.stringify({ 'web:1': { error: 'no such host' } });
  await nodes.run('a', {}, { annotations: { [imagesAnnotation]: images } });
  const pod = await nodes.pod('a');
  assert.equal(pod.status?.phase, 'Pending');
  assert.deepEqual(container(pod).state, { waiting: { reason: 'ErrImagePull', message: 'no such host' } });
  const events = await nodes.eventsOf('a');
  assert.ok(events.includes('Failed: Failed to pull image "web:1": no such host'));
  assert.ok(events.includes('Failed: Error: ErrImagePull'));
  await nodes.advance(30);
  assert.deepEqual(container(await nodes.pod('a')).state?.waiting, {
    reason: 'ImagePullBackOff',
    message: 'Back-off pulling image "web:1": ErrImagePull: no such host',
  });
  // Another image is tried at once.
  const spec = { containers: [{ name: 'web', image: 'web:2' }] };
  await nodes.plane.client.patch(pods, 'default', 'a', 'strategic', { spec });
  assert.equal((await nodes.pod('a')).status?.phase, 'Running');
});

test('an image that may not be pulled is not', async () => {
  await nodes.run('a', { containers: [{ name: 'web', image: 'web:1', imagePullPolicy: 'Never' }] });
  assert.equal(container(await nodes.pod('a')).state?.waiting?.reason, 'ErrImageNeverPull');
});

test('a script that cannot be read keeps its container from being created, and says why', async () => {
  await nodes.run('a', {}, { annotations: { [scriptAnnotation]: '{' } });
  const { waiting } = container(await nodes.pod('a')).state ?? {};
  assert.equal(waiting?.reason, 'CreateContainerError');
  assert.match(waiting.message ?? '', /is not JSON/);
});

test('readiness follows its probe, with its numbers', async () => {
  const readinessProbe = { httpGet: { port: 80 }, periodSeconds: 2, failureThreshold: 2, successThreshold: 2 };
  const steps = [
    { result: 'failure' as const, output: 'HTTP probe failed with statuscode: 500' },
    { afterMs: 5000, result: 'success' as const },
    { afterMs: 20_000, result: 'failure' as const },
  ];
  const spec = { containers: [{ name: 'web', image: 'web:1', readinessProbe }] };
  await nodes.run('a', spec, script({ web: { probes: { readiness: steps } } }));
  const changes: string[] = [];
  let last: boolean | undefined;
  for (let second = 0; second <= 25; second++) {
    const { ready } = container(await nodes.pod('a'));
    if (ready !== last) changes.push(`${second}=${ready}`);
    last = ready;
    await nodes.advance(1);
  }
  // Tries at 0, 2, 4, 6 …: two in a row decide.
  assert.deepEqual(changes, ['0=false', '8=true', '22=false']);
  const events = await nodes.eventsOf('a');
  assert.ok(events.includes('Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 500'));
});

test('a container that is not alive is restarted', async () => {
  const livenessProbe = { tcpSocket: { port: 80 }, periodSeconds: 5, failureThreshold: 3 };
  const steps = [{ afterMs: 12_000, result: 'failure' as const, output: 'refused' }];
  const spec = { containers: [{ name: 'web', image: 'web:1', livenessProbe }] };
  await nodes.run('a', spec, script({ web: { probes: { liveness: steps } } }));
  await nodes.advance(24);
  assert.equal(container(await nodes.pod('a')).restartCount, 0);
  await nodes.advance(2);
  const status = container(await nodes.pod('a'));
  assert.equal(status.restartCount, 1);
  assert.ok((await nodes.eventsOf('a')).includes('Killing: Container web failed liveness probe, will be restarted'));
});

test('other probes wait for the startup probe', async () => {
  const probe = { tcpSocket: { port: 80 }, periodSeconds: 2 };
  const spec = {
    containers: [
      { name: 'web', image: 'web:1', startupProbe: { ...probe, failureThreshold: 5 }, livenessProbe: probe },
    ],
  };
  const startup = [{ result: 'failure' as const }, { afterMs: 5000, result: 'success' as const }];
  await nodes.run('a', spec, script({ web: { probes: { startup } } }));
  await nodes.advance(3);
  let status = container(await nodes.pod('a'));
  assert.deepEqual([status.started, status.ready], [false, false]);
  await nodes.advance(4);
  status = container(await nodes.pod('a'));
  assert.deepEqual([status.started, status.ready, status.restartCount], [true, true, 0]);
});

test('a container that does not start in time is restarted', async () => {
  const startupProbe = { exec: { command: ['up'] }, periodSeconds: 2, failureThreshold: 3 };
  const spec = { containers: [{ name: 'web', image: 'web:1', startupProbe }] };
  await nodes.run('a', spec, script({ web: { exec: [{ cmd: ['up'], exitCode: 1, stderr: 'not yet' }] } }));
  await nodes.advance(5);
  assert.equal(container(await nodes.pod('a')).restartCount, 1);
  const events = await nodes.eventsOf('a');
  assert.ok(events.includes('Unhealthy: Startup probe failed: not yet'));
  assert.ok(events.includes('Killing: Container web failed startup probe, will be restarted'));
});

test('a readiness gate is waited for', async () => {
  await nodes.run('a', { readinessGates: [{ conditionType: 'example.com/live' }] });
  assert.deepEqual(condition(await nodes.pod('a'), 'Ready'), {
    status: 'False',
    reason: 'ReadinessGatesNotReady',
    message: 'corresponding condition of pod readiness gate "example.com/live" does not exist.',
  });
  const conditions = [{ type: 'example.com/live', status: 'True' }];
  await nodes.plane.client.patch(
    pods,
    'default',
    'a',
    'strategic',
    { status: { conditions } },
    { subresource: 'status' },
  );
  const pod = await nodes.pod('a');
  assert.deepEqual(condition(pod, 'Ready'), { status: 'True' });
  assert.deepEqual(condition(pod, 'example.com/live'), { status: 'True' });
});

test('what somebody else writes into our part of the status is put right', async () => {
  await nodes.run('a');
  const conditions = [{ type: 'Ready', status: 'False', reason: 'NodeNotReady' }];
  await nodes.plane.client.patch(
    pods,
    'default',
    'a',
    'strategic',
    { status: { conditions } },
    { subresource: 'status' },
  );
  assert.deepEqual(condition(await nodes.pod('a'), 'Ready'), { status: 'True' });
});

test('at rest nothing is written', async () => {
  await nodes.run('a');
  const before = await nodes.pod('a');
  await nodes.advance(600);
  assert.equal((await nodes.pod('a')).metadata.resourceVersion, before.metadata.resourceVersion);
});

test('a kubelet that is started again takes over what runs, and restarts nothing', async () => {
  await nodes.run('a');
  await nodes.run('gone');
  const before = await nodes.pod('a');
  const [node] = nodes.simulated.nodes;
  assert.ok(node);
  await node.stop();
  await nodes.plane.client.delete(pods, 'default', 'gone', { gracePeriodSeconds: 0 });
  await nodes.advance(60);
  const starting = node.start();
  await nodes.plane.settle();
  await starting;
  await nodes.advance(60);
  assert.deepEqual(await nodes.pod('a'), before);
  // What was deleted meanwhile runs no more.
  assert.deepEqual(
    (await node.runtime.listPodSandbox({})).map(({ metadata }) => metadata.name),
    ['a'],
  );
});

test('Pods of a machine that has lost its power are started again in new sandboxes', async () => {
  await nodes.run('a');
  const before = container(await nodes.pod('a'));
  const [node] = nodes.simulated.nodes;
  await node?.powerOff();
  await nodes.advance(60);
  assert.deepEqual(container(await nodes.pod('a')), before);
  const starting = node?.start();
  await nodes.plane.settle();
  await starting;
  await nodes.advance(1);
  const after = await nodes.pod('a');
  assert.equal(container(after).restartCount, 1);
  assert.ok(container(after).state?.running);
  assert.equal(container(after).lastState?.terminated?.exitCode, 137);
  assert.equal(after.status?.phase, 'Running');
  const events = await nodes.eventsOf('a');
  assert.ok(events.includes('SandboxChanged: Pod sandbox changed, it will be killed and re-created.'));
});

async function logs(name: string, options: { previous?: boolean; follow?: boolean } = {}): Promise<string[]> {
  const kubelet = nodes.simulated.nodes[0]?.kubelet;
  assert.ok(kubelet);
  const lines: string[] = [];
  for await (const { line } of kubelet.logs('default', name, 'web', options)) lines.push(line);
  return lines;
}

test('logs are those of the container that runs, or that ran before', async () => {
  const scripts = { web: { runs: [{ logs: [{ line: 'first' }], exitAfterMs: 1000 }, { logs: [{ line: 'second' }] }] } };
  await nodes.run('a', {}, script(scripts));
  assert.deepEqual(await logs('a'), ['first']);
  await assert.rejects(logs('a', { previous: true }), {
    message: 'previous terminated container "web" in pod "a" not found',
  });
  await nodes.advance(2);
  assert.deepEqual(await logs('a'), ['second']);
  assert.deepEqual(await logs('a', { previous: true }), ['first']);
});

test('logs of what has not started are refused, with the reason', async () => {
  const images = JSON.stringify({ 'web:1': { error: 'no such host' } });
  await nodes.run('a', {}, { annotations: { [imagesAnnotation]: images } });
  await assert.rejects(logs('a'), {
    message: 'container "web" in pod "a" is waiting to start: image can\'t be pulled',
  });
  await assert.rejects(logs('none'), { message: 'pod "none" cannot be found - no logs available' });
});

test('commands run in the container that is named', async () => {
  await nodes.run('a', {}, script({ web: { exec: [{ cmd: ['hostname'], stdout: 'a\n' }] } }));
  const kubelet = nodes.simulated.nodes[0]?.kubelet;
  assert.ok(kubelet);
  let output = '';
  const streams = { stdout: (bytes: Uint8Array) => void (output += Buffer.from(bytes).toString()), stderr: () => {} };
  const options = { cmd: ['hostname'], tty: false };
  assert.equal(await kubelet.exec('default', 'a', 'web', options, streams), 0);
  assert.equal(output, 'a\n');
  await assert.rejects(kubelet.exec('default', 'a', 'none', options, streams), { code: 'NotFound' });
});

test('a Pod that is deleted while its image is pulled goes at once', async () => {
  const images = JSON.stringify({ 'web:1': { pullMs: 600_000 } });
  await nodes.run('a', {}, { annotations: { [imagesAnnotation]: images }, finalizers: ['example.com/keep'] });
  await nodes.advance(5);
  assert.equal((await nodes.pod('a')).status?.phase, 'Pending');
  await nodes.plane.client.delete(pods, 'default', 'a');
  const pod = await nodes.pod('a');
  assert.equal(pod.status?.phase, 'Failed');
  assert.equal((await nodes.simulated.nodes[0]?.runtime.listPodSandbox({ state: 'SANDBOX_READY' }))?.length, 0);
  await nodes.plane.client.patch(pods, 'default', 'a', 'merge', { metadata: { finalizers: null } });
  assert.equal(await nodes.exists('a'), false);
  assert.equal(nodes.simulated.nodes[0]?.kubelet?.podCount, 0);
});
