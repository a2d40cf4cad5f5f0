import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIssues } from './issues.ts';
import { parse } from './parser.ts';

const operands =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const argumentsOf =
  "{'[', '{', '(', ')', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** What people get wrong, with the messages of an ANTLR parser for the grammar. */
const rows: readonly (readonly [expression: string, ...errors: string[]])[] = [
  ['self.a ==', `1:10: Syntax error: mismatched input '<EOF>' expecting ${operands}`],
  ['', `1:1: Syntax error: mismatched input '<EOF>' expecting ${operands}`],
  ['(self.a', "1:8: Syntax error: missing ')' at '<EOF>'"],
  ['(self.a || b', "1:13: Syntax error: missing ')' at '<EOF>'"],
  ['size(self.a', "1:12: Syntax error: missing ')' at '<EOF>'"],
  ['size(', `1:6: Syntax error: mismatched input '<EOF>' expecting ${argumentsOf}`],
  ['f(a b)', "1:5: Syntax error: extraneous input 'b' expecting ')'"],
  ['a[1', "1:4: Syntax error: missing ']' at '<EOF>'"],
  ['[1, 2', "1:6: Syntax error: mismatched input '<EOF>' expecting {']', ','}"],
  ['[1 2]', "1:4: Syntax error: extraneous input '2' expecting {']', ','}"],
  ['{1: 2', "1:6: Syntax error: mismatched input '<EOF>' expecting {'}', ','}"],
  ['{1 2}', "1:4: Syntax error: missing ':' at '2'"],
  ['T{a: 1', "1:7: Syntax error: mismatched input '<EOF>' expecting {'}', ','}"],
  ['a ? b', "1:6: Syntax error: mismatched input '<EOF>' expecting ':'"],
  ['a b', "1:3: Syntax error: extraneous input 'b' expecting <EOF>"],
  ['a and b', "1:3: Syntax error: mismatched input 'and' expecting <EOF>"],
  [
    'a = 1',
    "1:3: Syntax error: token recognition error at: '= '",
    "1:5: Syntax error: extraneous input '1' expecting <EOF>",
  ],
  ['a.', "1:3: Syntax error: no viable alternative at input '.'"],
  ['a.b)', "1:4: Syntax error: extraneous input ')' expecting <EOF>"],
  [
    'a => 1',
    "1:3: Syntax error: token recognition error at: '=>'",
    "1:6: Syntax error: extraneous input '1' expecting <EOF>",
  ],
  [
    "'a",
    "1:1: Syntax error: token recognition error at: ''a'",
    `1:3: Syntax error: mismatched input '<EOF>' expecting ${operands}`,
  ],
];

for (const [expression, ...errors] of rows) {
  test(`${JSON.stringify(expression)} is refused`, () => {
    const parsed = parse(expression);
    assert.ok(!parsed.ok);
    const shown = formatIssues(parsed.source, parsed.issues);
    const messages = shown.split('\n').filter((line) => line.startsWith('ERROR: '));
    assert.deepEqual(
      messages,
      errors.map((error) => `ERROR: <input>:${error}`),
    );
  });
}

test('a comma may stand behind the last item, and alone in brackets', () => {
  for (const expression of ['[1,]', '[,]', '{1: 2,}', '{,}', 'T{a: 1,}', 'T{,}', '[]', '{}', 'T{}']) {
    assert.ok(parse(expression).ok, expression);
  }
  assert.ok(!parse('f(a,)').ok);
});

test('a very long line is not shown again with each mistake', () => {
  const parsed = parse(`'${'x'.repeat(20_000)}' 1`);
  assert.ok(!parsed.ok);
  const shown = formatIssues(parsed.source, parsed.issues);
  assert.equal(shown, "ERROR: <input>:1:20004: Syntax error: extraneous input '1' expecting <EOF>");
});

test('no more than a hundred mistakes are shown', () => {
  const parsed = parse('@'.repeat(150));
  assert.ok(!parsed.ok);
  const shown = formatIssues(parsed.source, parsed.issues).split('\n');
  assert.equal(shown.filter((line) => line.startsWith('ERROR')).length, 100);
  assert.equal(shown.at(-1), '51 more errors were truncated');
});

test('blanks and comments do not matter', () => {
  assert.ok(parse(' a // comment\n\t + // more\r\n b ').ok);
});
