/** Server-side apply: PATCH with `application/apply-patch+yaml` (KEP-555). */
import { conflictError } from '../../api/apply/conflict.ts';
import { applyObject, type Applied, type FieldManagement } from '../../api/apply/field-manager.ts';
import { isMap, type JsonMap } from '../../api/apply/json.ts';
import { conflictsBeyondLastApplied, lastAppliedManager, withLastApplied } from '../../api/apply/last-applied.ts';
import { ItemError } from '../../api/apply/list-items.ts';
import { FieldsError } from '../../api/apply/path-element.ts';
import { ConflictsError } from '../../api/apply/updater.ts';
import { TypedError, validateTyped } from '../../api/apply/validate.ts';
import type { GroupVersionKind, KubernetesObject, ViewSubresource } from '../../api/contract.ts';
import { decode, DecodeError } from '../../api/schema/decode.ts';
import { JsonSyntaxError, parseJson } from '../../api/schema/json.ts';
import type { ObjectSchema } from '../../api/schema/schema.ts';
import type { ManagedFieldsEntry } from '../../api/types/meta.v1.ts';
import { badRequest, conflict, notFound, type StatusError } from '../../machinery/status.ts';
import { limits, type Exchange } from '../contract.ts';
import { mediaTypeOf } from '../http/negotiation.ts';
import { checkMayCreate } from '../authorization/create-on-update.ts';
import { parseBytes, type ParsedBody } from './body.ts';
import { objectOf } from './convert.ts';
import { createObject } from './create.ts';
import { emptyObject, managementOf, setManagedFields } from './managed-fields.ts';
import { checkName, dedupeOwners, metadataOf } from './metadata.ts';
import { parseApplyOptions, type ApplyOptions } from './options.ts';
import { apiVersionOf, kindOf, resourceOf, type ResourceRequest } from './request.ts';
import { sendObject } from './respond.ts';
import { updateObject } from './update.ts';
import { currentObject, retryStale } from './write.ts';

export const applyPatchType = 'application/apply-patch+yaml';

export function isApply(exchange: Exchange): boolean {
  return mediaTypeOf(exchange.header('content-type')) === applyPatchType;
}

/** An applied object, read but not checked against its type. */
export interface AppliedBody {
  readonly object: JsonMap;
  /** Says that the text has names that come twice, as the request wants it said. Throws 400. */
  checkDuplicates(): void;
}

/** Reads an applied object: YAML, which JSON nearly is. Throws 400. */
export async function readApplied(exchange: Exchange, { fieldValidation }: ApplyOptions): Promise<AppliedBody> {
  const { value, duplicates } = await parseApplied(await exchange.readBody(limits.bodyBytes));
  const object = value ?? {};
  if (!isMap(object)) throw badRequest('error decoding YAML: the body is not an object');
  exchange.audit?.requestPatch(object);
  return {
    object,
    checkDuplicates: () => {
      const problems = fieldValidation === 'Ignore' ? [] : duplicates();
      if (problems.length === 0) return;
      if (fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${problems.join(', ')}`);
      for (const problem of problems) exchange.addWarning(problem);
    },
  };
}

async function parseApplied(bytes: Buffer): Promise<ParsedBody> {
  try {
    // What kubectl sends is JSON; reading it as YAML would take many times as long.
    if (bytes[0] === '{'.charCodeAt(0)) return parseJson(bytes, { depth: limits.depth });
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw badRequest(`error decoding YAML: ${String(error)}`, error);
  }
  try {
    return await parseBytes(bytes, 'yaml');
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

function textOf(object: JsonMap, field: string): string {
  const value = object[field];
  return typeof value === 'string' ? value : '';
}

/** `default/web; apps/v1, Kind=Deployment`. */
function describeObject(object: JsonMap): string {
  const metadata = isMap(object['metadata']) ? object['metadata'] : {};
  return `${textOf(metadata, 'namespace')}/${textOf(metadata, 'name')}; ${printKind(object)}`;
}

function printKind(object: JsonMap): string {
  const apiVersion = textOf(object, 'apiVersion');
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion];
  return `${group}/${version}, Kind=${textOf(object, 'kind')}`;
}

/** Refuses what is no object of the kind, or says who owns it. */
function checkApplied(object: JsonMap, kind: GroupVersionKind): void {
  if (textOf(object, 'apiVersion') !== apiVersionOf(kind) || textOf(object, 'kind') !== kind.kind) {
    throw badRequest(`invalid object type: ${printKind(object)}`);
  }
  const metadata = object['metadata'];
  if (isMap(metadata) && metadata['managedFields'] !== undefined && metadata['managedFields'] !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
}

export interface ApplyTo {
  readonly kind: GroupVersionKind;
  readonly schema: ObjectSchema;
  /** The object before, which is not changed; undefined when there is none. */
  readonly live: JsonMap | undefined;
  readonly liveEntries: readonly ManagedFieldsEntry[] | undefined;
}

/**
 * What an apply makes of an object, and who owns what then. Throws 400 for an object that is not of its type, 409 for
 * fields that others own.
 */
export function applyTo(
  management: FieldManagement,
  { kind, schema, live, liveEntries }: ApplyTo,
  applied: JsonMap,
  { fieldManager, force }: ApplyOptions,
): Applied {
  checkApplied(applied, kind);
  const { scope } = management;
  const empty = (): JsonMap => emptyObject(schema);
  try {
    validateTyped(scope.node, applied);
  } catch (error) {
    if (!(error instanceof TypedError)) throw error;
    // Upstream's text; its 500 would blame the server for what the client sent.
    throw badRequest(`failed to create typed patch object (${describeObject(applied)}): ${error.message}`, error);
  }
  const request = { live: live ?? empty(), liveEntries, applied, manager: fieldManager, force };
  try {
    return applyObject(management, request, empty);
  } catch (error) {
    if (error instanceof FieldsError) throw badRequest(`failed to decode managed fields: ${error.message}`, error);
    if (error instanceof ItemError) throw badRequest(`failed to merge config: ${error.message}`, error);
    // A value that other versions, in which fields are owned, cannot be made of.
    if (error instanceof DecodeError) throw notConvertible(applied, error);
    if (!(error instanceof ConflictsError)) throw error;
    if (fieldManager !== lastAppliedManager) throw conflictError(error.conflicts);
    const conflicts = conflictsBeyondLastApplied(scope, request.live, error.conflicts);
    if (conflicts.length > 0) throw conflictError(conflicts);
    return applyObject(management, { ...request, force: true }, empty);
  }
}

/** An object of the kind, as the server keeps objects. Throws 400. */
export function decodeMerged(schema: ObjectSchema, merged: JsonMap, applied: JsonMap): KubernetesObject {
  try {
    return decode(schema, merged) as KubernetesObject;
  } catch (error) {
    if (error instanceof DecodeError) throw notConvertible(applied, error);
    throw error;
  }
}

function notConvertible(applied: JsonMap, error: DecodeError): StatusError {
  return badRequest(
    `failed to convert new object (${describeObject(applied)}) to proper version: ${error.message}`,
    error,
  );
}

/** Applies to an object or to one of its views, and creates an object that is not there. */
export async function applyThrough(
  request: ResourceRequest,
  view: ViewSubresource<KubernetesObject> | undefined,
): Promise<void> {
  const { exchange, definition, info, cache } = request;
  const options = parseApplyOptions(exchange.query);
  const body = await readApplied(exchange, options);
  const applied = body.object;
  const management = managementOf(request);
  const { schema } = definition;
  const isConditional = isMap(applied['metadata']) && textOf(applied['metadata'], 'resourceVersion') !== '';
  const written = await retryStale(request, !isConditional, async () => {
    const current = currentObject(request);
    if (current === undefined && view !== undefined) throw notFound(resourceOf(request), info.name);
    const old = current === undefined ? undefined : objectOf(definition, cache, current);
    const liveEntries = old?.metadata?.managedFields;
    const target = { kind: kindOf(request), schema, live: old as JsonMap | undefined, liveEntries };
    const { object: merged, entries } = applyTo(management, target, applied, options);
    body.checkDuplicates();
    const annotated = options.fieldManager === lastAppliedManager ? withLastApplied(merged, applied) : merged;
    const object = decodeMerged(schema, annotated, applied);
    setManagedFields(object, entries);
    dedupeOwners(request, object.metadata);
    if (current === undefined || old === undefined) {
      checkIsNew(request, object);
      await checkMayCreate(request);
      return { object: await createObject(request, object, options.dryRun, { applied: true }), status: 201 };
    }
    checkName(request, metadataOf(object));
    const stored = await updateObject(request, current, old, object, options.dryRun, view, { applied: true });
    return { object: stored, status: 200 };
  });
  await sendObject(request, written.object, written.status);
}

/** Refuses to create an object that is said to be there, or to be another one. */
function checkIsNew(request: ResourceRequest, object: KubernetesObject): void {
  const metadata = metadataOf(object);
  if (metadata.uid !== undefined) {
    const why = `uid mismatch: the provided object specified uid ${metadata.uid}, and no existing object was found`;
    throw conflict(resourceOf(request), request.info.name, why);
  }
  checkName(request, metadata);
}
