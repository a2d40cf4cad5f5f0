import type { KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import type { ObjectMeta } from '../../api/types/meta.v1.ts';
import { deepEqual } from '../../machinery/deep-equal.ts';
import { root, type FieldError } from '../../machinery/field-error.ts';
import { generatedName } from '../../machinery/generated-name.ts';
import {
  isDNS1035Label,
  isDNS1123Label,
  isDNS1123Subdomain,
  isPathSegmentName,
  isQualifiedName,
  isLabelValue,
} from '../../machinery/names.ts';
import { badRequest } from '../../machinery/status.ts';
import { formatTime } from '../../machinery/time.ts';
import { limits } from '../contract.ts';
import type { ResourceRequest } from './request.ts';

/** The metadata of an object, made when it has none. */
export function metadataOf(object: KubernetesObject): ObjectMeta {
  return (object.metadata ??= {});
}

/** Puts the request's namespace into an object, and refuses another one. Throws 400. */
export function checkNamespace({ definition, info }: ResourceRequest, metadata: ObjectMeta): void {
  if (!definition.namespaced) {
    if (metadata.namespace !== undefined) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    return;
  }
  metadata.namespace ??= info.namespace;
  if (metadata.namespace !== info.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** Refuses an object that is not the one that the path names. Throws 400. */
export function checkName({ info }: ResourceRequest, { name = '', namespace = '' }: ObjectMeta): void {
  if (name === '') {
    throw badRequest(`the name of the object (${info.name} based on URL) was undeterminable: name must be provided`);
  }
  if (name !== info.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${info.name})`);
  }
  if (namespace !== '' && info.namespace !== '' && namespace !== info.namespace) {
    throw badRequest(
      `the namespace of the object (${namespace}) does not match the namespace on the request (${info.namespace})`,
    );
  }
}

/** Leaves each owner once, and says so: a patch is looked at in its outcome, where upstream's admission is through. */
export function dedupeOwners({ exchange, info }: ResourceRequest, metadata: ObjectMeta | undefined): void {
  const owners = metadata?.ownerReferences;
  if (!metadata || !owners || owners.length < 2) return;
  const kept: typeof owners = [];
  const duplicates: string[] = [];
  for (const owner of owners) {
    if (kept.some((one) => one.uid === owner.uid && deepEqual(one, owner))) duplicates.push(owner.uid ?? '');
    else kept.push(owner);
  }
  if (duplicates.length === 0) return;
  metadata.ownerReferences = kept;
  const when = info.verb === 'patch' ? ' after mutating admission happens' : '';
  exchange.addWarning(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may ` +
      `reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`,
  );
}

/** What the system sets on a new object (upstream's FillObjectMetaSystemFields). */
export function prepareMetadataForCreate(request: ResourceRequest, metadata: ObjectMeta): void {
  const { registry } = request;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  metadata.creationTimestamp = formatTime(registry.clock.now());
  metadata.uid = registry.random.uuid();
  if (metadata.name === undefined && metadata.generateName !== undefined) {
    metadata.name = generatedName(metadata.generateName, registry.random);
  }
}

/** Puts back what no update may change. */
export function keepSystemMetadata(metadata: ObjectMeta, old: ObjectMeta): void {
  keep(metadata, old, 'namespace');
  keep(metadata, old, 'creationTimestamp');
  // A deletion cannot be taken back; to begin one with an update is refused, not ignored.
  if (old.deletionTimestamp !== undefined) metadata.deletionTimestamp = old.deletionTimestamp;
  if (old.deletionGracePeriodSeconds !== undefined)
    metadata.deletionGracePeriodSeconds ??= old.deletionGracePeriodSeconds;
  keep(metadata, old, 'generation');
  delete metadata.selfLink;
  metadata.uid ??= old.uid ?? '';
}

function keep<K extends keyof ObjectMeta>(metadata: ObjectMeta, old: ObjectMeta, field: K): void {
  const value = old[field];
  if (value === undefined) delete metadata[field];
  else metadata[field] = value;
}

const path = root('metadata');

function nameErrors(definition: ResourceDefinition, name: string, prefix: boolean): string[] {
  // A prefix may end where a name may not.
  const text = prefix && definition.nameRule !== 'pathSegment' ? name.replace(/[-.]+$/, '') : name;
  if (prefix && text === '') return [];
  const messages = checkByRule(definition.nameRule, text);
  return [...messages, ...(definition.validateName?.(name, prefix) ?? [])];
}

function checkByRule(rule: ResourceDefinition['nameRule'], name: string): string[] {
  switch (rule) {
    case 'dnsSubdomain':
      return isDNS1123Subdomain(name);
    case 'dnsLabel':
      return isDNS1123Label(name);
    case 'dns1035Label':
      return isDNS1035Label(name);
    case 'pathSegment':
      return isPathSegmentName(name);
  }
}

function labelErrors(labels: Readonly<Record<string, string>>): FieldError[] {
  const errors: FieldError[] = [];
  const field = path.child('labels');
  for (const key of Object.keys(labels)) {
    for (const message of isQualifiedName(key)) errors.push(field.invalid(key, message));
    for (const message of isLabelValue(labels[key] ?? '')) errors.push(field.invalid(labels[key], message));
  }
  return errors;
}

function annotationErrors(annotations: Readonly<Record<string, string>>): FieldError[] {
  const errors: FieldError[] = [];
  const field = path.child('annotations');
  let bytes = 0;
  for (const key of Object.keys(annotations)) {
    for (const message of isQualifiedName(key.toLowerCase())) errors.push(field.invalid(key, message));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? '');
  }
  if (bytes > limits.annotationBytes) errors.push(field.tooLong('', limits.annotationBytes));
  return errors;
}

function ownerErrors(metadata: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  const field = path.child('ownerReferences');
  let controller: string | undefined;
  for (const [i, owner] of (metadata.ownerReferences ?? []).entries()) {
    const at = field.index(i);
    const [group] = (owner.apiVersion ?? '').includes('/') ? (owner.apiVersion ?? '').split('/') : [''];
    if (!owner.apiVersion)
      errors.push(at.child('apiVersion').invalid(owner.apiVersion ?? '', 'version must not be empty'));
    if (!owner.kind) errors.push(at.child('kind').invalid(owner.kind ?? '', 'must not be empty'));
    if (!owner.name) errors.push(at.child('name').invalid(owner.name ?? '', 'must not be empty'));
    if (!owner.uid) errors.push(at.child('uid').invalid(owner.uid ?? '', 'must not be empty'));
    if (group === '' && owner.kind === 'Event') {
      errors.push(at.invalid(owner, 'v1, Kind=Event is disallowed from being an owner'));
    }
    if (owner.controller !== true) continue;
    if (controller !== undefined) {
      errors.push(
        field.invalid(
          metadata.ownerReferences,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`,
        ),
      );
    }
    controller = owner.name;
  }
  return errors;
}

/** Finalizers without a domain that upstream knows. */
const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

function finalizerErrors(finalizers: readonly string[]): FieldError[] {
  const field = path.child('finalizers');
  const errors: FieldError[] = [];
  for (const finalizer of finalizers) {
    for (const message of isQualifiedName(finalizer)) errors.push(field.invalid(finalizer, message));
    if (!finalizer.includes('/') && !standardFinalizers.has(finalizer)) {
      errors.push(field.invalid(finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
    }
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(field.invalid(finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

/** What must hold of every object's metadata (upstream's ValidateObjectMeta). */
export function validateMetadata(definition: ResourceDefinition, metadata: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (metadata.generateName !== undefined) {
    for (const message of nameErrors(definition, metadata.generateName, true)) {
      errors.push(path.child('generateName').invalid(metadata.generateName, message));
    }
  }
  if (metadata.name === undefined || metadata.name === '') {
    errors.push(path.child('name').required('name or generateName is required'));
  } else {
    for (const message of nameErrors(definition, metadata.name, false)) {
      errors.push(path.child('name').invalid(metadata.name, message));
    }
  }
  if (definition.namespaced) {
    const { namespace = '' } = metadata;
    if (namespace === '') errors.push(path.child('namespace').required());
    else
      for (const message of isDNS1123Label(namespace)) errors.push(path.child('namespace').invalid(namespace, message));
  }
  if (metadata.generation !== undefined && metadata.generation < 0) {
    errors.push(path.child('generation').invalid(metadata.generation, 'must be greater than or equal to 0'));
  }
  if (metadata.labels !== undefined) errors.push(...labelErrors(metadata.labels));
  if (metadata.annotations !== undefined) errors.push(...annotationErrors(metadata.annotations));
  if (metadata.ownerReferences !== undefined) errors.push(...ownerErrors(metadata));
  if (metadata.finalizers !== undefined) errors.push(...finalizerErrors(metadata.finalizers));
  return errors;
}

/** What an update may not change (upstream's ValidateObjectMetaUpdate). System fields were put back before. */
export function validateMetadataUpdate(metadata: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (metadata.name !== old.name) errors.push(path.child('name').invalid(metadata.name, 'field is immutable'));
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if (metadata[field] !== old[field]) errors.push(path.child(field).invalid(metadata[field], 'field is immutable'));
  }
  if (metadata.uid !== old.uid) errors.push(path.child('uid').invalid(metadata.uid, 'field is immutable'));
  if (old.deletionTimestamp !== undefined) {
    const added = (metadata.finalizers ?? []).filter((finalizer) => old.finalizers?.includes(finalizer) !== true);
    if (added.length > 0) {
      errors.push(
        path
          .child('finalizers')
          .forbidden(
            `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added
              .map((text) => JSON.stringify(text))
              .join(', ')}}`,
          ),
      );
    }
  }
  return errors;
}
