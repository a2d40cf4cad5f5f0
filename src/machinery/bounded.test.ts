import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { BoundedCache, RingBuffer } from './bounded.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('RingBuffer', () => {
  test('holds what an array that is cut would hold', () => {
    const action = fc.oneof(
      { weight: 3, arbitrary: fc.constant('push' as const) },
      { weight: 1, arbitrary: fc.constant('shift' as const) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(action, { maxLength: 60 }), (capacity, actions) => {
        const ring = new RingBuffer<number>(capacity);
        const model: number[] = [];
        actions.forEach((each, number) => {
          if (each === 'shift') assert.equal(ring.shift(), model.shift());
          else {
            const evicted = model.length === capacity ? model.shift() : undefined;
            model.push(number);
            assert.equal(ring.push(number), evicted);
          }
          assert.equal(ring.size, model.length);
          assert.deepEqual([...ring], model);
          for (let at = -10; at < 10; at++) assert.equal(ring.at(at), model.at(at));
          const limit = number / 2;
          const found = model.findIndex((item) => item > limit);
          assert.equal(
            ring.findFirst((item) => item > limit),
            found < 0 ? model.length : found,
          );
          assert.deepEqual([...ring.from(2)], model.slice(2));
        });
      }),
    );
  });

  test('a reader sees what comes meanwhile and jumps over what left', () => {
    const ring = new RingBuffer<number>(3);
    for (const item of [1, 2, 3]) ring.push(item);
    const seen: number[] = [];
    for (const item of ring) {
      seen.push(item);
      if (item === 1) for (const more of [4, 5, 6]) ring.push(more);
    }
    assert.deepEqual(seen, [1, 4, 5, 6]);
  });

  test('can be emptied, and must hold something', () => {
    const ring = new RingBuffer<number>(2);
    ring.push(1);
    ring.clear();
    assert.equal(ring.size, 0);
    assert.equal(ring.at(0), undefined);
    for (const capacity of [0, -1, 1.5, Number.NaN]) assert.throws(() => new RingBuffer(capacity), RangeError);
  });
});

describe('BoundedCache', () => {
  test('forgets what was used longest ago', () => {
    const cache = new BoundedCache<string, number>({ maxEntries: 2 });
    cache.set('a', 1);
    cache.set('b', 2);
    assert.equal(cache.get('a'), 1);
    cache.set('c', 3);
    assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c'), cache.size], [1, undefined, 3, 2]);
  });

  test('forgets what is old, however often it is used', async () => {
    const clock = new VirtualClock();
    const cache = new BoundedCache<string, number>({ maxEntries: 10, ttlMs: 100, clock });
    cache.set('a', 1);
    await clock.advance(60);
    assert.equal(cache.get('a'), 1);
    await clock.advance(40);
    assert.equal(cache.get('a'), undefined);
    assert.equal(cache.size, 0);
  });

  test('makes a value once while it is kept', () => {
    const cache = new BoundedCache<string, string>({ maxEntries: 2 });
    let made = 0;
    const make = (key: string): string => `${key}${++made}`;
    assert.equal(cache.getOrMake('a', make), 'a1');
    assert.equal(cache.getOrMake('a', make), 'a1');
    cache.delete('a');
    assert.equal(cache.getOrMake('a', make), 'a2');
    cache.clear();
    assert.equal(cache.getOrMake('a', make), 'a3');
  });

  test('never holds more than its bound, and answers only with what was set last', () => {
    const action = fc.tuple(fc.constantFrom('get', 'set'), fc.constantFrom(...'abcde'), fc.nat());
    fc.assert(
      fc.property(fc.array(action), (actions) => {
        const cache = new BoundedCache<string, number>({ maxEntries: 3 });
        const last = new Map<string, number>();
        const recent: string[] = [];
        for (const [kind, key, value] of actions) {
          if (kind === 'set') {
            cache.set(key, value);
            last.set(key, value);
          }
          const isKept = recent.slice(-3).includes(key) || kind === 'set';
          assert.equal(cache.get(key), isKept ? last.get(key) : undefined);
          if (isKept) recent.splice(0, recent.length, ...recent.filter((each) => each !== key), key);
          assert.ok(cache.size <= 3);
        }
      }),
    );
  });

  test('refuses bounds that hold nothing', () => {
    assert.throws(() => new BoundedCache({ maxEntries: 0 }), RangeError);
    assert.throws(() => new BoundedCache({ maxEntries: 1, ttlMs: 0 }), RangeError);
    assert.throws(() => new BoundedCache({ maxEntries: 1, ttlMs: 5 }), TypeError);
  });
});
