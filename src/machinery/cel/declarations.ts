/** How functions are declared: types for the checker, and what they do. */
import type { CelType } from './types.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from './types.ts';
import { isGeneric } from './unify.ts';
import type { CelObject, CelValue, Double, PlainObject } from './values.ts';
import {
  asDouble,
  CelFields,
  CelMap,
  Duration,
  isInt,
  isList,
  isPlainObject,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from './values.ts';

/** A parameter: its type for the checker, and whether a value is of it at run time. */
export interface Param<T extends CelValue> {
  readonly type: CelType;
  accepts(value: CelValue): value is T;
}

export function param<T extends CelValue>(type: CelType, accepts: (value: CelValue) => value is T): Param<T> {
  return { type, accepts };
}

export const bool = param(boolType, (value): value is boolean => typeof value === 'boolean');
export const int = param(intType, (value): value is number | bigint => isInt(value));
export const uint = param(uintType, (value): value is Uint => value instanceof Uint);
export const double = param(doubleType, (value): value is number | Double => asDouble(value) !== undefined);
export const string = param(stringType, (value): value is string => typeof value === 'string');
export const bytes = param(bytesType, (value): value is Uint8Array => value instanceof Uint8Array);
export const timestamp = param(timestampType, (value): value is Timestamp => value instanceof Timestamp);
export const duration = param(durationType, (value): value is Duration => value instanceof Duration);
export const typeParam = param(typeType, (value): value is TypeValue => value instanceof TypeValue);
export const dyn = param(dynType, (_value): _value is CelValue => true);

export function anything(type: CelType): Param<CelValue> {
  return { type, accepts: (value): value is CelValue => value !== undefined };
}

export function list(element: CelType): Param<readonly CelValue[]> {
  return param({ kind: 'list', element }, isList);
}

export type MapValue = CelMap | CelFields | PlainObject;

export function isMap(value: CelValue): value is MapValue {
  return value instanceof CelMap || value instanceof CelFields || isPlainObject(value);
}

export function map(key: CelType, value: CelType): Param<MapValue> {
  return param({ kind: 'map', key, value }, isMap);
}

export function optional(of: CelType): Param<Optional> {
  return param({ kind: 'opaque', name: 'optional_type', parameters: [of] }, (value) => value instanceof Optional);
}

export function object<T extends CelObject>(type: CelType, ofClass: abstract new (...args: never[]) => T): Param<T> {
  return param(type, (value): value is T => value instanceof ofClass);
}

export type Implementation = (...args: readonly CelValue[]) => CelValue;

export interface Overload {
  readonly id: string;
  readonly params: readonly CelType[];
  readonly result: CelType;
  /** Called as `target.name(…)`; the target is the first argument. */
  readonly isMember: boolean;
  readonly isGeneric: boolean;
  readonly accepts: readonly ((value: CelValue) => boolean)[];
  /** Only called with arguments that are accepted. May throw a CelFailure. */
  readonly call: Implementation;
}

type Values<P extends readonly Param<CelValue>[]> = {
  [K in keyof P]: P[K] extends Param<infer T extends CelValue> ? T : never;
};

function make(
  id: string,
  params: readonly Param<CelValue>[],
  result: CelType,
  isMember: boolean,
  call: unknown,
): Overload {
  const types = params.map(({ type }) => type);
  return {
    id,
    params: types,
    result,
    isMember,
    isGeneric: types.some(isGeneric) || isGeneric(result),
    accepts: params.map(
      (one) =>
        (value: CelValue): boolean =>
          one.accepts(value),
    ),
    // Whoever calls it asks `accepts` first: that is what makes the parameters' types true.
    call: call as Implementation,
  };
}

/** `f(a, b)` */
export function global<const P extends readonly Param<CelValue>[]>(
  id: string,
  params: P,
  result: CelType,
  call: (...args: Values<P>) => CelValue,
): Overload {
  return make(id, params, result, false, call);
}

/** `a.f(b)` */
export function member<const P extends readonly Param<CelValue>[]>(
  id: string,
  params: P,
  result: CelType,
  call: (...args: Values<P>) => CelValue,
): Overload {
  return make(id, params, result, true, call);
}

export type FunctionTable = ReadonlyMap<string, readonly Overload[]>;

/** Functions of a library, by name. */
export type Library = Readonly<Record<string, readonly Overload[]>>;

/** Puts libraries together; overloads of a function come in the order of the libraries. */
export function functionTable(libraries: readonly Library[]): FunctionTable {
  const table = new Map<string, Overload[]>();
  for (const library of libraries) {
    for (const [name, overloads] of Object.entries(library)) {
      const known = table.get(name);
      if (known === undefined) table.set(name, [...overloads]);
      else known.push(...overloads);
    }
  }
  return table;
}
