// Endpoints and EndpointSlices follow Services and their Pods.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSlice } from '../../src/api/types/discovery.v1.ts';
import type { Service, ServicePort } from '../../src/api/types/core.v1.ts';
import { endpoints, endpointSlices, pods, services } from '../../src/client/resources.ts';
import { startRunningCluster, type Space } from './running-cluster.ts';

const running = startRunningCluster();
const labels = { app: 'served' };

function service(name: string, ports: ServicePort[], selector: Record<string, string> = labels): Service {
  return { metadata: { name }, spec: { selector, ports } };
}

/** A Pod that has a name for each of its ports. */
async function startPod(space: Space, name: string, ports: Readonly<Record<string, number>>): Promise<void> {
  await space.create(pods, {
    metadata: { name, labels },
    spec: {
      containers: [
        {
          name: 'c',
          image: 'registry.example/c:1',
          ports: Object.entries(ports).map(([portName, containerPort]) => ({ name: portName, containerPort })),
        },
      ],
    },
  });
}

function slicesOf(space: Space, name: string): Promise<EndpointSlice[]> {
  return space.list(endpointSlices, { labelSelector: `kubernetes.io/service-name=${name}` });
}

/** Pod → its ports, as the EndpointSlices of a Service say. */
async function bySlices(space: Space, name: string): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for (const { endpoints: all = [], ports } of await slicesOf(space, name)) {
    for (const { targetRef, conditions } of all ?? []) {
      if (conditions?.ready !== true) continue;
      (found[targetRef?.name ?? ''] ??= []).push(...(ports ?? []).map(({ port = 0 }) => port));
    }
  }
  return sorted(found);
}

/** The same, as its Endpoints say. */
async function byEndpoints(space: Space, name: string): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  const all = await space.list(endpoints);
  for (const { addresses, ports } of all.find(({ metadata }) => metadata?.name === name)?.subsets ?? []) {
    for (const { targetRef } of addresses ?? []) {
      (found[targetRef?.name ?? ''] ??= []).push(...(ports ?? []).map(({ port }) => port));
    }
  }
  return sorted(found);
}

function sorted(found: Record<string, number[]>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(found).map(([pod, ports]) => [pod, ports.toSorted((a, b) => a - b)]));
}

async function serves(space: Space, name: string, expected: Readonly<Record<string, number[]>>): Promise<void> {
  const isSo = async (): Promise<boolean> => {
    for (const found of [await bySlices(space, name), await byEndpoints(space, name)]) {
      if (JSON.stringify(Object.entries(found).toSorted()) !== JSON.stringify(Object.entries(expected).toSorted())) {
        return false;
      }
    }
    return true;
  };
  await running.until(`${name} has the endpoints ${JSON.stringify(expected)}`, isSo);
}

test('[sig-network] EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service', async () => {
  const space = await running.newSpace();
  await startPod(space, 'pod1', { example: 80 });
  await startPod(space, 'pod2', { example: 8080 });
  const other = { kind: 'all' };
  await space.patch(pods, 'pod1', { metadata: { labels: other } });
  await space.patch(pods, 'pod2', { metadata: { labels: other } });
  await space.create(services, service('one', [{ name: 'example', port: 80, targetPort: 80 }]));
  await space.create(services, service('named', [{ name: 'http', port: 80, targetPort: 'example' }], other));
  await serves(space, 'one', { pod1: [80], pod2: [80] });
  // Two Pods that call different ports by one name are in two slices, and two subsets.
  await serves(space, 'named', { pod1: [80], pod2: [8080] });
  const ips = new Set((await space.pods()).map(({ status }) => status?.podIP));
  const slices = await slicesOf(space, 'named');
  assert.deepEqual(new Set(slices.flatMap((one) => one.endpoints ?? []).flatMap(({ addresses }) => addresses)), ips);
  assert.deepEqual(
    slices.map(({ addressType, ports }) => [addressType, ports?.map(({ name, protocol }) => [name, protocol])]),
    [
      ['IPv4', [['http', 'TCP']]],
      ['IPv4', [['http', 'TCP']]],
    ],
  );
  assert.equal((await space.get(endpoints, 'named')).subsets?.length, 2);
});

test('[sig-network] EndpointSlice should create and delete Endpoints and EndpointSlices for a Service with a selector specified', async () => {
  const space = await running.newSpace();
  await space.create(services, service('empty', [{ name: 'example', port: 80 }], { never: 'matches' }));
  await running.until('both are there', async () => {
    const [slices, found] = [await slicesOf(space, 'empty'), await space.list(endpoints)];
    return slices.length === 1 && found.length === 1;
  });
  const [slice] = await slicesOf(space, 'empty');
  assert.equal(slice?.metadata?.labels?.['endpointslice.kubernetes.io/managed-by'], 'endpointslice-controller.k8s.io');
  assert.deepEqual(
    slice?.metadata?.ownerReferences?.map(({ kind, name, controller }) => [kind, name, controller]),
    [['Service', 'empty', true]],
  );
  await space.delete(services, 'empty');
  await running.until('both are gone', async () => {
    const [slices, found] = [await slicesOf(space, 'empty'), await space.list(endpoints)];
    return slices.length === 0 && found.length === 0;
  });
});

test('[sig-network] Services should serve a basic endpoint from pods', async () => {
  const space = await running.newSpace();
  await space.create(services, service('s', [{ port: 80, targetPort: 80 }]));
  await serves(space, 's', {});
  await startPod(space, 'pod1', { p: 80 });
  await serves(space, 's', { pod1: [80] });
  await startPod(space, 'pod2', { p: 80 });
  await serves(space, 's', { pod1: [80], pod2: [80] });
  await space.delete(pods, 'pod1');
  await serves(space, 's', { pod2: [80] });
  await space.delete(pods, 'pod2');
  await serves(space, 's', {});
});

test('[sig-network] Services should serve multiport endpoints from pods', async () => {
  const space = await running.newSpace();
  const ports = [
    { name: 'portname1', port: 80, targetPort: 'first' },
    { name: 'portname2', port: 81, targetPort: 'second' },
  ];
  await space.create(services, service('s', ports));
  await serves(space, 's', {});
  await startPod(space, 'pod1', { first: 100 });
  await serves(space, 's', { pod1: [100] });
  await startPod(space, 'pod2', { second: 101 });
  await serves(space, 's', { pod1: [100], pod2: [101] });
  await space.delete(pods, 'pod1');
  await serves(space, 's', { pod2: [101] });
  await space.delete(pods, 'pod2');
  await serves(space, 's', {});
});

test('[sig-network] Services should serve endpoints on same port and different protocols', async () => {
  const space = await running.newSpace();
  await startPod(space, 'pod1', { p: 80 });
  const created = await space.create(services, service('s', [{ name: 'tcp', port: 80, protocol: 'TCP' }]));
  assert.equal(created.spec?.ports?.[0]?.protocol, 'TCP');
  await serves(space, 's', { pod1: [80] });
  const both = [
    { name: 'tcp', port: 80, protocol: 'TCP' },
    { name: 'udp', port: 80, protocol: 'UDP' },
  ];
  const protocols = async (): Promise<unknown> => {
    const slices = await slicesOf(space, 's');
    return slices.flatMap(({ ports }) => ports?.map(({ protocol, port }) => `${protocol} ${port}`) ?? []).toSorted();
  };
  const has = (expected: readonly string[]) => async (): Promise<boolean> =>
    JSON.stringify(await protocols()) === JSON.stringify(expected);
  await running.client.patch(services, space.namespace, 's', 'merge', { spec: { ports: both } });
  await running.until('it has both protocols', has(['TCP 80', 'UDP 80']));
  await running.client.patch(services, space.namespace, 's', 'merge', { spec: { ports: both.slice(1) } });
  await running.until('it has UDP alone', has(['UDP 80']));
});

test('[sig-network] Service endpoints latency should not be very high', async () => {
  const space = await running.newSpace();
  await startPod(space, 'pod1', { p: 80 });
  await space.readyPods(1);
  const names = Array.from({ length: 50 }, (_, index) => `s-${index}`);
  for (const name of names) await space.create(services, service(name, [{ port: 80 }]));
  // None of the controllers may wait for a time to come.
  await running.cluster.advance('0s');
  for (const name of names) assert.deepEqual(await byEndpoints(space, name), { pod1: [80] });
});
