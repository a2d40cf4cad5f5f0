import { applyDeclaredDefaults } from '../../api/schema/defaults.ts';
import type { KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import { dropDisabledFields } from '../../api/disabled-fields.ts';
import { decode } from '../../api/schema/decode.ts';
import { badRequest, generateNameConflict, invalid, notImplemented, StatusError } from '../../machinery/status.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { decodeObject, readRequestBody } from './body.ts';
import { noBody } from './body-errors.ts';
import { keepReadableFields, trackFields } from './managed-fields.ts';
import { checkNamespace, dedupeOwners, metadataOf, prepareMetadataForCreate, validateMetadata } from './metadata.ts';
import { parseWriteOptions } from './options.ts';
import { kindOf, resourceOf, strategyContext, type ResourceRequest } from './request.ts';
import { sendObject } from './respond.ts';
import { commitCreate } from './write.ts';

/** Names are drawn anew this many times when a generated one is taken (KEP-4420). */
const maxGenerateNameAttempts = 8;

/** POST to a collection. */
export async function create(request: ResourceRequest): Promise<void> {
  const { exchange, definition } = request;
  if (definition.notImplemented !== undefined) throw notImplemented(definition.notImplemented);
  const options = parseWriteOptions(exchange.query, 'CreateOptions');
  const body = await readRequestBody(exchange);
  if (body === undefined) throw noBody(definition.kind);
  const object = decodeObject(exchange, body, kindOf(request), definition.schema, options.fieldValidation);
  dedupeOwners(request, object.metadata);
  const created = await createObject(request, object, options.dryRun);
  await sendObject(request, created, 201);
}

/**
 * Defaults, completes, checks and stores a new object.
 * @param options.applied Who owns its fields is settled.
 */
export async function createObject(
  request: ResourceRequest,
  object: KubernetesObject,
  dryRun: boolean,
  { applied = false } = {},
): Promise<CachedObject> {
  const { registry, definition, info } = request;
  const metadata = metadataOf(object);
  if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== '0') {
    // Upstream's text; its 500 would blame the server for what the client sent.
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  delete metadata.resourceVersion;
  checkNamespace(request, metadata);
  applyDefaults(definition, object);
  if (!applied) trackFields(request, object, undefined);
  const gate = registry.admission.gate(request, 'CREATE', { dryRun });
  const { managedFields } = metadata;
  await gate?.admit(object, undefined);
  keepReadableFields(request, object, managedFields);
  const isGenerated = metadata.name === undefined && metadata.generateName !== undefined;
  prepareObjectForCreate(request, object);
  const hook = registry.hooks.of(definition);
  const reservation = hook && (await hook.reserve(request, { object, old: undefined, dryRun }));
  try {
    validateNewObject(request, object);
    await gate?.validate(object, undefined);
    for (let attempt = 1; ; attempt++) {
      try {
        const key = registry.keyFor(definition, info.namespace, metadata.name ?? '');
        return await commitCreate(request, key, object, dryRun, reservation);
      } catch (error) {
        const isTaken = error instanceof StatusError && error.reason === 'AlreadyExists';
        if (!isGenerated || !isTaken) throw error;
        if (attempt >= maxGenerateNameAttempts) throw generateNameConflict(resourceOf(request), metadata.name ?? '', 1);
        delete metadata.name;
        prepareObjectForCreate(request, object);
        validateNewObject(request, object);
      }
    }
  } finally {
    reservation?.release();
  }
}

/** Plugins of admission judge an object with its defaults. */
export function applyDefaults(definition: ResourceDefinition, object: KubernetesObject): void {
  applyDeclaredDefaults(definition.schema, object);
  definition.defaults?.(object);
}

/** Makes what a client sent, with its defaults, into what would be stored. */
function prepareObjectForCreate(request: ResourceRequest, object: KubernetesObject): void {
  const { definition } = request;
  const context = strategyContext(request);
  const metadata = metadataOf(object);
  prepareMetadataForCreate(request, metadata);
  if (definition.statusIsSeparate) resetStatus(definition, object);
  if (definition.generationChanges !== undefined) metadata.generation = 1;
  else delete metadata.generation;
  dropDisabledFields(definition.schema, object, undefined);
  definition.prepareForCreate?.(object, context);
}

/** Throws what is wrong with a prepared object, all at once. */
function validateNewObject(request: ResourceRequest, object: KubernetesObject): void {
  const { definition } = request;
  const context = strategyContext(request);
  const metadata = metadataOf(object);
  const errors = validateMetadata(definition, metadata);
  if (definition.validate !== undefined) errors.push(...definition.validate(object, context));
  if (errors.length > 0) throw invalid(definition, metadata.name ?? '', errors);
  for (const warning of definition.warningsOnCreate?.(object) ?? []) request.exchange.addWarning(warning);
}

/** Puts the status back to what an object has that never had one. */
function resetStatus(definition: ResourceDefinition, object: KubernetesObject & { status?: unknown }): void {
  if (object.status === undefined) return;
  const field = definition.schema.field('status');
  if (field?.type.kind === 'object' && !field.pointer) object.status = decode(field.type.schema, {});
  else delete object.status;
}
