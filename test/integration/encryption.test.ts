/** What is encrypted at rest: what the store holds, and that everybody who may still reads it. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { openEmbeddedStore } from '../../src/store/embedded/index.ts';
import { eventually } from '../support/eventually.ts';
import { httpsAnswer, type HttpsAnswer } from '../support/https-request.ts';
import { pkiPair } from '../support/identity.ts';
import { KmsPlugin } from '../support/kms-plugin.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';

const hidden = 'hidden-value';
const hiddenBase64 = Buffer.from(hidden).toString('base64');
const secrets = '/api/v1/namespaces/default/secrets';
const key = (name: string, bytes = 32): object => ({ name, secret: Buffer.alloc(bytes, name).toString('base64') });

let directory: string;
let server: TestServer | undefined;

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await removeDirectory(directory);
});

interface Rule {
  readonly resources: readonly string[];
  readonly providers: readonly object[];
}

async function configure(...resources: readonly Rule[]): Promise<void> {
  const configuration = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration', resources };
  await writeFile(join(directory, 'encryption.yaml'), JSON.stringify(configuration));
}

async function start(...args: readonly string[]): Promise<void> {
  const config = `--encryption-provider-config=${join(directory, 'encryption.yaml')}`;
  server = await TestServer.start({ directory, args: [config, ...args] });
}

async function stop(): Promise<void> {
  await server?.stop();
  server = undefined;
}

async function ask(method: string, path: string, body?: object): Promise<HttpsAnswer> {
  assert.ok(server !== undefined);
  const certificate = await pkiPair(server, 'admin');
  return httpsAnswer(server, { method, path, certificate, ...(body === undefined ? {} : { body }) });
}

async function create(name: string): Promise<void> {
  const made = await ask('POST', secrets, { metadata: { name }, stringData: { a: hidden } });
  assert.equal(made.status, 201, made.text);
}

/** Writes a secret as it is. */
async function replace(name: string): Promise<void> {
  const found = await ask('GET', `${secrets}/${name}`);
  const put = await ask('PUT', `${secrets}/${name}`, found.json as object);
  assert.equal(put.status, 200, put.text);
}

async function valueOf(name: string): Promise<string | undefined> {
  const { status, json, text } = await ask('GET', `${secrets}/${name}`);
  assert.equal(status, 200, text);
  return (json as { data: { a?: string } }).data.a;
}

/** What the store holds of an object, as text: one character a byte. The server must not run. */
async function stored(path: string): Promise<string> {
  const store = await openEmbeddedStore({ directory: join(directory, 'data/store') });
  try {
    const { kvs } = await store.range({ key: `/registry/${path}` });
    return Buffer.from(kvs[0]?.value ?? []).toString('latin1');
  } finally {
    await store.close();
  }
}

async function storedPrefix(name: string): Promise<string> {
  const text = await stored(`secrets/default/${name}`);
  assert.ok(
    !text.startsWith('k8s:enc:') || (!text.includes(hiddenBase64) && !text.includes('Secret')),
    'it is readable',
  );
  return /^k8s:enc:[a-z]+:v\d:[^:]+:/.exec(text)?.[0] ?? text.slice(0, 16);
}

const identity = { identity: {} };
const aescbc = (...keys: readonly object[]): object => ({ aescbc: { keys } });

describe('encryption at rest', () => {
  for (const [provider, bytes] of [
    ['aescbc', 16],
    ['aesgcm', 24],
    ['secretbox', 32],
  ] as const) {
    test(`${provider} with a key of ${bytes} bytes: what is stored cannot be read, everything else goes on`, async () => {
      await configure({
        resources: ['secrets'],
        providers: [{ [provider]: { keys: [key('key1', bytes)] } }, identity],
      });
      await start();
      await create('s1');
      const { metadata } = (await ask('GET', `${secrets}/s1`)).json as { metadata: { resourceVersion: string } };
      assert.equal(await valueOf('s1'), hiddenBase64);
      const patched = await ask('PUT', `${secrets}/s1`, { metadata: { name: 's1' }, stringData: { a: 'other' } });
      assert.equal(patched.status, 200);
      await ask('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'c1' }, data: { a: 'plain' } });
      await stop();
      assert.equal(await storedPrefix('s1'), `k8s:enc:${provider}:v1:key1:`);
      assert.match(await stored('configmaps/default/c1'), /^\{"kind":"ConfigMap".*"plain"/);
      await start();
      assert.equal(await valueOf('s1'), Buffer.from('other').toString('base64'));
      const list = (await ask('GET', secrets)).json as { items: readonly { data: object }[] };
      assert.deepEqual(list.items.map(({ data }) => data).at(0), { a: Buffer.from('other').toString('base64') });
      const { resourceVersion } = metadata;
      const past = (await ask('GET', `${secrets}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`)).json;
      assert.deepEqual((past as typeof list).items[0]?.data, { a: hiddenBase64 });
      const at = (await ask('GET', `${secrets}/s1?at=${resourceVersion}`)).json as { data: object };
      assert.deepEqual(at.data, { a: hiddenBase64 });
      const history = (await ask('GET', `${secrets}/s1?history`)).json as { items: readonly { type: string }[] };
      assert.deepEqual(
        history.items.map(({ type }) => type),
        ['changed', 'created'],
      );
      const watched = await ask('GET', `${secrets}?watch=1&resourceVersion=${resourceVersion}&timeoutSeconds=1`).catch(
        (error: unknown) => assert.fail(String(error)),
      );
      const event = watched.json as { type: string; object: { data: object } };
      assert.deepEqual([event.type, event.object.data], ['MODIFIED', { a: Buffer.from('other').toString('base64') }]);
    });
  }

  test('the first key writes, all read, and what is written with another is written anew with the next update', async () => {
    server = await TestServer.start({ directory });
    await create('old');
    await create('older');
    await stop();
    assert.equal(await storedPrefix('old'), '{"kind":"Secret"');
    await configure({ resources: ['secrets'], providers: [aescbc(key('key1')), identity] });
    await start();
    assert.equal(await valueOf('old'), hiddenBase64);
    await replace('old');
    await replace('older');
    await stop();
    assert.equal(await storedPrefix('old'), 'k8s:enc:aescbc:v1:key1:');
    await configure({ resources: ['secrets'], providers: [aescbc(key('key2'), key('key1'))] });
    await start();
    await replace('old');
    const { metadata } = (await ask('GET', `${secrets}/old`)).json as { metadata: { resourceVersion: string } };
    await replace('old');
    const again = (await ask('GET', `${secrets}/old`)).json as typeof metadata & { metadata: typeof metadata };
    assert.equal(again.metadata.resourceVersion, metadata.resourceVersion, 'nothing was to be written anew');
    await stop();
    assert.equal(await storedPrefix('old'), 'k8s:enc:aescbc:v1:key2:');
    assert.equal(await storedPrefix('older'), 'k8s:enc:aescbc:v1:key1:');
    await configure({ resources: ['secrets'], providers: [aescbc(key('key2'))] });
    await start();
    const refused = await ask('GET', `${secrets}/old`);
    assert.equal(refused.status, 500);
    assert.match(
      (refused.json as { message: string }).message,
      /^Internal error occurred: unable to transform key "\/registry\/secrets\/default\/older": no matching key was found for the provided AES transformer$/,
    );
    assert.equal((await ask('GET', '/api/v1/namespaces/default/configmaps')).status, 200);
    await stop();
    // The way back: identity first.
    await configure({ resources: ['secrets'], providers: [identity, aescbc(key('key1'), key('key2'))] });
    await start();
    await replace('old');
    await stop();
    assert.equal(await storedPrefix('old'), '{"kind":"Secret"');
  });

  test('a value cannot be put in the place of another', async () => {
    await configure({ resources: ['secrets'], providers: [{ aesgcm: { keys: [key('key1')] } }] });
    await start();
    await create('s1');
    await create('s2');
    await stop();
    const store = await openEmbeddedStore({ directory: join(directory, 'data/store') });
    const { kvs } = await store.range({ key: '/registry/secrets/default/s1' });
    const value = kvs[0]?.value ?? new Uint8Array();
    await store.txn({ success: [{ type: 'put', put: { key: '/registry/secrets/default/s2', value } }] });
    await store.close();
    await start();
    assert.match(
      (await ask('GET', secrets)).text,
      /\/registry\/secrets\/default\/s2\\": cipher: message authentication failed/,
    );
  });

  test('resources are named one by one, by group, or all', async () => {
    await configure(
      { resources: ['configmaps'], providers: [identity] },
      { resources: ['*.apps'], providers: [aescbc(key('apps'))] },
      { resources: ['*.*'], providers: [aescbc(key('all'))] },
    );
    await start();
    await create('s1');
    await ask('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'c1' } });
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const made = await ask('POST', '/apis/apps/v1/namespaces/default/deployments', {
      metadata: { name: 'd1' },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    });
    assert.equal(made.status, 201, made.text);
    const service = { metadata: { name: 'svc' }, spec: { ports: [{ port: 80 }], type: 'NodePort' } };
    assert.equal((await ask('POST', '/api/v1/namespaces/default/services', service)).status, 201);
    await stop();
    assert.equal(await storedPrefix('s1'), 'k8s:enc:aescbc:v1:all:');
    assert.match(await stored('configmaps/default/c1'), /^\{"kind":"ConfigMap"/);
    assert.match(await stored('deployments/default/d1'), /^k8s:enc:aescbc:v1:apps:/);
    assert.match(await stored('services/specs/default/svc'), /^k8s:enc:aescbc:v1:all:/);
    await start();
    assert.equal((await ask('GET', '/api/v1/namespaces/default/services/svc')).status, 200);
  });

  test('the configuration is read again when it changes, and not used when it is wrong', async () => {
    await configure({ resources: ['secrets'], providers: [identity] });
    await start('--encryption-provider-config-automatic-reload');
    await create('s1');
    assert.equal((await ask('GET', '/readyz/kms-providers')).status, 200);
    await writeFile(join(directory, 'encryption.yaml'), 'kind: Nothing');
    const reloads = async (status: string): Promise<boolean> =>
      (await ask('GET', '/metrics')).text.includes(`automatic_reloads_total{status="${status}"} 1`);
    await eventually('the wrong one is refused', () => reloads('failure'));
    await configure({ resources: ['secrets'], providers: [aescbc(key('key1')), identity] });
    await eventually('the right one is used', () => reloads('success'));
    assert.equal(await valueOf('s1'), hiddenBase64);
    await create('s2');
    await replace('s1');
    await stop();
    assert.deepEqual(
      [await storedPrefix('s1'), await storedPrefix('s2')],
      ['k8s:enc:aescbc:v1:key1:', 'k8s:enc:aescbc:v1:key1:'],
    );
  });

  test('a configuration that is wrong keeps the server from starting, and no key is shown', async () => {
    const refused = async (pattern: RegExp, ...rules: readonly Rule[]): Promise<void> => {
      await configure(...rules);
      await assert.rejects(start(), (error: Error) => {
        assert.match(error.message, pattern);
        assert.ok(!error.message.includes(Buffer.alloc(5, 'short').toString('base64')));
        return true;
      });
    };
    await refused(/error while parsing file: resources: Required value: at least one resources is required/);
    await refused(
      /resources\[0\]\.providers\[0\]\.aescbc\.keys\[0\]\.secret: Invalid value: "REDACTED": secret is not of the expected length, got 5, expected one of \[16 24 32\]/,
      { resources: ['secrets'], providers: [aescbc(key('short', 5))] },
    );
    await refused(
      /resource "secrets" is masked by earlier rule "\*\."/,
      { resources: ['*.'], providers: [identity] },
      { resources: ['secrets'], providers: [identity] },
    );
    await refused(/KMSv1 is deprecated/, {
      resources: ['secrets'],
      providers: [{ kms: { name: 'k', endpoint: 'unix:///nowhere' } }],
    });
  });
});

describe('KMS v2', () => {
  let socketDirectory: string;
  let plugin: KmsPlugin;
  before(async () => {
    socketDirectory = await temporaryDirectory();
    plugin = await KmsPlugin.listen(join(socketDirectory, 'kms.sock'));
  });
  after(async () => {
    plugin.close();
    await removeDirectory(socketDirectory);
  });

  const kms = (): object => ({ kms: { apiVersion: 'v2', name: 'vault', endpoint: plugin.endpoint, timeout: '2s' } });

  test('one seed serves all values; another key makes what is stored stale', async () => {
    await configure({ resources: ['secrets'], providers: [kms(), identity] });
    await start();
    await create('s1');
    await create('s2');
    assert.equal((await ask('GET', '/readyz/kms-provider-0')).status, 200);
    await stop();
    assert.deepEqual({ ...plugin.calls, Status: plugin.calls.Status > 0 }, { Status: true, Encrypt: 1, Decrypt: 0 });
    assert.equal(await storedPrefix('s1'), 'k8s:enc:kms:v2:vault:');
    plugin.keyId = 'key-2';
    await start();
    assert.equal(await valueOf('s1'), hiddenBase64);
    assert.equal(await valueOf('s2'), hiddenBase64);
    assert.equal(plugin.calls.Decrypt, 1, 'both were written with the same seed');
    await replace('s1');
    const { metadata } = (await ask('GET', `${secrets}/s1`)).json as { metadata: { resourceVersion: string } };
    await replace('s1');
    const again = (await ask('GET', `${secrets}/s1`)).json as { metadata: typeof metadata };
    assert.equal(again.metadata.resourceVersion, metadata.resourceVersion);
    const history = (await ask('GET', `${secrets}/s1?history`)).json as { items: readonly object[] };
    assert.equal(history.items.length, 2);
    await stop();
    assert.ok((await stored('secrets/default/s1')).includes('key-2'));
    assert.ok((await stored('secrets/default/s2')).includes('key-1'));
  });

  test('a plugin that is not well keeps the server from being ready', async () => {
    await configure({ resources: ['secrets'], providers: [kms()] });
    plugin.healthz = 'sealed';
    await assert.rejects(start(), /kmsv2 Provider vault is not healthy, error: got unexpected healthz status: sealed/);
    plugin.healthz = 'ok';
  });
});
