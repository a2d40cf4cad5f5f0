/** `==` of any two values: never an error, values of different types are different, numbers compare by value. */
import type { MapValue } from './declarations.ts';
import { isMap } from './declarations.ts';
import type { CelValue } from './values.ts';
import {
  asDouble,
  CelFields,
  CelMap,
  CelObject,
  Double,
  Duration,
  isList,
  Optional,
  ownKeys,
  ownProperty,
  Timestamp,
  TypeValue,
  Uint,
} from './values.ts';

function isNumeric(value: CelValue): value is number | bigint | Double | Uint {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Double || value instanceof Uint;
}

/** Compares numbers of any two types; undefined when one is not a number (NaN). */
export function compareNumbers(
  a: number | bigint | Double | Uint,
  b: number | bigint | Double | Uint,
): -1 | 0 | 1 | undefined {
  let left = typeof a === 'object' ? a.value : a;
  let right = typeof b === 'object' ? b.value : b;
  // As upstream, an int is rounded to be compared with a double; ints that are numbers are exact either way.
  if (typeof left !== typeof right) [left, right] = [Number(left), Number(right)];
  if (left < right) return -1;
  if (left > right) return 1;
  return Number.isNaN(left) || Number.isNaN(right) ? undefined : 0;
}

export function sizeOfMap(value: MapValue): number {
  if (value instanceof CelMap) return value.size;
  return value instanceof CelFields ? Array.from(value.keys()).length : ownKeys(value).length;
}

/** The value at a key; undefined when there is none. */
export function lookUp(value: MapValue, key: CelValue): CelValue | undefined {
  if (value instanceof CelMap) return value.get(asKey(key));
  if (typeof key !== 'string') return undefined;
  return value instanceof CelFields ? value.get(key) : ownProperty(value, key);
}

/** A double with the value of an int finds what the int finds. */
function asKey(key: CelValue): CelValue {
  const double = asDouble(key);
  return double !== undefined && Number.isInteger(double) ? double : key;
}

export function keysOf(value: MapValue): Iterable<CelValue> {
  return value instanceof CelMap || value instanceof CelFields ? value.keys() : ownKeys(value);
}

function equalMaps(a: MapValue, b: MapValue): boolean {
  if (sizeOfMap(a) !== sizeOfMap(b)) return false;
  for (const key of keysOf(a)) {
    const [left, right] = [lookUp(a, key), lookUp(b, key)];
    if (left === undefined || right === undefined || !equals(left, right)) return false;
  }
  return true;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export function equals(a: CelValue, b: CelValue): boolean {
  if (typeof a !== 'object' && typeof a === typeof b) return a === b;
  if (isNumeric(a)) return isNumeric(b) && compareNumbers(a, b) === 0;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((item, index) => equals(item, b[index] ?? null));
  }
  if (isMap(a)) return isMap(b) && equalMaps(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Optional) {
    if (!(b instanceof Optional)) return false;
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equals(a.value, b.value);
  }
  return a instanceof CelObject && b instanceof CelObject && a.equals(b);
}
