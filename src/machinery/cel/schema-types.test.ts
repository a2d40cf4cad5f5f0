import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from './compile.ts';
import type { CelProgram } from './contract.ts';
import type { CelSchema } from './schema-types.ts';
import { maxCardinality, schemaTypes } from './schema-types.ts';

function compiled(rule: string, schema: CelSchema, isResource = false): CelProgram {
  const root = { schema, typeName: 'selfType', isResource };
  const { roots, provider, estimateSize } = schemaTypes({ self: root, oldSelf: root });
  const self = roots.get('self');
  assert.ok(self !== undefined);
  const result = compile(rule, { variables: { self: self.type, oldSelf: self.type }, types: provider, estimateSize });
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  return result.program;
}

type Maker = (max: number | undefined) => CelSchema;

/** A schema with or without a limit. */
function limited(
  base: CelSchema,
  name: 'maxItems' | 'maxLength' | 'maxProperties',
  max: number | undefined,
): CelSchema {
  return max === undefined ? base : { ...base, [name]: max };
}

const formats = new Set(['duration', 'date', 'date-time', 'byte']);

function simple(type: string): CelSchema {
  if (type === 'int-or-string') return { 'x-kubernetes-int-or-string': true };
  return formats.has(type) ? { type: 'string', format: type } : { type };
}

const array =
  (items: string | CelSchema): Maker =>
  (max) =>
    limited({ type: 'array', items: typeof items === 'string' ? simple(items) : items }, 'maxItems', max);
const map =
  (values: string | CelSchema): Maker =>
  (max) =>
    limited(
      { type: 'object', additionalProperties: typeof values === 'string' ? simple(values) : values },
      'maxProperties',
      max,
    );
const text =
  (type = 'string'): Maker =>
  (max) =>
    limited(simple(type), 'maxLength', max);

const objectItem: CelSchema = {
  type: 'object',
  properties: { required: { type: 'string' }, optional: { type: 'string' } },
  required: ['required'],
};

/** Costs as upstream has them for rules on schemas: without a limit, and with one. */
const estimates: readonly (readonly [rule: string, schema: Maker, cost: number, max: number, limitedCost: number])[] = [
  ['self.all(x, true)', array('number'), 4_718_591, 10, 32],
  ['self.all(x, true)', array('string'), 3_145_727, 20, 62],
  ['self.all(x, true)', array('boolean'), 1_887_437, 5, 17],
  ['self.all(x, true)', array(array('number')(undefined)), 3_145_727, 100, 302],
  ['self.all(x, true)', array(objectItem), 555_128, 50, 152],
  ['self.all(x, true)', map('number'), 1_348_169, 10, 32],
  ['self.all(x, true)', map('string'), 1_179_647, 3, 11],
  ['self.all(x, true)', map('boolean'), 943_718, 100, 302],
  ["self.contains('test')", text(), 314_574, 10, 5],
  ["self.startsWith('test')", text(), 2, 15, 2],
  ['size(self + "hello") > size("hello")', text(), 314_578, 4, 7],
  ['self[1] == 0.0', array('number'), 2, 5000, 2],
  ['self[1] == self[1]', array('string'), 314_577, 8, 314_577],
  ['self.all(x, self.all(y, true))', array('number'), Number.NaN, 10, 352],
  ['self.all(x, self.all(y, self.all(z, true)))', array('number'), Number.NaN, 10, 3552],
  ['self.matches("x")', text(), 314_574, 50, 22],
  ['"".matches("(((((((((())))))))))[0-9]")', text(), 7, 10, 7],
  ['self.matches("")', text(), 1, 100, 1],
  ['self == "x"', text(), 2, 0, 1],
  ['self == b"x"', text('byte'), 2, 0, 1],
  ['self.all(x, x == 0.0)', array('number'), 6_291_454, 3 * 1024 * 2048, 25_165_826],
  ['self.all(x, true)', array('int-or-string'), 4_718_591, 10, 32],
  ['self[0] == 5', array('int-or-string'), 3, 10, 3],
  ['self[0] == false', array('boolean'), 2, 25, 2],
  ['self[0] == null', array(objectItem), 2, 422, 2],
  ['self[0][0] == -1.0', array(array('number')(undefined)), 3, 51, 3],
  ['self.all(x, x.y == 25.2)', array(map('number')(undefined)), 6_291_452, 12, 74],
  ['self[0].x > 2.0', array(map('number')(undefined)), 4, 3000, 4],
  ['self.all(x, true)', array('duration'), 2_359_295, 5, 17],
  ['self[0].getHours() == 2', array('duration'), 4, 525, 4],
  ['self.all(x, true)', array('date'), 725_936, 15, 47],
  ['self[2].getDayOfMonth() == 13', array('date'), 4, 42, 4],
  ['self.all(x, true)', array('date-time'), 428_963, 25, 77],
  ['self.all(x, true)', map('int-or-string'), 1_348_169, 15, 47],
  ['self.all(x, true)', map(objectItem), 428_963, 20, 62],
  ['self.all(x, true)', map(map('number')(undefined)), 1_179_647, 10, 32],
  ['self.all(x, true)', map(array('number')(undefined)), 1_179_647, 25, 77],
  ['self.all(x, true)', map('duration'), 1_048_577, 5, 17],
];

for (const [rule, schema, cost, max, limitedCost] of estimates) {
  test(`the most that ${rule} costs for ${JSON.stringify(schema(undefined)).slice(0, 80)}`, () => {
    const unlimited = compiled(rule, schema(undefined)).estimatedCost.max;
    if (Number.isNaN(cost)) assert.ok(unlimited > 10_000_000);
    else assert.equal(unlimited, cost);
    assert.equal(compiled(rule, schema(max)).estimatedCost.max, limitedCost);
  });
}

const schema: CelSchema = {
  type: 'object',
  properties: {
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    ports: {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' }, port: { type: 'integer' } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    },
    list: { type: 'array', items: { type: 'integer' } },
    ratio: { type: 'number' },
    ratios: { type: 'array', items: { type: 'number' } },
    when: { type: 'string', format: 'date-time' },
    day: { type: 'string', format: 'date' },
    timeout: { type: 'string', format: 'duration' },
    data: { type: 'string', format: 'byte' },
    port: { 'x-kubernetes-int-or-string': true },
    maybe: { type: 'string' },
    'a-b': { type: 'string' },
    namespace: { type: 'string' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    nested: {
      type: 'object',
      properties: {
        'x-ratio': { type: 'number' },
        'x-none': { type: 'number' },
        set: { type: 'array', items: { type: 'integer' }, 'x-kubernetes-list-type': 'set' },
      },
    },
  },
};
const self = {
  set: ['a', 'b'],
  ports: [
    { name: 'http', port: 80 },
    { name: 'https', port: 443 },
  ],
  list: [1, 2],
  ratio: 3,
  ratios: [1, 2.5],
  when: '2021-06-01T10:00:00Z',
  day: '2021-06-01',
  timeout: '90s',
  data: 'aGVsbG8=',
  port: '50%',
  maybe: null,
  'a-b': 'dashed',
  namespace: 'default',
  labels: { app: 'web' },
  nested: { set: [1, 2], 'x-ratio': 2 },
};
const oldSelf = {
  ...self,
  set: ['b', 'a'],
  ports: self.ports.toReversed(),
  list: [2, 1],
  nested: { set: [2, 1], 'x-ratio': 2 },
};

const rules: readonly (readonly [rule: string, holds: boolean])[] = [
  ['self.set == oldSelf.set', true],
  ['self.ports == oldSelf.ports', true],
  ['self.list == oldSelf.list', false],
  ['self.nested == oldSelf.nested', true],
  ['self.nested != oldSelf.nested', false],
  ["self.set + ['c', 'a'] == ['c', 'b', 'a']", true],
  ["self.set + ['c', 'a'] == ['a', 'b']", false],
  ['(self.set + oldSelf.set).size() == 2', true],
  ['self.list + oldSelf.list == [1, 2, 2, 1]', true],
  ['(self.ports + oldSelf.ports).map(p, p.name) == ["http", "https"]', true],
  ['self.ratio / 2.0 == 1.5', true],
  ['self.ratios.sum() == 3.5', true],
  ["self.when - timestamp('2021-06-01T00:00:00Z') == duration('10h')", true],
  ["self.when.getHours('America/New_York') == 6", true],
  ['self.day.getDate() == 1', true],
  ["self.timeout < duration('2m')", true],
  ["self.data == b'hello'", true],
  ["type(self.port) == string && self.port == '50%'", true],
  ['has(self.maybe)', false],
  ["self.?maybe.orValue('none') == 'none'", true],
  ["self.a__dash__b == 'dashed'", true],
  ['self.?nested.x__dash__ratio.orValue(0.0) / 2.0 == 1.0', true],
  ['has(self.?nested.set) && !has(self.?nested.x__dash__none)', true],
  ['self.?nested.?x__dash__ratio.optMap(r, r / 4.0) == optional.of(0.5)', true],
  ["self.__namespace__ == 'default' && self.namespace == 'default'", true],
  ["self.labels.app == 'web' && !('tier' in self.labels) && !has(self.labels.tier)", true],
  ["self.labels.all(k, v, k == 'app' && v == 'web')", true],
];

for (const [rule, holds] of rules) {
  test(rule, () => {
    const result = compiled(rule, schema).evaluate({ self, oldSelf });
    assert.deepEqual(result.ok ? result.value : result.message, holds);
  });
}

test('every resource has its type and the names of its metadata', () => {
  const program = compiled(
    "self.kind == 'Widget' && self.metadata.name == 'w' && self.apiVersion == 'v1'",
    schema,
    true,
  );
  const result = program.evaluate({ self: { apiVersion: 'v1', kind: 'Widget', metadata: { name: 'w' } } });
  assert.ok(result.ok && result.value === true);
});

test('what a schema does not name is an undefined field', () => {
  const { roots, provider } = schemaTypes({ self: { schema, typeName: 'selfType' } });
  const type = roots.get('self')?.type;
  assert.ok(type !== undefined);
  const result = compile('self.nested.other', { variables: { self: type }, types: provider });
  assert.ok(!result.ok);
  assert.equal(
    result.error.message,
    "ERROR: <input>:1:12: undefined field 'other'\n | self.nested.other\n | ...........^",
  );
});

test('a field that is not there is an error when it is read', () => {
  const result = compiled("self.maybe == 'x'", schema).evaluate({ self: {} });
  assert.ok(!result.ok);
  assert.equal(result.message, 'no such key: maybe');
});

test('schemas that say nothing are not seen', () => {
  const { roots } = schemaTypes({ self: { schema: { type: 'array', items: {} }, typeName: 'selfType' } });
  assert.equal(roots.get('self'), undefined);
});

test('a type that is named as a variable would hide it', () => {
  assert.throws(() => schemaTypes({ self: { schema, typeName: 'self' } }), RangeError);
});

test('a schema may contain itself', () => {
  const node: { type: string; properties: Record<string, CelSchema> } = {
    type: 'object',
    properties: { name: { type: 'string' } },
  };
  node.properties['child'] = node;
  assert.equal(compiled("self.name == 'a'", node).evaluate({ self: { name: 'a' } }).ok, true);
});

test('small data can be there more often', () => {
  assert.equal(maxCardinality(2), 1_048_576);
  assert.equal(maxCardinality(12), 241_979);
});
