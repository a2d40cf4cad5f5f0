import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../machinery/virtual-clock.ts';
import { Expectations } from './expectations.ts';

test('an owner is looked at again when all that was written has been seen', () => {
  const expectations = new Expectations(new VirtualClock());
  assert.ok(expectations.areSatisfied('rs'));
  expectations.expectCreations('rs', 2);
  expectations.creationObserved('rs');
  assert.ok(!expectations.areSatisfied('rs'));
  expectations.creationObserved('rs');
  assert.ok(expectations.areSatisfied('rs'));
});

test('a deletion that is told of twice counts once', () => {
  const expectations = new Expectations(new VirtualClock());
  expectations.expectDeletions('rs', ['a', 'b']);
  expectations.deletionObserved('rs', 'a');
  expectations.deletionObserved('rs', 'a');
  assert.ok(!expectations.areSatisfied('rs'));
  expectations.deletionObserved('rs', 'b');
  assert.ok(expectations.areSatisfied('rs'));
});

test('what is never seen is not waited for longer than five minutes', async () => {
  const clock = new VirtualClock();
  const expectations = new Expectations(clock);
  expectations.expectCreations('rs', 1);
  await clock.advance(5 * 60_000);
  assert.ok(!expectations.areSatisfied('rs'));
  await clock.advance(1);
  assert.ok(expectations.areSatisfied('rs'));
});

test('more can be expected on top, and a gone owner expects nothing', () => {
  const expectations = new Expectations(new VirtualClock());
  expectations.expectCreations('rs', 1);
  expectations.raise('rs', 1, ['a']);
  expectations.creationObserved('rs');
  expectations.creationObserved('rs');
  assert.ok(!expectations.areSatisfied('rs'));
  expectations.forget('rs');
  assert.ok(expectations.areSatisfied('rs'));
});
