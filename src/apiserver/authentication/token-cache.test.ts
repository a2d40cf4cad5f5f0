import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MetricsRegistry } from '../../machinery/metrics.ts';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { AuthenticationError } from './authentication-error.ts';
import type { Authenticated, TokenAuthenticator } from './contract.ts';
import { TokenCacheMetrics } from './metrics.ts';
import { TokenCache } from './token-cache.ts';

const api = ['api'];
const jane: Authenticated = { user: { username: 'jane', groups: [] } };

/** Answers as told; counts how often it is asked. */
class Asked implements TokenAuthenticator {
  count = 0;
  answer: () => Authenticated | undefined | Promise<Authenticated | undefined>;

  constructor(answer: () => Authenticated | undefined | Promise<Authenticated | undefined>) {
    this.answer = answer;
  }

  authenticateToken(): Authenticated | undefined | Promise<Authenticated | undefined> {
    this.count++;
    return this.answer();
  }
}

function cacheOver(tokens: TokenAuthenticator, failureTtlMs = 0): { clock: VirtualClock; cache: TokenCache } {
  const clock = new VirtualClock();
  return { clock, cache: new TokenCache(tokens, { clock, successTtlMs: 10_000, failureTtlMs, usualAudiences: api }) };
}

describe('the cache of tokens', () => {
  test('asks again only after its time', async () => {
    const asked = new Asked(() => jane);
    const { clock, cache } = cacheOver(asked);
    assert.equal(cache.authenticateToken('t', api), jane);
    await clock.advance(9_999);
    assert.equal(cache.authenticateToken('t', api), jane);
    assert.equal(asked.count, 1);
    await clock.advance(1);
    cache.authenticateToken('t', api);
    assert.equal(asked.count, 2);
  });

  test('keeps tokens and audiences apart', () => {
    const asked = new Asked(() => jane);
    const { cache } = cacheOver(asked);
    for (const audiences of [api, ['a', 'b'], ['a,b'], ['api']]) cache.authenticateToken('t', audiences);
    cache.authenticateToken('u', api);
    assert.equal(asked.count, 5);
    cache.authenticateToken('t', ['a', 'b']);
    assert.equal(asked.count, 5);
  });

  test('asks at once when an answer is no longer current', () => {
    let isCurrent = true;
    const asked = new Asked(() => ({ ...jane, isCurrent: () => isCurrent }));
    const { cache } = cacheOver(asked);
    cache.authenticateToken('t', api);
    isCurrent = false;
    asked.answer = () => {
      throw new AuthenticationError('gone');
    };
    assert.throws(() => cache.authenticateToken('t', api), AuthenticationError);
    assert.throws(() => cache.authenticateToken('t', api), AuthenticationError);
    assert.equal(asked.count, 3);
  });

  test('asks once for requests that come together', async () => {
    const { promise, resolve } = Promise.withResolvers<Authenticated>();
    const asked = new Asked(() => promise);
    const { cache } = cacheOver(asked);
    const answers = [cache.authenticateToken('t', api), cache.authenticateToken('t', api)];
    resolve(jane);
    assert.deepEqual(await Promise.all(answers), [jane, jane]);
    assert.equal(asked.count, 1);
    assert.equal(cache.authenticateToken('t', api), jane);
  });

  test('keeps that nobody knows a token only when told to, and never that one could not be asked', async () => {
    const asked = new Asked(() => undefined);
    const forgetful = cacheOver(asked).cache;
    forgetful.authenticateToken('t', api);
    forgetful.authenticateToken('t', api);
    assert.equal(asked.count, 2);
    const { clock, cache } = cacheOver(asked, 1000);
    cache.authenticateToken('t', api);
    assert.equal(cache.authenticateToken('t', api), undefined);
    assert.equal(asked.count, 3);
    await clock.advance(1000);
    asked.answer = () => Promise.reject(new AuthenticationError('away'));
    await assert.rejects(async () => cache.authenticateToken('t', api), AuthenticationError);
    asked.answer = () => jane;
    assert.equal(cache.authenticateToken('t', api), jane);
  });

  test('counts what it does', async () => {
    const registry = new MetricsRegistry();
    const asked = new Asked(async () => jane);
    const clock = new VirtualClock();
    const metrics = new TokenCacheMetrics(registry);
    const cache = new TokenCache(asked, { clock, successTtlMs: 10, usualAudiences: api, metrics });
    const first = cache.authenticateToken('t', api);
    const second = cache.authenticateToken('t', api);
    assert.match(registry.render(), /authentication_token_cache_active_fetch_count\{status="blocked"\} 1/);
    await Promise.all([first, second]);
    cache.authenticateToken('t', api);
    const text = registry.render();
    assert.match(text, /authentication_token_cache_request_total\{status="hit"\} 1\n/);
    assert.match(text, /authentication_token_cache_request_total\{status="miss"\} 1\n/);
    assert.match(text, /authentication_token_cache_fetch_total\{status="ok"\} 1\n/);
    assert.match(text, /authentication_token_cache_active_fetch_count\{status="in_flight"\} 0/);
  });
});
