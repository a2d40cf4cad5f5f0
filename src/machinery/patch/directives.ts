import { isList, isObject, type JsonObject, maxDepth, setMember } from './json.ts';
import { goFormat } from './go-format.ts';
import { malformedPatch, type PatchError } from './patch-error.ts';

/** `$patch: replace | delete` in a map, or in an item of a merged list. */
export const directiveMarker = '$patch';
/** `$retainKeys: [...]`: members that are not listed go. */
export const retainKeysMarker = '$retainKeys';
/** `$setElementOrder/<list>: [...]`: the order that the list is to have. */
export const setElementOrderPrefix = '$setElementOrder';
/** `$deleteFromPrimitiveList/<list>: [...]`: values to take out of a merged list of scalars. */
export const deleteFromPrimitiveListPrefix = '$deleteFromPrimitiveList';

/** The list that `$setElementOrder/<list>` and its like speak of. `message` refuses a key that names none. */
export function listNamedBy(key: string, prefix: string, message: string): string {
  if (key.startsWith(`${prefix}/`)) return key.slice(prefix.length + 1);
  throw malformedPatch(message);
}

export function unknownDirective(patch: JsonObject): PatchError {
  return malformedPatch(`unknown patch type: ${goFormat(patch[directiveMarker])} in map: ${goFormat(patch)}`);
}

function isDirective(key: string): boolean {
  return (
    key.charCodeAt(0) === 0x24 &&
    (key === directiveMarker ||
      key === retainKeysMarker ||
      key.startsWith(setElementOrderPrefix) ||
      key.startsWith(deleteFromPrimitiveListPrefix))
  );
}

/**
 * A value of the patch as it goes into the object where there is nothing to merge it with: without nulls (there is
 * nothing to delete) and without directives. Undefined for a map that asks to be deleted: nothing goes in. Returns `value` itself when nothing has to go.
 */
export function valueToAdd(value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw malformedPatch('exceeded max depth');
  if (isList(value)) return listToAdd(value, depth);
  return isObject(value) ? mapToAdd(value, depth) : value;
}

export function mapToAdd(value: JsonObject, depth: number): JsonObject | undefined {
  if (Object.hasOwn(value, directiveMarker)) {
    const directive = value[directiveMarker];
    if (directive === 'delete') return undefined;
    if (directive !== 'replace') throw unknownDirective(value);
  }
  let unchanged = true;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const before = value[key];
    const after = before === null || isDirective(key) ? undefined : valueToAdd(before, depth + 1);
    if (after !== before) unchanged = false;
    if (after !== undefined) setMember(result, key, after);
  }
  return unchanged ? value : result;
}

export function listToAdd(list: readonly unknown[], depth: number): readonly unknown[] {
  let unchanged = true;
  const result: unknown[] = [];
  for (const item of list) {
    // The item `{$patch: replace}` says how to merge the list; it is no item of it.
    const isMarker = isObject(item) && Object.hasOwn(item, directiveMarker);
    const after = isMarker ? undefined : valueToAdd(item, depth + 1);
    if (after !== item) unchanged = false;
    if (after !== undefined) result.push(after);
  }
  return unchanged ? list : result;
}
