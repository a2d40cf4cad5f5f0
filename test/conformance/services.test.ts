// Services, Endpoints and EndpointSlices as objects. That packets follow them needs nodes and kube-proxy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints, Service, ServiceSpec } from '../../src/api/types/core.v1.ts';
import type { EndpointSlice } from '../../src/api/types/discovery.v1.ts';
import { startCluster, type Resource, type Stored } from './cluster.ts';

const cluster = startCluster();
const ports = [{ port: 80, protocol: 'TCP' as const, targetPort: 9376 }];

async function servicesOf(): Promise<Resource<Service>> {
  return cluster.resource('v1', 'services', await cluster.newNamespace());
}

function service(spec: ServiceSpec): Service {
  return { metadata: { name: 's' }, spec };
}

test('[sig-network] Services should provide secure master service', async () => {
  const { spec } = await cluster.resource<Service>('v1', 'services', 'default').get('kubernetes');
  assert.deepEqual(
    spec?.ports?.map(({ name, port, protocol }) => [name, port, protocol]),
    [['https', 443, 'TCP']],
  );
});

test('[sig-network] Services should find a service from listing all namespaces', async () => {
  const { items } = await cluster.resource<Service>('v1', 'services').list();
  assert.ok(items.some(({ metadata }) => metadata.name === 'kubernetes' && metadata.namespace === 'default'));
});

test('[sig-network] EndpointSlice should have Endpoints and EndpointSlices pointing to API Server', async () => {
  const endpoints = await cluster.resource<Endpoints>('v1', 'endpoints', 'default').get('kubernetes');
  const addresses = endpoints.subsets?.flatMap((subset) => (subset.addresses ?? []).map(({ ip }) => ip)) ?? [];
  assert.notEqual(addresses.length, 0);
  const { items } = await cluster
    .resource<EndpointSlice>('discovery.k8s.io/v1', 'endpointslices', 'default')
    .list({ labelSelector: 'kubernetes.io/service-name=kubernetes' });
  assert.deepEqual(
    items.flatMap((slice) => (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? [])),
    addresses,
  );
});

/** Creates a service of one type and makes it one of another. */
async function changeType(from: ServiceSpec, to: ServiceSpec): Promise<readonly [Stored<Service>, Stored<Service>]> {
  const services = await servicesOf();
  const before = await services.create(service(from));
  const { clusterIP, clusterIPs, externalName, ...kept } = before.spec ?? {};
  // What a client does to change the type: ClusterIP and names that the new type has not are taken away.
  const after = await services.update({ ...before, spec: { ...kept, ...to } });
  assert.deepEqual((await services.get('s')).spec, after.spec);
  return [before, after];
}

test('[sig-network] Services should be able to change the type from ExternalName to ClusterIP', async () => {
  const [before, after] = await changeType(
    { type: 'ExternalName', externalName: 'foo.example.com' },
    { type: 'ClusterIP', ports },
  );
  assert.equal(before.spec?.clusterIP, undefined);
  assert.match(after.spec?.clusterIP ?? '', /^10\./);
  assert.equal(after.spec?.externalName, undefined);
  assert.equal(after.spec?.ports?.[0]?.nodePort, undefined);
});

test('[sig-network] Services should be able to change the type from ExternalName to NodePort', async () => {
  const [before, after] = await changeType(
    { type: 'ExternalName', externalName: 'foo.example.com' },
    { type: 'NodePort', ports },
  );
  assert.equal(before.spec?.clusterIP, undefined);
  assert.match(after.spec?.clusterIP ?? '', /^10\./);
  const nodePort = after.spec?.ports?.[0]?.nodePort ?? 0;
  assert.ok(nodePort >= 30000 && nodePort <= 32767, String(nodePort));
});

test('[sig-network] Services should be able to change the type from ClusterIP to ExternalName', async () => {
  const [before, after] = await changeType(
    { type: 'ClusterIP', ports },
    { type: 'ExternalName', externalName: 'foo.example.com' },
  );
  assert.match(before.spec?.clusterIP ?? '', /^10\./);
  assert.equal(after.spec?.clusterIP, undefined);
  assert.equal(after.spec?.clusterIPs, undefined);
  // The address may be had again.
  const services = await servicesOf();
  await services.create(service({ ports, clusterIP: before.spec?.clusterIP ?? '' }));
});

test('[sig-network] Services should be able to change the type from NodePort to ExternalName', async () => {
  const [before, after] = await changeType(
    { type: 'NodePort', ports },
    { type: 'ExternalName', externalName: 'foo.example.com', ports },
  );
  const nodePort = before.spec?.ports?.[0]?.nodePort ?? 0;
  assert.ok(nodePort >= 30000 && nodePort <= 32767, String(nodePort));
  assert.equal(after.spec?.clusterIP, undefined);
  assert.equal(after.spec?.ports?.[0]?.nodePort, undefined);
  // It is released.
  const services = await servicesOf();
  await services.create(service({ type: 'NodePort', ports: [{ port: 80, nodePort }] }));
});

for (const [type, name] of [
  ['ClusterIP', '[sig-network] Services should be able to switch session affinity for service with type clusterIP'],
  ['NodePort', '[sig-network] Services should be able to switch session affinity for NodePort service'],
] as const) {
  test(name, async () => {
    const services = await servicesOf();
    const created = await services.create(service({ type, ports, sessionAffinity: 'ClientIP' }));
    assert.deepEqual(created.spec?.sessionAffinityConfig, { clientIP: { timeoutSeconds: 10800 } });
    const none = await services.update({
      ...created,
      spec: { ...created.spec, sessionAffinity: 'None', sessionAffinityConfig: null as never },
    });
    assert.equal(none.spec?.sessionAffinity, 'None');
    assert.equal(none.spec?.sessionAffinityConfig, undefined);
    const again = await services.patch('s', { spec: { sessionAffinity: 'ClientIP' } });
    assert.deepEqual(again.spec?.sessionAffinityConfig, { clientIP: { timeoutSeconds: 10800 } });
    // All that was given stays.
    assert.deepEqual([again.spec?.clusterIP, again.spec?.ports], [created.spec?.clusterIP, created.spec?.ports]);
  });
}

test('[sig-network] Services should complete a service status lifecycle', async () => {
  const services = await servicesOf();
  const watch = await services.watch({ labelSelector: 'test-service-static=true' });
  await services.create({
    metadata: { name: 's', labels: { 'test-service-static': 'true' } },
    spec: { type: 'LoadBalancer', ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 80 }] },
  });
  const status = await services.get('s', 'status');
  assert.deepEqual(status.status, { loadBalancer: {} });
  const patched = await services.patch(
    's',
    {
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } },
    },
    { subresource: 'status' },
  );
  assert.equal(patched.metadata.annotations?.['patchedstatus'], 'true');
  assert.deepEqual(patched.status?.loadBalancer, { ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] });
  const condition = {
    type: 'StatusUpdate',
    status: 'True' as const,
    lastTransitionTime: '2026-01-02T15:04:05Z',
    reason: 'E2E',
    message: 'Set from e2e test',
  };
  const updated = await services.update(
    { ...patched, status: { ...patched.status, conditions: [condition] } },
    'status',
  );
  assert.deepEqual(updated.status?.conditions, [condition]);
  const relabelled = await services.patch('s', { metadata: { labels: { 'test-service': 'patched' } } });
  assert.equal(relabelled.metadata.labels?.['test-service'], 'patched');
  await services.delete('s');
  assert.deepEqual(
    (await watch.take(5)).map(({ type }) => type),
    ['ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'DELETED'],
  );
});

test('[sig-network] Services should delete a collection of services', async () => {
  const services = await servicesOf();
  for (const [name, app] of [
    ['one', 'a'],
    ['two', 'a'],
    ['three', 'b'],
  ] as const) {
    await services.create({ metadata: { name, labels: { app } }, spec: { ports } });
  }
  assert.equal((await services.names()).length, 3);
  await services.deleteCollection({ labelSelector: 'app=a' });
  assert.deepEqual(await services.names(), ['three']);
});

test('[sig-network] Services should test the lifecycle of an Endpoint', async () => {
  const endpoints = cluster.resource<Endpoints>('v1', 'endpoints', await cluster.newNamespace());
  const labelSelector = 'test-endpoint-static=true';
  const watch = await endpoints.watch({ labelSelector });
  const created = await endpoints.create({
    metadata: { name: 'e', labels: { 'test-endpoint-static': 'true' } },
    subsets: [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ name: 'http', port: 80 }] }],
  });
  assert.deepEqual(created.subsets?.[0]?.ports, [{ name: 'http', port: 80, protocol: 'TCP' }]);
  const updated = await endpoints.update({
    ...created,
    metadata: { ...created.metadata, labels: { ...created.metadata.labels, 'test-service': 'updated' } },
  });
  assert.equal(updated.metadata.labels?.['test-service'], 'updated');
  const subsets = [{ addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080 }] }];
  await endpoints.patch('e', { metadata: { labels: { 'test-service': 'patched' } }, subsets });
  const patched = await endpoints.get('e');
  assert.deepEqual(patched.subsets, [
    { addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080, protocol: 'TCP' }] },
  ]);
  await endpoints.deleteCollection({ labelSelector });
  assert.deepEqual(
    (await watch.take(4)).map(({ type }) => type),
    ['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED'],
  );
});
