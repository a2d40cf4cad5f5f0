import type { KubernetesObject, ViewSubresource } from '../../api/contract.ts';
import { patchSchemaOf } from '../../api/schema/patch-schema.ts';
import { root } from '../../machinery/field-error.ts';
import { goFormat } from '../../machinery/patch/go-format.ts';
import { applyJsonPatch, decodeJsonPatch } from '../../machinery/patch/json-patch.ts';
import type { JsonObject } from '../../machinery/patch/json.ts';
import { applyMergePatch } from '../../machinery/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../machinery/patch/strategic.ts';
import { badRequest, invalid, notFound, unsupportedMediaType } from '../../machinery/status.ts';
import { limits } from '../contract.ts';
import { mediaTypeOf } from '../http/negotiation.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { applyPatchType, applyThrough, isApply } from './apply.ts';
import { decodeObject, parseBytes, type ParsedBody } from './body.ts';
import { objectOf } from './convert.ts';
import { checkName, dedupeOwners, metadataOf } from './metadata.ts';
import { parsePatchOptions } from './options.ts';
import { apiVersionOf, kindOf, resourceOf, type ResourceRequest } from './request.ts';
import { sendObject } from './respond.ts';
import { updateObject } from './update.ts';
import { currentObject, retryStale } from './write.ts';

type PatchType = 'json' | 'merge' | 'strategic';

const patchTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** PATCH to an object. */
export async function patch(request: ResourceRequest): Promise<void> {
  await patchThrough(request, undefined);
}

/** PATCH to an object or to one of its views. */
export async function patchThrough(
  request: ResourceRequest,
  view: ViewSubresource<KubernetesObject> | undefined,
): Promise<void> {
  const { exchange, definition, info, cache } = request;
  if (isApply(exchange)) {
    await applyThrough(request, view);
    return;
  }
  const { type, body } = await readPatch(exchange);
  const options = parsePatchOptions(exchange.query);
  const isUnconditional = !namesResourceVersion(type, body.value);
  const patched = await retryStale(request, isUnconditional, async (): Promise<CachedObject> => {
    const current = currentObject(request);
    if (current === undefined) throw notFound(resourceOf(request), info.name);
    const old = objectOf(definition, cache, current);
    const value = applyPatch(type, old, body.value, request);
    const object = decodeObject(
      exchange,
      { value, duplicates: () => body.duplicates() },
      kindOf(request),
      definition.schema,
      options.fieldValidation,
      (message) => invalid(definition, info.name, [root('patch').invalid(goFormat(body.value), message)]),
    );
    checkName(request, metadataOf(object));
    dedupeOwners(request, object.metadata);
    return updateObject(request, current, old, object, options.dryRun, view);
  });
  await sendObject(request, patched, 200);
}

/** Reads a patch of a type that the server knows. Throws 415 for others. */
export async function readPatch(
  exchange: ResourceRequest['exchange'],
): Promise<{ readonly type: PatchType; readonly body: ParsedBody }> {
  const type = patchTypes[mediaTypeOf(exchange.header('content-type'))];
  if (type === undefined) throw unsupportedMediaType([...Object.keys(patchTypes), applyPatchType]);
  const bytes = await exchange.readBody(limits.bodyBytes);
  if (bytes.length === 0) throw badRequest('the request has no body: send a patch');
  const body = await parseBytes(bytes, 'json');
  exchange.audit?.requestPatch(body.value);
  return { type, body };
}

/** The patched object as plain JSON. */
export function applyPatch(
  type: PatchType,
  old: KubernetesObject,
  patchValue: unknown,
  { definition }: Pick<ResourceRequest, 'definition'>,
): unknown {
  // What is stored has both; a patch may check or even set them.
  const original = { ...old, kind: definition.kind, apiVersion: apiVersionOf(definition) } as unknown as JsonObject;
  switch (type) {
    case 'json':
      return applyJsonPatch(original, decodeJsonPatch(patchValue));
    case 'merge':
      return applyMergePatch(original, patchValue);
    case 'strategic':
      return applyStrategicMergePatch(original, patchValue, patchSchemaOf(definition.schema));
  }
}

/** A patch that names a resourceVersion is meant for that state alone. */
function namesResourceVersion(type: PatchType, value: unknown): boolean {
  if (type === 'json') {
    return (
      Array.isArray(value) &&
      value.some((operation: { path?: unknown }) => operation?.path === '/metadata/resourceVersion')
    );
  }
  const metadata = (value as { metadata?: { resourceVersion?: unknown } } | null)?.metadata;
  return typeof metadata?.resourceVersion === 'string' && metadata.resourceVersion !== '';
}
