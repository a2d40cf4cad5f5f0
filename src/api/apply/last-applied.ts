/** From `kubectl apply` to `kubectl apply --server-side`: what the annotation of the one tells the other. */
import { compare } from './compare.ts';
import type { Conflict } from './conflict.ts';
import { difference, emptySet, hasPath, type FieldSet } from './field-set.ts';
import { goJson, isMap, type JsonMap } from './json.ts';
import { claimedFields } from './owned-fields.ts';
import type { WriteScope } from './write-scope.ts';
import { validateTyped } from './validate.ts';

/** The one field manager whose applies are kept in step with the annotation. */
export const lastAppliedManager = 'kubectl';
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';
/** Of all annotations of an object together. */
const maxAnnotationBytes = 256 * 1024;

function annotationsOf(object: JsonMap): JsonMap | undefined {
  const metadata = object['metadata'];
  const annotations = isMap(metadata) ? metadata['annotations'] : undefined;
  return isMap(annotations) ? annotations : undefined;
}

function lastAppliedOf(object: JsonMap): string {
  const text = annotationsOf(object)?.[lastAppliedAnnotation];
  return typeof text === 'string' ? text : '';
}

/**
 * The conflicts that are left when those are passed over that come from the object having been applied by the client
 * before: fields that are still as they were applied.
 */
export function conflictsBeyondLastApplied(
  scope: WriteScope,
  live: JsonMap,
  conflicts: readonly Conflict[],
): readonly Conflict[] {
  const owned = lastAppliedFields(scope, live);
  return owned === undefined ? conflicts : conflicts.filter(({ path }) => !hasPath(owned, path));
}

function lastAppliedFields(scope: WriteScope, live: JsonMap): FieldSet | undefined {
  const text = lastAppliedOf(live);
  if (text === '') return undefined;
  try {
    const applied: unknown = JSON.parse(text);
    if (!isMap(applied) || applied['apiVersion'] !== scope.apiVersion) return undefined;
    validateTyped(scope.node, applied);
    const { changed = emptySet, removed = emptySet } = compare(scope.node, applied, live) ?? {};
    return difference(difference(claimedFields(scope.node, applied), changed), removed);
  } catch {
    // Clients write the annotation as they like; what cannot be read tells nothing.
    return undefined;
  }
}

function sortedJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedJson);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortedJson(value[key])]),
  );
}

function withAnnotations(object: JsonMap, annotations: JsonMap): JsonMap {
  return { ...object, metadata: { ...(object['metadata'] as JsonMap), annotations } };
}

function annotationBytes(annotations: JsonMap): number {
  let bytes = 0;
  for (const key of Object.keys(annotations)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(String(annotations[key]));
  }
  return bytes;
}

/** The object with its annotation, where it has one, brought up to what was applied. */
export function withLastApplied(object: JsonMap, applied: JsonMap): JsonMap {
  const last = lastAppliedOf(object);
  const annotations = annotationsOf(object);
  if (last === '' || annotations === undefined) return object;
  const given = annotationsOf(applied);
  const bare = given === undefined ? applied : withAnnotations(applied, withoutLastApplied(given));
  const text = `${goJson(sortedJson(bare))}\n`;
  if (text === last) return object;
  const next = { ...annotations, [lastAppliedAnnotation]: text };
  return withAnnotations(object, annotationBytes(next) > maxAnnotationBytes ? withoutLastApplied(annotations) : next);
}

function withoutLastApplied(annotations: JsonMap): JsonMap {
  const { [lastAppliedAnnotation]: _, ...others } = annotations;
  return others;
}
