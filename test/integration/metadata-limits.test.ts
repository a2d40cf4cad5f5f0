// Names, labels and annotations of every kind at their limits: the longest that is taken, the first that is refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { builtinCatalog } from '../../src/api/catalog.ts';
import type { ResourceDefinition } from '../../src/api/contract.ts';
import type { RestClient } from '../../src/client/rest.ts';
import { StatusError } from '../../src/machinery/status.ts';
import { TestServer } from '../support/server.ts';
import { sampleObject } from './objects.ts';

let server: TestServer;
let client: RestClient;
before(async () => {
  server = await TestServer.start();
  client = server.client();
  // Pods are admitted where their account is.
  const account = { metadata: { name: 'default' } };
  await client.request('POST', '/api/v1/namespaces/default/serviceaccounts', { body: account }).catch(ignoreConflict);
});
after(async () => {
  client?.transport.close();
  await server?.stop();
});

function ignoreConflict(error: unknown): void {
  if (!(error instanceof StatusError && error.code === 409)) throw error;
}

/** Longest names, in bytes; 253 elsewhere. */
const maxNameBytes: Readonly<Record<string, number>> = {
  namespaces: 63,
  services: 63,
  // Pods get names of eleven more.
  'cronjobs.batch': 52,
  // The name is a label of its Pods.
  'jobs.batch': 63,
  // The names of its Pods are labels.
  'statefulsets.apps': 63,
};
/** Any name that can stand in a path: it has no limit of its own. */
const anyName = new Set([
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'certificatesigningrequests.certificates.k8s.io',
]);
/** What is refused of a name that is too long, where that is not the name itself. */
const labelOfName: Readonly<Record<string, string>> = { 'jobs.batch': 'spec.template.labels' };
/** Named by what they are. */
const addressed = new Set(['ipaddresses.networking.k8s.io']);

/** Bytes of the annotation that the server keeps in an object. */
const bytesOfOwn: Readonly<Record<string, number>> = {
  'daemonsets.apps': 'deprecated.daemonset.template.generation'.length + '1'.length,
};

const creatable = builtinCatalog().definitions.filter(
  ({ verbs, storage, notImplemented }) =>
    verbs.includes('create') && storage !== undefined && notImplemented === undefined,
);

function keyOf({ plural, group }: ResourceDefinition): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** Creates one, without storing it; returns the fields that are refused. */
async function refusedFields(definition: ResourceDefinition, metadata: object): Promise<string[]> {
  const prefix = definition.group === '' ? '/api/v1' : `/apis/${definition.group}/${definition.version}`;
  const sample = sampleObject(definition, 'sample', 'default');
  assert.ok(sample);
  try {
    await client.request(
      'POST',
      `${prefix}${definition.namespaced ? '/namespaces/default' : ''}/${definition.plural}`,
      {
        body: { ...sample, metadata: { ...(sample['metadata'] as object), ...metadata } },
        query: { dryRun: 'All' },
      },
    );
    return [];
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 422) throw error;
    return (error.details?.causes ?? []).map(({ field = '' }) => field);
  }
}

/** Of labels of 63 where dots are allowed, else of one letter. */
function nameOf(length: number): string {
  return Array.from({ length }, (_, i) => (length > 63 && i % 64 === 63 && i < length - 1 ? '.' : 'a')).join('');
}

for (const definition of creatable) {
  const key = keyOf(definition);
  const maxBytes = maxNameBytes[key] ?? 253;
  const what = `${key} ${definition.version}`;

  if (!addressed.has(key) && !anyName.has(key)) {
    test(`the name of ${what} has ${maxBytes} bytes at most`, async () => {
      assert.deepEqual(await refusedFields(definition, { name: nameOf(maxBytes) }), []);
      const refused = await refusedFields(definition, { name: nameOf(maxBytes + 1) });
      assert.ok(refused.includes(labelOfName[key] ?? 'metadata.name'), refused.join());
      for (const name of ['-a', 'a-', 'A', 'a_b', 'a..b']) {
        assert.ok((await refusedFields(definition, { name })).includes('metadata.name'), name);
      }
    });
  }
  if (anyName.has(key)) {
    test(`the name of ${what} is whatever can stand in a path`, async () => {
      for (const name of ['system:A_b', 'x'.repeat(300)])
        assert.deepEqual(await refusedFields(definition, { name }), []);
      for (const name of ['.', '..', 'a/b', 'a%b']) {
        assert.deepEqual(await refusedFields(definition, { name }), ['metadata.name'], name);
      }
    });
  }

  test(`labels and annotations of ${what} at their limits`, async () => {
    const value = (length: number): object => ({ labels: { a: 'v'.repeat(length) } });
    assert.deepEqual(await refusedFields(definition, value(63)), []);
    assert.deepEqual(await refusedFields(definition, value(64)), ['metadata.labels']);
    const prefixed = (prefix: number, name: number): object => ({
      labels: { [`${nameOf(prefix)}/${'n'.repeat(name)}`]: '' },
    });
    assert.deepEqual(await refusedFields(definition, prefixed(253, 63)), []);
    assert.deepEqual(await refusedFields(definition, prefixed(254, 1)), ['metadata.labels']);
    assert.deepEqual(await refusedFields(definition, prefixed(1, 64)), ['metadata.labels']);
    // Keys and values together.
    const own = bytesOfOwn[key] ?? 0;
    const annotations = (bytes: number): object => ({ annotations: { 'a/b': 'v'.repeat(bytes - own - 3) } });
    assert.deepEqual(await refusedFields(definition, annotations(256 * 1024)), []);
    assert.deepEqual(await refusedFields(definition, annotations(256 * 1024 + 1)), ['metadata.annotations']);
  });
}
