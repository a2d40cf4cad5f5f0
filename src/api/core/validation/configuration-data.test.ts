import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configmaps } from '../configmaps.ts';
import { secrets } from '../secrets.ts';
import { createErrors, updateErrors } from './test-support.ts';

const metadata = { name: 'a', namespace: 'default' };
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const oneMiB = 1024 * 1024;
const keySentence =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

test('a ConfigMap', async (t) => {
  const cases: [string, object, string[]][] = [
    ['may be empty', {}, []],
    ['has keys and bytes', { data: { 'a.b_C-1': '' }, binaryData: { b: 'AAEC' } }, []],
    ['has keys that name files', { data: { 'a b': 'x' } }, [`data[a b]: Invalid value: "a b": ${keySentence}`]],
    ['does not climb', { data: { '..': 'x' } }, [`data[..]: Invalid value: "..": must not be '..'`]],
    ['has longest keys', { data: { ['k'.repeat(253)]: '' } }, []],
    [
      'has no longer keys',
      { binaryData: { ['k'.repeat(254)]: '' } },
      [`binaryData[${'k'.repeat(254)}]: Invalid value: "${'k'.repeat(254)}": must be no more than 253 characters`],
    ],
    [
      'has each key once',
      { data: { a: 'x' }, binaryData: { a: 'AA==' } },
      ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
    ],
    ['holds a mebibyte', { data: { a: 'é'.repeat(oneMiB / 2) } }, []],
    [
      'holds no more',
      { data: { a: 'x'.repeat(oneMiB) }, binaryData: { b: 'AA==' } },
      ['[]: Too long: may not be more than 1048576 bytes'],
    ],
  ];
  for (const [name, fields, expected] of cases) {
    await t.test(name, () => assert.deepEqual(createErrors(configmaps, { metadata, ...fields }), expected));
  }
});

test('an immutable ConfigMap stays, and is validated all the same', () => {
  const old = { metadata, immutable: true, data: { a: '1' } };
  assert.deepEqual(updateErrors(configmaps, old, old), []);
  assert.deepEqual(updateErrors(configmaps, { metadata, data: { a: '2', '..': '' } }, old), [
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
    `data[..]: Invalid value: "..": must not be '..'`,
  ]);
});

test('a Secret', async (t) => {
  const cases: [string, object, string[]][] = [
    ['may be empty', {}, []],
    ['of an unknown type has any keys', { type: 'example.com/x', data: {} }, []],
    ['holds a mebibyte', { data: { a: Buffer.alloc(oneMiB).toString('base64') } }, []],
    [
      'holds no more',
      { data: { a: Buffer.alloc(oneMiB + 1).toString('base64') } },
      ['data: Too long: may not be more than 1048576 bytes'],
    ],
    ['has keys that name files', { stringData: { 'a/b': '' } }, [`data[a/b]: Invalid value: "a/b": ${keySentence}`]],
    [
      'with a token names its account',
      { type: 'kubernetes.io/service-account-token' },
      ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
    ],
    [
      'with a token of an account',
      {
        metadata: { ...metadata, annotations: { 'kubernetes.io/service-account.name': 'a' } },
        type: 'kubernetes.io/service-account-token',
      },
      [],
    ],
    ['of TLS', { type: 'kubernetes.io/tls', data: { 'tls.crt': '', 'tls.key': '' } }, []],
    [
      'of TLS has both',
      { type: 'kubernetes.io/tls' },
      ['data[tls.crt]: Required value', 'data[tls.key]: Required value'],
    ],
    ['for SSH', { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': base64('x') } }, []],
    [
      'for SSH has a key that is not empty',
      { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } },
      ['data[ssh-privatekey]: Required value'],
    ],
    ['with a password alone', { type: 'kubernetes.io/basic-auth', data: { password: '' } }, []],
    [
      'with neither name nor password',
      { type: 'kubernetes.io/basic-auth' },
      ['data[username]: Required value', 'data[password]: Required value'],
    ],
    [
      'for a registry',
      { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{"auths":{}}' } },
      [],
    ],
    ['for a registry has it', { type: 'kubernetes.io/dockercfg' }, ['data[.dockercfg]: Required value']],
    [
      'for a registry is JSON',
      { type: 'kubernetes.io/dockercfg', stringData: { '.dockercfg': 'x' } },
      [
        'data[.dockercfg]: Invalid value: "<secret contents redacted>": invalid character \'x\' looking for beginning of value',
      ],
    ],
    [
      'for a registry is all of it',
      { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{"a":{' } },
      ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input'],
    ],
    [
      'for a registry is an object',
      { type: 'kubernetes.io/dockercfg', stringData: { '.dockercfg': '[]' } },
      [
        'data[.dockercfg]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}',
      ],
    ],
  ];
  for (const [name, fields, expected] of cases) {
    await t.test(name, () => assert.deepEqual(createErrors(secrets, { metadata, ...fields }), expected));
  }
});

test('the type of a Secret stays, and so does an immutable one', () => {
  const old = { metadata, type: 'a', immutable: true, data: { a: 'AA==' } };
  assert.deepEqual(updateErrors(secrets, old, old), []);
  assert.deepEqual(updateErrors(secrets, { metadata, type: 'b', data: {} }, old), [
    'type: Invalid value: "b": field is immutable',
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
  ]);
});
