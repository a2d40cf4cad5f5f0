// The EndpointSlice controller, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import * as fc from 'fast-check';
import type { Pod, Service } from '../api/types/core.v1.ts';
import type { Endpoint, EndpointSlice } from '../api/types/discovery.v1.ts';
import { endpointSlices, nodes, pods, services } from '../client/resources.ts';
import { endpointSliceController } from '../controllers/endpoint-slice/index.ts';
import { planSlices, portsKey } from '../controllers/endpoint-slice/slice-plan.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;

async function start(maxEndpointsPerSlice = 100): Promise<void> {
  plane = await VirtualControlPlane.start({
    controllers: [endpointSliceController],
    flags: ['--disable-admission-plugins=ServiceAccount', '--service-cluster-ip-range=10.96.0.0/16,fd00::/112'],
    options: { maxEndpointsPerSlice },
  });
}

async function createPod(name: string, ip: string, isReady = true, spec: Partial<Pod['spec']> = {}): Promise<void> {
  await plane.client.create(pods, {
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ name: 'http', containerPort: 8080 }] }], ...spec },
  });
  await setPod(name, ip, isReady);
}

async function setPod(name: string, ip: string, isReady: boolean): Promise<void> {
  const status = {
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
  };
  await plane.client.patch(pods, 'default', name, 'strategic', { status }, { subresource: 'status' });
}

async function createService(more: Partial<NonNullable<Service['spec']>> = {}, annotations = {}): Promise<void> {
  await plane.client.create(services, {
    metadata: { name: 'web', namespace: 'default', labels: { team: 'a' }, annotations },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...more },
  });
}

async function slicesOf(): Promise<EndpointSlice[]> {
  await plane.clock.advance(1_000);
  const labelSelector = 'kubernetes.io/service-name=web';
  return (await plane.client.list(endpointSlices, 'default', { labelSelector })).items;
}

function addresses(slices: readonly EndpointSlice[]): string[] {
  return slices.flatMap(({ endpoints }) => (endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? [])).sort();
}

describe('over the API', () => {
  beforeEach(() => start(3));
  afterEach(() => plane.stop());

  test('the Pods of a Service are its endpoints, with their conditions, node and zone', async () => {
    await plane.client.create(nodes, {
      metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'z' } },
      spec: {},
    });
    await createService();
    await createPod('a', '10.0.0.1', true, { nodeName: 'n1' });
    await createPod('b', '10.0.0.2', false);
    const [slice, ...others] = await slicesOf();
    assert.equal(others.length, 0);
    assert.equal(slice?.addressType, 'IPv4');
    assert.deepEqual(slice?.ports, [{ name: 'http', port: 8080, protocol: 'TCP' }]);
    assert.deepEqual(slice?.metadata.labels, {
      team: 'a',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    });
    assert.equal(slice?.metadata.ownerReferences?.[0]?.kind, 'Service');
    const byName = new Map(slice?.endpoints?.map((endpoint) => [endpoint.targetRef?.name, endpoint]));
    assert.deepEqual(byName.get('a')?.conditions, { ready: true, serving: true, terminating: false });
    assert.deepEqual([byName.get('a')?.nodeName, byName.get('a')?.zone], ['n1', 'z']);
    assert.deepEqual(byName.get('b')?.conditions, { ready: false, serving: false, terminating: false });
  });

  test('a Pod that is going still serves, but is not ready', async () => {
    await createService();
    await createPod('a', '10.0.0.1', true, { nodeName: 'n1' });
    await plane.client.delete(pods, 'default', 'a', { gracePeriodSeconds: 30 });
    const [slice] = await slicesOf();
    assert.deepEqual(slice?.endpoints?.[0]?.conditions, { ready: false, serving: true, terminating: true });
  });

  test('a Service without endpoints has one empty slice, and without a selector none', async () => {
    await createService();
    const slices = await slicesOf();
    assert.deepEqual(
      slices.map(({ endpoints }) => endpoints ?? []),
      [[]],
    );
    await plane.client.patch(services, 'default', 'web', 'merge', { spec: { selector: null } });
    await plane.client.create(services, {
      metadata: { name: 'other', namespace: 'default' },
      spec: { ports: [{ port: 80 }] },
    });
    await plane.clock.advance(1_000);
    const { items } = await plane.client.list(endpointSlices, 'default', {
      labelSelector: 'kubernetes.io/service-name=other',
    });
    assert.equal(items.length, 0);
  });

  test('slices are filled before new ones are made, and change no more than they must', async () => {
    await createService();
    for (let i = 1; i <= 7; i++) await createPod(`p${i}`, `10.0.0.${i}`);
    const before = await slicesOf();
    assert.equal(before.length, 3);
    assert.equal(addresses(before).length, 7);
    await setPod('p1', '10.0.0.1', false);
    const after = await slicesOf();
    const revisions = new Map(before.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
    const changed = after.filter(({ metadata }) => revisions.get(metadata.name) !== metadata.resourceVersion);
    assert.equal(changed.length, 1);
  });

  test('each family has slices of its own', async () => {
    await createService({ ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] });
    await createPod('a', '10.0.0.1');
    const status = { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] };
    await plane.client.patch(pods, 'default', 'a', 'strategic', { status }, { subresource: 'status' });
    const slices = await slicesOf();
    assert.deepEqual(slices.map(({ addressType }) => addressType).sort(), ['IPv4', 'IPv6']);
    assert.deepEqual(addresses(slices), ['10.0.0.1', 'fd00::1']);
  });

  test('hints say where traffic should stay, when the Service asks', async () => {
    const labels = { 'topology.kubernetes.io/zone': 'z' };
    await plane.client.create(nodes, { metadata: { name: 'n1', labels }, spec: {} });
    await createService({ trafficDistribution: 'PreferSameNode' });
    await createPod('a', '10.0.0.1', true, { nodeName: 'n1' });
    const [slice] = await slicesOf();
    assert.deepEqual(slice?.endpoints?.[0]?.hints, { forNodes: [{ name: 'n1' }], forZones: [{ name: 'z' }] });
  });

  test('nothing is written at rest', async () => {
    await createService();
    for (let i = 1; i <= 4; i++) await createPod(`p${i}`, `10.0.0.${i}`);
    await slicesOf();
    const before = (await plane.client.list(endpointSlices)).metadata.resourceVersion;
    await plane.clock.advance(10 * 60_000);
    assert.equal((await plane.client.list(endpointSlices)).metadata.resourceVersion, before);
  });
});

describe('the plan', () => {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' as const }];
  const endpoint = (id: number, ready: boolean): Endpoint => ({
    addresses: [`10.0.0.${id}`],
    conditions: { ready },
    targetRef: { kind: 'Pod', uid: `u${id}` },
  });
  const some = fc.uniqueArray(fc.record({ id: fc.nat(40), ready: fc.boolean() }), { selector: ({ id }) => id });

  test('leads from any slices to exactly the endpoints that there should be, and then to nothing more', () => {
    fc.assert(
      fc.property(some, some, fc.integer({ min: 1, max: 7 }), (before, after, max) => {
        let slices: EndpointSlice[] = [];
        let count = 0;
        const apply = (wanted: typeof before): number => {
          const group = { ports, endpoints: wanted.map(({ id, ready }) => endpoint(id, ready)) };
          const plan = planSlices(slices, new Map([[portsKey(ports), group]]), max, () => true);
          const updated = new Map(plan.update.map((slice) => [slice.metadata.name, slice]));
          const removed = new Set(plan.remove.map(({ metadata }) => metadata.name));
          slices = slices
            .filter(({ metadata }) => !removed.has(metadata.name))
            .map((slice) => updated.get(slice.metadata.name) ?? slice);
          for (const one of plan.create) {
            slices.push({
              metadata: { name: `s${++count}` },
              addressType: 'IPv4',
              endpoints: [...one.endpoints],
              ports: [...one.ports],
            });
          }
          return plan.create.length + plan.update.length + plan.remove.length;
        };
        for (const wanted of [before, after]) {
          apply(wanted);
          const all = slices.flatMap(({ endpoints }) => endpoints ?? []);
          const expected = wanted.map(({ id, ready }) => endpoint(id, ready));
          const key = (one: Endpoint): string => JSON.stringify(one);
          assert.deepEqual(all.map(key).sort(), expected.map(key).sort());
          for (const { endpoints } of slices) assert.ok((endpoints ?? []).length <= max);
          assert.equal(apply(wanted), 0);
        }
      }),
    );
  });
});
