// Signing with bootstrap tokens and cleaning them, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';
import type { ConfigMap } from '../api/types/core.v1.ts';
import { configMaps, secrets } from '../client/resources.ts';
import { bootstrapSignerController, tokenCleanerController } from '../controllers/bootstrap/index.ts';
import { chosenControllers } from '../controllers/command-line.ts';
import { formatTime } from '../machinery/time.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [bootstrapSignerController, tokenCleanerController],
    flags: ['--authorization-mode=RBAC'],
  });
});
afterEach(() => plane.stop());

async function createToken(id: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  await plane.client.create(secrets, {
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true', ...more },
  });
}

async function info(): Promise<NonNullable<ConfigMap['data']>> {
  await plane.clock.advance(100);
  return (await plane.client.get(configMaps, 'kube-public', 'cluster-info')).data ?? {};
}

test('what joining machines read is signed with each token, as long as it lasts', async () => {
  await createToken('abcdef', { expiration: formatTime(plane.clock.now() + 60_000) });
  await createToken('nosign', { 'usage-bootstrap-signing': 'false' });
  await plane.client.create(configMaps, {
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
    data: { kubeconfig: 'text', 'jws-kubeconfig-gone00': 'old' },
  });
  const encode = (text: string): string => Buffer.from(text).toString('base64url');
  const header = encode('{"alg":"HS256","kid":"abcdef"}');
  const mac = createHmac('sha256', '0123456789abcdef')
    .update(`${header}.${encode('text')}`)
    .digest('base64url');
  assert.deepEqual(await info(), { kubeconfig: 'text', 'jws-kubeconfig-abcdef': `${header}..${mac}` });
  await plane.clock.advance(61_000);
  assert.deepEqual(await info(), { kubeconfig: 'text' });
  const left = (await plane.client.list(secrets, 'kube-system')).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(left, ['bootstrap-token-nosign']);
});

test('they run only when they are asked for', () => {
  const known = [bootstrapSignerController, tokenCleanerController];
  assert.deepEqual(chosenControllers(['*'], known), []);
  assert.deepEqual(chosenControllers(['*', 'bootstrapsigner', 'tokencleaner'], known), known);
});
