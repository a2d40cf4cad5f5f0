/** What calls cost at run time, in upstream's units: one for a simple step, a tenth for each character that is read. */
import { CelMap, isList, isPlainObject, sizeOf } from './values.ts';
import type { CelValue } from './values.ts';
import { keysOf, lookUp } from './equality.ts';

export const costs = {
  selectOrIdent: 1,
  list: 10,
  map: 30,
  struct: 40,
  perCharacter: 0.1,
  perPatternCharacter: 0.25,
} as const;

/** The cost of a call from its arguments (a target is the first) and its result. */
export type CallCost = (args: readonly CelValue[], result: CelValue) => number;

function size(args: readonly CelValue[], index: number): number {
  const value = args[index];
  return value === undefined ? 0 : sizeOf(value);
}

function reading(characters: number): number {
  return Math.ceil(characters * costs.perCharacter);
}

/** All that can be reached from a value, counted. */
function traversal(value: CelValue): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * costs.perCharacter);
  if (value instanceof Uint8Array) return Math.floor(value.length * costs.perCharacter);
  if (isList(value)) return value.reduce((sum: number, item) => sum + traversal(item), 0);
  if (value instanceof CelMap || isPlainObject(value)) {
    let sum = 0;
    for (const key of keysOf(value)) sum += traversal(key) + traversal(lookUp(value, key) ?? null);
    return sum;
  }
  return 1;
}

const one: CallCost = () => 1;
const readFirst: CallCost = (args) => reading(size(args, 0));
const readFirstTwice: CallCost = (args) => reading(size(args, 0) * 2);
const traverse: CallCost = (args) => (args[0] === undefined ? 0 : traversal(args[0]));

const pattern: CallCost = (args) => reading(1 + size(args, 0)) * Math.ceil(size(args, 1) * costs.perPatternCharacter);

const shorter: CallCost = (args) => reading(Math.min(size(args, 0), size(args, 1)));
const both: CallCost = (args) => reading(size(args, 0) + size(args, 1));

function byName(entries: readonly (readonly [names: string, cost: CallCost])[]): Map<string, CallCost> {
  return new Map(entries.flatMap(([names, cost]) => names.split(' ').map((name) => [name, cost] as const)));
}

/** An authorization check: two fit into the limit of an expression, a third does not. */
const checkCost = 350_000;

/** A selector may have a requirement for every two characters; each is a list and a struct. */
export function selectorCost(characters: number): number {
  return costs.list + Math.ceil(characters / 2) * (costs.list + costs.struct) + reading(characters);
}

const ofFunctions = byName([
  ['check', (): number => checkCost],
  ['isSorted sum max min indexOf lastIndexOf', traverse],
  ['url lowerAscii upperAscii substring trim', readFirst],
  ['replace split', readFirstTwice],
  ['join', (_args, result) => reading(sizeOf(result) * 2)],
  ['find findAll', pattern],
  ['cidr isIP isCIDR ip quantity isQuantity semver isSemver jsonpatch.escapeKey', readFirst],
  ['ip.isCanonical', readFirstTwice],
  ['containsIP', (args) => reading(size(args, 0) * 2)],
  ['containsCIDR', (args) => reading(size(args, 0) * 2) + reading(size(args, 0)) + 1],
  ['validate', (args) => reading(1 + size(args, 1)) * Math.ceil(size(args, 0) * costs.perPatternCharacter)],
  ['fieldSelector labelSelector', (args) => selectorCost(size(args, 1))],
  ['sets.contains sets.intersects', (args) => size(args, 0) * size(args, 1) + 1],
  ['sets.equivalent', (args) => 2 * size(args, 0) * size(args, 1) + 1],
]);

const ofOverloads = byName([
  ['cidr_ip', one],
  ['cidr_contains_ip_string', (args) => reading(size(args, 0) * 2) + reading(size(args, 1))],
  [
    'cidr_contains_cidr_string',
    (args) => reading(size(args, 0) * 2) + reading(size(args, 0)) + 1 + reading(size(args, 1)),
  ],
  ['starts_with_string ends_with_string string_to_bytes bytes_to_string strings_quote string_format', readFirst],
  ['in_list', (args) => size(args, 1)],
  ['less_string greater_string less_equals_string greater_equals_string', shorter],
  ['less_bytes greater_bytes less_equals_bytes greater_equals_bytes', shorter],
  ['equals not_equals', shorter],
  ['add_string add_bytes', both],
  ['matches_string', pattern],
  ['contains_string', (args) => reading(size(args, 0)) * reading(size(args, 1))],
]);

/** The cost of calls of a function; the overload is known when only one fits. Undefined: always 1. */
export function callCostOf(name: string, overload: string | undefined): CallCost | undefined {
  const ofOverload = overload === undefined ? undefined : ofOverloads.get(overload);
  return ofOverload ?? ofFunctions.get(name);
}
