// LimitRanger.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdmissionServer, image, refused, type Answer, type Room } from './admission-server.ts';

const server = AdmissionServer.forTests();

async function roomWith(...limits: readonly object[]): Promise<Room> {
  const room = await server.newNamespace();
  await room.create('LimitRange', { metadata: { name: 'l' }, spec: { limits } });
  return room;
}

function containers(...resources: readonly object[]): object[] {
  return resources.map((own, index) => ({ name: `c${index}`, image, resources: own }));
}

interface Resources {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

test('containers are given what they leave open', async () => {
  const room = await roomWith({
    type: 'Container',
    default: { cpu: '500m', memory: '1Gi' },
    defaultRequest: { cpu: '250m', memory: '512Mi' },
  });
  const spec = { containers: containers({}, { limits: { cpu: '1' } }), initContainers: [{ name: 'i', image }] };
  const pod: Answer = await room.pod(spec);
  const { containers: made, initContainers } = pod['spec'] as {
    containers: { resources: Resources }[];
    initContainers: { resources: Resources }[];
  };
  const filled = { limits: { cpu: '500m', memory: '1Gi' }, requests: { cpu: '250m', memory: '512Mi' } };
  assert.deepEqual(made[0]?.resources, filled);
  // A limit is its own request, before any default.
  assert.deepEqual(made[1]?.resources.requests, { cpu: '1', memory: '512Mi' });
  assert.deepEqual(initContainers[0]?.resources, filled);
  assert.equal(
    pod.metadata.annotations?.['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu, memory request for container c0; cpu, memory limit for container c0; ' +
      'memory request for container c1; memory limit for container c1; ' +
      'cpu, memory request for init container i; cpu, memory limit for init container i',
  );
});

test('bounds of containers hold, those of init containers and sidecars, too', async () => {
  const room = await roomWith({ type: 'Container', min: { cpu: '200m' }, max: { cpu: '1' } });
  const refusals: readonly (readonly [string, object])[] = [
    [
      'minimum cpu usage per Container is 200m, but request is 100m',
      { requests: { cpu: '100m' }, limits: { cpu: '1' } },
    ],
    ['maximum cpu usage per Container is 1, but limit is 2', { requests: { cpu: '1' }, limits: { cpu: '2' } }],
  ];
  for (const [why, resources] of refusals) {
    await room.refusesPod(`pods "p" is forbidden: ${why}`, { containers: containers(resources) });
    const ok = containers({ limits: { cpu: '1' } });
    const init = { name: 'i', image, resources };
    await room.refusesPod(`pods "p" is forbidden: ${why}`, { containers: ok, initContainers: [init] });
    const sidecar = { ...init, restartPolicy: 'Always' };
    await room.refusesPod(`pods "p" is forbidden: ${why}`, { containers: ok, initContainers: [sidecar] });
  }
  await room.pod({ containers: containers({ requests: { cpu: '300m' }, limits: { cpu: '900m' } }) });
});

test('where a bound is, something must be asked for', async () => {
  const room = await roomWith({ type: 'Pod', min: { cpu: '100m' }, max: { memory: '1Gi' } });
  await room.refusesPod(
    'pods "p" is forbidden: [minimum cpu usage per Pod is 100m.  No request is specified, maximum memory usage per Pod is 1Gi.  No limit is specified]',
  );
});

test('a Pod is the sum of its containers', async () => {
  const room = await roomWith({ type: 'Pod', max: { cpu: '2' } });
  const one = { limits: { cpu: '1500m' } };
  await room.refusesPod('pods "p" is forbidden: maximum cpu usage per Pod is 2, but limit is 3', {
    containers: containers(one, one),
  });
  await room.pod({ containers: containers(one) });
});

test('limits may be so many times the requests', async () => {
  const room = await roomWith({ type: 'Container', maxLimitRequestRatio: { memory: '2' } });
  const resources = { requests: { memory: '100Mi' }, limits: { memory: '250Mi' } };
  await room.refusesPod(
    'pods "p" is forbidden: memory max limit to request ratio per Container is 2, but provided ratio is 2.500000',
    { containers: containers(resources) },
  );
  await room.refusesPod(/but no request is specified or request is 0$/);
});

test('a Pod that is resized stays within the bounds', async () => {
  const room = await roomWith({ type: 'Container', max: { cpu: '2' } });
  const asked = (cpu: string): object => ({ requests: { cpu }, limits: { cpu } });
  await room.pod({ containers: containers(asked('1')) });
  const resize = (cpu: string): Promise<unknown> =>
    server.client.request('PATCH', `${room.path('Pod', 'p')}/resize`, {
      body: { spec: { containers: [{ name: 'c0', resources: asked(cpu) }] } },
      contentType: 'application/strategic-merge-patch+json',
    });
  const message = 'pods "p" is forbidden: maximum cpu usage per Container is 2, but limit is 3';
  await refused(resize('3'), 403, message);
  await resize('2');
});

test('claims have bounds, too', async () => {
  const room = await roomWith({ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '3Gi' } });
  const claim = (storage: string): Promise<Answer> =>
    room.create('PersistentVolumeClaim', {
      metadata: { name: 'c' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    });
  const name = 'persistentvolumeclaims "c" is forbidden:';
  const usage = 'storage usage per PersistentVolumeClaim is';
  await refused(claim('512Mi'), 403, `${name} minimum ${usage} 1Gi, but request is 512Mi`);
  await refused(claim('4Gi'), 403, `${name} maximum ${usage} 3Gi, but request is 4Gi`);
  await claim('2Gi');
});
