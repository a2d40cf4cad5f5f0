import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Warnings } from './warnings.ts';

function headersOf(...texts: readonly string[]): readonly string[] {
  const warnings = new Warnings();
  for (const text of texts) warnings.add(text);
  return warnings.headers;
}

describe('warnings', () => {
  test('are quoted', () => {
    assert.deepEqual(headersOf('use "this"', 'a\\b'), ['299 - "use \\"this\\""', '299 - "a\\\\b"']);
  });

  test('are said once, in order', () => {
    assert.deepEqual(headersOf('b', 'a', 'b', ''), ['299 - "b"', '299 - "a"']);
  });

  test('go as UTF-8', () => {
    assert.equal(Buffer.from(headersOf('naïve ✓')[0] ?? '', 'latin1').toString('utf8'), '299 - "naïve ✓"');
  });

  test('with control characters stay behind: they could end the header', () => {
    assert.deepEqual(headersOf('a\r\nset-cookie: b', 'c'), ['299 - "c"']);
  });

  test('travel whole up to 4,096 characters', () => {
    const texts = ['a'.repeat(2000), '✓'.repeat(2096)];
    assert.deepEqual(
      headersOf(...texts).map((header) => Buffer.from(header, 'latin1').toString('utf8')),
      texts.map((text) => `299 - "${text}"`),
    );
  });

  test('are all cut to 256 characters when they are more, and bounded then too', () => {
    const texts = Array.from({ length: 40 }, (_, index) => String(index).padStart(2, '0').repeat(200));
    assert.deepEqual(
      headersOf(...texts),
      texts.slice(0, 4096 / 256).map((text) => `299 - "${text.slice(0, 256)}"`),
    );
  });
});
