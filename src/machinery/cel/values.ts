/**
 * The values of CEL as JavaScript values. Parsed JSON is a CEL value as it stands, so that an object is not copied to be
 * looked at:
 *
 * - int: a number that is a safe integer; a bigint beyond that. Arithmetic is checked against 64 bits.
 * - double: any other number; a `Double` when it happens to be a safe integer.
 * - uint: a `Uint`.
 * - string, bool, null: themselves. bytes: a Uint8Array.
 * - list: an array. map, object: a plain object (keys are strings) or a `CelMap`.
 * - timestamp, duration, optional, type and what libraries define: instances of their classes.
 */
import type { CelType } from './types.ts';
import { runtimeTypeName } from './types.ts';

/** A double that is a whole number; see above. */
export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** An instant: nanoseconds since the epoch. */
export class Timestamp {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Optional {
  static readonly none = new Optional(undefined);
  readonly value: CelValue | undefined;
  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** A type as a value. Two are equal when their names are. */
export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** What a library defines: compared by `equals`, never looked into. */
export abstract class CelObject {
  abstract readonly celType: CelType;
  abstract equals(other: CelObject): boolean;
  /** What the object is in JSON. */
  abstract toJSON(): unknown;
  /** What counts as its size for the cost of calls; 1 when it has none. */
  get size(): number {
    return 1;
  }
  /** A field's value; undefined when there is none. Most have only methods. */
  get(_field: string): CelValue | undefined {
    return undefined;
  }
}

/** A map with keys that are texts, or an object, whose values are made when they are asked for. */
export abstract class CelFields {
  /** Undefined when there is no such field. May throw a CelFailure. */
  abstract get(field: string): CelValue | undefined;
  /** What loops see; nothing when it cannot be told. */
  keys(): Iterable<string> {
    return [];
  }
}

/** A map whose keys may be anything that CEL allows; keeps the order of insertion. */
export class CelMap {
  readonly #entries = new Map<string | number | bigint | boolean, readonly [CelValue, CelValue]>();

  /** Whether a value can be a key. */
  static isKey(value: CelValue): boolean {
    return keyIndex(value) !== undefined;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: CelValue): CelValue | undefined {
    const index = keyIndex(key);
    return index === undefined ? undefined : this.#entries.get(index)?.[1];
  }

  /** False when the key is there already. The key must be a bool, int, uint or string. */
  add(key: CelValue, value: CelValue): boolean {
    const index = keyIndex(key);
    if (index === undefined || this.#entries.has(index)) return false;
    this.#entries.set(index, [key, value]);
    return true;
  }

  *keys(): IterableIterator<CelValue> {
    for (const [key] of this.#entries.values()) yield key;
  }

  entries(): IterableIterator<readonly [CelValue, CelValue]> {
    return this.#entries.values();
  }
}

export interface PlainObject {
  readonly [property: string]: CelValue | undefined;
}

export type CelValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | Double
  | Uint
  | Uint8Array
  | Timestamp
  | Duration
  | Optional
  | TypeValue
  | CelObject
  | CelFields
  | CelMap
  | readonly CelValue[]
  | PlainObject;

/** Numbers of different types that are equal have the same index; undefined for what cannot be a key. */
function keyIndex(key: CelValue): string | number | bigint | boolean | undefined {
  switch (typeof key) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return key;
    default:
      if (key instanceof Double) return key.value;
      return key instanceof Uint ? narrow(key.value) : undefined;
  }
}

export const maxInt64 = 2n ** 63n - 1n;
export const minInt64 = -(2n ** 63n);
export const maxUint64 = 2n ** 64n - 1n;
const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

/** The int with this value, which must fit 64 bits: a number where that is exact. */
export function narrow(value: bigint): number | bigint {
  return value <= maxSafe && value >= -maxSafe ? Number(value) : value;
}

export function doubleOf(value: number): number | Double {
  return Number.isSafeInteger(value) ? new Double(value) : value;
}

export function isInt(value: unknown): value is number | bigint {
  return typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'bigint';
}

/** The number that a double is; undefined for every other value. */
export function asDouble(value: CelValue): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? undefined : value;
  return value instanceof Double ? value.value : undefined;
}

export function isList(value: unknown): value is readonly CelValue[] {
  return Array.isArray(value);
}

export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A property of the object itself; an object from JSON has no business with `constructor`. */
export function ownProperty(object: PlainObject, key: string): CelValue | undefined {
  const value = object[key];
  return value !== undefined && Object.hasOwn(object, key) ? value : undefined;
}

/** The keys of a plain object that are there: undefined properties are not. */
export function ownKeys(object: PlainObject): string[] {
  const keys = Object.keys(object);
  return keys.some((key) => object[key] === undefined) ? keys.filter((key) => object[key] !== undefined) : keys;
}

/** Name of the type of a value, as `type(x)` and messages show it. */
export function typeNameOf(value: CelValue): string {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? 'int' : 'double';
    case 'bigint':
      return 'int';
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    default:
      if (value === null) return 'null_type';
      if (isList(value)) return 'list';
      if (value instanceof Double) return 'double';
      if (value instanceof Uint) return 'uint';
      if (value instanceof Uint8Array) return 'bytes';
      if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
      if (value instanceof Duration) return 'google.protobuf.Duration';
      if (value instanceof Optional) return 'optional_type';
      if (value instanceof TypeValue) return 'type';
      if (value instanceof CelObject) return runtimeTypeName(value.celType);
      return 'map';
  }
}

/** A key, or another simple value, as messages show it. */
export function keyText(key: CelValue): string {
  if (key instanceof Uint) return String(key.value);
  if (key instanceof Double) return String(key.value);
  return typeof key === 'object' ? typeNameOf(key) : String(key);
}

/** How many Unicode characters a text has. */
export function codePointLength(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit < 0xdc00) {
      const next = text.charCodeAt(index + 1);
      if (next >= 0xdc00 && next < 0xe000) {
        length--;
        index++;
      }
    }
  }
  return length;
}

/** The size that costs are computed from: that of texts, bytes, lists and maps; 1 for everything else. */
export function sizeOf(value: CelValue): number {
  if (typeof value === 'string') return codePointLength(value);
  if (typeof value !== 'object' || value === null) return 1;
  if (isList(value) || value instanceof Uint8Array) return value.length;
  if (value instanceof CelMap || value instanceof CelObject) return value.size;
  return isPlainObject(value) ? ownKeys(value).length : 1;
}
