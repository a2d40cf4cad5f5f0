/**
 * One step of the path to a field, in the form in which FieldsV1 names it: `f:<field>`, `k:<key fields of a list item>`,
 * `v:<the item itself>`, `i:<index>`.
 */
import { quote } from '../../machinery/quote.ts';
import { goJson, isMap, setOwn, type JsonMap } from './json.ts';

export type PathElement = string;

/** Stands in a node of a FieldsV1 trie for the node itself. */
export const selfElement = '.';

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** @param key The item's key fields, sorted by name. */
export function keyElement(key: JsonMap): PathElement {
  return `k:${goJson(key)}`;
}

export function valueElement(value: unknown): PathElement {
  return `v:${goJson(value)}`;
}

/** FieldsV1 that cannot be read. */
export class FieldsError extends Error {
  override name = 'FieldsError';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FieldsError(`invalid path element: ${text}`, { cause: error });
  }
}

function sortedKey(key: JsonMap): JsonMap {
  const sorted: JsonMap = {};
  for (const name of Object.keys(key).sort()) setOwn(sorted, name, key[name]);
  return sorted;
}

/**
 * An element in its one canonical form. Undefined for a kind of element that is not known: upstream drops these, as a
 * later version may know them. Throws a FieldsError.
 */
export function canonicalElement(element: string): PathElement | undefined {
  if (element.length < 2) throw new FieldsError('key must be 2 characters long:');
  if (element[1] !== ':') throw new FieldsError(`missing colon: ${element}`);
  switch (element[0]) {
    case 'f':
      return element;
    case 'v':
      return valueElement(parsed(element.slice(2)));
    case 'k': {
      const key = parsed(element.slice(2));
      if (!isMap(key)) throw new FieldsError(`invalid path element: ${element}`);
      return keyElement(sortedKey(key));
    }
    case 'i':
      if (!/^i:[+-]?\d+$/.test(element)) throw new FieldsError(`invalid path element: ${element}`);
      return `i:${Number(element.slice(2))}`;
    default:
      return undefined;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Numbers stand before texts, texts before truth values, and null comes last. */
function rankOf(value: unknown): number {
  if (typeof value === 'number') return 0;
  if (typeof value === 'string') return 1;
  if (typeof value === 'boolean') return 2;
  return value === null ? 4 : 3;
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const rank = rankOf(a) - rankOf(b);
  return rank === 0 ? compareText(JSON.stringify(a), JSON.stringify(b)) : rank;
}

function compareKeys(a: JsonMap, b: JsonMap): number {
  const names = Object.keys(a);
  const others = Object.keys(b);
  for (let i = 0; i < names.length && i < others.length; i++) {
    const name = names[i] ?? '';
    const other = others[i] ?? '';
    const order = compareText(name, other) || compareValues(a[name], b[other]);
    if (order !== 0) return order;
  }
  return names.length - others.length;
}

/**
 * The order of two keys that first differ within texts that have nothing escaped; undefined when they do elsewhere. Most
 * keys are names, and to parse them would be most of what it takes to sort them.
 */
function compareNames(a: string, b: string): number | undefined {
  let quotes = 0;
  let i = 0;
  for (; i < a.length && i < b.length; i++) {
    const one = a.charCodeAt(i);
    if (one !== b.charCodeAt(i)) break;
    if (one === backslash) return undefined;
    if (one === doubleQuote) quotes++;
  }
  const one = a.charCodeAt(i);
  const other = b.charCodeAt(i);
  if (quotes % 2 === 0 || one === backslash || other === backslash) return undefined;
  if (one === doubleQuote) return -1;
  return other === doubleQuote ? 1 : one - other;
}

const doubleQuote = '"'.charCodeAt(0);
const backslash = '\\'.charCodeAt(0);
const kinds = '.fkvi';

/** The order in which upstream keeps and prints elements. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0;
  const kind = a.charAt(0);
  if (kind !== b.charAt(0)) return kinds.indexOf(kind) - kinds.indexOf(b.charAt(0));
  switch (kind) {
    case 'k':
      return compareNames(a, b) ?? compareKeys(JSON.parse(a.slice(2)) as JsonMap, JSON.parse(b.slice(2)) as JsonMap);
    case 'v':
      return compareValues(JSON.parse(a.slice(2)), JSON.parse(b.slice(2)));
    case 'i':
      return Number(a.slice(2)) - Number(b.slice(2));
    default:
      return compareText(a, b);
  }
}

function printValue(value: unknown): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}

/** An element as upstream's messages show it: `.spec`, `[name="web"]`, `[="a"]`, `[0]`. */
export function printElement(element: PathElement): string {
  const rest = element.slice(2);
  switch (element.charAt(0)) {
    case 'f':
      return `.${rest}`;
    case 'k': {
      const key = JSON.parse(rest) as JsonMap;
      const fields = Object.keys(key).map((name) => `${name}=${printValue(key[name])}`);
      return `[${fields.join(',')}]`;
    }
    case 'v':
      return `[=${printValue(JSON.parse(rest))}]`;
    default:
      return `[${rest}]`;
  }
}

export function printPath(path: readonly PathElement[]): string {
  return path.map(printElement).join('');
}
