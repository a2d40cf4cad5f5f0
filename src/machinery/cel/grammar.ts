/** What the parser knows about tokens: which may stand where, which words are reserved, and what operators mean. */
import { operators } from './ast.ts';
import type { Token } from './lexer.ts';

const literalNames = "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
export const startsOfExpression = `{'[', '{', '(', '.', '-', '!', ${literalNames}`;
export const startsOfElement = `{'[', '{', ']', '(', '.', ',', '-', '!', '?', ${literalNames}`;
export const startsOfEntry = `{'[', '{', '}', '(', '.', ',', '-', '!', '?', ${literalNames}`;
export const startsOfArgument = `{'[', '{', '(', ')', '.', '-', '!', ${literalNames}`;
export const startsOfField = "{'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}";

export const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

export const relations = new Map<string, string>([
  ['<', operators.less],
  ['<=', operators.lessEquals],
  ['>', operators.greater],
  ['>=', operators.greaterEquals],
  ['==', operators.equals],
  ['!=', operators.notEquals],
  ['in', operators.in],
]);
export const sums = new Map<string, string>([
  ['+', operators.add],
  ['-', operators.subtract],
]);
export const products = new Map<string, string>([
  ['*', operators.multiply],
  ['/', operators.divide],
  ['%', operators.modulo],
]);

export function startsPrimary(token: Token): boolean {
  if (token.kind === 'symbol') return ['[', '{', '(', '.', '-', '!', 'true', 'false', 'null'].includes(token.text);
  return token.kind !== 'end' && token.kind !== 'escapedIdentifier';
}

/** Whether the parser can go on here as if an operand had been before it. */
export function followsPrimary(token: Token): boolean {
  if (token.kind !== 'symbol') return false;
  const { text } = token;
  return text === '?' || text === ')' || relations.has(text) || products.has(text) || (sums.has(text) && text !== '-');
}

/** Whether a token may come right after a symbol, whatever is around. */
export function mayFollow(symbol: string, token: Token): boolean {
  if (symbol === ':') return startsPrimary(token);
  if (token.kind === 'end') return true;
  if (token.kind !== 'symbol') return false;
  const { text } = token;
  return ['.', '[', '&&', '||', '?'].includes(text) || relations.has(text) || products.has(text) || sums.has(text);
}
