import { goJson, isMap, ownValue } from './json.ts';
import { valueElement, type PathElement } from './path-element.ts';
import type { ListNode } from './type-node.ts';

/** An item that cannot be told from others. The sentences are upstream's. */
export class ItemError extends Error {
  override name = 'ItemError';
}

/** What an item of a list that is not atomic is called. Throws an ItemError. */
export function elementOf(list: ListNode, item: unknown): PathElement {
  if (list.keys.length === 0) return elementOfSet(item);
  if (item === null) throw new ItemError('associative list with keys may not have a null element');
  if (!isMap(item)) throw new ItemError('associative list with keys may not have non-map elements');
  let key = '';
  for (const { name, default: absent } of list.keys) {
    const value = ownValue(item, name) ?? absent;
    if (value !== undefined) key += `${key === '' ? '' : ','}"${name}":${shortJson(value)}`;
  }
  if (key === '') {
    const names = list.keys.map(({ name }) => JSON.stringify(name)).join(' ');
    throw new ItemError(
      `associative list with keys has an element that omits all key fields [${names}] ` +
        `(and doesn't have default values for any key fields)`,
    );
  }
  return `k:{${key}}`;
}

/** `goJson` of what most keys are. Elements are made of every item of every object that is written. */
function shortJson(value: unknown): string {
  return typeof value === 'string' && /^[\w./-]*$/.test(value) ? `"${value}"` : goJson(value);
}

function elementOfSet(item: unknown): PathElement {
  if (item === null) throw new ItemError("associative list without keys has an element that's an explicit null");
  if (Array.isArray(item)) throw new ItemError('not supported: associative list with lists as elements');
  if (isMap(item)) throw new ItemError("associative list without keys has an element that's a map type");
  return valueElement(item);
}

/** The items of a list by what they are called, in their order. Items of one name stand together. */
export type IndexedItems = ReadonlyMap<PathElement, readonly unknown[]>;

export function indexItems(list: ListNode, items: readonly unknown[]): IndexedItems {
  const index = new Map<PathElement, unknown[]>();
  for (const item of items) {
    const element = elementOf(list, item);
    const same = index.get(element);
    if (same === undefined) index.set(element, [item]);
    else same.push(item);
  }
  return index;
}

/** Whether two lists have items of the same names at the same places. */
export function haveSameKeys(list: ListNode, a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  if (list.keys.length === 0) return a.every((item, i) => item === b[i]);
  for (let i = 0; i < a.length; i++) {
    const one = a[i];
    const other = b[i];
    if (!isMap(one) || !isMap(other)) return false;
    for (const { name } of list.keys) {
      const value = one[name];
      if (value !== other[name] || typeof value === 'object') return false;
    }
  }
  return true;
}
