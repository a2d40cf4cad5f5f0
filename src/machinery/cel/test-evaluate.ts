/** For tests: what an expression evaluates to, or what is wrong with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from './compile.ts';
import type { CompileOptions } from './contract.ts';
import { toJSON } from './to-json.ts';

export interface Failure {
  readonly error: string | RegExp;
}

/** The value as JSON; an error in compiling or evaluating as its message. */
export function outcome(
  expression: string,
  bindings: Readonly<Record<string, unknown>> = {},
  options: CompileOptions = { variables: {} },
): { value: unknown } | { error: string } {
  const compiled = compile(expression, options);
  if (!compiled.ok) return { error: compiled.error.message };
  const result = compiled.program.evaluate(bindings);
  return result.ok ? { value: toJSON(result.value) } : { error: result.message };
}

/** One test for each row: an expression and its value, or `{ error }`. */
export function evaluates(
  rows: readonly (readonly [expression: string, expected: unknown])[],
  bindings?: Readonly<Record<string, unknown>>,
  options?: CompileOptions,
): void {
  for (const [expression, expected] of rows) {
    test(expression, () => {
      const found = outcome(expression, bindings, options);
      if (typeof expected !== 'object' || expected === null || !('error' in expected)) {
        assert.deepEqual(found, { value: expected });
        return;
      }
      assert.ok('error' in found, `evaluated to ${JSON.stringify(found)}`);
      if (expected.error instanceof RegExp) assert.match(found.error, expected.error);
      else assert.equal(found.error, expected.error);
    });
  }
}
