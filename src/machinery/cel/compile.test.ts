import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from './compile.ts';
import { evaluates, outcome } from './test-evaluate.ts';
import { boolType, doubleType, dynType, intType, listType, mapType, stringType, timestampType } from './types.ts';
import { CelFields, Duration, Timestamp, Uint } from './values.ts';
import { toJSON } from './to-json.ts';

evaluates([
  ['9223372036854775807 + 1', { error: 'integer overflow' }],
  ['-9223372036854775808 - 1', { error: 'integer overflow' }],
  ['9007199254740991 + 1 == 9007199254740992', true],
  ['9007199254740993 - 9007199254740992', 1],
  ['3037000500 * 3037000500', { error: 'integer overflow' }],
  ['3037000499 * 3037000499 == 9223372030926249001', true],
  ['-9223372036854775808 / -1', { error: 'integer overflow' }],
  ['1 / 0', { error: 'division by zero' }],
  ['1 % 0', { error: 'modulus by zero' }],
  ['-7 / 2', -3],
  ['-7 % 2', -1],
  ['0 * -1', 0],
  ['1u - 2u', { error: 'unsigned integer overflow' }],
  ['1.0 / 0.0 > 1e308', true],
  ['string(1e6) + string(0.1) + string(100000.0)', '1e+060.1100000'],
  ['double(1) == 1.0 && 1 == 1', true],
  ['dyn(1) == 1.0 && dyn(1u) == 1 && 1 < 1.5', true],
  ["{1: 'a'}[dyn(1.0)]", 'a'],
  ["'😀'.size()", 1],
  ["b'\\u00e9'.size()", { error: /unable to unescape string/ }],
  ["'\\u{e9}'", { error: /Syntax error/ }],
  ["timestamp('2024-02-30T00:00:00Z')", { error: /invalid timestamp argument/ }],
  ["duration('1d')", { error: /invalid duration argument/ }],
  ["timestamp('9999-12-31T23:59:59Z') + duration('1s')", { error: 'timestamp overflow' }],
  ["string(timestamp('2024-02-29T12:00:00.5+02:00'))", '2024-02-29T10:00:00.5Z'],
  ["timestamp('2024-01-01T23:30:00Z').getHours('1:30')", 1],
  ["timestamp('2024-01-01T23:30:00Z').getDate('-08:00')", 1],
  ["timestamp('2024-07-01T12:00:00Z').getHours('America/New_York')", 8],
  ["timestamp('2024-01-01T12:00:00Z').getDayOfYear()", 0],
  ["timestamp('2024-12-31T12:00:00Z').getDayOfYear('UTC')", 365],
  ["timestamp('2024-01-01T00:00:00Z').getHours('Mars/Olympus')", { error: 'unknown time zone Mars/Olympus' }],
  ["int(timestamp('1969-12-31T23:59:59.5Z'))", -1],
  ["string(duration('-1.5s'))", '-1.5s'],
  ["int('abc')", { error: "program instantiation failed: type conversion error from 'string' to 'int'" }],
  [
    "[1, 'a']",
    { error: /^ERROR: <input>:1:5: expected type 'int' but found 'string'\n \| \[1, 'a'\]\n \| \.\.\.\.\^$/ },
  ],
  ["{'a': 1, 'a': 2}", { error: 'Failed with repeated key: a' }],
  ['[1, 2][5]', { error: 'index out of bounds: 5' }],
  ['[1, 2][-1]', { error: 'index out of bounds: -1' }],
  ['{null: 1}', { error: 'unsupported key type' }],
  ['{[1]: 1}', { error: 'unsupported key type' }],
  ["{'a': 1}.b", { error: 'no such key: b' }],
  ["dyn('a') + 1", { error: 'no such overload' }],
  ["dyn(1).startsWith('a')", { error: 'no such overload: startsWith(int, string)' }],
  ['optional.none().value()', { error: 'optional.none() dereference' }],
  ['[optional.of(1), optional.none()].unwrapOpt()', [1]],
  ['[1, 2].first().orValue(0) + [1, 2].last().value()', 3],
  ['[?optional.none(), ?optional.of(2)]', [2]],
  ["{?'a': optional.none(), ?'b': optional.of(2)}", { b: 2 }],
  ['cel.bind(a, 1, a)', { error: /undeclared reference to 'cel'/ }],
  ['1/0 == 1 || true', true],
  ['true || 1/0 == 1', true],
  ['false && 1/0 == 1', false],
  ['1/0 == 1 || false', { error: 'division by zero' }],
  ['[0, 1].exists(x, 1/x == 1)', true],
  ['[0, 2].all(x, 1/x == 1)', false],
  ['[0, 1].exists_one(x, 1/x == 1)', { error: 'division by zero' }],
  [
    '[1, 2, 3].map(x, [10, 20].map(y, x * y))',
    [
      [10, 20],
      [20, 40],
      [30, 60],
    ],
  ],
  ['[[1, 2], [3]].map(x, x.filter(y, y > 1))', [[2], [3]]],
]);

const variables = { object: dynType, text: stringType, ratio: doubleType, flags: mapType(stringType, boolType) };
const object = JSON.parse(
  '{"spec":{"replicas":3,"paused":null,"items":[{"name":"a"},{"name":"b","weight":1.5}]},"constructor":"own","__proto__":{"x":1}}',
) as unknown;

evaluates(
  [
    ['object.spec.replicas + 1', 4],
    ['object.spec.paused == null', true],
    ['has(object.spec.paused)', true],
    ['has(object.spec.missing)', false],
    ['has(object.missing.more)', { error: 'no such key: missing' }],
    ['object.spec.items.filter(i, has(i.weight)).map(i, i.name)', ['b']],
    ['object.spec.items[1].weight * 2.0', 3],
    ["object['spec']['replicas']", 3],
    ["'replicas' in object.spec", true],
    ['object.constructor', 'own'],
    ['has(object.toString)', false],
    ['object.spec.toString', { error: 'no such key: toString' }],
    ["'hasOwnProperty' in object.spec", false],
    ['object.__proto__.x', 1],
    ['object.spec.?missing.?more.orValue(7)', 7],
    ['object.spec.items[?5].hasValue()', false],
    ['object.spec.replicas.foo', { error: 'no such key: foo' }],
    ['object.spec.paused.foo', { error: 'no such key: foo' }],
    ['object.spec.paused["foo"]', { error: 'no such key: foo' }],
    ['has(object.spec.paused.foo)', false],
    ['has(object.spec.replicas.foo)', false],
    ['object.spec.paused.?foo.hasValue()', { error: 'no such key: foo' }],
    ['object.spec.items.foo', { error: "unsupported index type 'string' in list" }],
    ['size(object.spec) == 3 && type(object.spec) == map', true],
    ['ratio / 2.0', 1.5],
    ['text', { error: 'no such attribute(s): text' }],
  ],
  { object, ratio: 3 },
  { variables },
);

test('values that JSON does not have may be bound, and come back as JSON', () => {
  const bindings = {
    at: new Timestamp(0n),
    wait: new Duration(1_500_000_000n),
    many: new Uint(2n ** 63n),
    big: 2n ** 60n,
  };
  const options = {
    variables: { at: timestampType, wait: { kind: 'duration' }, many: { kind: 'uint' }, big: intType },
  } as const;
  assert.deepEqual(
    outcome('[dyn(at + wait), many, big, b"a", type(1)]', bindings, { ...options, allowMixedLiterals: true }),
    {
      value: ['1970-01-01T00:00:01.5Z', '9223372036854775808', '1152921504606846976', 'YQ==', 'int'],
    },
  );
});

test('fields may be made when they are asked for', () => {
  const asked: string[] = [];
  class Lazy extends CelFields {
    override get(field: string): number | undefined {
      asked.push(field);
      return field === 'a' ? 1 : undefined;
    }
  }
  const evaluate = (expression: string): unknown =>
    outcome(expression, { variables: new Lazy() }, { variables: { variables: dynType } });
  assert.deepEqual(evaluate('variables.a + variables.a'), { value: 2 });
  assert.deepEqual(evaluate('variables.b'), { error: 'no such key: b' });
  assert.deepEqual(evaluate('true || variables.c'), { value: true });
  assert.deepEqual(asked, ['a', 'a', 'b']);
});

test('a map may be made when it is asked for', () => {
  class Attributes extends CelFields {
    override get(domain: string): Record<string, unknown> & Record<string, string> {
      return domain === 'dra.example.com' ? { model: 'x' } : {};
    }
    override keys(): string[] {
      return ['dra.example.com'];
    }
  }
  const options = { variables: { device: dynType }, hasBind: true };
  const evaluate = (expression: string): unknown =>
    outcome(expression, { device: { attributes: new Attributes() } }, options);
  assert.deepEqual(
    evaluate("cel.bind(dra, device.attributes['dra.example.com'], dra.model == 'x' && !has(dra.other))"),
    { value: true },
  );
  assert.deepEqual(evaluate("'model' in device.attributes['other']"), { value: false });
  assert.deepEqual(evaluate("device.attributes.all(d, d == 'dra.example.com') && size(device.attributes) == 1"), {
    value: true,
  });
});

test('cel.bind gives a value a name', () => {
  const options = { variables: {}, hasBind: true };
  assert.deepEqual(outcome('cel.bind(a, 2, cel.bind(b, a * a, a + b))', {}, options), { value: 6 });
  assert.deepEqual(outcome('cel.bind(a, 1/0, a == 1)', {}, options), { error: 'division by zero' });
  assert.deepEqual(outcome('cel.bind(a, 1/0, true)', {}, options), { value: true });
  assert.deepEqual(outcome('[1, 2].map(x, cel.bind(a, x * 2, a + a))', {}, options), { value: [4, 8] });
  assert.match(JSON.stringify(outcome('cel.bind(a.b, 1, a)', {}, options)), /must be simple identifiers/);
});

test('what does not fit the type of a variable is an error where it is used', () => {
  const options = { variables: { at: timestampType, list: listType(intType) } };
  assert.deepEqual(outcome('at.getFullYear()', { at: '0000-01-01T00:00:00Z' }, options), {
    error: 'timestamp overflow',
  });
  assert.deepEqual(outcome('at.getFullYear()', { at: 'soon' }, options), {
    error: 'no such overload: getFullYear(string)',
  });
  assert.deepEqual(outcome('list.all(x, x > 0)', { list: 7 }, options), { error: 'no such overload' });
});

test('a program names the variables that it refers to', () => {
  const compiled = compile('object.a == 1 && [1].all(text, text == 1)', { variables });
  assert.ok(compiled.ok);
  assert.deepEqual(compiled.program.referencedVariables, ['object']);
});

test('a qualified variable is one variable', () => {
  const options = { variables: { 'a.b': intType, a: mapType(stringType, intType) } };
  assert.deepEqual(outcome('a.b + a.c', { 'a.b': 1, a: { b: 10, c: 2 } }, options), { value: 3 });
});

test('chains of optMap are compiled in no time, and are too costly when they are long', () => {
  const chain = (count: number): string => `optional.of(1)${'.optMap(x, x + 1)'.repeat(count)}.value()`;
  assert.deepEqual(outcome(chain(10)), { value: 11 });
  const compiled = compile(chain(60), { variables: {} });
  assert.ok(compiled.ok);
  assert.ok(compiled.program.estimatedCost.max > 2 ** 60);
  const result = compiled.program.evaluate({});
  assert.ok(!result.ok && result.isCostLimitExceeded);
});

test('a variable hides a type of its name', () => {
  assert.deepEqual(outcome('int + 1', { int: 1 }, { variables: { int: intType } }), { value: 2 });
  assert.deepEqual(outcome('[1].map(string, string + 1)', {}, { variables: {} }), { value: [2] });
});

test('results are checked against the types that are wanted', () => {
  const wrong = compile('1', { variables, resultTypes: [boolType] });
  assert.ok(!wrong.ok);
  assert.deepEqual(wrong.error, { kind: 'result', message: 'must evaluate to bool' });
  const several = compile('1', { variables, resultTypes: [boolType, listType(stringType)] });
  assert.ok(!several.ok);
  assert.equal(several.error.message, 'must evaluate to one of [bool list(string)]');
  assert.ok(compile('object.a', { variables, resultTypes: [boolType] }).ok);
});

test('all mistakes are shown, in their order', () => {
  const compiled = compile('missing +\n\tother.startsWith(1)', { variables: {} });
  assert.ok(!compiled.ok);
  assert.equal(compiled.error.kind, 'type');
  assert.equal(
    compiled.error.message,
    [
      "ERROR: <input>:1:1: undeclared reference to 'missing' (in container '')",
      ' | missing +',
      ' | ^',
      "ERROR: <input>:2:2: undeclared reference to 'other' (in container '')",
      ' |  other.startsWith(1)',
      ' | .^',
      "ERROR: <input>:2:18: found no matching overload for 'startsWith' applied to '!error!.(int)'",
      ' |  other.startsWith(1)',
      ' | .................^',
    ].join('\n'),
  );
});

test('a program may be evaluated within its own evaluation', () => {
  const inner = compile('[1, 2].map(x, x * n)', { variables: { n: intType } });
  assert.ok(inner.ok);
  class Lazy extends CelFields {
    override get(field: string): number[] | undefined {
      const result = inner.ok ? inner.program.evaluate({ n: Number(field.slice(1)) }) : undefined;
      return result?.ok === true ? (toJSON(result.value) as number[]) : undefined;
    }
  }
  const found = outcome('[1, 2].map(x, v.n3.map(y, x + y))', { v: new Lazy() }, { variables: { v: dynType } });
  assert.deepEqual(found, {
    value: [
      [4, 7],
      [5, 8],
    ],
  });
});
