import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Node } from './ast.ts';
import { compile } from './compile.ts';
import { formatIssues } from './issues.ts';
import { parse } from './parser.ts';
import { print } from './print.ts';
import { toJSON } from './to-json.ts';
import { dynType, intType, listType, mapType, stringType } from './types.ts';
import { CelFailure } from './failure.ts';

/** Pieces of expressions, for input that is nearly right. */
const pieces = fc.array(
  fc.constantFrom(
    ...'a b self . ?. [ [? ] ( ) { } , : ? + - * / % < <= == != in && || ! 1 2u 3.5 0x1F "s" \'t\' b"x" r"\\d" true null'.split(
      ' ',
    ),
    ...'.all(x, .map(x, .exists(k, v, has( size( string( .optMap(y, optional.of( 9223372036854775807 `q` @ \\ """ // as'.split(
      ' ',
    ),
  ),
  { maxLength: 30 },
);

test('no text makes the parser fail or hang', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    pieces.map((all) => all.join('')),
    pieces.map((all) => all.join(' ')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = parse(text);
      if (parsed.ok) return;
      assert.ok(parsed.issues.length > 0);
      assert.match(formatIssues(parsed.source, parsed.issues), /^ERROR: <input>:/);
    }),
    { numRuns: 3000 },
  );
});

test('deep and long expressions are refused, not overflowed by', () => {
  for (const text of [
    '('.repeat(90_000),
    '['.repeat(90_000),
    '-!'.repeat(45_000),
    `${'a.'.repeat(40_000)}b`,
    `1${'+1'.repeat(40_000)}`,
    'a?'.repeat(40_000),
    'x'.repeat(100_001),
  ]) {
    assert.ok(!parse(text).ok, text.slice(0, 10));
  }
  assert.ok(parse(`true${' && true'.repeat(5000)}`).ok);
});

const identifiers = fc.constantFrom('a', 'b', 'self', 'x1', '_y');

const { expression } = fc.letrec<{ expression: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    identifiers,
    fc.integer().map(String),
    fc.nat().map((value) => `${value}u`),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value) =>
        Number.isInteger(value) ? `${value}.0`.replace('e+', 'E').replace(/(E\d+)\.0/, '$1') : String(value),
      ),
    fc.string().map((value) => JSON.stringify(value)),
    fc.constantFrom('true', 'false', 'null', "b'\\x00a'", '[]', '{}'),
  ),
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    tie('atom'),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('+', '-', '*', '/', '%', '<', '>=', '==', '!=', 'in', '&&', '||'),
        tie('expression'),
      )
      .map(([a, operator, b]) => `(${a}) ${operator} (${b})`),
    fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`),
    tie('expression').map((a) => `!(${a})`),
    tie('expression').map((a) => `-(${a})`),
    tie('expression').map((a) => `(${a}).field`),
    tie('expression').map((a) => `has((${a}).field)`),
    tie('expression').map((a) => `(${a}).?field`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a})[${b}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a})[?${b}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `[${a}, ?${b}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `{${a}: ${b}}`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `T.U{f: ${a}, g: ${b}}`),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('all', 'exists', 'exists_one', 'map', 'filter', 'optMap', 'optFlatMap'),
        tie('expression'),
      )
      .map(([a, macro, b]) => `(${a}).${macro}(i, ${b})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('all', 'transformMap', 'transformList'), tie('expression'))
      .map(([a, macro, b]) => `(${a}).${macro}(i, j, ${b})`),
    fc.tuple(fc.constantFrom('size', 'string', 'f.g'), tie('expression')).map(([name, a]) => `${name}(${a})`),
  ),
}));

/** What a tree says, without where it says it. */
function shape(node: Node): unknown {
  return JSON.parse(
    JSON.stringify(node, (key, value: unknown) => {
      if (key === 'id' || key === 'position' || key === 'depth') return undefined;
      return typeof value === 'bigint' ? `${value}n` : value instanceof Set ? [...value] : value;
    }),
  );
}

test('what is printed reads as what was read', () => {
  fc.assert(
    fc.property(expression, (text) => {
      const parsed = parse(text);
      assert.ok(parsed.ok, text);
      const printed = print(parsed.tree);
      const again = parse(printed);
      assert.ok(again.ok, `${text} became ${printed}`);
      assert.deepEqual(shape(again.tree), shape(parsed.tree), `${text} became ${printed}`);
    }),
    { numRuns: 1000 },
  );
});

test('whatever compiles evaluates to a value or an error, within its limit', () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  let evaluated = 0;
  fc.assert(
    fc.property(expression, json, json, (text, a, b) => {
      const compiled = compile(text, {
        variables: { a: dynType, b: dynType, self: mapType(stringType, dynType), x1: intType, _y: listType(dynType) },
        allowMixedLiterals: true,
      });
      if (!compiled.ok) return;
      const limit = 5000;
      const result = compiled.program.evaluate(
        { a, b, self: { field: a }, x1: 7, _y: [a, b, 1] },
        { costLimit: limit },
      );
      evaluated++;
      if (!result.ok) assert.ok(result.message.length > 0);
      else {
        assert.ok(result.cost <= limit);
        const { min, max } = compiled.program.estimatedCost;
        assert.ok(min <= max);
        try {
          toJSON(result.value);
        } catch (error) {
          assert.ok(error instanceof CelFailure);
        }
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(evaluated > 100, `only ${evaluated} were evaluated`);
});
