import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLogText, Logger } from '../../machinery/logging.ts';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { FileWatch } from './watched-file.ts';

test('a file that changes is put to use; one that is wrong or gone changes nothing, and is told of once', async () => {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const log = Logger.create({
    component: 'test',
    clock,
    sink: { write: (line: string) => void lines.push(line) },
    format: formatLogText,
    verbosity: 0,
  });
  let read = (): Promise<string> => Promise.resolve('one');
  const applied: string[] = [];
  const watch = new FileWatch({ clock, log, read: () => read() });
  watch.add('/f', 'one', (content) => {
    if (content === 'bad') throw new Error('it is bad');
    applied.push(content);
  });
  watch.start();
  await clock.advance(3000);
  assert.deepEqual(applied, []);
  read = () => Promise.resolve('two');
  await clock.advance(3000);
  assert.deepEqual(applied, ['two']);
  read = () => Promise.resolve('bad');
  await clock.advance(3000);
  read = () => Promise.reject(new Error('it is gone'));
  await clock.advance(3000);
  assert.deepEqual(applied, ['two']);
  assert.equal(lines.filter((line) => line.includes('it is bad')).length, 1);
  assert.equal(lines.filter((line) => line.includes('it is gone')).length, 1);
  read = () => Promise.resolve('three');
  await clock.advance(1000);
  assert.deepEqual(applied, ['two', 'three']);
  watch.stop();
  read = () => Promise.resolve('four');
  await clock.advance(5000);
  assert.deepEqual(applied, ['two', 'three']);
});
