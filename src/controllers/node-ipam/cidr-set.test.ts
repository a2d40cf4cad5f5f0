import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CIDR } from '../../machinery/cidr.ts';
import { CIDRSet } from './cidr-set.ts';

function cidr(text: string): CIDR {
  const parsed = CIDR.parse(text);
  assert.ok(parsed);
  return parsed;
}

test('networks are given in turn, and one that was given back is given again last', () => {
  const set = new CIDRSet(cidr('10.0.0.0/22'), 24);
  const first = set.allocate();
  assert.equal(String(first), '10.0.0.0/24');
  assert.equal(String(set.allocate()), '10.0.1.0/24');
  set.release(cidr('10.0.0.0/24'));
  assert.equal(String(set.allocate()), '10.0.2.0/24');
  assert.equal(String(set.allocate()), '10.0.3.0/24');
  assert.equal(String(set.allocate()), '10.0.0.0/24');
  assert.equal(set.allocate(), undefined);
});

test('what a larger or a smaller network covers is occupied', () => {
  const set = new CIDRSet(cidr('10.0.0.0/22'), 24);
  set.occupy(cidr('10.0.0.0/23'));
  set.occupy(cidr('10.0.2.128/25'));
  assert.equal(String(set.allocate()), '10.0.3.0/24');
  assert.equal(set.allocate(), undefined);
  set.release(cidr('10.0.0.0/8'));
  assert.notEqual(set.allocate(), undefined);
});

test('a range that cannot be cut so is refused', () => {
  assert.throws(() => new CIDRSet(cidr('10.0.0.0/24'), 16), /does not fit/);
  assert.throws(() => new CIDRSet(cidr('fd00::/32'), 64), /too many/);
  assert.throws(() => new CIDRSet(cidr('10.0.0.0/24'), 24).occupy(cidr('10.1.0.0/24')), /not within/);
});

test('no two hold networks that overlap, whatever was taken and given back', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 200 }), (steps) => {
      const set = new CIDRSet(cidr('fd00::/60'), 64);
      const held: CIDR[] = [];
      for (const step of steps) {
        const given = step < held.length ? held.splice(step, 1)[0] : undefined;
        if (given !== undefined) {
          set.release(given);
          continue;
        }
        const network = set.allocate();
        assert.equal(network === undefined, held.length === 16);
        if (network === undefined) continue;
        assert.ok(held.every((one) => !one.overlaps(network)));
        held.push(network);
      }
    }),
  );
});
