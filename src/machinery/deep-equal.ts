import { ExactInteger } from './exact-integer.ts';

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function hasOwn(object: object, key: string): boolean {
  return Object.hasOwn(object, key);
}

/** Whether two JSON values are the same, whatever the order of their keys. A field that is undefined counts as absent. */
export function deepEqual(a: unknown, b: unknown): boolean {
  return equal(a, b, (value) => value === undefined);
}

/**
 * Whether two API objects mean the same, as upstream's `equality.Semantic.DeepEqual` sees JSON: a field that is
 * absent, null or an empty list is the same. An empty object differs from an absent one, because it means something
 * where the type is a pointer (`emptyDir: {}`, `namespaceSelector: {}`).
 */
export function semanticDeepEqual(a: unknown, b: unknown): boolean {
  return equal(a, b, isAbsent);
}

function equal(a: unknown, b: unknown, isNothing: (value: unknown) => boolean): boolean {
  if (Object.is(a, b) || a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return isNothing(a) && isNothing(b);
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b)) return false;
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i], isNothing)) return false;
    return true;
  }
  if (a instanceof ExactInteger || b instanceof ExactInteger) {
    return a instanceof ExactInteger && b instanceof ExactInteger && a.text === b.text;
  }
  return equalFields(a as Record<string, unknown>, b as Record<string, unknown>, isNothing);
}

function equalFields(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
  isNothing: (value: unknown) => boolean,
): boolean {
  // `hasOwn`, because a key of user data may be named as something that every object inherits.
  for (const key of Object.keys(a)) if (!equal(a[key], hasOwn(b, key) ? b[key] : undefined, isNothing)) return false;
  for (const key of Object.keys(b)) if (!hasOwn(a, key) && !isNothing(b[key])) return false;
  return true;
}
