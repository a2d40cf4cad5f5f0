/** Mistakes that types do not show: literals of durations, timestamps and patterns that are none. */
import type { Node } from './ast.ts';
import type { Issue } from './issues.ts';
import { CelFailure } from './failure.ts';
import { readDuration, readTimestamp } from './moments.ts';
import { compilePattern, isPattern } from './regexes.ts';

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

export function validateLiterals(tree: Node): Issue[] {
  const issues: Issue[] = [];
  const visit = (node: Node): void => {
    if (node.kind === 'call') {
      const isValid = Object.hasOwn(literalChecks, node.name) ? literalChecks[node.name] : undefined;
      const arg = node.args.at(-1);
      if (isValid !== undefined && arg?.kind === 'literal' && typeof arg.value === 'string' && !isValid(arg.value)) {
        issues.push({ position: arg.position, message: `invalid ${node.name} argument` });
      }
    }
    for (const child of children(node)) visit(child);
  };
  visit(tree);
  return issues;
}
