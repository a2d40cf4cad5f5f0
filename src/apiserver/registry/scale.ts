import type { KubernetesObject, ScaleSubresource } from '../../api/contract.ts';
import { decode } from '../../api/schema/decode.ts';
import type { TypeMeta } from '../../api/schema/protobuf/envelope.ts';
import { lookupType, type ObjectSchema } from '../../api/schema/schema.ts';
import type { JsonMap } from '../../api/apply/json.ts';
import type { Scale } from '../../api/types/autoscaling.v1.ts';
import type { ManagedFieldsEntry } from '../../api/types/meta.v1.ts';
import { root } from '../../machinery/field-error.ts';
import { badRequest, conflict, invalid, methodNotAllowed, notFound } from '../../machinery/status.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { applyTo, decodeMerged, isApply, readApplied } from './apply.ts';
import { decodeObject, readRequestBody } from './body.ts';
import { noBody } from './body-errors.ts';
import { objectOf } from './convert.ts';
import { readObject } from './get.ts';
import { parseApplyOptions, parsePatchOptions, parseWriteOptions } from './options.ts';
import { applyPatch, readPatch } from './patch.ts';
import { resourceOf, type ResourceRequest } from './request.ts';
import { sendTyped } from './respond.ts';
import { ScaleFields } from './scale-fields.ts';
import { updateObject } from './update.ts';
import { currentObject, retryStale } from './write.ts';

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' } as const;

function scaleSchema(): ObjectSchema {
  const schema = lookupType(scaleKind.group, scaleKind.version, scaleKind.kind);
  if (schema === undefined) throw new Error('no schema for Scale');
  return schema;
}

function scaleOf(object: KubernetesObject, subresource: ScaleSubresource<KubernetesObject>): Scale & TypeMeta {
  const { name = '', namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  const { specReplicas, statusReplicas, selector } = subresource.view(object);
  const scale = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: specReplicas },
    status: { replicas: statusReplicas, selector },
  };
  return decode(scaleSchema(), scale) as KubernetesObject as Scale & TypeMeta;
}

/** GET, PUT and PATCH of a `scale` subresource: the object seen as an `autoscaling/v1 Scale`. */
export async function scale(request: ResourceRequest, subresource: ScaleSubresource<KubernetesObject>): Promise<void> {
  const { exchange, definition, cache, info } = request;
  switch (info.verb) {
    case 'get': {
      const object = objectOf(definition, cache, await readObject(request));
      await sendTyped(exchange, 200, scaleOf(object, subresource));
      return;
    }
    case 'update':
      await putScale(request, subresource);
      return;
    case 'patch':
      await patchScale(request, subresource);
      return;
    default:
      throw methodNotAllowed();
  }
}

async function putScale(request: ResourceRequest, subresource: ScaleSubresource<KubernetesObject>): Promise<void> {
  const { exchange, info } = request;
  const options = parseWriteOptions(exchange.query, 'UpdateOptions');
  const body = await readRequestBody(exchange);
  if (body === undefined) throw noBody('Scale');
  const submitted = decodeObject(exchange, body, scaleKind, scaleSchema(), options.fieldValidation) as Scale;
  if (submitted.metadata?.name !== undefined && submitted.metadata.name !== info.name) {
    throw badRequest(
      `the name of the object (${submitted.metadata.name}) does not match the name on the URL (${info.name})`,
    );
  }
  await writeScale(request, subresource, options.dryRun, submitted.metadata?.resourceVersion !== undefined, {
    change: (current, fields) => ({ scale: submitted, entries: fields.track(current, submitted) }),
  });
}

async function patchScale(request: ResourceRequest, subresource: ScaleSubresource<KubernetesObject>): Promise<void> {
  const { exchange } = request;
  if (isApply(exchange)) {
    await applyScale(request, subresource);
    return;
  }
  const { type, body } = await readPatch(exchange);
  const options = parsePatchOptions(exchange.query);
  const schema = scaleSchema();
  const definition = { ...request.definition, ...scaleKind, schema };
  await writeScale(request, subresource, options.dryRun, false, {
    change: (current, fields) => {
      const value = applyPatch(type, current as KubernetesObject, body.value, { definition });
      const parsed = { value, duplicates: () => body.duplicates() };
      const scale = decodeObject(exchange, parsed, scaleKind, schema, options.fieldValidation) as Scale;
      return { scale, entries: fields.track(current, scale) };
    },
  });
}

async function applyScale(request: ResourceRequest, subresource: ScaleSubresource<KubernetesObject>): Promise<void> {
  const { exchange } = request;
  const options = parseApplyOptions(exchange.query);
  const body = await readApplied(exchange, options);
  const schema = scaleSchema();
  await writeScale(request, subresource, options.dryRun, false, {
    change: (current, { management, entries }) => {
      const target = { kind: scaleKind, schema, live: current as object as JsonMap, liveEntries: entries };
      const applied = applyTo(management, target, body.object, options);
      body.checkDuplicates();
      const scale = decodeMerged(schema, applied.object, body.object) as Scale;
      return { scale, entries: applied.entries };
    },
  });
}

/** What a request makes of a Scale. */
interface ScaleChange {
  change(
    current: Scale,
    fields: ScaleFields,
  ): { readonly scale: Scale; readonly entries: readonly ManagedFieldsEntry[] | undefined };
}

async function writeScale(
  request: ResourceRequest,
  subresource: ScaleSubresource<KubernetesObject>,
  dryRun: boolean,
  namesVersion: boolean,
  { change }: ScaleChange,
): Promise<void> {
  const { exchange, definition, cache, info } = request;
  const written = await retryStale(request, !namesVersion, async (): Promise<CachedObject> => {
    const current = currentObject(request);
    if (current === undefined) throw notFound(resourceOf(request), info.name);
    const old = objectOf(definition, cache, current);
    const fields = new ScaleFields(request, scaleSchema(), old);
    const { scale: changed, entries } = change(scaleOf(old, subresource), fields);
    const gate = request.registry.admission.gate(request, 'UPDATE', { dryRun, kind: scaleKind });
    await gate?.pass(changed as KubernetesObject, scaleOf(old, subresource));
    const { metadata, spec } = changed;
    const replicas = spec?.replicas ?? 0;
    if (replicas < 0) {
      throw invalid(scaleKind, info.name, [
        root('spec').child('replicas').invalid(replicas, 'must be greater than or equal to 0'),
      ]);
    }
    const uid = old.metadata?.uid ?? '';
    if (metadata?.uid !== undefined && metadata.uid !== uid) {
      const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`;
      throw conflict(resourceOf(request), info.name, why);
    }
    const object = objectOf(definition, cache, current);
    subresource.setReplicas(object, replicas);
    const given = metadata?.resourceVersion;
    if (object.metadata !== undefined) {
      if (given === undefined) delete object.metadata.resourceVersion;
      else object.metadata.resourceVersion = given;
    }
    fields.settle(object, entries);
    return updateObject(request, current, old, object, dryRun, undefined, { applied: true });
  });
  await sendTyped(exchange, 200, scaleOf(objectOf(definition, cache, written), subresource));
}
