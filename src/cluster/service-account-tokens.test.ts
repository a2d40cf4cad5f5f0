// Tokens of service accounts in Secrets, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import type { Secret } from '../api/types/core.v1.ts';
import { configMaps, pods, secrets, serviceAccounts } from '../client/resources.ts';
import {
  legacyTokenCleanerController,
  serviceAccountTokenController,
} from '../controllers/service-account-tokens/index.ts';
import { ControllerManager } from '../controllers/manager.ts';
import { defaultControllerManagerOptions } from '../controllers/options.ts';
import { Logger } from '../machinery/logging.ts';
import { seededRandom } from '../machinery/random.ts';
import { parseJws, verifyJws } from '../machinery/jwt/jws.ts';
import { controllerManagerUser, serviceAccountUser } from './users.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

const hour = 3_600_000;
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const serviceAccountKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

async function start(t: TestContext): Promise<VirtualControlPlane> {
  const plane = await VirtualControlPlane.start({
    controllers: [serviceAccountTokenController],
    options: { serviceAccountKey, rootCA: 'the authority' },
    flags: ['--authorization-mode=RBAC'],
  });
  t.after(() => plane.stop());
  return plane;
}

/** Starts a cleaner so long after the beginning: it looks at its start. */
async function cleanAfter(plane: VirtualControlPlane, ms: number): Promise<void> {
  plane.clock.setWallTime(Date.UTC(2026, 0, 1) + ms);
  const { server, clock } = plane;
  const stop = new AbortController();
  const manager = new ControllerManager({
    client: server.clientAs(controllerManagerUser, 'test'),
    clientFor: (name) => server.clientAs(serviceAccountUser('kube-system', name), 'test'),
    clock,
    random: seededRandom('cleaner'),
    log: Logger.silent,
    options: { ...defaultControllerManagerOptions, legacyServiceAccountTokenCleanUpPeriodMs: 24 * hour },
    definitions: [legacyTokenCleanerController],
  });
  const running = manager.run(stop.signal);
  await plane.settle();
  stop.abort();
  await running;
}

function createSecret(plane: VirtualControlPlane, name: string, account = 'robot'): Promise<Secret> {
  return plane.client.create(secrets, {
    metadata: { name, namespace: 'default', annotations: { 'kubernetes.io/service-account.name': account } },
    type: 'kubernetes.io/service-account-token',
  });
}

function createAccount(plane: VirtualControlPlane, ...references: string[]): Promise<unknown> {
  return plane.client.create(serviceAccounts, {
    metadata: { name: 'robot', namespace: 'default' },
    secrets: references.map((name) => ({ name })),
  });
}

async function secretsOf(plane: VirtualControlPlane): Promise<Map<string, Secret>> {
  await plane.clock.advance(1_000);
  const { items } = await plane.client.list(secrets, 'default');
  return new Map(items.map((secret) => [secret.metadata.name ?? '', secret]));
}

test('a Secret that asks for a token gets one, and goes with its account', async (t) => {
  const plane = await start(t);
  await createAccount(plane);
  await createSecret(plane, 'robot-token');
  const secret = (await secretsOf(plane)).get('robot-token');
  const account = await plane.client.get(serviceAccounts, 'default', 'robot');
  assert.equal(secret?.metadata.annotations?.['kubernetes.io/service-account.uid'], account.metadata.uid);
  const text = (key: string): string => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();
  assert.equal(text('ca.crt'), 'the authority');
  assert.equal(text('namespace'), 'default');
  const jws = parseJws(text('token'));
  assert.ok(jws && verifyJws(jws, keys.publicKey));
  assert.deepEqual(jws.claims, {
    iss: 'kubernetes/serviceaccount',
    'kubernetes.io/serviceaccount/namespace': 'default',
    'kubernetes.io/serviceaccount/secret.name': 'robot-token',
    'kubernetes.io/serviceaccount/service-account.name': 'robot',
    'kubernetes.io/serviceaccount/service-account.uid': account.metadata.uid,
    sub: 'system:serviceaccount:default:robot',
  });
  await plane.client.delete(serviceAccounts, 'default', 'robot');
  assert.equal((await secretsOf(plane)).size, 0);
});

test('one for an account that there is not is removed; what is emptied is filled again', async (t) => {
  const plane = await start(t);
  await createSecret(plane, 'orphan', 'nobody');
  await createAccount(plane);
  await createSecret(plane, 'robot-token');
  const before = await secretsOf(plane);
  assert.deepEqual([...before.keys()], ['robot-token']);
  const { token = '' } = before.get('robot-token')?.data ?? {};
  await plane.client.patch(secrets, 'default', 'robot-token', 'merge', { data: { token: null } });
  const filled = (await secretsOf(plane)).get('robot-token')?.data?.['token'] ?? '';
  assert.notEqual(filled, '');
  assert.notEqual(token, '');
});

test('an account forgets a Secret that is deleted', async (t) => {
  const plane = await start(t);
  await createAccount(plane, 'robot-token', 'pull');
  await createSecret(plane, 'robot-token');
  await plane.settle();
  await plane.client.delete(secrets, 'default', 'robot-token');
  await plane.settle();
  const account = await plane.client.get(serviceAccounts, 'default', 'robot');
  assert.deepEqual(account.secrets, [{ name: 'pull' }]);
});

test('automatic tokens that nobody used are invalidated and then deleted, unless a Pod mounts them', async (t) => {
  const plane = await start(t);
  const tracking = 'kube-apiserver-legacy-service-account-token-tracking';
  assert.deepEqual((await plane.client.get(configMaps, 'kube-system', tracking)).data, { since: '2026-01-01' });
  await createAccount(plane, 'automatic', 'mounted');
  for (const name of ['automatic', 'mounted', 'manual']) await createSecret(plane, name);
  await plane.client.create(pods, {
    metadata: { name: 'user', namespace: 'default' },
    spec: {
      serviceAccountName: 'robot',
      automountServiceAccountToken: false,
      containers: [{ name: 'c', image: 'i' }],
      volumes: [{ name: 'token', secret: { secretName: 'mounted' } }],
    },
  });
  const since = async (): Promise<(string | undefined)[]> =>
    [...(await secretsOf(plane)).values()].map(
      ({ metadata }) => metadata.labels?.['kubernetes.io/legacy-token-invalid-since'],
    );
  await cleanAfter(plane, 25 * hour);
  assert.deepEqual(await since(), [undefined, undefined, undefined]);
  await cleanAfter(plane, 49 * hour);
  assert.deepEqual(await since(), ['2026-01-03', undefined, undefined]);
  await cleanAfter(plane, 97 * hour);
  assert.deepEqual([...(await secretsOf(plane)).keys()], ['manual', 'mounted']);
});
