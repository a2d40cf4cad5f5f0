/** What patches need to know of JSON values: telling maps from lists, and changing copies of them safely. */
import { ExactInteger } from '../exact-integer.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * How deep patches and the values in them may nest. The walks over them are recursive; this keeps them far from the end
 * of the stack. It is the depth that request bodies may have.
 */
export const maxDepth = 1000;

/** True for a JSON object, false for lists, scalars and null: integers of many digits are boxed, and no objects. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactInteger);
}

/** `Array.isArray`, without the `any` that it yields. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** The member of that name, undefined when there is none. Inherited properties do not count. */
export function member(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets a member whatever its name is: a plain assignment to `__proto__` would change the prototype instead. */
export function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

/** Whether `value` nests deeper than `levels`. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels <= 0) return true;
  if (isList(value)) {
    for (const item of value) if (isDeeperThan(item, levels - 1)) return true;
    return false;
  }
  const object = value as JsonObject;
  for (const key of Object.keys(object)) if (isDeeperThan(object[key], levels - 1)) return true;
  return false;
}

/** What Go's JSON decoder calls the type of a value in its errors. */
export function goJsonKind(value: unknown): string {
  if (isList(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof ExactInteger) return 'number';
  return value === null ? 'null' : typeof value;
}
