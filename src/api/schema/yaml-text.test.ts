import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseExactJson } from './exact-json.ts';
import { formatYaml } from './yaml-text.ts';
import { parseYaml } from './yaml.ts';

function readBack(text: string): string {
  return JSON.stringify(parseYaml(Buffer.from(text, 'utf8'), { depth: 1000 }).value);
}

test('names of fields stand in order', () => {
  assert.equal(formatYaml({ b: 1, a: { d: 'x', c: [] } }), 'a:\n  c: []\n  d: x\nb: 1\n');
});

test('texts that look like something else are quoted', () => {
  for (const text of ['yes', 'on', 'y', '~', '', '0644', '1_000', '1:30', '2026-01-01T00:00:00Z', '<<', '=']) {
    assert.match(formatYaml({ a: text }), /^a: ['"]/, text);
  }
});

test('integers keep their digits', () => {
  assert.equal(formatYaml(parseExactJson(Buffer.from('{"a":9223372036854775807}'))), 'a: 9223372036854775807\n');
});

test('what was printed is read back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (object) => {
      const plain = JSON.parse(JSON.stringify(object)) as unknown;
      assert.deepEqual(JSON.parse(readBack(formatYaml(plain))), plain);
    }),
  );
});
