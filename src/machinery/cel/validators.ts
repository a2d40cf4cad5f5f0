/** Mistakes that types do not show: literals of durations, timestamps, patterns and formats that are none. */
import type { CallNode, Node } from './ast.ts';
import type { Issue } from './issues.ts';
import { CelFailure } from './failure.ts';
import { outOfRange, readFormat } from './library/string-format.ts';
import { readDuration, readTimestamp } from './moments.ts';
import { compilePattern, isPattern } from './regexes.ts';
import { dynType, runtimeTypeName } from './types.ts';
import { isDyn } from './unify.ts';

export function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'literal':
    case 'ident':
      return [];
    case 'select':
      return [node.operand];
    case 'call':
      return node.target === undefined ? node.args : [node.target, ...node.args];
    case 'list':
      return node.elements;
    case 'map':
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return node.fields.map(({ value }) => value);
    case 'comprehension':
      return [node.range, node.accuInit, node.condition, node.step, node.result];
  }
}

function isTimestamp(text: string): boolean {
  try {
    return readTimestamp(text) !== undefined;
  } catch (error) {
    if (error instanceof CelFailure) return false;
    throw error;
  }
}

const literalChecks: Readonly<Record<string, (text: string) => boolean>> = {
  duration: (text) => readDuration(text) !== undefined,
  timestamp: isTimestamp,
  matches: (text) => isPattern(compilePattern(text)),
};

/** What each clause of a format takes; `%s` takes all that can be shown. */
const clauseTypes: Readonly<Record<string, readonly [kinds: readonly string[], message: string]>> = {
  d: [['int', 'uint'], 'decimal clause can only be used on integers'],
  f: [['double', 'string'], 'fixed-point clause can only be used on doubles'],
  e: [['double', 'string'], 'scientific clause can only be used on doubles'],
  b: [['int', 'uint', 'bool'], 'only integers and bools can be formatted as binary'],
  x: [['int', 'uint', 'string', 'bytes'], 'only integers, byte buffers, and strings can be formatted as hex'],
  X: [['int', 'uint', 'string', 'bytes'], 'only integers, byte buffers, and strings can be formatted as hex'],
  o: [['int', 'uint'], 'octal clause can only be used on integers'],
};

/** A format and its arguments, when both are written out. */
function formatIssue(node: CallNode): Issue | undefined {
  const [args] = node.args;
  if (node.target?.kind !== 'literal' || typeof node.target.value !== 'string' || args?.kind !== 'list')
    return undefined;
  const parts = readFormat(node.target.value);
  if ('problem' in parts) return { position: node.position, message: parts.problem };
  const wanted = parts.filter((part) => typeof part !== 'string');
  for (const [index, { clause }] of wanted.entries()) {
    const arg = args.elements[index];
    if (arg === undefined) return { position: node.position, message: outOfRange(index) };
    const type = arg.type ?? dynType;
    const known = clauseTypes[clause];
    if (known === undefined || isDyn(type) || known[0].includes(type.kind)) continue;
    return {
      position: arg.position,
      message: `error during formatting: ${known[1]}, was given ${runtimeTypeName(type)}`,
    };
  }
  const [expected, got] = [wanted.length, args.elements.length];
  if (got <= expected) return undefined;
  const message = `too many arguments supplied to string.format (expected ${expected}, got ${got})`;
  return { position: node.position, message };
}

export function validateLiterals(tree: Node): Issue[] {
  const issues: Issue[] = [];
  const visited = new Set<Node>();
  const visit = (node: Node): void => {
    if (visited.has(node)) return;
    visited.add(node);
    if (node.kind === 'call') {
      const isValid = Object.hasOwn(literalChecks, node.name) ? literalChecks[node.name] : undefined;
      const arg = node.args.at(-1);
      if (isValid !== undefined && arg?.kind === 'literal' && typeof arg.value === 'string' && !isValid(arg.value)) {
        issues.push({ position: arg.position, message: `invalid ${node.name} argument` });
      }
      const issue = node.name === 'format' ? formatIssue(node) : undefined;
      if (issue !== undefined) issues.push(issue);
    }
    for (const child of children(node)) visit(child);
  };
  visit(tree);
  return issues;
}
