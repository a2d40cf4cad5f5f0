// Configurations of admission, and ServiceAccounts, as objects.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from '../../src/api/types/admissionregistration.v1.ts';
import type { ServiceAccount } from '../../src/api/types/core.v1.ts';
import { sampleObject } from '../integration/objects.ts';
import { notFound, startCluster, type Resource } from './cluster.ts';
import { assertDiscoverable } from './operations.ts';

const cluster = startCluster();
const group = 'admissionregistration.k8s.io';
const version = 'v1';

test('[sig-api-machinery] AdmissionWebhook should include webhook resources in discovery documents', async () => {
  for (const plural of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
    await assertDiscoverable(cluster, { group, version, plural, namespaced: false });
  }
});

type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

function configuration(plural: string, name: string): Configuration {
  const sample = sampleObject({ group, version, plural, namespaced: false }, name, '');
  assert.ok(sample);
  return sample as unknown as Configuration;
}

async function assertKeepsConditions(plural: string): Promise<void> {
  const configurations: Resource<Configuration> = cluster.resource(`${group}/${version}`, plural);
  const conditions = (...names: string[]): { name: string; expression: string }[] =>
    names.map((name) => ({ name, expression: `object.metadata.name != '${name}'` }));
  const first = configuration(plural, 'conditions');
  const created = await configurations.create({
    ...first,
    webhooks: first.webhooks?.map((webhook) => ({ ...webhook, matchConditions: conditions('a') })) ?? [],
  } as Configuration);
  const stored = (object: Configuration): unknown => object.webhooks?.[0]?.matchConditions;
  assert.deepEqual(stored(await configurations.get('conditions')), conditions('a'));
  await configurations.update({
    ...created,
    webhooks: created.webhooks?.map((webhook) => ({ ...webhook, matchConditions: conditions('a', 'b') })) ?? [],
  } as typeof created);
  assert.deepEqual(stored(await configurations.get('conditions')), conditions('a', 'b'));
}

test('[sig-api-machinery] AdmissionWebhook should be able to create and update mutating webhook configurations with match conditions', () =>
  assertKeepsConditions('mutatingwebhookconfigurations'));

test('[sig-api-machinery] AdmissionWebhook should be able to create and update validating webhook configurations with match conditions', () =>
  assertKeepsConditions('validatingwebhookconfigurations'));

test('[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount', async () => {
  const accounts = cluster.resource<ServiceAccount>('v1', 'serviceaccounts', await cluster.newNamespace());
  const labelSelector = 'test-serviceaccount-static=true';
  const watch = await accounts.watch({ labelSelector });
  await accounts.create({ metadata: { name: 'a', labels: { 'test-serviceaccount-static': 'true' } } });
  const patched = await accounts.patch('a', { automountServiceAccountToken: false }, { type: 'strategic-merge' });
  assert.equal(patched.automountServiceAccountToken, false);
  const { items } = await cluster.resource<ServiceAccount>('v1', 'serviceaccounts').list({ labelSelector });
  assert.deepEqual(
    items.map(({ automountServiceAccountToken }) => automountServiceAccountToken),
    [false],
  );
  await accounts.deleteCollection({ labelSelector });
  assert.deepEqual(
    (await watch.take(3)).map(({ type }) => type),
    ['ADDED', 'MODIFIED', 'DELETED'],
  );
  await assert.rejects(accounts.get('a'), notFound);
});

test('[sig-auth] ServiceAccounts should update a ServiceAccount', async () => {
  const accounts = cluster.resource<ServiceAccount>('v1', 'serviceaccounts', await cluster.newNamespace());
  const created = await accounts.create({ metadata: { name: 'a' } });
  await accounts.update({ ...created, automountServiceAccountToken: true });
  assert.equal((await accounts.get('a')).automountServiceAccountToken, true);
});
