import { directiveMarker, listToAdd, unknownDirective, valueToAdd } from './directives.ts';
import { arrange, type Identify, identifyBy, missingMergeKey, positions } from './element-order.ts';
import { goFormat } from './go-format.ts';
import { isList, isObject, type JsonObject } from './json.ts';
import { malformedPatch, unprocessablePatch } from './patch-error.ts';

/** Merges an item of the patch's list into the item of the object that has the same merge key. */
export type MergeItem = (original: JsonObject, patch: JsonObject) => JsonObject;

type ItemKind = 'map' | 'string' | 'number' | 'boolean';

/** The one kind that all items of the lists have; undefined when there are none. Throws a PatchError when they differ. */
function itemKind(...lists: readonly (readonly unknown[])[]): ItemKind | undefined {
  let kind: ItemKind | undefined;
  for (const list of lists) {
    for (const item of list) {
      if (isList(item)) throw unprocessablePatch('lists of lists are not supported');
      const current = isObject(item) ? 'map' : typeof item;
      if (current === 'map' || current === 'string' || current === 'number' || current === 'boolean') {
        kind ??= current;
        if (kind === current) continue;
      }
      throw malformedPatch(`list element types are not identical: ${goFormat(lists)}`);
    }
  }
  return kind;
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/**
 * Merges two lists whose field has the strategy `merge`. Lists of maps need the merge key. Returns `original` itself
 * when nothing changes.
 */
export function mergeLists(
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
  mergeItem: MergeItem,
  depth: number,
): readonly unknown[] {
  const kind = itemKind(original, patch);
  if (kind === undefined) return original;
  const merged =
    kind === 'map' ? mergeMaps(original, patch, mergeKey, mergeItem, depth) : mergeScalars(original, patch);
  return same(merged, original) ? original : merged;
}

function mergeScalars(original: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
  const identify = identifyBy('');
  return arrange([...new Set([...original, ...patch])], patch, original, identify);
}

/** Takes the values of a `$deleteFromPrimitiveList` out of a list. */
export function deleteScalars(original: readonly unknown[], toDelete: readonly unknown[]): readonly unknown[] {
  const gone = new Set(toDelete);
  const left = original.filter((item) => !gone.has(item));
  return left.length === original.length ? original : left;
}

function mergeMaps(
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
  mergeItem: MergeItem,
  depth: number,
): readonly unknown[] {
  if (mergeKey === '') throw malformedPatch('cannot merge lists without merge key for struct');
  const { live, additions, replaced } = followDirectives(original, patch as readonly JsonObject[], mergeKey);
  const identify = identifyBy(mergeKey);
  if (replaced) {
    for (const item of additions) identify(item);
    return listToAdd(additions, depth);
  }
  return arrange(mergeItems(live, additions, identify, mergeItem, depth), additions, live, identify);
}

/** Acts on the items that are directives: returns what is left of the object's list and of the patch's. */
function followDirectives(
  original: readonly unknown[],
  patch: readonly JsonObject[],
  mergeKey: string,
): { readonly live: readonly unknown[]; readonly additions: readonly JsonObject[]; readonly replaced: boolean } {
  if (!patch.some((item) => Object.hasOwn(item, directiveMarker))) {
    return { live: original, additions: patch, replaced: false };
  }
  const deleted = new Set<unknown>();
  const additions: JsonObject[] = [];
  let replaced = false;
  for (const item of patch) {
    if (!Object.hasOwn(item, directiveMarker)) {
      additions.push(item);
      continue;
    }
    const directive = item[directiveMarker];
    if (directive === 'delete') {
      if (!Object.hasOwn(item, mergeKey)) throw missingMergeKey(item, mergeKey);
      deleted.add(item[mergeKey]);
    } else if (directive === 'replace') {
      replaced = true;
    } else if (directive === 'merge') {
      throw malformedPatch('merging lists cannot yet be specified in the patch');
    } else {
      throw unknownDirective(item);
    }
  }
  if (deleted.size === 0) return { live: original, additions, replaced };
  const isDeleted = (item: unknown): boolean =>
    isObject(item) && Object.hasOwn(item, mergeKey) && deleted.has(item[mergeKey]);
  return { live: original.filter((item) => !isDeleted(item)), additions, replaced };
}

function mergeItems(
  live: readonly unknown[],
  additions: readonly JsonObject[],
  identify: Identify,
  mergeItem: MergeItem,
  depth: number,
): readonly unknown[] {
  const merged = [...live];
  const at = positions(merged, identify);
  for (const addition of additions) {
    const identity = identify(addition);
    const position = at.get(identity);
    const present = position === undefined ? undefined : merged[position];
    if (position !== undefined && isObject(present)) {
      merged[position] = mergeItem(present, addition);
    } else {
      at.set(identity, merged.length);
      merged.push(valueToAdd(addition, depth));
    }
  }
  return merged;
}
