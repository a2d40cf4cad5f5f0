/** Optional values. */
import type { Library } from '../declarations.ts';
import { anything, global, list, map, member, optional } from '../declarations.ts';
import { sizeOfMap } from '../equality.ts';
import { fail } from '../failure.ts';
import { mapInsert } from '../macros.ts';
import { boolType, listType, mapType, optionalType, paramType } from '../types.ts';
import type { CelValue, Optional as OptionalValue } from '../values.ts';
import { asDouble, CelMap, Duration, isList, isPlainObject, keyText, Optional, Uint } from '../values.ts';
import type { MapValue } from '../declarations.ts';
import { keysOf, lookUp } from '../equality.ts';

const a = paramType('A');
const k = paramType('K');
const v = paramType('V');
const optionalA = optional(a);
const mapOfKV = map(k, v);

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0 || value === '') return true;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Duration) return value.nanos === 0n;
  if (isList(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelMap || isPlainObject(value)) return sizeOfMap(value) === 0;
  if (value instanceof Optional) return value.value === undefined;
  return asDouble(value) === 0;
}

function held({ value }: OptionalValue): CelValue {
  return value ?? (value === null ? null : fail('optional.none() dereference'));
}

function insertAll(target: MapValue, entries: Iterable<readonly [CelValue, CelValue]>): CelMap {
  const result = new CelMap();
  for (const key of keysOf(target)) result.add(key, lookUp(target, key) ?? null);
  for (const [key, value] of entries) {
    if (!result.add(key, value)) fail(`insert failed: key ${keyText(key)} already exists`);
  }
  return result;
}

function entriesOf(value: MapValue): (readonly [CelValue, CelValue])[] {
  return Array.from(keysOf(value), (key) => [key, lookUp(value, key) ?? null] as const);
}

export const optionalLibrary: Library = {
  'optional.of': [global('optional_of', [anything(v)], optionalType(v), (value) => new Optional(value))],
  'optional.ofNonZeroValue': [
    global('optional_ofNonZeroValue', [anything(v)], optionalType(v), (value) =>
      isZero(value) ? Optional.none : new Optional(value),
    ),
  ],
  'optional.none': [global('optional_none', [], optionalType(v), () => Optional.none)],
  'optional.unwrap': [global('optional_unwrap', [list(optionalType(v))], listType(v), unwrap)],
  unwrapOpt: [member('optional_unwrapOpt', [list(optionalType(v))], listType(v), unwrap)],
  hasValue: [member('optional_hasValue', [optionalA], boolType, ({ value }) => value !== undefined)],
  value: [member('optional_value', [optionalA], a, held)],
  or: [
    member('optional_or_optional', [optionalA, optionalA], optionalType(a), (first, second) =>
      first.value === undefined ? second : first,
    ),
  ],
  orValue: [
    member('optional_orValue_value', [optionalA, anything(a)], a, ({ value }, other) =>
      value === undefined ? other : value,
    ),
  ],
  first: [
    member('list_first', [list(v)], optionalType(v), (items) =>
      items.length === 0 ? Optional.none : new Optional(items[0]),
    ),
  ],
  last: [
    member('list_last', [list(v)], optionalType(v), (items) =>
      items.length === 0 ? Optional.none : new Optional(items.at(-1)),
    ),
  ],
  [mapInsert]: [
    global('@mapInsert_map_key_value', [mapOfKV, anything(k), anything(v)], mapType(k, v), (target, key, value) =>
      insertAll(target, [[key, value]]),
    ),
    global('@mapInsert_map_map', [mapOfKV, mapOfKV], mapType(k, v), (target, more) =>
      insertAll(target, entriesOf(more)),
    ),
  ],
};

function unwrap(items: readonly CelValue[]): CelValue[] {
  const values: CelValue[] = [];
  for (const item of items) if (item instanceof Optional && item.value !== undefined) values.push(item.value);
  return values;
}
