import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { VirtualClock } from '../machinery/virtual-clock.ts';
import { Deadlines } from './deadlines.ts';

test('each that takes too long is told of once, in time; the others are not', async () => {
  const durationMs = 1000;
  const request = fc.record({ startMs: fc.nat(3000), takesMs: fc.nat(2000) });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 30 }), async (requests) => {
      const clock = new VirtualClock();
      const startedMs = clock.monotonicMs();
      const expired = new Map<number, number>();
      const deadlines = new Deadlines<number>(clock, durationMs, (id) => {
        assert.equal(expired.has(id), false);
        expired.set(id, clock.monotonicMs() - startedMs);
      });
      for (const [id, { startMs, takesMs }] of requests.entries()) {
        clock.setTimeout(() => {
          const deadline = deadlines.begin(id);
          clock.setTimeout(() => deadlines.end(deadline), takesMs);
        }, startMs);
      }
      await clock.advance(10_000);
      for (const [id, { startMs, takesMs }] of requests.entries()) {
        // Exactly at the deadline either may come first.
        if (takesMs === durationMs) continue;
        assert.equal(expired.get(id), takesMs > durationMs ? startMs + durationMs : undefined);
      }
    }),
  );
});

test('an idle one has no timer', async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines<string>(clock, 1000, () => assert.fail('nothing is due'));
  deadlines.end(deadlines.begin('a'));
  await clock.advance(5000);
  assert.equal(clock.pending, 0);
});
