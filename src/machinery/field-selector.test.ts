import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FieldSelector, FieldSelectorError, escapeFieldValue, unescapeFieldValue } from './field-selector.ts';

function selects(text: string, fields: Record<string, string>): boolean {
  return FieldSelector.parse(text).matches((field) => fields[field]);
}

test('compares fields with values; a field that is absent is empty', () => {
  const pod = { 'metadata.name': 'a', 'status.phase': 'Running' };
  assert.equal(selects('', pod), true);
  assert.equal(selects('metadata.name=a', pod), true);
  assert.equal(selects('metadata.name==a,status.phase!=Failed', pod), true);
  assert.equal(selects('metadata.name=a,status.phase!=Running', pod), false);
  assert.equal(selects('spec.nodeName=', pod), true);
  assert.equal(selects('spec.nodeName!=', pod), false);
  assert.equal(selects('a=x\\,y\\=z\\\\', { a: 'x,y=z\\' }), true);
});

test('prints in order, with escapes', () => {
  const cases: [string, string][] = [
    ['', ''],
    [',,', ''],
    ['==', ''],
    ['b==1,a!=2', 'a!=2,b=1'],
    ['a=x\\,y', 'a=x\\,y'],
    ['=x', '=x'],
  ];
  for (const [text, printed] of cases) assert.equal(FieldSelector.parse(text).toString(), printed);
});

test('refuses with upstream’s words', () => {
  const cases: [string, string][] = [
    ['a', "invalid selector: 'a'; can't understand 'a'"],
    ['b=1,a', "invalid selector: 'b=1,a'; can't understand 'a'"],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=\\b', 'invalid field selector: invalid escape sequence: \\b'],
    ['a=\\', 'invalid field selector: invalid escape sequence: \\'],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => FieldSelector.parse(text), { name: 'FieldSelectorError', message }, text);
  }
});

test('any value survives escaping, and any selector printing', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab,=\\! é🙂') });
  fc.assert(
    fc.property(text, text, (value, other) => {
      assert.equal(unescapeFieldValue(escapeFieldValue(value)), value);
      const selector = FieldSelector.parse(
        `metadata.name=${escapeFieldValue(value)},spec.x!=${escapeFieldValue(other)}`,
      );
      assert.equal(FieldSelector.parse(selector.toString()).toString(), selector.toString());
      assert.equal(selector.requiredValue('metadata.name'), value);
      assert.equal(selector.requiredValue('spec.x'), undefined);
      const fields: Record<string, string> = { 'metadata.name': value, 'spec.x': `${other}y` };
      assert.equal(
        selector.matches((field) => fields[field]),
        true,
      );
    }),
  );
});

test('no text makes it do anything but select or refuse', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab,=\\!') }), (text) => {
      try {
        const printed = FieldSelector.parse(text).toString();
        assert.equal(FieldSelector.parse(printed).toString(), printed);
      } catch (error) {
        assert.ok(error instanceof FieldSelectorError);
      }
    }),
  );
});
