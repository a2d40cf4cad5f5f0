// The CEL specification's own tests, and those of cel-go's parser and checker, with cel-go's errors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tests as checking } from '@bufbuild/cel-spec/testdata/checking.js';
import { tests as comprehensions } from '@bufbuild/cel-spec/testdata/comprehension.js';
import { tests as conformance } from '@bufbuild/cel-spec/testdata/conformance.js';
import { tests as parsing } from '@bufbuild/cel-spec/testdata/parsing.js';
import { compile } from './compile.ts';
import type { SpecCase, SpecSuite } from './test-spec.ts';
import {
  bindingsOf,
  exclusionOf,
  hasOtherEnvironment,
  parseExclusionOf,
  variablesOf,
  wantedValue,
} from './test-spec.ts';
import { formatType } from './types.ts';
import { equals } from './equality.ts';
import { asDouble } from './values.ts';
import { formatIssues } from './issues.ts';
import { parse } from './parser.ts';

interface Located {
  readonly path: string;
  readonly spec: SpecCase;
}

function* casesOf(suite: SpecSuite, path: string): IterableIterator<Located> {
  for (const inner of suite.suites ?? []) yield* casesOf(inner, `${path}/${inner.name}`);
  for (const spec of suite.tests ?? []) yield { path, spec };
}

function run({ spec }: Located): string | undefined {
  const { original } = spec;
  const compiled = compile(original.expr, {
    variables: variablesOf(original),
    container: original.container ?? '',
    allowMixedLiterals: true,
    hasBind: true,
  });
  const wantsError = original.evalError !== undefined;
  if (!compiled.ok) return wantsError || spec.error !== undefined ? undefined : compiled.error.message;
  const type = formatType(compiled.program.resultType);
  if (spec.type !== undefined && spec.type !== type) return `type ${type}, not ${spec.type}`;
  if (original.checkOnly === true) return undefined;
  const result = compiled.program.evaluate(bindingsOf(original));
  if (wantsError) return result.ok ? `evaluated to ${String(result.value)} instead of failing` : undefined;
  if (!result.ok) return `failed: ${result.message}`;
  const wanted = wantedValue(original);
  if (Number.isNaN(asDouble(wanted)) && Number.isNaN(asDouble(result.value))) return undefined;
  return equals(result.value, wanted) ? undefined : `evaluated to ${String(result.value)}`;
}

test('the specification holds', () => {
  const problems: string[] = [];
  let passed = 0;
  for (const located of casesOf(conformance as SpecSuite, '')) {
    if (exclusionOf(located.path, located.spec) !== undefined) continue;
    const problem = run(located);
    if (problem === undefined) passed++;
    else problems.push(`${located.path}: ${located.spec.original.expr}\n    ${problem}`);
  }
  assert.deepEqual(problems, []);
  assert.ok(passed > 1000, `only ${passed} tests apply`);
});

test('errors of the parser read as those of cel-go', () => {
  let compared = 0;
  for (const { spec } of casesOf(parsing as SpecSuite, '')) {
    const { original, error } = spec;
    const parsed = parse(original.expr);
    // The parser's own errors have no name of a source there; all others come from the checker.
    if (error?.startsWith('ERROR: :') !== true) {
      assert.ok(parsed.ok, original.expr);
      continue;
    }
    if (parseExclusionOf(original.expr, error) !== undefined) continue;
    assert.ok(!parsed.ok, original.expr);
    const shown = formatIssues(parsed.source, parsed.issues).replaceAll('<input>', '');
    assert.equal(shown, error, original.expr);
    compared++;
  }
  assert.ok(compared >= 60, `only ${compared} errors were compared`);
});

test('errors of the checker read as those of cel-go', () => {
  let compared = 0;
  for (const suite of [parsing, checking, conformance]) {
    for (const located of casesOf(suite as SpecSuite, '')) {
      const { original, error } = located.spec;
      if (error?.startsWith('ERROR: <input>') !== true) continue;
      if (suite !== parsing && exclusionOf(located.path, located.spec) !== undefined) continue;
      const compiled = compile(original.expr, {
        variables: variablesOf(original),
        container: original.container ?? '',
        allowMixedLiterals: true,
      });
      // Kubernetes compares numbers of different types, has more macros and functions, and no protobuf.
      if (compiled.ok || hasOtherEnvironment(original.expr)) continue;
      assert.equal(compiled.error.message, error);
      compared++;
    }
  }
  assert.ok(compared > 70, `only ${compared} errors were compared`);
});

test("cel-go's comprehensions with two variables hold", () => {
  let held = 0;
  for (const { spec } of casesOf(comprehensions as SpecSuite, '')) {
    const { expr } = spec.original;
    const compiled = compile(expr, { variables: {}, allowMixedLiterals: true, hasBind: true });
    if (!compiled.ok || compiled.program.resultType.kind !== 'bool') continue;
    const result = compiled.program.evaluate({});
    assert.ok(result.ok && result.value === true, expr);
    held++;
  }
  assert.ok(held > 30, `only ${held} apply`);
});

const wrongComprehensions: readonly (readonly [expression: string, error: RegExp])[] = [
  ['[].all(i, i, i < i)', /:11: duplicate variable name: i/],
  ['[].all(__result__, i, __result__ < i)', /:8: iteration variable overwrites accumulator variable/],
  ['[].exists(j, i.k, j < i.k)', /:15: argument must be a simple name/],
  ['1.all(j, k, j < k)', /expression of type 'int' cannot be range of a comprehension/],
  ["{}.transformMapEntry(j, k, 'bad filter', {k: j})", /found no matching overload for '_\?_:_' applied to/],
];

for (const [expression, error] of wrongComprehensions) {
  test(`${expression} is refused`, () => {
    const compiled = compile(expression, { variables: {} });
    assert.ok(!compiled.ok);
    assert.match(compiled.error.message, error);
  });
}
