// The networks of Services as objects: the server's own, which may grow, and those that users add.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Service } from '../../src/api/types/core.v1.ts';
import type { ServiceCIDR } from '../../src/api/types/networking.v1.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';

const path = '/apis/networking.k8s.io/v1/servicecidrs';
const range = '--service-cluster-ip-range';

let directory: string;
let server: TestServer;

async function start(networks: string): Promise<void> {
  await server?.stop();
  server = await TestServer.start({ directory, args: [`${range}=${networks}`] });
}

before(async () => {
  directory = await temporaryDirectory();
  await start('10.96.0.0/24');
});
after(async () => {
  await server?.kill();
  await removeDirectory(directory);
});

function defaultOne(): Promise<ServiceCIDR> {
  return server.client().get<ServiceCIDR>(`${path}/kubernetes`);
}

test('a server that is given a second network adds it to the default ServiceCIDR', async () => {
  const single = await defaultOne();
  assert.deepEqual(single.spec?.cidrs, ['10.96.0.0/24']);
  assert.equal(single.status?.conditions?.[0]?.status, 'True');
  await start('10.96.0.0/24,fd00::/108');
  assert.deepEqual((await defaultOne()).spec?.cidrs, ['10.96.0.0/24', 'fd00::/108']);
});

test('a network that nobody has judged is ready when it is the server’s', async () => {
  const { metadata, spec } = await defaultOne();
  await server.client().request('PUT', `${path}/kubernetes/status`, { body: { metadata, spec, status: {} } });
  await start('10.96.0.0/24,fd00::/108');
  const [condition] = (await defaultOne()).status?.conditions ?? [];
  assert.equal(condition?.message, 'Kubernetes default Service CIDR is ready');
});

test('Services get addresses of a ServiceCIDR that a user adds', async () => {
  const body = { metadata: { name: 'more' }, spec: { cidrs: ['10.97.0.0/24'] } };
  await server.client().request('POST', path, { body });
  const service = { metadata: { name: 'a' }, spec: { clusterIP: '10.97.0.9', ports: [{ port: 80 }] } };
  const made = await server.client().request<Service>('POST', '/api/v1/namespaces/default/services', { body: service });
  assert.equal(made.spec.clusterIP, '10.97.0.9');
});
