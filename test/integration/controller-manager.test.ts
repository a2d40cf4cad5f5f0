// kube-controller-manager as a process of its own, over HTTPS.
import assert from 'node:assert/strict';
import https from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { Client } from '../../src/client/client.ts';
import { HttpsTransport } from '../../src/client/https-transport.ts';
import { leases, pods, replicaSets, serviceAccounts } from '../../src/client/resources.ts';
import { Component } from '../support/component.ts';
import { eventually } from '../support/eventually.ts';
import { TestServer } from '../support/server.ts';

let server: TestServer;
let client: Client;
const managers: Component[] = [];

before(async () => {
  server = await TestServer.start();
  client = Client.over(new HttpsTransport(server.config), { userAgent: 'test' });
});
after(async () => {
  await Promise.all(managers.map((manager) => manager.kill()));
  client?.rest.transport.close();
  await server?.stop();
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function startManager(port: number): Component {
  const manager = Component.start(
    'kube-controller-manager',
    '--kubeconfig',
    server.kubeconfig,
    '--use-service-account-credentials',
    '--controllers=*',
    '--leader-elect-lease-duration=3s',
    '--leader-elect-renew-deadline=2s',
    '--leader-elect-retry-period=500ms',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
  );
  managers.push(manager);
  return manager;
}

function get(port: number, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = https.get(
      { host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false },
      (response) => {
        let body = '';
        response.on('data', (piece: Buffer) => (body += piece.toString('utf8')));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    request.on('error', reject);
  });
}

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'registry.example/web:1' }] },
};

async function countPods(): Promise<number> {
  return (await client.list(pods, 'default', { labelSelector: 'app=web' })).items.filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  ).length;
}

test('it works, tells its health to everybody and its metrics to nobody unknown; another takes over when it dies', async () => {
  const [portOfFirst, portOfSecond] = [await freePort(), await freePort()];
  const first = startManager(portOfFirst);
  await client.create(replicaSets, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template },
  });
  await eventually(`three Pods\n${first.log}`, async () => (await countPods()) === 3);
  assert.deepEqual(await get(portOfFirst, '/healthz'), { status: 200, body: 'ok' });
  assert.equal((await get(portOfFirst, '/metrics')).status, 403);
  // It acts in the names of its controllers.
  const account = await client.get(serviceAccounts, 'kube-system', 'replicaset-controller');
  assert.ok(account.metadata.uid);

  startManager(portOfSecond);
  await eventually(
    'the second is there',
    async () => (await get(portOfSecond, '/healthz').catch(() => undefined))?.status === 200,
  );
  const { holderIdentity } = (await client.get(leases, 'kube-system', 'kube-controller-manager')).spec;
  await first.kill();
  await client.patch(replicaSets, 'default', 'web', 'merge', { spec: { replicas: 5 } });
  await eventually('the second leads and works', async () => (await countPods()) === 5);
  const after = await client.get(leases, 'kube-system', 'kube-controller-manager');
  assert.notEqual(after.spec.holderIdentity, holderIdentity);
});
