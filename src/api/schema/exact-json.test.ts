import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseExactJson } from './exact-json.ts';

function again(text: string): string {
  return JSON.stringify(parseExactJson(Buffer.from(text, 'utf8')));
}

test('integers keep all their digits, wherever they stand', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })), fc.string(), (integers, before) => {
      const text = `{${JSON.stringify(before)}:[${integers.join(',')}]}`;
      assert.equal(again(text), text);
    }),
  );
});

test('everything else is parsed as ever', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const compact = JSON.stringify(JSON.parse(text));
      assert.equal(again(compact), compact);
    }),
  );
  const texts = ['"9007199254740993"', '1e300', '1234567890.1234567', '{"1234567890123456789":1}', '[]'];
  for (const text of texts) assert.deepEqual(parseExactJson(Buffer.from(text)), JSON.parse(text), text);
});
