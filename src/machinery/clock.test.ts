import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { realClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What both clocks keep; `passing` makes time go on for a virtual one while a promise is awaited. */
const clocks: { name: string; make: () => Clock; passing: (clock: Clock, done: Promise<unknown>) => Promise<void> }[] =
  [
    {
      name: 'realClock',
      make: () => realClock,
      passing: async (_clock, done) => {
        await done;
      },
    },
    {
      name: 'VirtualClock',
      make: () => new VirtualClock(),
      passing: async (clock, done) => {
        assert.ok(clock instanceof VirtualClock);
        await clock.advance(1000);
        await done;
      },
    },
  ];

for (const { name, make, passing } of clocks) {
  describe(name, () => {
    test('timers run in the order of their delay', async () => {
      const clock = make();
      const order: string[] = [];
      const done = new Promise<void>((resolve) => {
        clock.setTimeout(() => {
          order.push('late');
          resolve();
        }, 12);
        clock.setTimeout(() => order.push('early'), 2);
        clock.setTimeout(() => order.push('cancelled'), 3).cancel();
      });
      await passing(clock, done);
      assert.deepEqual(order, ['early', 'late']);
    });

    test('an interval repeats until cancelled, also from within', async () => {
      const clock = make();
      let runs = 0;
      const done = new Promise<void>((resolve) => {
        const timer = clock.setInterval(() => {
          if (++runs === 3) {
            timer.cancel();
            clock.setTimeout(resolve, 10);
          }
        }, 2);
      });
      await passing(clock, done);
      assert.equal(runs, 3);
    });

    test('a sleep ends early with the reason of its signal', async () => {
      const clock = make();
      const controller = new AbortController();
      const sleeping = clock.sleep(1e9, controller.signal);
      controller.abort(new Error('enough'));
      await assert.rejects(sleeping, /enough/);
      await assert.rejects(clock.sleep(1, controller.signal), /enough/);
      await passing(clock, clock.sleep(1, new AbortController().signal));
    });

    test('a delay of months does not fire at once, and a period of nothing is refused', async () => {
      const clock = make();
      let fired = false;
      const far = [2 ** 31, 2 ** 40, Infinity].map((delayMs) =>
        clock.setTimeout(() => {
          fired = true;
        }, delayMs),
      );
      await passing(clock, clock.sleep(5));
      assert.equal(fired, false);
      for (const timer of far) timer.cancel();
      assert.throws(() => clock.setInterval(() => {}, 0), RangeError);
      assert.throws(() => clock.setInterval(() => {}, Number.NaN), RangeError);
    });

    test('both times move on together', async () => {
      const clock = make();
      const [wall, monotonic] = [clock.now(), clock.monotonicMs()];
      await passing(clock, clock.sleep(20));
      assert.ok(clock.monotonicMs() - monotonic >= 19);
      assert.ok(clock.now() - wall >= 19);
    });
  });
}
