import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseYaml } from './yaml.ts';

const parse = (text: string, depth = 100): ReturnType<typeof parseYaml> => parseYaml(Buffer.from(text), { depth });
const read = (text: string): string => JSON.stringify(parse(text).value);

test('plain words and numbers mean what YAML 1.1 says', () => {
  const cases: Readonly<Record<string, string>> = {
    yes: 'true',
    y: 'true',
    On: 'true',
    OFF: 'false',
    n: 'false',
    '"yes"': '"yes"',
    yEs: '"yEs"',
    '~': 'null',
    '0644': '420',
    '0o644': '420',
    '0x1F': '31',
    '0b101': '5',
    '-0x10': '-16',
    '1_000': '1000',
    '+5': '5',
    '08': '8',
    '1e3': '1000',
    '1.50': '1.5',
    '.5': '0.5',
    '12:30': '"12:30"',
    '2001-01-01': '"2001-01-01"',
    '1.2.3': '"1.2.3"',
    '0x': '"0x"',
    '9007199254740993': '9007199254740993',
    '18446744073709551615': '18446744073709551615',
    '99999999999999999999': '100000000000000000000',
    '!!str 5': '"5"',
    '!!binary aGVsbG8=': '"hello"',
  };
  for (const [text, json] of Object.entries(cases)) {
    assert.equal(read(`a: ${text}`), `{"a":${json}}`, text);
    assert.equal(read(`- ${text}`), `[${json}]`, text);
  }
});

test('names of fields are strings', () => {
  assert.equal(
    read('1: a\non: b\n1.5: c\n9007199254740993: d\n'),
    '{"1":"a","true":"b","1.5":"c","9007199254740993":"d"}',
  );
  assert.equal(read('__proto__: {a: 1}\nconstructor: 2\n'), '{"__proto__":{"a":1},"constructor":2}');
  assert.throws(() => parse('~: 1'), { name: 'YamlError' });
  assert.throws(() => parse('? [a]\n: 1'), { name: 'YamlError' });
});

test('anchors and merge keys', () => {
  assert.equal(read('base: &b {p: 1, q: 2}\nc:\n  <<: *b\n  p: 3\n'), '{"base":{"p":1,"q":2},"c":{"p":3,"q":2}}');
  assert.throws(() => parse('a: *nothing'), { message: "yaml: unknown anchor 'nothing' referenced" });
  assert.throws(() => parse('a: &a [*a]'), { message: "yaml: anchor 'a' value contains itself" });
});

test('aliases may not make a small document large or deep', () => {
  let laughs = 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n';
  for (let i = 1; i < 9; i++) laughs += `a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(',')}]\n`;
  assert.throws(() => parse(laughs), { message: 'yaml: document contains excessive aliasing' });
  let deep = 'a0: &a0 [x]\n';
  for (let i = 1; i < 20; i++) deep += `a${i}: &a${i} [*a${i - 1}]\n`;
  assert.throws(() => parse(deep, 10), { name: 'DepthError', message: 'exceeded max depth' });
  const shared = `base: &b {k: v}\nlist: [${Array.from({ length: 500 }, () => '*b').join(',')}]`;
  assert.equal((parse(shared).value as { list: unknown[] }).list.length, 500);
});

test('nesting is bounded', () => {
  assert.throws(() => parse('['.repeat(200)), { name: 'DepthError' });
  assert.throws(() => parseYaml(Buffer.from('['.repeat(200_000)), { depth: 1e9 }), { name: 'DepthError' });
  assert.throws(() => parse('- '.repeat(200)), { name: 'DepthError' });
});

test('a key that comes twice is reported with its line, and the last value kept', () => {
  const { value, duplicates } = parse('a: 1\nb:\n  c: 1\n  "c": 2\nlist:\n- x: 1\n  x: 2\na:\n  d: 1\n1: x\n"1": z\n');
  assert.deepEqual(duplicates(), [
    'yaml: unmarshal errors:\n' +
      '  line 4: key "c" already set in map\n' +
      '  line 7: key "x" already set in map\n' +
      '  line 9: key "a" already set in map',
  ]);
  assert.deepEqual(value, { a: { d: 1 }, b: { c: 2 }, list: [{ x: 2 }], 1: 'z' });
  assert.deepEqual(parse('base: &b {p: 1}\nc:\n  <<: *b\n  p: 3\n').duplicates(), []);
});

test('only the first document is read', () => {
  assert.equal(read('a: 1\n---\nb: 2\n'), '{"a":1}');
  assert.equal(read('---\na: 1\n...\n'), '{"a":1}');
  assert.equal(read(''), 'null');
  assert.equal(read('# nothing\n'), 'null');
});

test('what is not YAML, or has no form in JSON, is refused with the line', () => {
  assert.throws(() => parse('a: 1\nb: c: d\n'), { name: 'YamlError', message: /^yaml: line 2: / });
  assert.throws(() => parse('a: .inf'), { name: 'YamlError', message: 'json: unsupported value: +Inf' });
  assert.throws(() => parse('a: !custom x'), { name: 'YamlError' });
  assert.throws(() => parseYaml(Buffer.from([0x61, 0xff]), { depth: 10 }), { name: 'YamlError' });
});

test('JSON is YAML', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      // Exponents apart: both read them, but print them differently.
      assert.equal(read(JSON.stringify(value)), JSON.stringify(value));
    }),
  );
});
