import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseCsv } from './csv.ts';

const refuse = (line: number, problem: string): never => {
  throw new Error(`line ${line}: ${problem}`);
};

test('what was written as CSV is read back', () => {
  const field = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\n', 'ä', '\uFEFF') });
  fc.assert(
    fc.property(
      fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
      fc.boolean(),
      (rows, crlf) => {
        const lineBreak = crlf ? '\r\n' : '\n';
        const text = rows
          .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',') + lineBreak)
          .join('');
        assert.deepEqual(
          parseCsv(text, refuse).map((record) => record.fields),
          rows,
        );
      },
    ),
  );
});

test('records know their line; empty lines are none; the last may lack its end', () => {
  assert.deepEqual(parseCsv('\uFEFFa,b\r\n\r\n\n"x\n""y""",z,\r\n ,"c"', refuse), [
    { line: 1, fields: ['a', 'b'] },
    { line: 4, fields: ['x\n"y"', 'z', ''] },
    { line: 6, fields: [' ', 'c'] },
  ]);
  assert.deepEqual(parseCsv('a,', refuse), [{ line: 1, fields: ['a', ''] }]);
  assert.deepEqual(parseCsv('', refuse), []);
});

test('quotes out of place are refused with their line', () => {
  assert.throws(() => parseCsv('a\nb"c', refuse), /line 2: a bare "/);
  assert.throws(() => parseCsv('a\n"b', refuse), /line 2: a quoted field that does not end/);
  assert.throws(() => parseCsv('"a\n"b', refuse), /line 2: text after the end/);
  assert.throws(() => parseCsv('"a" ,b', refuse), /line 1: text after the end/);
});
