import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isPrintable, quote } from './quote.ts';

test('quotes as Go does', () => {
  const cases: [string, string][] = [
    ['', '""'],
    ['plain text', '"plain text"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\u0007\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
    ['\u0000\u001b\u007f', '"\\x00\\x1b\\x7f"'],
    ['Grüße 日本 🙂', '"Grüße 日本 🙂"'],
    ['\u00a0\u200b\u2028', '"\\u00a0\\u200b\\u2028"'],
    ['\u{e0001}', '"\\U000e0001"'],
    ['\ud800', '"\ufffd"'],
  ];
  for (const [text, expected] of cases) assert.equal(quote(text), expected);
});

test('a quoted text is printable and, without the escapes that JSON lacks, reads back as JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-composite' }), (text) => {
      const quoted = quote(text);
      assert.ok(isPrintable(quoted));
      if (!/\\[avxU]/.test(quoted)) assert.equal(JSON.parse(quoted), text);
    }),
  );
});
