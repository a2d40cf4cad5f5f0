import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../api/types/core.v1.ts';
import { VirtualClock } from '../machinery/virtual-clock.ts';
import { EventCorrelator } from './event-correlator.ts';

let count = 0;

function event(message: string, object = 'web'): Event {
  return {
    metadata: { name: `${object}.${++count}`, namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: object, uid: object },
    type: 'Warning',
    reason: 'Failed',
    message,
    source: { component: 'kubelet' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
  };
}

test('the same event again raises the count of the first', () => {
  const correlator = new EventCorrelator(new VirtualClock());
  const first = event('it broke');
  assert.deepEqual(correlator.correlate(first), { event: first, existing: undefined });
  const second = correlator.correlate(event('it broke'));
  assert.equal(second?.existing, first.metadata.name);
  assert.equal(second?.event.count, 2);
  assert.equal(correlator.correlate(event('it broke', 'other'))?.existing, undefined);
});

test('events that differ in their message alone become one, from the tenth on', () => {
  const correlator = new EventCorrelator(new VirtualClock());
  const results = Array.from({ length: 12 }, (_, i) => correlator.correlate(event(`attempt ${i}`)));
  assert.ok(results.slice(0, 9).every((result) => result?.existing === undefined));
  assert.equal(results[9]?.event.message, '(combined from similar events): attempt 9');
  assert.equal(results[9]?.existing, undefined);
  assert.equal(results[10]?.existing, results[9]?.event.metadata.name);
  assert.equal(results[11]?.event.count, 3);
  assert.equal(results[11]?.event.message, '(combined from similar events): attempt 11');
});

test('a source may say 25 things of an object at once, and one more every five minutes', async () => {
  const clock = new VirtualClock();
  const correlator = new EventCorrelator(clock);
  const said = (): number =>
    Array.from({ length: 40 }, () => correlator.correlate(event('again'))).filter((result) => result !== undefined)
      .length;
  assert.equal(said(), 25);
  assert.notEqual(correlator.correlate(event('of another', 'other')), undefined);
  await clock.advance(300_000);
  assert.equal(said(), 1);
});
