import { deepEqual } from '../../machinery/deep-equal.ts';
import { leaf, sorted, type FieldSet } from './field-set.ts';
import { isEmptyContainer, isMap, ownValue, type JsonMap } from './json.ts';
import { haveSameKeys, indexItems } from './list-items.ts';
import { wholeFields, wholeItems } from './owned-fields.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { deduced, type ListNode, type StructNode, type TypeNode } from './type-node.ts';

/** How two states of an object differ. What was added and what was modified is never told apart by who uses this. */
export interface Comparison {
  /** Fields that the new state has and the old one had not, or had with another value. */
  readonly changed: FieldSet | undefined;
  /** Fields that the new state no longer has. */
  readonly removed: FieldSet | undefined;
}

const modified: Comparison = { changed: leaf, removed: undefined };

/** Compares two states of an object. Undefined: they are the same. Throws an ItemError for lists that have no order. */
export function compare(node: TypeNode, before: JsonMap, after: JsonMap): Comparison | undefined {
  return compareValues(node, before, after);
}

/** As nodes of sets. */
function compareValues(node: TypeNode, before: unknown, after: unknown): Comparison | undefined {
  if (before === after) return undefined;
  if (before === undefined) return { changed: wholeFields(node, after), removed: undefined };
  if (after === undefined) return { changed: undefined, removed: wholeFields(node, before) };
  if (node.atomic || (isEmptyContainer(before) && isEmptyContainer(after))) {
    return deepEqual(before, after) ? undefined : modified;
  }
  switch (node.kind) {
    case 'struct':
      return isMap(before ?? {}) && isMap(after ?? {}) ? compareStructs(node, before, after) : unlike(before, after);
    case 'map':
      return isMap(before ?? {}) && isMap(after ?? {}) ? compareMaps(node.of, before, after) : unlike(before, after);
    case 'list':
      return Array.isArray(before ?? []) && Array.isArray(after ?? [])
        ? compareLists(node, before, after)
        : unlike(before, after);
    case 'deduced':
      return isMap(before ?? {}) && isMap(after ?? {}) ? compareMaps(deduced, before, after) : unlike(before, after);
    default:
      return unlike(before, after);
  }
}

/** Values that the type takes for one each. */
function unlike(before: unknown, after: unknown): Comparison | undefined {
  return deepEqual(before, after) ? undefined : modified;
}

/** Gathers what differs below one value. */
class Differences {
  #changed: Record<PathElement, FieldSet> | undefined;
  #removed: Record<PathElement, FieldSet> | undefined;

  add(element: PathElement, difference: Comparison | undefined): void {
    if (difference === undefined) return;
    const { changed, removed } = difference;
    if (changed !== undefined) (this.#changed ??= {})[element] = changed;
    if (removed !== undefined) (this.#removed ??= {})[element] = removed;
  }

  result(isSorted: boolean): Comparison | undefined {
    const changed = this.#changed;
    const removed = this.#removed;
    if (changed === undefined && removed === undefined) return undefined;
    if (isSorted) return { changed, removed };
    return { changed: changed && sorted(changed), removed: removed && sorted(removed) };
  }
}

const nothing: JsonMap = Object.freeze({}) as JsonMap;

function compareStructs(node: StructNode, before: unknown, after: unknown): Comparison | undefined {
  const old = (before ?? nothing) as JsonMap;
  const now = (after ?? nothing) as JsonMap;
  let differences: Differences | undefined;
  for (const name in now) {
    const was = old[name];
    const is = now[name];
    if (was === is) continue;
    const type = node.field(name)?.node ?? node.of;
    const difference = type === undefined ? undefined : compareValues(type, was, is);
    if (difference !== undefined) (differences ??= new Differences()).add(fieldElement(name), difference);
  }
  for (const name in old) {
    if (now[name] !== undefined || old[name] === undefined) continue;
    const type = node.field(name)?.node ?? node.of;
    if (type === undefined) continue;
    (differences ??= new Differences()).add(fieldElement(name), compareValues(type, old[name], undefined));
  }
  return differences?.result(false);
}

function compareMaps(of: TypeNode, before: unknown, after: unknown): Comparison | undefined {
  const old = (before ?? nothing) as JsonMap;
  const now = (after ?? nothing) as JsonMap;
  let differences: Differences | undefined;
  for (const key of Object.keys(now)) {
    const difference = compareValues(of, ownValue(old, key), now[key]);
    if (difference !== undefined) (differences ??= new Differences()).add(fieldElement(key), difference);
  }
  for (const key of Object.keys(old)) {
    if (Object.hasOwn(now, key)) continue;
    (differences ??= new Differences()).add(fieldElement(key), compareValues(of, old[key], undefined));
  }
  return differences?.result(false);
}

function compareLists(node: ListNode, before: unknown, after: unknown): Comparison | undefined {
  const old = (before ?? []) as readonly unknown[];
  const now = (after ?? []) as readonly unknown[];
  if (old.length === 0) return { changed: wholeItems(node, now), removed: undefined };
  if (now.length === 0) return { changed: undefined, removed: wholeItems(node, old) };
  if (haveSameKeys(node, old, now) && old.every((item, i) => compareValues(node.of, item, now[i]) === undefined)) {
    return undefined;
  }
  const wasItems = indexItems(node, old);
  const isItems = indexItems(node, now);
  const differences = new Differences();
  for (const [element, items] of isItems) {
    differences.add(element, compareItems(node.of, wasItems.get(element) ?? [], items));
  }
  for (const [element, items] of wasItems) {
    if (!isItems.has(element)) differences.add(element, compareItems(node.of, items, []));
  }
  return differences.result(false);
}

/** Items of one name. Of several, the name alone is owned, and nothing below it. */
function compareItems(of: TypeNode, before: readonly unknown[], after: readonly unknown[]): Comparison | undefined {
  if (before.length <= 1 && after.length <= 1) return compareValues(of, before[0], after[0]);
  if (before.length === 0) return modified;
  if (after.length === 0) return { changed: undefined, removed: leaf };
  if (before.length > 1 && after.length > 1) return unlike(before, after);
  if (before.length === 1) return { changed: leaf, removed: withoutSelf(wholeFields(of, before[0])) };
  return { changed: wholeFields(of, after[0]), removed: undefined };
}

function withoutSelf(node: FieldSet): FieldSet | undefined {
  const { '.': self, ...children } = node;
  return self === undefined ? undefined : children;
}
