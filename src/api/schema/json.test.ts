import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ExactInteger } from '../../machinery/exact-integer.ts';
import { parseJson } from './json.ts';

const parse = (text: string | Uint8Array, depth = 100): ReturnType<typeof parseJson> =>
  parseJson(typeof text === 'string' ? Buffer.from(text) : text, { depth });

test('any JSON value is read as JSON.parse reads it, without duplicates', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 1, 2), (text, indent) => {
      const printed = JSON.stringify(JSON.parse(text), null, indent);
      const { value, duplicates } = parse(printed);
      assert.equal(JSON.stringify(value), JSON.stringify(JSON.parse(text)));
      assert.deepEqual(duplicates(), []);
    }),
  );
});

test('a name that comes twice is reported with its path, and its last value is kept', () => {
  const { value, duplicates } = parse(
    '{"spec":{"a":1,"a":2,"list":[{"x":1},{"x" : 1, "y":{"k":1}, "x":3,"y":{"k":2,"k":3}}]},"spec2":{"a":"a:b\\"a\\":"}, "a":"x","\\u0061":"y"}',
  );
  assert.deepEqual(duplicates(), [
    'duplicate field "spec.a"',
    'duplicate field "spec.list[1].x"',
    'duplicate field "spec.list[1].y"',
    'duplicate field "spec.list[1].y.k"',
    'duplicate field "a"',
  ]);
  assert.deepEqual(value, { spec: { a: 2, list: [{ x: 1 }, { x: 3, y: { k: 3 } }] }, spec2: { a: 'a:b"a":' }, a: 'y' });
});

test('a duplicate is found wherever it stands in a random object', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (object, at) => {
      const keys = Object.keys(object);
      const key = keys[at % keys.length] ?? '';
      const text = JSON.stringify({ outer: object });
      const doubled = `${text.slice(0, -2)},${JSON.stringify(key)}:0}}`;
      assert.deepEqual(parse(doubled).duplicates(), [`duplicate field ${JSON.stringify(`outer.${key}`)}`]);
      assert.deepEqual(parse(text).duplicates(), []);
    }),
  );
});

test('duplicates can be asked for after the value was changed', () => {
  const { value, duplicates } = parse('{"a":1,"b":2}');
  delete (value as { a?: number }).a;
  assert.deepEqual(duplicates(), []);
});

test('special names are own properties', () => {
  const { value } = parse('{"__proto__":{"polluted":true},"constructor":1}');
  assert.deepEqual(Object.keys(value as object), ['__proto__', 'constructor']);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.equal('polluted' in {}, false);
});

test('integers keep their digits', () => {
  const text =
    '[9007199254740993,-9223372036854775808,12345678901234567890123,9007199254740991,1e30,0.1234567890123456]';
  const { value } = parse(text);
  const list = value as unknown[];
  assert.equal(JSON.stringify(list), text.replace('1e30', '1e+30'));
  assert.ok(list[0] instanceof ExactInteger);
  assert.equal(list[0].toBigInt(), 9007199254740993n);
  assert.equal(typeof list[3], 'number');
  assert.equal(JSON.stringify(parse('{"__proto__":9007199254740993}').value), '{"__proto__":9007199254740993}');
});

test('nesting is bounded before anything recurses', () => {
  assert.equal(JSON.stringify(parse('[[[]]]', 3).value), '[[[]]]');
  assert.throws(() => parse('[[[[]]]]', 3), { name: 'DepthError', message: 'exceeded max depth' });
  assert.throws(() => parse('{"a":'.repeat(100_000), 1000), { name: 'DepthError' });
  assert.equal(parse('"[[[[[[["', 3).value, '[[[[[[[');
});

test('bytes that are not UTF-8 and halves of surrogate pairs become U+FFFD, one for each byte', () => {
  const raw = Buffer.concat([Buffer.from('"a'), Buffer.from([0xff, 0xe2, 0x82]), Buffer.from('é😀"')]);
  assert.equal(parse(raw).value, 'a\ufffd\ufffd\ufffdé😀');
  assert.equal(parse(String.raw`"\ud83d\ude00 \ud83d \ude00 \\ud83d"`).value, '😀 \ufffd \ufffd \\ud83d');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      // What breaks a string is left out: the rest is for the decoder.
      const safe = bytes.filter((byte) => byte >= 0x20 && byte !== 0x22 && byte !== 0x5c);
      const { value } = parse(Buffer.concat([Buffer.from('"'), safe, Buffer.from('"')]));
      assert.equal((value as string).isWellFormed(), true);
    }),
  );
});

test('what is not JSON is refused in the words of Go', () => {
  const cases: Readonly<Record<string, string>> = {
    '': 'unexpected end of JSON input',
    ' ': 'unexpected end of JSON input',
    '{': 'unexpected end of JSON input',
    '{"a"': 'unexpected end of JSON input',
    '"abc': 'unexpected end of JSON input',
    nul: 'unexpected end of JSON input',
    garbage: "invalid character 'g' looking for beginning of value",
    '\ufeff{}': "invalid character 'ï' looking for beginning of value",
    '{a:1}': "invalid character 'a' looking for beginning of object key string",
    '{"a":1,}': "invalid character '}' looking for beginning of object key string",
    '{"a" 1}': "invalid character '1' after object key",
    '{"a":1 "b"}': `invalid character '"' after object key:value pair`,
    '[1 2]': "invalid character '2' after array element",
    '[1,]': "invalid character ']' looking for beginning of value",
    '{} x': "invalid character 'x' after top-level value",
    '{}{}': "invalid character '{' after top-level value",
    trux: "invalid character 'x' in literal true (expecting 'e')",
    '01': "invalid character '1' after top-level value",
    '-x': "invalid character 'x' in numeric literal",
    '1.x': "invalid character 'x' after decimal point in numeric literal",
    '1ex': "invalid character 'x' in exponent of numeric literal",
    '"a\nb"': String.raw`invalid character '\n' in string literal`,
    [String.raw`"\x"`]: "invalid character 'x' in string escape code",
    [String.raw`"\u12g4"`]: String.raw`invalid character 'g' in \u hexadecimal character escape`,
    "{'a':1}": String.raw`invalid character '\'' looking for beginning of object key string`,
  };
  for (const [text, message] of Object.entries(cases)) {
    assert.throws(() => parse(text), { name: 'JsonSyntaxError', message }, JSON.stringify(text));
  }
});

test('every text that JSON.parse refuses gets a reason', () => {
  const tokens = ['{', '}', '[', ']', ',', ':', '"a"', '"', '1', '-', '.', 'e', 'true', 'nul', '\\', ' ', 'é'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...tokens)), (parts) => {
      const text = parts.join('');
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      if (valid) assert.doesNotThrow(() => parse(text));
      else {
        assert.throws(
          () => parse(text),
          (error: Error) => /^(?:invalid character|unexpected end)/.test(error.message),
          text,
        );
      }
    }),
    { numRuns: 2000 },
  );
});
