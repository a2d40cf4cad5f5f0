import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { AesCbc, AesGcm } from './aes.ts';
import type { Opened, ValueTransformer } from './contract.ts';
import { identity } from './identity.ts';
import { decodeEncryptedObject, encodeEncryptedObject } from './kms/encrypted-object.ts';
import { expandKey, SeedCipher } from './kms/seed.ts';
import { decodeMessage, WireError } from './kms/wire.ts';
import { Secretbox } from './secretbox.ts';
import { Transformers } from './transformers.ts';

type WithKey = new (prefix: Buffer, key: Buffer) => ValueTransformer;

function withKey(Transformer: WithKey, provider: string, name: string, bytes: number, fill = name): ValueTransformer {
  return new Transformer(Buffer.from(`k8s:enc:${provider}:v1:${name}:`), Buffer.alloc(bytes, fill));
}

const kinds: readonly (readonly [WithKey, string, number])[] = [
  [AesCbc, 'aescbc', 16],
  [AesCbc, 'aescbc', 24],
  [AesCbc, 'aescbc', 32],
  [AesGcm, 'aesgcm', 16],
  [AesGcm, 'aesgcm', 24],
  [AesGcm, 'aesgcm', 32],
  [Secretbox, 'secretbox', 32],
];

const unobserved = (): void => {};
const place = '/registry/secrets/default/s';

function openedOf(transformers: Transformers, stored: Uint8Array, key = place): Opened {
  const opened = transformers.open(stored, key);
  assert.ok(!(opened instanceof Promise));
  return opened;
}

for (const [Transformer, provider, bytes] of kinds) {
  describe(`${provider} with a key of ${bytes} bytes`, () => {
    const transformers = new Transformers([withKey(Transformer, provider, 'key1', bytes)], unobserved);

    test('gives back what it was given, and stores it otherwise each time', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (value) => {
          const [one, two] = [transformers.seal(value, place), transformers.seal(value, place)];
          assert.notDeepEqual(one, two);
          assert.ok(Buffer.from(one).toString('latin1').startsWith(`k8s:enc:${provider}:v1:key1:`));
          assert.deepEqual(Buffer.from(openedOf(transformers, one).value), Buffer.from(value));
        }),
      );
    });

    test('refuses what is cut short, and never gives more than an error', () => {
      const sealed = transformers.seal(Buffer.from('value'), place);
      const { length } = `k8s:enc:${provider}:v1:key1:`;
      assert.throws(
        () => openedOf(transformers, sealed.subarray(0, length + 4)),
        /^Error: the stored data was shorter than the required size$/,
      );
      if (provider !== 'aescbc') {
        const changed = Buffer.from(sealed);
        changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
        assert.throws(() => openedOf(transformers, changed), /message authentication failed|output array/);
      }
    });

    test('is read by a later key of the same name when the first fails', () => {
      if (provider === 'aescbc') return;
      const other = withKey(Transformer, provider, 'key1', bytes, 'other');
      const both = new Transformers([other, withKey(Transformer, provider, 'key1', bytes)], unobserved);
      const opened = openedOf(both, transformers.seal(Buffer.from('value'), place));
      assert.equal(Buffer.from(opened.value).toString(), 'value');
      assert.notEqual(opened.mark, both.mark);
    });
  });
}

describe('a list of providers', () => {
  test('says in which way none knows a value', () => {
    const list = new Transformers([withKey(AesCbc, 'aescbc', 'key1', 16)], unobserved);
    assert.throws(() => openedOf(list, Buffer.from('{}')), /^Error: no matching prefix found$/);
    assert.throws(
      () => openedOf(list, Buffer.from('k8s:enc:aescbc:v1:key2:abc')),
      /^Error: no matching key was found for the provided AES transformer$/,
    );
  });

  test('with identity first still reads what is encrypted', () => {
    const key1 = withKey(AesGcm, 'aesgcm', 'key1', 16);
    const sealed = new Transformers([key1], unobserved).seal(Buffer.from('v'), place);
    const list = new Transformers([identity, key1], unobserved);
    assert.equal(Buffer.from(openedOf(list, sealed).value).toString(), 'v');
    assert.throws(() => openedOf(new Transformers([identity], unobserved), sealed), /no matching prefix found/);
    const plain = Buffer.from('{}');
    assert.equal(openedOf(list, plain).value, plain, 'what is not encrypted is not copied');
  });

  test('authenticates where a value is', () => {
    const list = new Transformers([withKey(AesGcm, 'aesgcm', 'key1', 16)], unobserved);
    const sealed = list.seal(Buffer.from('v'), place);
    assert.throws(() => openedOf(list, sealed, `${place}2`), /cipher: message authentication failed/);
  });
});

describe('KMS v2', () => {
  test('keys are expanded as RFC 5869 says (test case 1)', () => {
    const key = Buffer.from('077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5', 'hex');
    const info = Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex');
    assert.equal(
      expandKey(key, info).toString('hex'),
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf',
    );
  });

  test('a seed encrypts each value with a key of its own', () => {
    const cipher = new SeedCipher(Buffer.alloc(32, 7));
    const [one, two] = [cipher.seal(Buffer.from('v'), place), cipher.seal(Buffer.from('v'), place)];
    assert.notDeepEqual(one.subarray(0, 32), two.subarray(0, 32));
    assert.equal(cipher.open(one, place).toString(), 'v');
    assert.throws(() => cipher.open(one, 'elsewhere'), /message authentication failed/);
    assert.throws(() => new SeedCipher(Buffer.alloc(31)), /invalid seed length 31/);
  });

  test('an encrypted object is what protobuf makes of it', () => {
    const object = {
      encryptedData: Buffer.from('d'),
      keyId: 'k',
      encryptedDekSource: Buffer.from('s'),
      annotations: { 'a.example.com': Buffer.from('1') },
      sourceType: 1,
    };
    const bytes = encodeEncryptedObject(object);
    assert.equal(bytes.toString('hex'), '0a016412016b1a017322120a0d612e6578616d706c652e636f6d1201312801');
    assert.deepEqual(decodeEncryptedObject(bytes), object);
    for (const [change, problem] of [
      [{ keyId: '' }, 'failed to validate key id: keyID is empty'],
      [{ encryptedData: Buffer.alloc(0) }, 'encrypted data is empty'],
      [{ sourceType: 2 }, 'unknown encryptedDEKSourceType: 2'],
      [
        { encryptedDekSource: Buffer.alloc(0) },
        'failed to validate encrypted DEK source: encrypted DEK source is empty',
      ],
    ] as const) {
      assert.throws(() => encodeEncryptedObject({ ...object, ...change }), { message: problem });
    }
  });

  test('no bytes do more than be refused', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          decodeMessage(bytes);
        } catch (error) {
          assert.ok(error instanceof WireError);
        }
      }),
    );
  });
});
