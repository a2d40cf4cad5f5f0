import {
  deleteFromPrimitiveListPrefix,
  directiveMarker,
  listNamedBy,
  listToAdd,
  mapToAdd,
  retainKeysMarker,
  setElementOrderPrefix,
  valueToAdd,
} from './directives.ts';
import { arrange, checkElementOrder, identifyBy } from './element-order.ts';
import { goType } from './go-format.ts';
import { goJsonKind, isList, isObject, type JsonObject, maxDepth, member, setMember } from './json.ts';
import { malformedPatch } from './patch-error.ts';
import { mergeStrategy, type PatchField, type PatchSchema } from './schema.ts';
import { deleteScalars, mergeLists } from './strategic-list.ts';

const badRetainKeys = 'invalid patch format of retainKeys';
const badPrimitiveList = 'invalid patch format of primitive list';
const badElementOrder = 'invalid patch format of setElementOrder list';

/**
 * Applies a strategic merge patch (`k8s.io/apimachinery/pkg/util/strategicpatch`): as a merge patch, except that lists
 * are merged where the schema says so, and that directives in the patch say more. Neither input is changed; parts that
 * the patch does not touch are shared with the result, and a patch that changes nothing gives `original` itself.
 *
 * Throws a PatchError with upstream's sentences. Upstream answers 500 to most mistakes in a patch; here they are 400.
 */
export function applyStrategicMergePatch(original: JsonObject, patch: unknown, schema: PatchSchema): JsonObject {
  if (patch === null) return original;
  if (!isObject(patch)) {
    throw malformedPatch(`json: cannot unmarshal ${goJsonKind(patch)} into Go value of type map[string]interface {}`);
  }
  return mergeMap(original, patch, schema, 1);
}

/** A map that is copied when it first changes. */
class Draft {
  #result: JsonObject;
  #copy: Record<string, unknown> | undefined;

  constructor(original: JsonObject) {
    this.#result = original;
  }

  get result(): JsonObject {
    return this.#result;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#result, key);
  }

  get(key: string): unknown {
    return member(this.#result, key);
  }

  /** Setting undefined deletes. */
  set(key: string, value: unknown): void {
    if (this.get(key) === value) return;
    this.#copy ??= { ...this.#result };
    this.#result = this.#copy;
    if (value === undefined) delete this.#copy[key];
    else setMember(this.#copy, key, value);
  }
}

/** `schema` is undefined inside free-form JSON: there maps are merged and lists replaced. */
function mergeMap(original: JsonObject, patch: JsonObject, schema: PatchSchema | undefined, depth: number): JsonObject {
  if (depth > maxDepth) throw malformedPatch('exceeded max depth');
  // A map with `$patch` is not merged.
  if (Object.hasOwn(patch, directiveMarker)) return mapToAdd(patch, depth) ?? {};
  const keys = Object.keys(patch);
  const draft = new Draft(
    Object.hasOwn(patch, retainKeysMarker) ? retainKeys(original, patch, keys, patch[retainKeysMarker]) : original,
  );
  // Lists with an order of their own are merged first, and then done with.
  let ordered: Set<string> | undefined;
  for (const key of keys) {
    if (!key.startsWith(setElementOrderPrefix)) continue;
    const name = listNamedBy(key, setElementOrderPrefix, badElementOrder);
    (ordered ??= new Set()).add(name);
    mergeOrderedList(draft, patch, name, patch[key], schema, depth);
  }
  for (const key of keys) {
    if (key.charCodeAt(0) === 0x24) {
      if (key === retainKeysMarker || key.startsWith(setElementOrderPrefix)) continue;
      if (key.startsWith(deleteFromPrimitiveListPrefix)) {
        const name = listNamedBy(key, deleteFromPrimitiveListPrefix, badPrimitiveList);
        deleteFromList(draft, name, patch[key], schema);
        continue;
      }
    }
    if (ordered === undefined || !ordered.has(key)) mergeMember(draft, key, patch[key], schema, depth);
  }
  return draft.result;
}

/** What `$retainKeys` leaves of the original. Every other member that the patch sets must be in the list. */
function retainKeys(original: JsonObject, patch: JsonObject, keys: readonly string[], retained: unknown): JsonObject {
  if (!isList(retained)) throw malformedPatch(badRetainKeys);
  const kept = new Set(retained);
  for (const key of keys) {
    if (key === retainKeysMarker || patch[key] === null || kept.has(key)) continue;
    if (key.startsWith(deleteFromPrimitiveListPrefix) || key.startsWith(setElementOrderPrefix)) continue;
    throw malformedPatch(badRetainKeys);
  }
  const names = Object.keys(original);
  if (names.every((name) => kept.has(name))) return original;
  const left: Record<string, unknown> = {};
  for (const name of names) if (kept.has(name)) setMember(left, name, original[name]);
  return left;
}

function lookup(schema: PatchSchema | undefined, name: string): PatchField | undefined {
  if (schema === undefined) return undefined;
  const field = schema.field(name);
  if (field !== undefined) return field;
  const type = schema.name === undefined ? '' : ` ${schema.name}`;
  throw malformedPatch(`unable to find api field in struct${type} for the json field ${JSON.stringify(name)}`);
}

function mergeMember(draft: Draft, name: string, value: unknown, schema: PatchSchema | undefined, depth: number): void {
  if (value === null) {
    draft.set(name, undefined);
    return;
  }
  const current = draft.get(name);
  if (isObject(value) && isObject(current)) {
    const field = lookup(schema, name);
    const replaces = mergeStrategy(field) === 'replace';
    draft.set(name, replaces ? valueToAdd(value, depth + 1) : mergeMap(current, value, field?.schema, depth + 1));
  } else if (isList(value) && isList(current)) {
    draft.set(name, mergeListMember(current, value, lookup(schema, name), depth));
  } else {
    draft.set(name, typeof value === 'object' ? valueToAdd(value, depth + 1) : value);
  }
}

function mergeListMember(
  current: readonly unknown[],
  value: readonly unknown[],
  field: PatchField | undefined,
  depth: number,
): readonly unknown[] {
  if (mergeStrategy(field) !== 'merge') return listToAdd(value, depth + 1);
  return mergeLists(
    current,
    value,
    field?.mergeKey ?? '',
    (present, patch) => mergeMap(present, patch, field?.schema, depth + 2),
    depth + 2,
  );
}

function deleteFromList(draft: Draft, name: string, value: unknown, schema: PatchSchema | undefined): void {
  if (value === null) {
    draft.set(name, undefined);
    return;
  }
  const current = draft.get(name);
  if (!isList(value)) throw malformedPatch(badPrimitiveList);
  if (!isList(current)) return;
  lookup(schema, name);
  draft.set(name, deleteScalars(current, value));
}

function expectList(value: unknown): readonly unknown[] {
  if (isList(value)) return value;
  throw malformedPatch(`expected a []interface {}, but received a ${goType(value)}`);
}

/** Merges the list that a `$setElementOrder` speaks of, and puts it in that order. */
function mergeOrderedList(
  draft: Draft,
  patch: JsonObject,
  name: string,
  orderValue: unknown,
  schema: PatchSchema | undefined,
  depth: number,
): void {
  const order = expectList(orderValue);
  const live = draft.has(name) ? expectList(draft.get(name)) : undefined;
  const additions = Object.hasOwn(patch, name) ? expectList(patch[name]) : undefined;
  const field = lookup(schema, name);
  const identify = identifyBy(field?.mergeKey ?? '');
  checkElementOrder(additions ?? [], order, identify);
  let merged: readonly unknown[];
  if (additions === undefined) {
    if (live === undefined) return;
    merged = live;
  } else {
    merged = live === undefined ? listToAdd(additions, depth + 1) : mergeListMember(live, additions, field, depth);
  }
  const arranged = arrange(merged, order, live ?? [], identify);
  if (live !== undefined && arranged.length === live.length && arranged.every((item, at) => item === live[at])) return;
  draft.set(name, arranged);
}
