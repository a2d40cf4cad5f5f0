// NamespaceLifecycle.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdmissionServer, refused } from './admission-server.ts';

const server = AdmissionServer.forTests();
const configMap = { metadata: { name: 'c' } };

test('nothing is made or changed in a namespace that is not there', async () => {
  const path = '/api/v1/namespaces/nowhere/configmaps';
  await refused(server.create(path, configMap), 404, 'namespaces "nowhere" not found');
});

test('nothing new is made in a namespace that is going, and the cause says so', async () => {
  const room = await server.newNamespace();
  await room.create('ConfigMap', { metadata: { name: 'old' } });
  await server.client.request('DELETE', `/api/v1/namespaces/${room.name}`);
  const why = `unable to create new content in namespace ${room.name} because it is being terminated`;
  const refusal = await refused(room.create('ConfigMap', configMap), 403, `configmaps "c" is forbidden: ${why}`);
  const [cause] = refusal.details?.causes ?? [];
  assert.equal(cause?.reason, 'NamespaceTerminating');
  assert.equal(cause?.field, 'metadata.namespace');
  assert.match(cause?.message ?? '', new RegExp(`^namespace ${room.name} is being terminated`));
  const generated = room.create('ConfigMap', { metadata: { generateName: 'some-' } });
  await refused(generated, 403, `configmaps "some-" is forbidden: ${why}`);
  // What is there may still be changed, and go.
  const path = room.path('ConfigMap', 'old');
  await server.client.request('PATCH', path, {
    body: { data: { a: 'b' } },
    contentType: 'application/merge-patch+json',
  });
  await server.client.request('DELETE', path);
});

test('the namespaces that the system needs stay', async () => {
  for (const name of ['default', 'kube-system', 'kube-public']) {
    const message = `namespaces "${name}" is forbidden: this namespace may not be deleted`;
    await refused(server.client.request('DELETE', `/api/v1/namespaces/${name}`), 403, message);
  }
  await server.client.get('/api/v1/namespaces/default');
});
