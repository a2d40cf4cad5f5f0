import type { KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import { decode, DecodeError } from '../../api/schema/decode.ts';
import { lookupType } from '../../api/schema/schema.ts';
import { badRequest, conflict, notFound } from '../../machinery/status.ts';
import { formatTime } from '../../machinery/time.ts';
import type { Gate } from '../admission/gate.ts';
import type { Exchange } from '../contract.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { parsedAs, readRequestBody } from './body.ts';
import { objectOf } from './convert.ts';
import { metadataOf } from './metadata.ts';
import { checkDeleteOptions, deleteOptionsOfQuery, type DeleteOptions } from './options.ts';
import { resourceOf, type ResourceRequest } from './request.ts';
import { sendObject, sendTyped } from './respond.ts';
import { commitDelete, commitUpdate, currentObject, retryStale } from './write.ts';

/** Finalizers that stand for a choice of what becomes of dependents. */
const orphanFinalizer = 'orphan';
const foregroundFinalizer = 'foregroundDeletion';

/** What a deletion came to. */
export interface Deletion {
  readonly object: CachedObject;
  /** False: the object is still there, waiting for its grace period or its finalizers. */
  readonly isGone: boolean;
}

/** DELETE of an object. */
export async function deleteOne(request: ResourceRequest): Promise<void> {
  const options = await readDeleteOptions(request.exchange);
  warnOfPropagation(request, options);
  const deletion = await deleteObject(request, options, gateOf(request, options));
  await sendDeletion(request, deletion, options);
}

/** Says what becomes of dependents where the client may not expect it. */
export function warnOfPropagation({ definition, exchange }: ResourceRequest, options: DeleteOptions): void {
  if (definition.propagationWarning === undefined) return;
  if (options.propagationPolicy === undefined && options.orphanDependents === undefined) {
    exchange.addWarning(definition.propagationWarning);
  }
}

async function sendDeletion(request: ResourceRequest, deletion: Deletion, options: DeleteOptions): Promise<void> {
  const { definition, cache } = request;
  const { object, isGone } = deletion;
  if (isGone && definition.returnsDeletedObject !== true) {
    const { metadata } = cache.form.decode(object.value, object.revision);
    await sendTyped(request.exchange, 200, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name: object.name,
        ...(definition.group === '' ? {} : { group: definition.group }),
        kind: definition.plural,
        uid: metadata?.uid,
      },
    });
    return;
  }
  // Accepted, where a client that asked for a cascade is still waiting for it.
  await sendObject(request, object, !isGone && options.orphanDependents === false ? 202 : 200);
}

/** The options of a deletion: from the body when there is one, else from the query. Throws 400, 422. */
export async function readDeleteOptions(exchange: Exchange): Promise<DeleteOptions> {
  const body = await readRequestBody(exchange);
  let options = deleteOptionsOfQuery(exchange.query);
  if (body !== undefined) {
    const schema = lookupType('meta.k8s.io', 'v1', 'DeleteOptions') ?? lookupType('', 'v1', 'DeleteOptions');
    if (schema === undefined) throw new Error('no schema for DeleteOptions');
    const { value } = parsedAs(body, 'DeleteOptions', schema);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw badRequest('the body of a deletion must be a DeleteOptions object');
    }
    const { kind } = value as { kind?: unknown };
    if (typeof kind === 'string' && kind !== 'DeleteOptions' && kind !== '') {
      throw badRequest(`decoded object cannot be converted to DeleteOptions: its kind is ${kind}`);
    }
    try {
      options = decode(schema, value) as DeleteOptions;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw badRequest(`DeleteOptions in version "v1" cannot be handled as a DeleteOptions: ${error.message}`, error);
    }
    exchange.audit?.requestObject({ kind: 'DeleteOptions', apiVersion: 'v1', ...options });
  }
  checkDeleteOptions(options);
  return options;
}

function checkPreconditions(request: ResourceRequest, old: KubernetesObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const { metadata } = old;
  // Here upstream names the kind where other conflicts name the resource.
  const kind = { group: request.definition.group, resource: request.definition.kind };
  const refuse = (what: string, wanted: string, actual = '', why: string): Error =>
    conflict(
      kind,
      request.info.name,
      `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${actual}). ` +
        `The object might have been ${why}`,
    );
  if (uid !== undefined && uid !== metadata?.uid) {
    throw refuse('UID', uid, metadata?.uid, 'deleted and then recreated');
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata?.resourceVersion) {
    throw refuse('ResourceVersion', resourceVersion, metadata?.resourceVersion, 'modified');
  }
}

/** What a deletion that a client asks for has to pass. */
export function gateOf(request: ResourceRequest, options: DeleteOptions): Gate | undefined {
  const dryRun = (options.dryRun ?? []).length > 0;
  return request.registry.admission.gate(request, 'DELETE', { dryRun, options });
}

/** Deletes the object that the path names, or begins to. */
export async function deleteObject(request: ResourceRequest, options: DeleteOptions, gate?: Gate): Promise<Deletion> {
  const { definition, cache, info } = request;
  const dryRun = (options.dryRun ?? []).length > 0;
  const isUnconditional = options.preconditions?.resourceVersion === undefined;
  return retryStale(request, isUnconditional, async () => {
    const current = currentObject(request);
    if (current === undefined) throw notFound(resourceOf(request), info.name);
    const object = objectOf(definition, cache, current);
    checkPreconditions(request, object, options);
    await gate?.pass(undefined, object);
    const isChanged = beginDeletion(request, object, options);
    if (isReadyToGo(definition, object)) {
      const revision = dryRun ? current.revision : await commitDelete(request, current);
      return { object: { ...current, revision }, isGone: true };
    }
    if (!isChanged) return { object: current, isGone: false };
    return { object: await commitUpdate(request, current, object, dryRun), isGone: false };
  });
}

/**
 * Marks an object as being deleted: deletion time, grace period, and the finalizers that the propagation policy asks
 * for. Returns whether anything changed. An object that may go at once has a grace period of 0 afterwards.
 */
function beginDeletion(request: ResourceRequest, object: KubernetesObject, options: DeleteOptions): boolean {
  const { definition, registry } = request;
  const metadata = metadataOf(object);
  const requested = options.gracePeriodSeconds;
  // A negative grace period is taken for "at once, but orderly": upstream's one second.
  const asked = requested !== undefined && requested < 0 ? 1 : requested;
  const graceSeconds = definition.gracePeriodSeconds?.(object, asked) ?? 0;
  let isChanged = setDependentsFinalizers(definition, object, options);
  if (metadata.deletionTimestamp === undefined) {
    metadata.deletionTimestamp = formatTime(registry.clock.now() + graceSeconds * 1000);
    metadata.deletionGracePeriodSeconds = graceSeconds;
    if (metadata.generation !== undefined) metadata.generation += 1;
    definition.prepareForDelete?.(object);
    return true;
  }
  const current = metadata.deletionGracePeriodSeconds ?? 0;
  // A second deletion may shorten the wait, never lengthen it.
  if (definition.gracePeriodSeconds !== undefined && asked !== undefined && graceSeconds < current) {
    const endMs = Date.parse(metadata.deletionTimestamp) + (graceSeconds - current) * 1000;
    const nowMs = registry.clock.now();
    metadata.deletionTimestamp = formatTime(Math.max(endMs, nowMs));
    // Where all of it is over already, the least that is still orderly is left for whoever ends the deletion.
    metadata.deletionGracePeriodSeconds = endMs < nowMs && graceSeconds > 0 ? 1 : graceSeconds;
    isChanged = true;
  }
  return isChanged;
}

/** Adds and removes the `orphan` and `foregroundDeletion` finalizers as the options and the object's own say. */
function setDependentsFinalizers(
  definition: ResourceDefinition,
  object: KubernetesObject,
  options: DeleteOptions,
): boolean {
  const metadata = metadataOf(object);
  const before = metadata.finalizers ?? [];
  const policy = policyOf(definition, before, options);
  const after = before.filter((finalizer) => finalizer !== orphanFinalizer && finalizer !== foregroundFinalizer);
  if (policy === 'Orphan') after.push(orphanFinalizer);
  if (policy === 'Foreground') after.push(foregroundFinalizer);
  if (after.length === before.length && after.every((finalizer) => before.includes(finalizer))) return false;
  if (after.length === 0) delete metadata.finalizers;
  else metadata.finalizers = after;
  return true;
}

function policyOf(definition: ResourceDefinition, finalizers: readonly string[], options: DeleteOptions): string {
  if (options.orphanDependents !== undefined) return options.orphanDependents ? 'Orphan' : 'Background';
  if (options.propagationPolicy !== undefined) return options.propagationPolicy;
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  if (finalizers.includes(foregroundFinalizer)) return 'Foreground';
  return definition.defaultPropagation === 'orphan' ? 'Orphan' : 'Background';
}

/** Whether nothing holds a deletion up any longer: no finalizer, no grace period, nothing of the kind's own. */
export function isReadyToGo(definition: ResourceDefinition, object: KubernetesObject): boolean {
  const { metadata } = object;
  if (metadata?.deletionTimestamp === undefined) return false;
  if ((metadata.finalizers ?? []).length > 0 || (metadata.deletionGracePeriodSeconds ?? 0) > 0) return false;
  return definition.holdsDeletion?.(object) !== true;
}
