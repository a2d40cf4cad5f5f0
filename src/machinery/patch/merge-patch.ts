import { goJsonKind, isObject, type JsonObject, maxDepth, member, setMember } from './json.ts';
import { malformedPatch } from './patch-error.ts';

/**
 * Applies a JSON Merge Patch (RFC 7386) to an object. Neither input is changed; parts that the patch does not touch are
 * shared with the result, and a patch that changes nothing gives `original` itself. Throws a PatchError (400) for a
 * patch that is not an object: it could only turn an API object into something else.
 */
export function applyMergePatch(original: JsonObject, patch: unknown): JsonObject {
  if (patch === null) throw malformedPatch('Invalid JSON Patch');
  if (!isObject(patch)) {
    throw malformedPatch(
      `error decoding patch: json: cannot unmarshal ${goJsonKind(patch)} into Go value of type map[string]interface {}`,
    );
  }
  return merge(original, patch, 1);
}

function merge(original: JsonObject, patch: JsonObject, depth: number): JsonObject {
  if (depth > maxDepth) throw malformedPatch('exceeded max depth');
  let result: Record<string, unknown> | undefined;
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    const known = Object.hasOwn(original, key);
    if (value === null) {
      if (known) delete (result ??= { ...original })[key];
      continue;
    }
    const current = member(original, key);
    const merged = isObject(value) ? merge(isObject(current) ? current : {}, value, depth + 1) : value;
    if (known && merged === current) continue;
    setMember((result ??= { ...original }), key, merged);
  }
  return result ?? original;
}
