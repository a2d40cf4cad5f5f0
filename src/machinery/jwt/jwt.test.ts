import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { jwkOf, keyIdOf, publicKeyOfJwk } from './jwk.ts';
import { JwtSigner, parseJws, peekClaims, verifyJws } from './jws.ts';
import { publicKeysOfPem } from './pem-keys.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curves = ['P-256', 'P-384', 'P-521'].map((namedCurve) => generateKeyPairSync('ec', { namedCurve }));
const all = [rsa, ...curves];
const [p256 = rsa, p384 = rsa] = curves;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const verified = (token: string, key: KeyObject): boolean => {
  const jws = parseJws(token);
  return jws !== undefined && verifyJws(jws, key);
};

describe('tokens', () => {
  test('that were signed are verified with the public half, and with no other key', () => {
    for (const { privateKey } of all) {
      const signer = new JwtSigner(privateKey);
      const token = signer.sign({ sub: 'a', n: 1 });
      const jws = parseJws(token);
      assert.deepEqual(jws?.claims, { sub: 'a', n: 1 });
      assert.equal(jws?.keyId, signer.keyId);
      for (const other of all) assert.equal(verified(token, other.publicKey), other.privateKey === privateKey);
    }
  });

  test('name the algorithm that the key is for', () => {
    assert.deepEqual(
      all.map(({ privateKey }) => new JwtSigner(privateKey).algorithm),
      ['RS256', 'ES256', 'ES384', 'ES512'],
    );
    assert.throws(() => new JwtSigner(generateKeyPairSync('ed25519').privateKey), TypeError);
    assert.throws(() => new JwtSigner(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey), TypeError);
  });

  test('of the stronger and the probabilistic RSA algorithms are verified', () => {
    for (const [alg, hash, isPss] of [
      ['RS384', 'sha384', false],
      ['RS512', 'sha512', false],
      ['PS256', 'sha256', true],
      ['PS512', 'sha512', true],
    ] as const) {
      const input = `${part({ alg })}.${part({ sub: 'a' })}`;
      const key = isPss ? { key: rsa.privateKey, padding: 6, saltLength: -1 } : { key: rsa.privateKey };
      const signature = sign(hash, Buffer.from(input), key);
      assert.ok(verified(`${input}.${signature.toString('base64url')}`, rsa.publicKey), alg);
      assert.ok(!verified(`${input}.${signature.toString('base64url')}`, p256.publicKey), alg);
    }
  });

  test('changed anywhere are not verified', () => {
    const token = new JwtSigner(p256.privateKey).sign({ sub: 'a' });
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom('A', 'b', '9', '-', '.', ' ', '='), (at, character) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        // The last character of a signature carries bits that say nothing.
        fc.pre(changed !== token && at < token.length - 1);
        assert.ok(!verified(changed, p256.publicKey));
      }),
    );
  });

  test('of confused algorithms are not verified', () => {
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
    const claims = part({ sub: 'a' });
    const withSecret = (alg: string, secret: string | Buffer): string => {
      const input = `${part({ alg })}.${claims}`;
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    };
    const es256Input = `${part({ alg: 'ES256' })}.${claims}`;
    const cases: readonly string[] = [
      `${part({ alg: 'none' })}.${claims}.`,
      `${part({ alg: 'none' })}.${claims}.AA`,
      `${part({})}.${claims}.AA`,
      withSecret('HS256', pem),
      withSecret('RS256', pem),
      // The right key under another algorithm's name.
      `${es256Input}.${sign('sha256', Buffer.from(es256Input), rsa.privateKey).toString('base64url')}`,
      `${es256Input}.${sign('sha256', Buffer.from(es256Input), { key: p384.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`,
      // DER is no form of a signature here.
      `${es256Input}.${sign('sha256', Buffer.from(es256Input), p256.privateKey).toString('base64url')}`,
    ];
    for (const token of cases) for (const { publicKey } of all) assert.ok(!verified(token, publicKey), token);
  });

  test('that are none are not taken for any', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.string(), { maxLength: 5 }).map((all) => all.join('.')),
        ),
        (text) => {
          assert.equal(parseJws(text), undefined);
        },
      ),
    );
    const header = part({ alg: 'ES256' });
    for (const text of [
      `${header}.${part([])}.AA`,
      `${header}.${part('x')}.AA`,
      `${header}.${part({})}.A=`,
      `${header}.${part({})}`,
      `${header}.${part({})}.AA.AA`,
      `${part({ alg: 'ES256', crit: ['b64'], b64: false })}.${part({})}.AA`,
      `${part({ alg: 'ES256', kid: 7 })}.${part({})}.AA`,
      `${part({ alg: ['ES256'] })}.${part({})}.AA`,
    ]) {
      assert.equal(parseJws(text), undefined, text);
    }
    assert.deepEqual(peekClaims(`x.${part({ iss: 'i' })}.y`), { iss: 'i' });
    assert.equal(peekClaims(`${part({})}.${part({ iss: 'i' })}`), undefined);
  });
});

describe('keys', () => {
  test('go through JSON Web Keys and come back the same', () => {
    for (const { publicKey, privateKey } of all) {
      const jwk = jwkOf(privateKey);
      assert.ok(!('d' in jwk));
      const back = publicKeyOfJwk(JSON.parse(JSON.stringify(jwk)));
      assert.ok(back !== undefined && back.key.equals(publicKey));
      assert.equal(back?.keyId, keyIdOf(publicKey));
      assert.equal(keyIdOf(publicKey), keyIdOf(privateKey));
    }
    assert.deepEqual(Object.keys(jwkOf(rsa.publicKey)), ['use', 'kty', 'kid', 'alg', 'n', 'e']);
    assert.deepEqual(Object.keys(jwkOf(p256.publicKey)), ['use', 'kty', 'kid', 'crv', 'alg', 'x', 'y']);
  });

  test('for something else, or that are broken, are none', () => {
    const jwk = jwkOf(p256.publicKey);
    const secret = { kty: 'oct', k: 'AAAA' };
    for (const bad of [{ ...jwk, use: 'enc' }, { ...jwk, x: 'AA' }, { ...jwk, kty: 'RSA' }, secret, null, 'x', {}]) {
      assert.equal(publicKeyOfJwk(bad), undefined);
    }
  });

  test('are read from all blocks of a PEM file', () => {
    const text = [
      rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }),
      p256.privateKey.export({ type: 'sec1', format: 'pem' }),
      p384.publicKey.export({ type: 'spki', format: 'pem' }),
    ].join('# between\n');
    const keys = publicKeysOfPem(text);
    assert.deepEqual(
      keys.map(keyIdOf),
      [rsa, p256, p384].map(({ publicKey }) => keyIdOf(publicKey)),
    );
    assert.ok(keys.every((key) => key.type === 'public'));
    assert.deepEqual(publicKeysOfPem('nothing'), []);
    assert.throws(() => publicKeysOfPem('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'));
    assert.ok(createPublicKey(rsa.privateKey).equals(keys[0] ?? p256.publicKey));
  });
});
