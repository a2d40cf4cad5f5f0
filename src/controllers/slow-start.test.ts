import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slowStartBatch } from './slow-start.ts';

/** The sizes of the batches: how many were called before any of them was answered. */
async function batches(count: number, first: number, largest?: number): Promise<number[]> {
  const sizes: number[] = [];
  let underWay = 0;
  const act = async (): Promise<void> => {
    underWay++;
    await Promise.resolve();
    if (underWay > 0) sizes.push(underWay);
    underWay = 0;
  };
  await slowStartBatch(count, first, act, largest);
  return sizes;
}

test('each batch is twice as large as the one before', async () => {
  assert.deepEqual(await batches(10, 1), [1, 2, 4, 3]);
  assert.deepEqual(await batches(3, 5), [3]);
  assert.deepEqual(await batches(0, 1), []);
});

test('no batch is larger than it may be', async () => {
  assert.deepEqual(await batches(10, 1, 3), [1, 2, 3, 3, 1]);
});

test('after a batch in which one failed there is no other', async () => {
  const called: number[] = [];
  const result = await slowStartBatch(10, 1, async (index) => {
    called.push(index);
    if (index === 2) throw new Error('no room');
  });
  assert.deepEqual(called, [0, 1, 2]);
  assert.equal(result.succeeded, 2);
  assert.equal(String(result.error), 'Error: no room');
});
