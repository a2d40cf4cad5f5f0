/** `'%s is %d'.format([name, age])`, as version 2 of the strings extension formats. */
import { quote } from '../../quote.ts';
import { checkTextLength } from '../bounds.ts';
import { isMap } from '../declarations.ts';
import { keysOf, lookUp } from '../equality.ts';
import { fail } from '../failure.ts';
import { formatCelDuration, formatTimestamp } from '../moments.ts';
import { formatG } from '../number-text.ts';
import type { CelValue } from '../values.ts';
import { asDouble, Duration, isInt, isList, Timestamp, typeNameOf, TypeValue, Uint } from '../values.ts';

/** More digits after the point are refused, so that a short expression cannot make a text without end. */
const maxPrecision = 1000;

function integerOf(value: CelValue): bigint | undefined {
  if (isInt(value)) return BigInt(value);
  return value instanceof Uint ? value.value : undefined;
}

function doubleText(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return 'Infinity';
  return value === -Infinity ? '-Infinity' : undefined;
}

/** What stands within lists and maps: literals of CEL. */
function literal(value: CelValue): string {
  if (typeof value === 'string') return quote(value);
  if (value instanceof Uint8Array) return `b${quote(text(value))}`;
  if (value instanceof Timestamp) return `timestamp(${quote(formatTimestamp(value))})`;
  if (value instanceof Duration) return `duration(${quote(formatCelDuration(value))})`;
  const double = asDouble(value);
  if (double === undefined) return text(value);
  const name = doubleText(double);
  return name === undefined ? double.toFixed(6) : quote(name === 'Infinity' ? '+Inf' : name === 'NaN' ? name : '-Inf');
}

function mapText(value: Parameters<typeof keysOf>[0]): string {
  const entries = Array.from(keysOf(value), (key) => {
    if (asDouble(key) !== undefined) fail(`no formatting function for map key of type ${typeNameOf(key)}`);
    return [literal(key), literal(lookUp(value, key) ?? null)] as const;
  });
  entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${entries.map(([key, entry]) => `${key}:${entry}`).join(', ')}}`;
}

/** `%s` */
function text(value: CelValue): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      break;
  }
  if (value === null) return 'null';
  const double = asDouble(value);
  if (double !== undefined) return formatG(double);
  if (typeof value === 'number') return String(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatCelDuration(value);
  if (value instanceof TypeValue) return value.name;
  if (isList(value)) return `[${value.map(literal).join(', ')}]`;
  if (isMap(value)) return mapText(value);
  return fail(
    `error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${typeNameOf(value)}`,
  );
}

function refused(clause: string, value: CelValue): never {
  return fail(`error during formatting: ${clause}, was given ${typeNameOf(value)}`);
}

function decimal(value: CelValue): string {
  const integer = integerOf(value);
  return integer === undefined ? refused('decimal clause can only be used on integers', value) : String(integer);
}

/** The number to be shown; names of what is no number are taken, too. */
function doubleFor(clause: string, value: CelValue): number {
  const double = asDouble(value);
  if (double !== undefined) return double;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  return refused(`${clause} clause can only be used on doubles`, value);
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '∞';
  return value === -Infinity ? '-∞' : undefined;
}

/** With commas between thousands. */
function fixed(value: CelValue, precision: number): string {
  const number = doubleFor('fixed-point', value);
  const name = special(number);
  if (name !== undefined) return name;
  const format = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: Math.min(precision, 100),
    maximumFractionDigits: Math.min(precision, 100),
    roundingMode: 'halfEven',
  });
  return format.format(number) + '0'.repeat(Math.max(precision - 100, 0));
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `2.718280 × 10⁰⁰`, with narrow spaces that do not break. */
function scientific(value: CelValue, precision: number): string {
  const number = doubleFor('scientific', value);
  const name = special(number);
  if (name !== undefined) return name;
  const [mantissa = '', exponent = '0'] = number.toExponential(Math.min(precision, 100)).split('e');
  const digits = String(Math.abs(Number(exponent))).padStart(2, '0');
  const raised = Array.from(digits, (digit) => superscripts[Number(digit)] ?? '').join('');
  return `${mantissa}\u202f×\u202f10${Number(exponent) < 0 ? '⁻' : ''}${raised}`;
}

function binary(value: CelValue): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  const integer = integerOf(value);
  return integer === undefined
    ? refused('only integers and bools can be formatted as binary', value)
    : integer.toString(2);
}

function hex(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  const integer = integerOf(value);
  return integer === undefined
    ? refused('only integers, byte buffers, and strings can be formatted as hex', value)
    : integer.toString(16);
}

function octal(value: CelValue): string {
  const integer = integerOf(value);
  return integer === undefined ? refused('octal clause can only be used on integers', value) : integer.toString(8);
}

const defaultPrecision = 6;

const clauses: Readonly<Record<string, (value: CelValue, precision: number) => string>> = {
  s: text,
  d: decimal,
  f: fixed,
  e: scientific,
  b: binary,
  x: hex,
  X: (value) => hex(value).toUpperCase(),
  o: octal,
};

export type FormatPart = string | { readonly clause: string; readonly precision: number };

/** What cannot be read, in upstream's words, and how many clauses come before it. */
export interface FormatProblem {
  readonly problem: string;
  readonly clausesBefore: number;
}

/** Texts and clauses of a format, in order. */
export function readFormat(format: string): readonly FormatPart[] | FormatProblem {
  const parts: FormatPart[] = [];
  let clausesBefore = 0;
  const unreadable = (problem: string): FormatProblem => ({
    problem: `could not parse formatting clause: ${problem}`,
    clausesBefore,
  });
  const clauseForm = /%(?:%|(?:\.(\d*))?([^]?))|[^%]+/gy;
  for (const [piece, digits, clause] of format.matchAll(clauseForm)) {
    if (!piece.startsWith('%')) parts.push(piece);
    else if (piece === '%%') parts.push('%');
    else if (piece === '%') return { problem: 'unexpected end of string', clausesBefore };
    else {
      if (digits === '') return unreadable('could not find end of precision specifier');
      const precision = digits === undefined ? defaultPrecision : Number(digits);
      if (precision > maxPrecision) return unreadable(`precision ${precision} is too large`);
      if (clause === undefined || !Object.hasOwn(clauses, clause)) {
        return unreadable(`unrecognized formatting clause "${clause ?? ''}"`);
      }
      parts.push({ clause, precision });
      clausesBefore++;
    }
  }
  return parts;
}

export function formatText(format: string, args: readonly CelValue[]): string {
  const parts = readFormat(format);
  if ('problem' in parts) return fail(args.length <= parts.clausesBefore ? outOfRange(args.length) : parts.problem);
  let result = '';
  let next = 0;
  for (const part of parts) {
    if (typeof part === 'string') result += part;
    else {
      const value = args[next];
      if (value === undefined) return fail(outOfRange(next));
      next++;
      result += clauses[part.clause]?.(value, part.precision) ?? '';
    }
    checkTextLength(result.length);
  }
  return result;
}

export function outOfRange(index: number): string {
  return `index ${index} out of range`;
}
