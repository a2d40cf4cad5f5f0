import sortedBTree from 'sorted-btree';

// The package is CommonJS: its default export arrives as a property.
export const BTree = sortedBTree.default;
export type BTree<K, V> = sortedBTree.default<K, V>;

/** Fastest of the node sizes tried for some 100,000 keys of about 60 characters. */
export const btreeNodeSize = 64;

/** Orders keys as their bytes are ordered. */
export function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
