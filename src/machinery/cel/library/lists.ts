/** Kubernetes' functions on lists. */
import { addInt, checkedUint, onDoubles } from '../arithmetic.ts';
import type { Library, Overload } from '../declarations.ts';
import { anything, list, member } from '../declarations.ts';
import { equals } from '../equality.ts';
import { fail } from '../failure.ts';
import { checkedDuration } from '../moments.ts';
import { compare } from '../ordering.ts';
import type { CelType } from '../types.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  paramType,
  stringType,
  timestampType,
  uintType,
} from '../types.ts';
import type { CelValue } from '../values.ts';
import { asDouble, Double, Duration, isInt, Uint } from '../values.ts';

const a = paramType('A');

/** A list of anything is a list of each of these for the checker, so that the first one decides about an empty list. */
const comparable: readonly (readonly [name: string, type: CelType])[] = [
  ['int', intType],
  ['uint', uintType],
  ['double', doubleType],
  ['bool', boolType],
  ['duration', durationType],
  ['timestamp', timestampType],
  ['string', stringType],
  ['bytes', bytesType],
];

function order(left: CelValue, right: CelValue): number {
  const sign = compare(left, right);
  if (sign === 'incomparable') return fail('no such overload');
  return sign ?? Number.NaN;
}

function isSorted(items: readonly CelValue[]): boolean {
  return items.every((item, index) => {
    const before = items[index - 1];
    return before === undefined || !(order(before, item) > 0);
  });
}

/** The first of those that no other one is before (sign 1) or after (sign -1). */
function extreme(name: string, sign: 1 | -1): (items: readonly CelValue[]) => CelValue {
  return (items) => {
    let [best] = items;
    if (best === undefined) return fail(`${name} called on empty list`);
    for (const item of items) if (order(best, item) === sign) best = item;
    return best;
  };
}

const addDoubles = onDoubles((left, right) => left + right);

function add(sum: CelValue, item: CelValue): CelValue {
  if (isInt(sum) && isInt(item)) return addInt(sum, item);
  if (sum instanceof Uint && item instanceof Uint) return checkedUint(sum.value + item.value);
  if (sum instanceof Duration && item instanceof Duration) return checkedDuration(sum.nanos + item.nanos);
  const [left, right] = [asDouble(sum), asDouble(item)];
  if (left === undefined || right === undefined) return fail('no such overload');
  return addDoubles(sum as number, item as number);
}

const zeros: readonly (readonly [name: string, type: CelType, zero: CelValue])[] = [
  ['int', intType, 0],
  ['uint', uintType, new Uint(0n)],
  ['double', doubleType, new Double(0)],
  ['duration', durationType, new Duration(0n)],
];

function position(items: readonly CelValue[], wanted: CelValue): number {
  return items.findIndex((item) => equals(item, wanted));
}

function lastPosition(items: readonly CelValue[], wanted: CelValue): number {
  return items.findLastIndex((item) => equals(item, wanted));
}

function forEachComparable(make: (name: string, type: CelType) => Overload): Overload[] {
  return comparable.map(([name, type]) => make(name, type));
}

export const listLibrary: Library = {
  isSorted: forEachComparable((name, type) => member(`list_${name}_is_sorted_bool`, [list(type)], boolType, isSorted)),
  min: forEachComparable((name, type) => member(`list_${name}_min_${name}`, [list(type)], type, extreme('min', 1))),
  max: forEachComparable((name, type) => member(`list_${name}_max_${name}`, [list(type)], type, extreme('max', -1))),
  sum: zeros.map(([name, type, zero]) =>
    member(`list_${name}_sum_${name}`, [list(type)], type, (items) => sumFrom(items, zero)),
  ),
  indexOf: [member('list_a_index_of_int', [list(a), anything(a)], intType, position)],
  lastIndexOf: [member('list_a_last_index_of_int', [list(a), anything(a)], intType, lastPosition)],
};

/** Of a list whose type is only known now, the first item says what to begin with. */
function sumFrom(items: readonly CelValue[], zero: CelValue): CelValue {
  const [first] = items;
  return first === undefined ? zero : items.slice(1).reduce<CelValue>(add, add(zeroLike(first), first));
}

function zeroLike(value: CelValue): CelValue {
  if (value instanceof Uint) return new Uint(0n);
  if (value instanceof Duration) return new Duration(0n);
  return asDouble(value) === undefined ? 0 : new Double(0);
}
