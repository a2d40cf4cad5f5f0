import { deepEqual } from '../deep-equal.ts';
import { goJsonKind, isDeeperThan, isList, isObject, maxDepth, member } from './json.ts';
import { PatchDocument } from './json-patch-document.ts';
import { malformedPatch, oversizedPatch, unprocessablePatch } from './patch-error.ts';

/** One operation of a JSON Patch, checked for its types but not for its sense. */
export interface JsonPatchOperation {
  /** `unknown` when absent, which no operation is named. */
  readonly op: string;
  readonly path: string | undefined;
  readonly from: string | undefined;
  /** Null when absent, as upstream takes it. */
  readonly value: unknown;
}

export interface JsonPatchLimits {
  readonly operations: number;
  /** JSON bytes that all `copy` operations together may add: without a bound, few copies make any size. */
  readonly copiedBytes: number;
}

/** Upstream's numbers: 10,000 operations, and copies up to the size that a request body may have. */
export const defaultJsonPatchLimits: JsonPatchLimits = { operations: 10_000, copiedBytes: 3 * 1024 * 1024 };

const operationFields = new Set(['op', 'path', 'from', 'value']);

/**
 * Reads a JSON Patch (RFC 6902) from decoded JSON. Throws a PatchError: 400 when it is not a list of operations, 413
 * when it has more of them than `limits` allow.
 */
export function decodeJsonPatch(patch: unknown, limits = defaultJsonPatchLimits): JsonPatchOperation[] {
  if (patch === null) return [];
  if (!isList(patch)) throw cannotDecode(patch, 'value of type jsonpatch.Patch');
  if (patch.length > limits.operations) {
    throw oversizedPatch(`The allowed maximum operations in a JSON patch is ${limits.operations}, got ${patch.length}`);
  }
  if (isDeeperThan(patch, maxDepth)) throw malformedPatch('exceeded max depth');
  return patch.map(decodeOperation);
}

function decodeOperation(item: unknown): JsonPatchOperation {
  if (item === null) return { op: 'unknown', path: undefined, from: undefined, value: null };
  if (!isObject(item)) throw cannotDecode(item, 'value of type jsonpatch.Operation');
  const text = (name: string): string | undefined => {
    const value = member(item, name);
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return value;
    throw cannotDecode(value, `struct field jsonPatchOp.${name} of type string`);
  };
  return { op: text('op') ?? 'unknown', path: text('path'), from: text('from'), value: member(item, 'value') ?? null };
}

function cannotDecode(value: unknown, target: string): Error {
  return malformedPatch(`error decoding patch: json: cannot unmarshal ${goJsonKind(value)} into Go ${target}`);
}

/**
 * What strict field validation says of a JSON Patch: a sentence for each member of an operation that RFC 6902 does not
 * have, at most 100.
 */
export function jsonPatchStrictErrors(patch: unknown): string[] {
  const errors: string[] = [];
  if (!isList(patch)) return errors;
  for (const [index, operation] of patch.entries()) {
    if (!isObject(operation)) continue;
    for (const key of Object.keys(operation)) {
      if (operationFields.has(key)) continue;
      if (errors.push(`json patch unknown field "[${index}].${key}"`) === 100) return errors;
    }
  }
  return errors;
}

/**
 * Applies the operations in order and returns the new document; `original` is not changed, and parts that no operation
 * touches are shared. The result is an object or a list. Throws a PatchError (422) at the first operation that does not
 * apply; its `detail` says which and why.
 */
export function applyJsonPatch(
  original: unknown,
  operations: readonly JsonPatchOperation[],
  limits = defaultJsonPatchLimits,
): unknown {
  const document = new PatchDocument(original, limits.copiedBytes);
  for (const operation of operations) applyOperation(document, operation);
  return document.root;
}

function applyOperation(document: PatchDocument, { op, path, from, value }: JsonPatchOperation): void {
  const need = (pointer: string | undefined, name: string): string => {
    if (pointer === undefined) throw unprocessablePatch(`${op} operation failed to decode ${name}: missing value`);
    return pointer;
  };
  switch (op) {
    case 'add':
      return document.add(need(path, 'path'), value);
    case 'remove':
      document.remove(need(path, 'path'));
      return;
    case 'replace':
      return document.replace(need(path, 'path'), value);
    case 'move': {
      const moved = document.remove(need(from, 'from'));
      return document.add(need(path, 'path'), moved);
    }
    case 'copy':
      return document.add(need(path, 'path'), document.copyOf(need(from, 'from')));
    case 'test':
      // A member that is not there equals null, which is how patches ask for its absence.
      if (deepEqual(document.find(need(path, 'path')) ?? null, value)) return;
      throw unprocessablePatch(`testing value ${path} failed: test failed`);
    default:
      throw unprocessablePatch(`Unexpected kind: ${op}`);
  }
}
