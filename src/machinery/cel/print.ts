/** Writes a tree as an expression again: with as few parentheses as it needs, macros as they were written. */
import type { CallNode, Node } from './ast.ts';
import { operators } from './ast.ts';
import { unusedVariable } from './macros.ts';
import type { CelValue } from './values.ts';
import { asDouble, Uint } from './values.ts';

/** How tightly operators bind; what binds less tightly than its place needs parentheses. */
const binding = { conditional: 1, or: 2, and: 3, relation: 4, sum: 5, product: 6, unary: 7, member: 8 } as const;

const binaries: Readonly<Record<string, readonly [symbol: string, level: number]>> = {
  [operators.or]: ['||', binding.or],
  [operators.and]: ['&&', binding.and],
  [operators.less]: ['<', binding.relation],
  [operators.lessEquals]: ['<=', binding.relation],
  [operators.greater]: ['>', binding.relation],
  [operators.greaterEquals]: ['>=', binding.relation],
  [operators.equals]: ['==', binding.relation],
  [operators.notEquals]: ['!=', binding.relation],
  [operators.in]: ['in', binding.relation],
  [operators.add]: ['+', binding.sum],
  [operators.subtract]: ['-', binding.sum],
  [operators.multiply]: ['*', binding.product],
  [operators.divide]: ['/', binding.product],
  [operators.modulo]: ['%', binding.product],
};

function printString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll('\u007f', '\\u007f');
}

function printLiteral(value: CelValue): string {
  if (typeof value === 'string') return printString(value);
  if (value instanceof Uint8Array) {
    return `b"${Array.from(value, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
  }
  if (value instanceof Uint) return `${value.value}u`;
  const double = asDouble(value);
  if (double === undefined) return String(value as string | number | bigint | boolean | null);
  const text = Object.is(double, -0) ? '-0' : String(double);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function isNegative(node: Node): boolean {
  return node.kind === 'literal' && printLiteral(node.value).startsWith('-');
}

function levelOf(node: Node): number {
  if (node.kind === 'literal') return isNegative(node) ? binding.unary : binding.member;
  if (node.kind !== 'call') return binding.member;
  if (node.name === operators.conditional) return isOptionalMacro(node) ? binding.member : binding.conditional;
  if (node.name === operators.not || node.name === operators.negate) return binding.unary;
  return binaries[node.name]?.[1] ?? binding.member;
}

/** `optMap` becomes a conditional around a comprehension that knows what it was made from. */
function optionalMacro(node: CallNode): CallNode | undefined {
  if (node.name !== operators.conditional) return undefined;
  const value = node.args[1];
  const inner = value?.kind === 'call' && value.name === 'optional.of' ? value.args[0] : value;
  return inner?.kind === 'comprehension' && inner.iterVar === unusedVariable && inner.macro.name !== 'bind'
    ? inner.macro
    : undefined;
}

function isOptionalMacro(node: CallNode): boolean {
  return optionalMacro(node) !== undefined;
}

function at(level: number, node: Node): string {
  const text = print(node);
  return levelOf(node) < level ? `(${text})` : text;
}

function list(nodes: readonly Node[]): string {
  return nodes.map(print).join(', ');
}

/** A minus right before a number would belong to the number. */
function negated(operand: string): string {
  return /^[\d.]/.test(operand) ? `-(${operand})` : `-${operand}`;
}

function printCall(node: CallNode): string {
  const macro = optionalMacro(node);
  if (macro !== undefined) return print(macro);
  const [first, second, third] = node.args;
  if (node.target !== undefined) return `${at(binding.member, node.target)}.${node.name}(${list(node.args)})`;
  if (first === undefined) return `${node.name}()`;
  const binary = binaries[node.name];
  if (binary !== undefined && second !== undefined) {
    const [symbol, level] = binary;
    return `${at(level, first)} ${symbol} ${at(level + 1, second)}`;
  }
  switch (node.name) {
    case operators.conditional:
      if (second === undefined || third === undefined) break;
      return `${at(binding.or, first)} ? ${at(binding.or, second)} : ${at(binding.conditional, third)}`;
    case operators.not:
      return `!${at(binding.member, first)}`;
    case operators.negate:
      return negated(at(binding.member, first));
    case operators.index:
    case operators.optIndex: {
      if (second === undefined) break;
      const mark = node.name === operators.index ? '' : '?';
      return `${at(binding.member, first)}[${mark}${print(second)}]`;
    }
    case operators.optSelect:
      if (second?.kind !== 'literal') break;
      return `${at(binding.member, first)}.?${String(second.value)}`;
    default:
      break;
  }
  return `${node.name}(${list(node.args)})`;
}

export function print(node: Node): string {
  switch (node.kind) {
    case 'literal':
      return printLiteral(node.value);
    case 'ident':
      return node.name;
    case 'select': {
      const path = `${at(binding.member, node.operand)}.${node.field}`;
      return node.isTest ? `has(${path})` : path;
    }
    case 'call':
      return printCall(node);
    case 'list': {
      const elements = node.elements.map((element, index) => (node.optionals.has(index) ? '?' : '') + print(element));
      return `[${elements.join(', ')}]`;
    }
    case 'map': {
      const entries = node.entries.map(
        ({ key, value, isOptional }) => `${isOptional ? '?' : ''}${print(key)}: ${print(value)}`,
      );
      return `{${entries.join(', ')}}`;
    }
    case 'struct': {
      const fields = node.fields.map(
        ({ name, value, isOptional }) => `${isOptional ? '?' : ''}${name}: ${print(value)}`,
      );
      return `${node.name}{${fields.join(', ')}}`;
    }
    case 'comprehension':
      return print(node.macro);
  }
}
