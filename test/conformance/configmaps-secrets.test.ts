// ConfigMaps and Secrets as objects. What Pods see of them needs a node.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigMap, Secret } from '../../src/api/types/core.v1.ts';
import { invalid, notFound, startCluster, type Resource } from './cluster.ts';

const cluster = startCluster();

async function configMapsOf(): Promise<Resource<ConfigMap>> {
  return cluster.resource('v1', 'configmaps', await cluster.newNamespace());
}

async function secretsOf(): Promise<Resource<Secret>> {
  return cluster.resource('v1', 'secrets', await cluster.newNamespace());
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

test('[sig-node] ConfigMap should fail to create ConfigMap with empty key', async () => {
  const configMaps = await configMapsOf();
  await assert.rejects(configMaps.create({ metadata: { name: 'c' }, data: { '': 'value' } }), {
    ...invalid,
    message:
      'ConfigMap "c" is invalid: data[]: Invalid value: "": a valid config key must consist of alphanumeric characters, ' +
      "'-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
  });
  assert.deepEqual(await configMaps.names(), []);
});

test('[sig-node] Secrets should fail to create secret due to empty secret key', async () => {
  const secrets = await secretsOf();
  await assert.rejects(secrets.create({ metadata: { name: 's' }, data: { '': base64('value') } }), {
    ...invalid,
    message:
      'Secret "s" is invalid: data[]: Invalid value: "": a valid config key must consist of alphanumeric characters, ' +
      "'-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
  });
  assert.deepEqual(await secrets.names(), []);
});

test('[sig-node] ConfigMap should run through a ConfigMap lifecycle', async () => {
  const configMaps = await configMapsOf();
  const labels = { 'test-configmap-static': 'true' };
  const watch = await configMaps.watch({ labelSelector: 'test-configmap-static=true' });
  await configMaps.create({ metadata: { name: 'c', labels }, data: { valueName: 'value' } });
  assert.equal((await watch.next()).type, 'ADDED');

  await configMaps.patch(
    'c',
    { metadata: { labels: { 'test-configmap': 'patched' } }, data: { valueName: 'value1' } },
    { type: 'strategic-merge' },
  );
  const patched = await configMaps.get('c');
  assert.deepEqual(patched.data, { valueName: 'value1' });
  assert.deepEqual(patched.metadata.labels, { ...labels, 'test-configmap': 'patched' });
  assert.equal((await watch.next()).type, 'MODIFIED');

  const everywhere = await cluster.resource<ConfigMap>('v1', 'configmaps').list({
    labelSelector: 'test-configmap-static=true',
  });
  assert.deepEqual(
    everywhere.items.map(({ data }) => data),
    [{ valueName: 'value1' }],
  );
  await configMaps.deleteCollection({ labelSelector: 'test-configmap-static=true' });
  assert.equal((await watch.next()).type, 'DELETED');
  assert.deepEqual(await configMaps.names(), []);
});

test('[sig-node] Secrets should patch a secret', async () => {
  const secrets = await secretsOf();
  const all = cluster.resource<Secret>('v1', 'secrets');
  const labelSelector = 'testsecret-constant=true';
  assert.deepEqual(await all.names({ labelSelector }), []);
  await secrets.create({
    metadata: { name: 's', labels: { 'testsecret-constant': 'true' } },
    data: { key: base64('value') },
    type: 'Opaque',
  });
  assert.deepEqual(await all.names({ labelSelector }), ['s']);
  await secrets.patch(
    's',
    { metadata: { labels: { testsecret: 'true' } }, data: { key: base64('value1') } },
    { type: 'strategic-merge' },
  );
  const { metadata, data } = await secrets.get('s');
  assert.deepEqual(metadata.labels, { 'testsecret-constant': 'true', testsecret: 'true' });
  assert.deepEqual(data, { key: base64('value1') });
  await secrets.deleteCollection({ labelSelector: 'testsecret=true' });
  assert.deepEqual(await all.names({ labelSelector }), []);
});

/** Both kinds are made immutable alike. */
async function assertImmutable(resource: Resource<ConfigMap | Secret>, kind: string, value: string): Promise<void> {
  await resource.create({ metadata: { name: 'o' }, data: { 'data-1': base64('1') } });
  const changed = await resource.patch('o', { data: { 'data-2': base64('2') } });
  await resource.update({ ...changed, immutable: true });
  const refusal = (field: string, detail: string): object => ({
    ...invalid,
    message: `${kind} "o" is invalid: ${field}: Forbidden: field is immutable when \`immutable\` is set${detail}`,
  });
  await assert.rejects(resource.patch('o', { data: { 'data-3': value } }), refusal('data', ''));
  await assert.rejects(resource.patch('o', { immutable: false }), refusal('immutable', ''));
  await assert.rejects(resource.patch('o', { immutable: null }), refusal('immutable', ''));
  const labelled = await resource.patch('o', { metadata: { labels: { label1: 'value1' } } });
  assert.deepEqual(labelled.metadata.labels, { label1: 'value1' });
  assert.deepEqual(labelled.data, { 'data-1': base64('1'), 'data-2': base64('2') });
  await resource.delete('o');
  await assert.rejects(resource.get('o'), notFound);
}

test('[sig-storage] ConfigMap should be immutable if `immutable` field is set', async () => {
  await assertImmutable(await configMapsOf(), 'ConfigMap', '3');
});

test('[sig-storage] Secrets should be immutable if `immutable` field is set', async () => {
  await assertImmutable(await secretsOf(), 'Secret', base64('3'));
});
