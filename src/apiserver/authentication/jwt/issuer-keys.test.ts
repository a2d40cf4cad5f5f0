import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import { jwkOf } from '../../../machinery/jwt/jwk.ts';
import { formatLogText, Logger } from '../../../machinery/logging.ts';
import { VirtualClock } from '../../../machinery/virtual-clock.ts';
import { IssuerKeys } from './issuer-keys.ts';

const issuer = 'https://issuer.example.org';
const [first, second] = [jwkOf(newKey()), jwkOf(newKey())];

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** An issuer that publishes what it is told to. */
class FakeIssuer {
  readonly clock = new VirtualClock();
  readonly asked: string[] = [];
  keys: unknown = [first];
  document: unknown = { issuer, jwks_uri: `${issuer}/keys` };
  isAway = false;

  keysOf(discoveryUrl?: string): IssuerKeys {
    const log = Logger.create({
      component: 'test',
      clock: this.clock,
      sink: { write: () => {} },
      format: formatLogText,
      verbosity: 0,
    });
    return new IssuerKeys({ issuer, discoveryUrl, clock: this.clock, log, get: (url) => this.#get(url) });
  }

  #get(url: string): Promise<unknown> {
    this.asked.push(url);
    if (this.isAway) return Promise.reject(new Error('it is away'));
    return Promise.resolve(url.endsWith('/keys') ? { keys: this.keys } : this.document);
  }
}

const has = (keys: IssuerKeys, keyId: string | undefined): Promise<boolean> => keys.find(keyId ?? '', () => true);

describe('the keys of an issuer', () => {
  test('are discovered, and fetched when a token names one that is not known', async () => {
    const fake = new FakeIssuer();
    const keys = fake.keysOf();
    await keys.start();
    assert.ok(keys.isReady);
    assert.ok(await has(keys, first.kid));
    assert.ok(await has(keys, first.kid));
    assert.deepEqual(fake.asked, [`${issuer}/.well-known/openid-configuration`, `${issuer}/keys`]);
    fake.keys = [second];
    // Not more often than once a second, whatever tokens name.
    assert.ok(!(await has(keys, second.kid)));
    await fake.clock.advance(1000);
    assert.ok(await has(keys, second.kid));
    assert.equal(fake.asked.length, 3);
    assert.ok(!(await has(keys, first.kid)));
  });

  test('are fetched once for requests that come together', async () => {
    const fake = new FakeIssuer();
    const keys = fake.keysOf();
    await keys.start();
    assert.deepEqual(await Promise.all([has(keys, first.kid), has(keys, '')]), [true, true]);
    assert.equal(fake.asked.length, 2);
  });

  test('that are no longer published are forgotten within the hour', async () => {
    const fake = new FakeIssuer();
    const keys = fake.keysOf();
    await keys.start();
    assert.ok(await has(keys, first.kid));
    fake.keys = [second];
    await fake.clock.advance(60 * 60 * 1000 + 1);
    assert.ok(await has(keys, first.kid));
    await fake.clock.advance(1000);
    assert.ok(!(await has(keys, first.kid)));
  });

  test('are looked for again when the issuer was away', async () => {
    const fake = new FakeIssuer();
    fake.isAway = true;
    const keys = fake.keysOf(`${issuer}/elsewhere`);
    await keys.start();
    assert.ok(!keys.isReady);
    fake.isAway = false;
    await fake.clock.advance(10_000);
    assert.ok(keys.isReady);
    assert.deepEqual(fake.asked, [`${issuer}/elsewhere`, `${issuer}/elsewhere`]);
  });

  test('of another issuer, or without a safe place, are not taken', async () => {
    for (const document of [
      { issuer: 'https://other.example.org', jwks_uri: `${issuer}/keys` },
      { issuer, jwks_uri: 'http://issuer.example.org/keys' },
      { issuer },
      null,
      'x',
    ]) {
      const fake = new FakeIssuer();
      fake.document = document;
      const keys = fake.keysOf();
      await keys.start();
      assert.ok(!keys.isReady);
      keys.stop();
    }
  });

  test('that cannot be fetched are an error; a set that holds other things is not', async () => {
    const fake = new FakeIssuer();
    const keys = fake.keysOf();
    await keys.start();
    fake.keys = 'none';
    await assert.rejects(has(keys, first.kid), /the key set has no keys/);
    await fake.clock.advance(1000);
    fake.keys = [{ kty: 'oct', k: 'AA' }, null, { ...second, use: 'enc' }, first];
    assert.ok(await has(keys, first.kid));
    assert.ok(!(await has(keys, second.kid)));
  });
});
