import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EncryptionConfiguration, ProviderConfiguration } from '../../api/types/apiserver-config.v1.ts';
import { validateEncryption } from './validation.ts';

const identity: ProviderConfiguration = { identity: {} };
const kms = { apiVersion: 'v2', name: 'k', endpoint: 'unix:///k.sock', timeout: '3s' };

function problems(resources: EncryptionConfiguration['resources'], isReloaded = false): string {
  return validateEncryption({ resources }, isReloaded).map(String).join(' | ');
}

const keyOf = (bytes: number): { name: string; secret: string } => ({
  name: 'key1',
  secret: Buffer.alloc(bytes).toString('base64'),
});

test('what is valid', () => {
  for (const bytes of [16, 24, 32]) {
    assert.equal(problems([{ resources: ['secrets'], providers: [{ aescbc: { keys: [keyOf(bytes)] } }] }]), '');
  }
  assert.equal(problems([{ resources: ['*.', '*.apps', 'widgets.example.com'], providers: [{ kms }, identity] }]), '');
});

const named: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /^resources\[0\]\.resources: Required value: at least one resources\[0\]\.resources is required$/],
  [
    ['Secrets'],
    /resources\[0\]\.resources\[0\]: Invalid value: "Secrets": resource name should not contain capital letters/,
  ],
  [['*'], /use '\*\.' to encrypt all the resources from core API group or \*\.\* to encrypt all resources/],
  [['serviceipallocations'], /resources which do not have REST API\/s cannot be encrypted/],
  [['events.events.k8s.io'], /Use 'events' instead in the config file/],
  [['ingresses.extensions'], /'extensions' group has been removed/],
  [['secrets.*'], /encrypting the same resource across groups is not supported/],
  [
    ['secrets', 'secrets'],
    /^resources\[0\]\.resources: Invalid value: \["secrets","secrets"\]: the same resource cannot be specified multiple times$/,
  ],
  [['secrets', '*.'], /using overlapping resources such as 'secrets' and '\*\.'/],
  [['pods.metrics', '*.*'], /using overlapping resources/],
];
for (const [resources, pattern] of named) {
  test(`resources ${JSON.stringify(resources)}`, () => {
    assert.match(problems([{ resources: [...resources], providers: [identity] }]), pattern);
  });
}

const provided: readonly (readonly [string, ProviderConfiguration[], RegExp])[] = [
  ['none', [], /^resources\[0\]\.providers: Required value: at least one resources\[0\]\.providers is required$/],
  [
    'an empty one',
    [{}],
    /provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity/,
  ],
  [
    'two in one',
    [{ identity: {}, aescbc: { keys: [keyOf(16)] } }],
    /more than one provider specified in a single element/,
  ],
  ['no keys', [{ aesgcm: { keys: [] } }], /aesgcm\.keys: Required value: at least one keys is required/],
  [
    'no name',
    [{ aesgcm: { keys: [{ name: '', secret: keyOf(16).secret }] } }],
    /keys\[0\]\.name: Required value: name is a mandatory field for a key/,
  ],
  [
    'no secret',
    [{ aesgcm: { keys: [{ name: 'a', secret: '' }] } }],
    /keys\[0\]\.secret: Required value: secret is a mandatory field for a key/,
  ],
  [
    'no base64',
    [{ aesgcm: { keys: [{ name: 'a', secret: 'my secret' }] } }],
    /Invalid value: "REDACTED": secrets must be base64 encoded/,
  ],
  ['a short key', [{ secretbox: { keys: [keyOf(16)] } }], /got 16, expected one of \[32\]/],
  [
    'no socket',
    [{ kms: { ...kms, endpoint: 'tcp://h:1' } }],
    /unsupported scheme "tcp" for KMS provider, only unix is supported/,
  ],
  ['a colon', [{ kms: { ...kms, name: 'a:b' } }], /invalid KMS provider name a:b, must not contain ':'/],
  ['a name twice', [{ kms }, { kms }], /duplicate KMS provider name k, names must be unique/],
  ['a cache', [{ kms: { ...kms, cachesize: 5 } }], /cachesize: Invalid value: 5: cachesize is not supported in v2/],
  ['no time', [{ kms: { ...kms, timeout: '0s' } }], /timeout should be a positive value/],
  ['another version', [{ kms: { ...kms, apiVersion: 'v3' } }], /for KMS provider, only v1 and v2 are supported/],
];
for (const [name, providers, pattern] of provided) {
  test(`providers: ${name}`, () => assert.match(problems([{ resources: ['secrets'], providers }]), pattern));
}
