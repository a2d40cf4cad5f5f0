// ResourceQuota.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ResourceQuota } from '../../../src/api/types/core.v1.ts';
import { AdmissionServer, image, podWith, refused, type Answer, type Room } from './admission-server.ts';
import { ManyCreates } from './many-creates.ts';

const server = AdmissionServer.forTests();
type Amounts = Readonly<Record<string, string>>;

/** A room with a quota, counted as its controller would count it. */
async function roomWith(hard: Amounts, spec: object = {}, used: Amounts = {}): Promise<Room> {
  const room = await server.newNamespace();
  await addQuota(room, 'q', hard, spec, used);
  return room;
}

async function addQuota(room: Room, name: string, hard: Amounts, spec: object = {}, used: Amounts = {}): Promise<void> {
  const quota = await room.create('ResourceQuota', { metadata: { name }, spec: { hard, ...spec } });
  const nothing = Object.fromEntries(Object.keys(hard).map((resource) => [resource, '0']));
  await server.client.request('PUT', `${room.path('ResourceQuota', name)}/status`, {
    body: { ...quota, status: { hard, used: { ...nothing, ...used } } },
  });
}

async function usedOf(room: Room, name = 'q'): Promise<Amounts> {
  const { status } = await server.client.get<ResourceQuota>(room.path('ResourceQuota', name));
  return status?.used ?? {};
}

function pods(requests: object, limits: object = {}): object {
  return { containers: [{ name: 'c', image, resources: { requests, limits } }] };
}

test('what fits is counted, and what does not is refused with all amounts', async () => {
  const hard = { pods: '2', 'requests.cpu': '1', 'limits.memory': '1Gi' };
  const room = await roomWith(hard);
  await room.pod(pods({ cpu: '600m' }, { cpu: '600m', memory: '512Mi' }));
  assert.deepEqual(await usedOf(room), { pods: '1', 'requests.cpu': '600m', 'limits.memory': '512Mi' });
  const big = pods({ cpu: '500m' }, { cpu: '500m', memory: '768Mi' });
  await room.refusesPod(
    'pods "big" is forbidden: exceeded quota: q, requested: limits.memory=768Mi,requests.cpu=500m, ' +
      'used: limits.memory=512Mi,requests.cpu=600m, limited: limits.memory=1Gi,requests.cpu=1',
    big,
    { name: 'big' },
  );
  assert.deepEqual(await usedOf(room), { pods: '1', 'requests.cpu': '600m', 'limits.memory': '512Mi' });
  await room.pod(pods({ cpu: '400m' }, { cpu: '400m', memory: '512Mi' }), { name: 'second' });
  await room.refusesPod(
    /exceeded quota: q, requested: .*pods=1.*, used: .*pods=2.*, limited: .*pods=2/,
    pods({ cpu: '0' }, { memory: '1' }),
    { name: 'third' },
  );
});

test('a Pod must say how much it wants of what is limited', async () => {
  const room = await roomWith({ cpu: '1', 'limits.memory': '1Gi' });
  const spec = { containers: [{ name: 'a', image }], initContainers: [{ name: 'i', image }] };
  await room.refusesPod(
    'pods "p" is forbidden: failed quota: q: must specify cpu for: a,i; limits.memory for: a,i',
    spec,
  );
});

test('a quota that nobody has counted yet refuses, one without a status does not', async () => {
  const room = await server.newNamespace();
  const quota = await room.create('ResourceQuota', { metadata: { name: 'q' }, spec: { hard: { pods: '0' } } });
  await room.pod();
  await server.client.request('PUT', `${room.path('ResourceQuota', 'q')}/status`, {
    body: { ...quota, status: { hard: { pods: '5' } } },
  });
  await room.refusesPod('pods "b" is forbidden: status unknown for quota: q, resources: pods', {}, { name: 'b' });
});

test('objects of every kind can be counted', async () => {
  const hard = { 'count/configmaps': '1', 'count/deployments.apps': '0', secrets: '0' };
  const room = await roomWith(hard);
  await room.create('ConfigMap', { metadata: { name: 'a' } });
  const exceeded = (requested: string, used: string, limited: string): string =>
    `exceeded quota: q, requested: ${requested}, used: ${used}, limited: ${limited}`;
  const second = room.create('ConfigMap', { metadata: { name: 'b' } });
  const counts = exceeded('count/configmaps=1', 'count/configmaps=1', 'count/configmaps=1');
  await refused(second, 403, `configmaps "b" is forbidden: ${counts}`);
  const secret = room.create('secrets', { metadata: { name: 's' } });
  await refused(secret, 403, `secrets "s" is forbidden: ${exceeded('secrets=1', 'secrets=0', 'secrets=0')}`);
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image }] } };
  const deployment = { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } };
  await refused(
    server.create(`/apis/apps/v1/namespaces/${room.name}/deployments`, deployment),
    403,
    /^deployments.apps "d" is forbidden: exceeded quota: q, requested: count\/deployments.apps=1/,
  );
});

test('Services count by what they take', async () => {
  const room = await roomWith({ services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' });
  const service = (name: string, type: string, ports = 1): Promise<Answer> =>
    room.create('Service', {
      metadata: { name },
      spec: { type, ports: Array.from({ length: ports }, (_, index) => ({ name: `p${index}`, port: 80 + index })) },
    });
  await refused(service('n', 'NodePort', 2), 403, /requested: services.nodeports=2, used: services.nodeports=0, /);
  await refused(service('l', 'LoadBalancer'), 403, /requested: services.loadbalancers=1/);
  await service('c', 'ClusterIP');
  assert.deepEqual(await usedOf(room), { services: '1', 'services.loadbalancers': '0', 'services.nodeports': '0' });
  // A change of the type is paid for, too.
  const patch = (type: string): Promise<unknown> =>
    server.client.request('PATCH', room.path('Service', 'c'), {
      body: { spec: { type } },
      contentType: 'application/merge-patch+json',
    });
  await refused(patch('LoadBalancer'), 403, /exceeded quota: q, requested: services.loadbalancers=1/);
  await patch('NodePort');
  assert.deepEqual(await usedOf(room), { services: '1', 'services.loadbalancers': '0', 'services.nodeports': '1' });
});

test('claims count by their size and class', async () => {
  const gold = 'gold.storageclass.storage.k8s.io/requests.storage';
  const room = await roomWith({ persistentvolumeclaims: '3', 'requests.storage': '10Gi', [gold]: '2Gi' });
  const claim = (name: string, storage: string, storageClassName: string): Promise<Answer> =>
    room.create('PersistentVolumeClaim', {
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName },
    });
  await refused(
    claim('g', '3Gi', 'gold'),
    403,
    new RegExp(`requested: ${gold}=3Gi, used: ${gold}=0, limited: ${gold}=2Gi$`),
  );
  await claim('g', '2Gi', 'gold');
  await claim('s', '8Gi', 'silver');
  assert.deepEqual(await usedOf(room), { persistentvolumeclaims: '2', 'requests.storage': '10Gi', [gold]: '2Gi' });
});

test('a Pod that is resized pays for what it is given more', async () => {
  const room = await roomWith({ 'requests.cpu': '2' });
  await room.pod(pods({ cpu: '1' }));
  const resize = (cpu: string): Promise<unknown> =>
    server.client.request('PATCH', `${room.path('Pod', 'p')}/resize`, {
      body: { spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] } },
      contentType: 'application/strategic-merge-patch+json',
    });
  const message = 'exceeded quota: q, requested: requests.cpu=2, used: requests.cpu=1, limited: requests.cpu=2';
  await refused(resize('3'), 403, `pods "p" is forbidden: ${message}`);
  await resize('1500m');
  assert.deepEqual(await usedOf(room), { 'requests.cpu': '1500m' });
});

describe('scopes', () => {
  const burstable = pods({ cpu: '1m' });

  const cases: readonly (readonly [string, object, object, object])[] = [
    ['BestEffort', { scopes: ['BestEffort'] }, {}, burstable],
    ['NotBestEffort', { scopes: ['NotBestEffort'] }, burstable, {}],
    ['Terminating', { scopes: ['Terminating'] }, { activeDeadlineSeconds: 5 }, {}],
    ['NotTerminating', { scopes: ['NotTerminating'] }, {}, { activeDeadlineSeconds: 5 }],
    [
      'CrossNamespacePodAffinity',
      { scopes: ['CrossNamespacePodAffinity'] },
      {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'k', namespaces: ['other'] }],
          },
        },
      },
      {},
    ],
    [
      'PriorityClass',
      {
        scopeSelector: {
          matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['system-node-critical'] }],
        },
      },
      { priorityClassName: 'system-node-critical' },
      { priorityClassName: 'system-cluster-critical' },
    ],
  ];
  for (const [name, scope, inside, outside] of cases) {
    test(name, async () => {
      const room = await roomWith({ pods: '0' }, scope);
      await room.refusesPod(/exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0$/, inside);
      await room.pod(outside);
    });
  }
});

test('a request is charged to all quotas or to none', async () => {
  const room = await roomWith({ pods: '5' });
  await addQuota(room, 'tight', { pods: '0' });
  await room.refusesPod(/exceeded quota: tight/);
  assert.deepEqual([await usedOf(room), await usedOf(room, 'tight')], [{ pods: '0' }, { pods: '0' }]);
});

test('a dry run, and an object that is there already, cost nothing', async () => {
  const room = await roomWith({ pods: '2' });
  await server.client.request('POST', room.path('Pod'), { body: podWith(), query: { dryRun: 'All' } });
  assert.deepEqual(await usedOf(room), { pods: '0' });
  await room.pod();
  await refused(room.pod(), 409, 'pods "p" already exists');
  assert.deepEqual(await usedOf(room), { pods: '1' });
});

test('of 500 that come at a time, 100 are let through where 100 are allowed, twenty times over', async () => {
  const creates = new ManyCreates(server.server.config);
  const bodies = Array.from({ length: 500 }, (_, index) => ({ metadata: { name: `c${index}` } }));
  try {
    for (let round = 0; round < 20; round++) {
      const room = await roomWith({ 'count/configmaps': '100' });
      const answers = await creates.post(room.path('ConfigMap'), bodies);
      const refusals = answers.filter(({ status }) => status !== 201);
      assert.equal(answers.length - refusals.length, 100, `round ${round}`);
      const expected =
        /exceeded quota: q, requested: count\/configmaps=1, used: count\/configmaps=100, limited: count\/configmaps=100$/;
      for (const { status, message } of refusals) {
        assert.equal(status, 403, message);
        assert.match(message, expected);
      }
      const { items } = await server.client.get<{ items: unknown[] }>(room.path('ConfigMap'));
      assert.equal(items.length, 100, `round ${round}`);
      assert.deepEqual(await usedOf(room), { 'count/configmaps': '100' });
    }
  } finally {
    creates.close();
  }
});
