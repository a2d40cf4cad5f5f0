import type { KubernetesObject, ViewSubresource } from '../../api/contract.ts';
import { dropDisabledFields } from '../../api/disabled-fields.ts';
import { root } from '../../machinery/field-error.ts';
import { conflict, invalid, notFound, objectModified } from '../../machinery/status.ts';
import { textOf } from '../../store/contract.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { checkMayCreate } from '../authorization/create-on-update.ts';
import { decodeObject, readRequestBody } from './body.ts';
import { noBody } from './body-errors.ts';
import { objectOf } from './convert.ts';
import { applyDefaults, createObject } from './create.ts';
import { isReadyToGo } from './delete.ts';
import { keepReadableFields, keepTimes, trackFields } from './managed-fields.ts';
import {
  checkName,
  checkNamespace,
  dedupeOwners,
  keepSystemMetadata,
  metadataOf,
  validateMetadata,
  validateMetadataUpdate,
} from './metadata.ts';
import { parseWriteOptions } from './options.ts';
import { kindOf, requestKey, resourceOf, strategyContext, type ResourceRequest } from './request.ts';
import { sendObject } from './respond.ts';
import { commitDelete, commitUpdate, currentObject, retryStale } from './write.ts';

/** PUT to an object. */
export async function update(request: ResourceRequest): Promise<void> {
  await updateThrough(request, undefined);
}

/** PUT to an object or to one of its views. */
export async function updateThrough(
  request: ResourceRequest,
  view: ViewSubresource<KubernetesObject> | undefined,
): Promise<void> {
  const { exchange, definition, info, cache } = request;
  const options = parseWriteOptions(exchange.query, 'UpdateOptions');
  const body = await readRequestBody(exchange);
  if (body === undefined) throw noBody(definition.kind);
  const readSubmitted = (): KubernetesObject => {
    const object = decodeObject(exchange, body, kindOf(request), definition.schema, options.fieldValidation);
    dedupeOwners(request, object.metadata);
    return object;
  };
  let submitted: KubernetesObject | undefined = readSubmitted();
  const metadata = metadataOf(submitted);
  checkNamespace(request, metadata);
  checkName(request, metadata);
  const version = metadata.resourceVersion ?? '';
  const isUnconditional = version === '' || version === '0';
  const written = await retryStale(request, isUnconditional, async () => {
    const current = currentObject(request);
    // Preparing an object changes it: a lost race starts over from what was sent.
    const object = submitted ?? readSubmitted();
    submitted = undefined;
    checkNamespace(request, metadataOf(object));
    if (current === undefined) {
      if (view !== undefined || !definition.allowCreateOnUpdate) throw notFound(resourceOf(request), info.name);
      checkPreconditions(request, object, {});
      await checkMayCreate(request);
      // What was read before it was deleted is written anew.
      delete metadataOf(object).resourceVersion;
      return { object: await createObject(request, object, options.dryRun), status: 201 };
    }
    if (isUnconditional && !definition.allowUnconditionalUpdate) {
      // Upstream names the resource here where others name the kind.
      throw invalid({ group: definition.group, kind: definition.plural }, info.name, [
        root('metadata').child('resourceVersion').invalid(0, 'must be specified for an update'),
      ]);
    }
    const old = objectOf(definition, cache, current);
    return { object: await updateObject(request, current, old, object, options.dryRun, view), status: 200 };
  });
  await sendObject(request, written.object, written.status);
}

/** Refuses what was based on another state of the object. */
function checkPreconditions(request: ResourceRequest, object: KubernetesObject, old: KubernetesObject): void {
  const { uid, resourceVersion = '' } = metadataOf(object);
  const { info } = request;
  // A patch is of what is there: one that changes the uid is not valid, rather than based on another object.
  if (info.verb !== 'patch' && uid !== undefined && uid !== old.metadata?.uid) {
    const failed = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata?.uid ?? ''}`;
    const key = textOf(requestKey(request));
    throw conflict(
      resourceOf(request),
      info.name,
      `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${failed}`,
    );
  }
  if (resourceVersion === '' || resourceVersion === '0' || old.metadata === undefined) return;
  if (!/^\d+$/.test(resourceVersion)) {
    throw invalid(request.definition, info.name, [
      root('metadata').child('resourceVersion').invalid(resourceVersion, 'must be the resourceVersion of a read'),
    ]);
  }
  if (resourceVersion !== old.metadata?.resourceVersion) throw conflict(resourceOf(request), info.name, objectModified);
}

/**
 * Stores a changed object in the place of the one that was read. Applies what an update may not change, checks
 * everything, and completes a deletion that waited for this change.
 * @param old The object as it is, parsed; it is not changed.
 * @param object The object as it should be; it is changed.
 * @param options.applied Who owns its fields is settled.
 */
export async function updateObject(
  request: ResourceRequest,
  current: CachedObject,
  old: KubernetesObject,
  object: KubernetesObject,
  dryRun: boolean,
  view?: ViewSubresource<KubernetesObject>,
  { applied = false } = {},
): Promise<CachedObject> {
  const { registry, definition, info } = request;
  applyDefaults(definition, object);
  if (!applied) trackFields(request, object, old);
  // A Scale was admitted as what it is.
  const isWhole = view !== undefined || info.subresource === '';
  const gate = isWhole ? registry.admission.gate(request, 'UPDATE', { dryRun }) : undefined;
  const { managedFields } = metadataOf(object);
  await gate?.admit(object, old);
  keepReadableFields(request, object, managedFields);
  checkPreconditions(request, object, old);
  const prepared = prepareForUpdate(request, object, old, view);
  keepTimes(prepared, old);
  const ofKind = registry.hooks.of(definition);
  const hook = view === undefined ? ofKind : undefined;
  if (view !== undefined) await ofKind?.checkView?.(request, { object: prepared, old, dryRun });
  const reservation = hook && (await hook.reserve(request, { object: prepared, old, dryRun }));
  try {
    validateChanged(request, prepared, old, view);
    await gate?.validate(prepared, old);
    if (isReadyToGo(definition, prepared) && !dryRun) {
      const revision = await commitDelete(request, current);
      // The client is shown the last state, which was never stored.
      return { ...(await commitUpdate(request, current, prepared, true)), revision };
    }
    return await commitUpdate(request, current, prepared, dryRun, { reservation, oldObject: old });
  } finally {
    reservation?.release();
  }
}

/** Throws what is wrong with a changed object, all at once. */
function validateChanged(
  request: ResourceRequest,
  prepared: KubernetesObject,
  old: KubernetesObject,
  view: ViewSubresource<KubernetesObject> | undefined,
): void {
  const { definition, info } = request;
  const metadata = metadataOf(prepared);
  const oldMetadata = metadataOf(old);
  const errors = [...validateMetadata(definition, metadata), ...validateMetadataUpdate(metadata, oldMetadata)];
  const context = strategyContext(request);
  if (view !== undefined) errors.push(...(view.validate?.(prepared, old) ?? []));
  else if (definition.validateUpdate !== undefined) errors.push(...definition.validateUpdate(prepared, old, context));
  else if (definition.validate !== undefined) errors.push(...definition.validate(prepared, context));
  if (errors.length > 0) throw invalid(definition, info.name, errors);
  if (view !== undefined) return;
  for (const warning of definition.warningsOnUpdate?.(prepared, old) ?? []) request.exchange.addWarning(warning);
}

/** Puts back what this update may not change. */
function prepareForUpdate(
  request: ResourceRequest,
  object: KubernetesObject,
  old: KubernetesObject,
  view: ViewSubresource<KubernetesObject> | undefined,
): KubernetesObject {
  const { definition } = request;
  const context = strategyContext(request);
  const prepared = view === undefined ? object : view.merge(object, old, context);
  const metadata = metadataOf(prepared);
  const oldMetadata = metadataOf(old);
  keepSystemMetadata(metadata, oldMetadata);
  if (view === undefined) {
    if (definition.statusIsSeparate) keepStatus(prepared, old);
    definition.prepareForUpdate?.(prepared, old, context);
  }
  dropDisabledFields(definition.schema, prepared, old);
  if (definition.generationChanges?.(prepared, old) === true) metadata.generation = (oldMetadata.generation ?? 0) + 1;
  return prepared;
}

function keepStatus(
  object: KubernetesObject & { status?: unknown },
  old: KubernetesObject & { status?: unknown },
): void {
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}
