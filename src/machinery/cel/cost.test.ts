// Costs as cel-go and Kubernetes count them: a change of either is a change of what clusters accept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from './compile.ts';
import { authorizerType, authorizerValue } from './library/authorizer.ts';
import type { CelType } from './types.ts';
import { boolType, bytesType, intType, listType, mapType, objectType, stringType, timestampType } from './types.ts';
import type { CelTypeProvider } from './contract.ts';

const item = objectType('Item');
const types: CelTypeProvider = {
  hasType: (name) => name === 'Item',
  field: (_type, field) =>
    field === 'count' ? { type: intType } : field === 'name' ? { type: stringType } : undefined,
};
const items = listType(item);
const itemMap = mapType(stringType, item);
const nestedMap = mapType(stringType, itemMap);

interface Row {
  readonly expression: string;
  readonly variables?: Readonly<Record<string, CelType>>;
  /** Largest sizes by path. */
  readonly hints?: Readonly<Record<string, number>>;
  readonly estimate: readonly [min: number, max: number];
  readonly bindings?: Readonly<Record<string, unknown>>;
  /** Left out where there is nothing to evaluate with. */
  readonly cost?: number;
}

const text500 = 'a'.repeat(500);

const rows: readonly Row[] = [
  { expression: '"Hello World!"', estimate: [0, 0], cost: 0 },
  { expression: 'input', variables: { input: listType(intType) }, estimate: [1, 1], bindings: { input: [1] }, cost: 1 },
  {
    expression: "input['key']",
    variables: { input: mapType(stringType, stringType) },
    estimate: [2, 2],
    bindings: { input: { key: 'v' } },
    cost: 2,
  },
  {
    expression: 'input[0]',
    variables: { input: listType(stringType) },
    estimate: [2, 2],
    bindings: { input: ['v'] },
    cost: 2,
  },
  {
    expression: 'input.count',
    variables: { input: item },
    estimate: [2, 2],
    bindings: { input: { count: 1 } },
    cost: 2,
  },
  {
    expression: "input['ke' + 'y']",
    variables: { input: mapType(stringType, stringType) },
    estimate: [3, 3],
    bindings: { input: { key: 'v' } },
    cost: 3,
  },
  {
    expression: 'input[3-3]',
    variables: { input: listType(stringType) },
    estimate: [3, 3],
    bindings: { input: ['v'] },
    cost: 3,
  },
  {
    expression: 'has(input.count)',
    variables: { input: item },
    estimate: [1, 1],
    bindings: { input: { count: 1 } },
    cost: 1,
  },
  {
    expression: 'has(input.a.count)',
    variables: { input: itemMap },
    estimate: [2, 2],
    bindings: { input: { a: {} } },
    cost: 2,
  },
  { expression: '[1, 2, 3]', estimate: [10, 10], cost: 0 },
  { expression: '{"a": 1, "b": 2, "c": 3}', estimate: [30, 30], cost: 0 },
  {
    expression: 'input.all(x, true)',
    variables: { input: items },
    hints: { input: 100 },
    estimate: [2, 302],
    bindings: { input: [] },
    cost: 2,
  },
  {
    expression: 'input.all(x, x.all(y, true))',
    variables: { input: listType(items) },
    hints: { input: 50, 'input.@items': 10 },
    estimate: [2, 1752],
    bindings: { input: [] },
    cost: 2,
  },
  { expression: '[1, 2, 3].all(x, true)', estimate: [20, 20], cost: 10 },
  {
    expression: "input.matches('[0-9]')",
    variables: { input: stringType },
    hints: { input: 500 },
    estimate: [3, 103],
    bindings: { input: text500 },
    cost: 103,
  },
  { expression: "'123'.matches('[0-9]')", estimate: [2, 2], cost: 2 },
  { expression: 'true || false', estimate: [0, 0], cost: 0 },
  {
    expression: 'a || b || c || d',
    variables: { a: boolType, b: boolType, c: boolType, d: boolType },
    estimate: [1, 4],
    bindings: { a: false, b: false, c: false, d: false },
    cost: 4,
  },
  { expression: '1 < 2', estimate: [1, 1], cost: 1 },
  { expression: '1 == 2', estimate: [1, 1], cost: 1 },
  { expression: '2 in [1, 2, 3]', estimate: [13, 13], cost: 0 },
  { expression: '1 + 1', estimate: [1, 1], cost: 1 },
  { expression: 'true ? 1 : 2', estimate: [0, 0], cost: 0 },
  { expression: 'size("123")', estimate: [1, 1], cost: 1 },
  { expression: "'12345678901234567890' == '123456789012345678901234567890'", estimate: [1, 2], cost: 2 },
  {
    expression: 'string(input)',
    variables: { input: bytesType },
    hints: { input: 500 },
    estimate: [1, 51],
    bindings: { input: new Uint8Array(500) },
    cost: 51,
  },
  {
    expression: 'bytes(input)',
    variables: { input: stringType },
    hints: { input: 500 },
    estimate: [1, 51],
    bindings: { input: text500 },
    cost: 51,
  },
  { expression: 'string(1)', estimate: [1, 1], cost: 0 },
  {
    expression: 'input.contains(arg1)',
    variables: { input: stringType, arg1: stringType },
    hints: { input: 500, arg1: 500 },
    estimate: [2, 2502],
    bindings: { input: text500, arg1: text500 },
    cost: 2502,
  },
  {
    expression: "input.matches('\\\\d+a\\\\d+b')",
    variables: { input: stringType },
    hints: { input: 500 },
    estimate: [3, 103],
    bindings: { input: text500 },
    cost: 103,
  },
  {
    expression: 'input.startsWith(arg1)',
    variables: { input: stringType, arg1: stringType },
    hints: { arg1: 500 },
    estimate: [2, 52],
    bindings: { input: 'idc', arg1: text500 },
    cost: 3,
  },
  {
    expression: 'input.size()',
    variables: { input: stringType },
    estimate: [2, 2],
    bindings: { input: '500' },
    cost: 2,
  },
  {
    expression: '(x > 2 ? input1 : input2).all(y, true)',
    variables: { x: intType, input1: items, input2: items },
    hints: { input1: 1, input2: 1 },
    estimate: [4, 7],
    bindings: { x: 1, input1: [{}], input2: [{}] },
    cost: 6,
  },
  {
    expression: 'input.all(k, input[k].count > 3)',
    variables: { input: itemMap },
    hints: { input: 10 },
    estimate: [2, 82],
    bindings: { input: { val: { count: 0 } } },
    cost: 9,
  },
  {
    expression: 'input.all(k, input[k].all(x, true))',
    variables: { input: nestedMap },
    hints: { input: 5, 'input.@values': 10 },
    estimate: [2, 187],
    bindings: { input: {} },
    cost: 2,
  },
  {
    expression: 'input.all(k, k.contains(k))',
    variables: { input: nestedMap },
    hints: { input: 5, 'input.@keys': 10 },
    estimate: [2, 32],
    bindings: { input: {} },
    cost: 2,
  },
  {
    expression: 'input.all(k, input[k].all(k, true) && k.contains(k))',
    variables: { input: nestedMap },
    hints: { input: 2, 'input.@values': 2, 'input.@keys': 5 },
    estimate: [2, 34],
    bindings: { input: {} },
    cost: 2,
  },
  {
    expression: '(list1 + list2).all(x, true)',
    variables: { list1: listType(intType), list2: listType(intType) },
    hints: { list1: 10, list2: 10 },
    estimate: [4, 64],
    bindings: { list1: [], list2: [] },
    cost: 4,
  },
  {
    expression: '"abcdefg".contains(str1 + str2)',
    variables: { str1: stringType, str2: stringType },
    hints: { str1: 10, str2: 10 },
    estimate: [2, 6],
    bindings: { str1: 'val1', str2: 'val2222222' },
    cost: 6,
  },
  { expression: '(1 > 2 ? 5 : 3) > 1', estimate: [2, 2], cost: 2 },
  { expression: '(1 > 2 || 2 > 1) == true', estimate: [2, 3], cost: 3 },
  {
    expression: 't.getFullYear()',
    variables: { t: timestampType },
    estimate: [2, 2],
    bindings: { t: '2020-01-01T00:00:00Z' },
    cost: 2,
  },
];

for (const { expression, variables = {}, hints = {}, estimate, bindings, cost } of rows) {
  test(`the cost of ${expression}`, () => {
    const compiled = compile(expression, {
      variables,
      types,
      estimateSize: (path) => {
        const max = hints[path.join('.')];
        return max === undefined ? undefined : { min: 0, max };
      },
    });
    assert.ok(compiled.ok, compiled.ok ? '' : compiled.error.message);
    const { min, max } = compiled.program.estimatedCost;
    assert.deepEqual([min, max], estimate);
    if (cost === undefined) return;
    const result = compiled.program.evaluate(bindings ?? {});
    assert.ok(result.ok);
    assert.equal(result.cost, cost);
  });
}

/** Of Kubernetes' libraries. Lists of constants cost nothing at run time, because they are made once. */
const ofLibraries: readonly (readonly [expression: string, min: number, max: number, cost: number])[] = [
  ['[1, 2, 3, 4, 5].sum()', 15, 15, 5],
  ['[uint(1), uint(2), uint(3), uint(4), uint(5)].sum()', 20, 20, 5],
  ["['012345678901', '012345678901', '012345678901', '012345678901', '012345678901'].max()", 15, 25, 5],
  ["['012345678901', '012345678901', '012345678901', '012345678901', '012345678901'].indexOf('x')", 15, 25, 5],
  ["'01234567890123456789012345678901234567890123456789'.indexOf('123')", 5, 5, 5],
  ["url('https:://kubernetes.io/').getScheme()", 4, 4, 4],
  ["url('https:://kubernetes.io/') == url('https:://kubernetes.io/')", 7, 9, 7],
  ["url('https:://kubernetes.io/') == url('http://x.b')", 5, 5, 5],
  ["ip('192.168.0.1')", 2, 2, 2],
  ["ip('2001:db8:3333:4444:5555:6666:7777:8888')", 4, 4, 4],
  ["ip('192.168.0.1').isGlobalUnicast()", 3, 3, 3],
  ["ip('2001:db8:3333:4444:5555:6666:7777:8888') == ip('192.168.0.1')", 7, 7, 7],
  ["ip.isCanonical('2001:db8:3333:4444:5555:6666:7777:8888')", 8, 8, 8],
  ["cidr('192.168.0.0/16')", 2, 2, 2],
  ["cidr('192.168.0.0/16').ip()", 3, 3, 3],
  ["cidr('192.168.0.0/16') == cidr('2001:db8::/32')", 5, 5, 5],
  ["cidr('192.168.0.0/16').containsCIDR(cidr('192.0.0.0/30'))", 7, 11, 7],
  ["cidr('192.168.0.0/16').containsCIDR('192.0.0.0/30')", 7, 11, 7],
  ["cidr('192.168.0.0/16').containsIP(ip('192.0.0.1'))", 4, 7, 4],
  ["cidr('192.168.0.0/16').containsIP('192.169.0.1')", 5, 8, 5],
  ["cidr('2001:db8::/32').containsIP(ip('2001:db8:3333:4444:5555:6666:7777:8888'))", 7, 10, 7],
  ["'ABCDEFGHIJ abcdefghij'.lowerAscii()", 3, 3, 3],
  ["'ABCDEFGHIJ abcdefghij'.lowerAscii() == 'abcdefghij ABCDEFGHIJ'.lowerAscii()", 7, 9, 9],
  ["strings.quote('ABCDEFGHIJ abcdefghij') == strings.quote('ABCDEFGHIJ abcdefghij')", 7, 11, 9],
  ["'abc 123 def 123'.replace('', 'x')", 3, 3, 3],
  ["'abc 123 def 123'.split(' ', 1)", 3, 3, 3],
  ["'abc 123 def 123'.substring(5, 8)", 2, 2, 2],
  ["['aa', 'bb', 'cc', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join(' ')", 11, 23, 5],
  ["['aa', 'bb', 'cc', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join()", 10, 22, 3],
  ["'abc 123 def 123'.findAll('123', 1)", 2, 2, 2],
  ["jsonpatch.escapeKey('abc/def~ abc/def~')", 2, 2, 2],
  ["authorizer.path('/healthz')", 2, 2, 2],
  ["authorizer.group('apps').resource('deployments').subresource('status').namespace('test').name('backend')", 6, 6, 6],
  [
    "authorizer.group('').resource('pods').fieldSelector('spec.nodeName=example-node-name.fully.qualified.domain.name.example.com')",
    1821,
    1821,
    1821,
  ],
  ["authorizer.path('/healthz').check('get').allowed()", 350_003, 350_003, 350_003],
  ['quantity("12Mi")', 1, 1, 1],
  ['quantity("200M") == quantity("0.2G") && quantity("0.2G") == quantity("200M")', 3, 6, 6],
  [
    'quantity("2M") == quantity("0.002G") && quantity("2000k") == quantity("2M") && quantity("0.002G") == quantity("2000k")',
    3,
    9,
    9,
  ],
  ['quantity("200M").compareTo(quantity("0.2G")) > 0', 4, 4, 4],
  ['quantity("50k").add(20).sub(quantity("100k")).sub(-50000).asInteger() > 0', 7, 7, 7],
  ['format.named("dns1123subdomain")', 1, 1, 1],
  ['format.named("dns1123Subdomain").value().validate("my-name")', 34, 34, 17],
  ['format.named("dns1123Label").value().validate("my-name")', 34, 34, 10],
  ['format.named("dns1123Label").value() == format.named("dns1123Label").value()', 5, 11, 5],
  ['sets.contains([1, 2, 3, 4], [2, 3])', 29, 29, 9],
  ['sets.equivalent([1], [1, 1])', 25, 25, 5],
  ['!sets.intersects([1], [])', 22, 22, 2],
  ['semver("1234.56789012345.67890123456789")', 4, 4, 4],
  ['semver("1.0.0").isLessThan(semver("1.1.0"))', 3, 3, 3],
  ["{'a': 1, 'b': 2}.all(k, v, v > 0)", 37, 41, 11],
  ["{'a': 1, 'b': 2}.exists(k, v, v > 0)", 39, 43, 10],
  ["{'a': 1, 'b': 2}.existsOne(k, v, v > 0)", 38, 40, 10],
  ["{'a': 1, 'b': 2}.transformMap(k, v, v + 1)", 71, 71, 11],
  ["{'a': 1, 'b': 2}.transformMap(k, v, v < 5, v + 1)", 67, 75, 15],
  ["{'a': 1, 'b': 2}.transformMapEntry(k, v, v < 5, {k: v + 1})", 67, 135, 75],
  ['[1, 2].transformList(i, v, v + 1)', 49, 49, 29],
  ['[1, 2].transformList(i, v, v < 5, v + 1)', 27, 53, 33],
];

for (const [expression, min, max, cost] of ofLibraries) {
  test(`the cost of ${expression}`, () => {
    const compiled = compile(expression, {
      variables: { authorizer: authorizerType },
      estimateSize: (_path, type) =>
        type.kind === 'string' || type.kind === 'bytes' ? { min: 0, max: 12 } : undefined,
    });
    assert.ok(compiled.ok, compiled.ok ? '' : compiled.error.message);
    assert.deepEqual(compiled.program.estimatedCost, { min, max });
    const authorizer = authorizerValue({ authorize: () => ({ isAllowed: true, reason: '' }) });
    const result = compiled.program.evaluate({ authorizer });
    assert.ok(result.ok, result.ok ? '' : result.message);
    assert.equal(result.cost, cost);
  });
}

test('an evaluation ends at its limit', () => {
  const compiled = compile('"abcdefg".contains(str1 + str2)', { variables: { str1: stringType, str2: stringType } });
  assert.ok(compiled.ok);
  const bindings = { str1: 'val1', str2: 'val2222222' };
  assert.ok(compiled.program.evaluate(bindings, { costLimit: 6 }).ok);
  const refused = compiled.program.evaluate(bindings, { costLimit: 5 });
  assert.ok(!refused.ok && refused.isCostLimitExceeded);
  assert.equal(refused.message, 'operation cancelled: actual cost limit exceeded');
});

test('no option lifts the limit of a call', () => {
  const list = Array.from({ length: 1000 }, (_, index) => index);
  const compiled = compile('l.all(a, l.all(b, l.all(c, true)))', { variables: { l: listType(intType) } });
  assert.ok(compiled.ok);
  const result = compiled.program.evaluate({ l: list }, { costLimit: Number.MAX_SAFE_INTEGER });
  assert.ok(!result.ok && result.isCostLimitExceeded);
});

test('a limit within || is not an error that the other side makes good', () => {
  const compiled = compile('l.all(a, l.all(b, l.all(c, true))) || true', { variables: { l: listType(intType) } });
  assert.ok(compiled.ok);
  const result = compiled.program.evaluate({ l: Array.from({ length: 1000 }, () => 1) });
  assert.ok(!result.ok && result.isCostLimitExceeded);
});

test('an evaluation ends when nobody waits for it any longer', () => {
  const compiled = compile('l.all(a, l.all(b, true))', { variables: { l: listType(intType) } });
  assert.ok(compiled.ok);
  let asked = 0;
  const result = compiled.program.evaluate(
    { l: Array.from({ length: 300 }, () => 1) },
    { isInterrupted: () => ++asked === 3 },
  );
  assert.ok(!result.ok);
  assert.equal(result.message, 'operation interrupted');
  assert.equal(asked, 3);
});

test('texts that grow past all limits are not made', () => {
  const expression = "s.replace('', s).replace('', s).replace('', s)";
  const compiled = compile(expression, { variables: { s: stringType } });
  assert.ok(compiled.ok);
  const result = compiled.program.evaluate({ s: 'a'.repeat(4000) });
  assert.ok(!result.ok && result.isCostLimitExceeded);
});
