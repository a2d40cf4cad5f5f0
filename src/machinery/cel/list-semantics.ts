/** Lists that are sets or maps (`x-kubernetes-list-type`): their order does not matter when they are compared. */
import type { CelTypeProvider } from './contract.ts';
import { isMap } from './declarations.ts';
import { equals, keysOf, lookUp, sizeOfMap } from './equality.ts';
import type { CelType, ListSemantics } from './types.ts';
import { selectDynamic } from './select.ts';
import type { CelValue } from './values.ts';
import { isList, ownProperty, isPlainObject } from './values.ts';

type Comparer = (a: CelValue, b: CelValue) => boolean;

/** A text that two elements share when they have the same key. */
function keyOf(item: CelValue, semantics: ListSemantics): string {
  const parts = semantics.kind === 'set' ? [item] : semantics.keys.map((key) => property(item, key));
  return JSON.stringify(parts, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

function property(item: CelValue, key: string): CelValue {
  if (isPlainObject(item)) return ownProperty(item, key) ?? null;
  return isMap(item) ? (selectDynamic(item, key) ?? null) : null;
}

/** `X + Y`: a union, in the order of X and then of Y; elements of a map in Y take the place of those in X. */
export function additionOf(semantics: ListSemantics): (a: readonly CelValue[], b: readonly CelValue[]) => CelValue[] {
  return (a, b) => {
    const items = new Map<string, CelValue>();
    for (const item of a) items.set(keyOf(item, semantics), item);
    for (const item of b) items.set(keyOf(item, semantics), item);
    return Array.from(items.values());
  };
}

function compareAssociative(semantics: ListSemantics, compareItems: Comparer): Comparer {
  return (a, b) => {
    if (!isList(a) || !isList(b)) return equals(a, b);
    if (a.length !== b.length) return false;
    const items = new Map(a.map((item) => [keyOf(item, semantics), item]));
    return b.every((item) => {
      const counterpart = items.get(keyOf(item, semantics));
      return counterpart !== undefined && compareItems(counterpart, item);
    });
  };
}

function compareOrdered(compareItems: Comparer): Comparer {
  return (a, b) => {
    if (!isList(a) || !isList(b)) return equals(a, b);
    return a.length === b.length && a.every((item, index) => compareItems(item, b[index] ?? null));
  };
}

function compareKeyed(comparerOfKey: (key: CelValue) => Comparer): Comparer {
  return (a, b) => {
    if (!isMap(a) || !isMap(b)) return equals(a, b);
    if (sizeOfMap(a) !== sizeOfMap(b)) return false;
    for (const key of keysOf(a)) {
      const [left, right] = [lookUp(a, key), lookUp(b, key)];
      if (left === undefined || right === undefined || !comparerOfKey(key)(left, right)) return false;
    }
    return true;
  };
}

/** How values of the type compare; undefined when as all others do. */
export function comparerOf(type: CelType, types: CelTypeProvider | undefined): Comparer | undefined {
  return comparerWithin(type, types, new Set());
}

/** Types that contain themselves are compared plainly where they do. */
function comparerWithin(
  type: CelType,
  types: CelTypeProvider | undefined,
  outer: ReadonlySet<string>,
): Comparer | undefined {
  switch (type.kind) {
    case 'list': {
      const items = comparerWithin(type.element, types, outer);
      if (type.semantics !== undefined) return compareAssociative(type.semantics, items ?? equals);
      return items === undefined ? undefined : compareOrdered(items);
    }
    case 'map': {
      const values = comparerWithin(type.value, types, outer);
      return values === undefined ? undefined : compareKeyed(() => values);
    }
    case 'object':
      return outer.has(type.name) ? undefined : comparerOfObject(type.name, types, new Set([...outer, type.name]));
    default:
      return undefined;
  }
}

function comparerOfObject(
  name: string,
  types: CelTypeProvider | undefined,
  outer: ReadonlySet<string>,
): Comparer | undefined {
  const comparers = new Map<string, Comparer>();
  for (const fieldName of types?.fieldNames?.(name) ?? []) {
    const field = types?.field(name, fieldName);
    const comparer = field === undefined ? undefined : comparerWithin(field.type, types, outer);
    if (comparer !== undefined) comparers.set(field?.property ?? fieldName, comparer);
  }
  if (comparers.size === 0) return undefined;
  return compareKeyed((key) => (typeof key === 'string' ? comparers.get(key) : undefined) ?? equals);
}
