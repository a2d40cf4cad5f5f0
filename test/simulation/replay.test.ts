import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './simulation.ts';

test('a seed’s run is the same every time, another seed’s is another', async () => {
  const first = await simulate({ seed: 'replayed', steps: 60 });
  const second = await simulate({ seed: 'replayed', steps: 60 });
  const differs = first.lines.findIndex((line, index) => line !== second.lines[index]);
  assert.equal(first.lines[differs], second.lines[differs]);
  assert.equal(first.digest, second.digest);
  const other = await simulate({ seed: 'another', steps: 5 });
  assert.notEqual(other.lines[0], undefined);
  assert.notDeepEqual(other.lines, first.lines.slice(0, other.lines.length));
});
