import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { escapeFieldName, unescapeFieldName } from './escaping.ts';

const names: readonly (readonly [property: string, field: string | undefined])[] = [
  ['simple', 'simple'],
  ['_x1', '_x1'],
  ['a-b', 'a__dash__b'],
  ['a.b/c', 'a__dot__b__slash__c'],
  ['a__b', 'a__underscores__b'],
  ['if', '__if__'],
  ['namespace', '__namespace__'],
  ['ifs', 'ifs'],
  ['1a', undefined],
  ['', undefined],
  ['ä', undefined],
  ['$ref', undefined],
];

for (const [property, field] of names) {
  test(`the property ${JSON.stringify(property)} is the field ${field ?? 'of no expression'}`, () => {
    assert.equal(escapeFieldName(property), field);
    if (field !== undefined) assert.equal(unescapeFieldName(field), property);
  });
}

test('a name that is escaped wrongly is none', () => {
  assert.equal(unescapeFieldName('a__other__b'), undefined);
  assert.equal(unescapeFieldName('a__if__b'), undefined);
});

test('every property that has a field is found by it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab_-./1') }), (property) => {
      const field = escapeFieldName(property);
      if (field === undefined) return;
      assert.match(field, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
      assert.equal(unescapeFieldName(field), property);
    }),
  );
});
