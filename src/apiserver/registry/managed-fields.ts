/** Field management in the handlers: who writes, through what, and in which versions fields can be owned. */
import type { KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import { trackUpdate, type FieldManagement } from '../../api/apply/field-manager.ts';
import type { JsonMap } from '../../api/apply/json.ts';
import { ItemError } from '../../api/apply/list-items.ts';
import { decodeManagers } from '../../api/apply/managers.ts';
import { FieldsError } from '../../api/apply/path-element.ts';
import { resetFieldsOf } from '../../api/apply/reset-fields.ts';
import { typeNodeOf, type StructNode } from '../../api/apply/type-node.ts';
import type { VersionView, WriteScope } from '../../api/apply/write-scope.ts';
import { decode } from '../../api/schema/decode.ts';
import type { ObjectSchema } from '../../api/schema/schema.ts';
import type { ManagedFieldsEntry } from '../../api/types/meta.v1.ts';
import { deepEqual } from '../../machinery/deep-equal.ts';
import { formatTime } from '../../machinery/time.ts';
import type { Exchange } from '../contract.ts';
import { metadataOf } from './metadata.ts';
import type { Registry } from './registry.ts';
import { apiVersionOf, type ResourceRequest } from './request.ts';
import { isUnchanged } from './unchanged.ts';

/** Upstream's bound on a manager's name, in bytes. */
const maxManagerBytes = 128;
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** Who writes: as the request says, or else what its user agent calls itself. */
export function managerOf(exchange: Exchange): string {
  const given = exchange.query.get('fieldManager') ?? '';
  if (given !== '') return given;
  const agent = exchange.header('user-agent') ?? '';
  const slash = agent.indexOf('/');
  const name = slash < 0 ? agent : agent.slice(0, slash);
  if (name.length <= maxManagerBytes && /^[\x20-\x7e]*$/.test(name)) return name;
  let manager = '';
  let bytes = 0;
  for (const character of name.replaceAll(unprintable, '')) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxManagerBytes) break;
    manager += character;
  }
  return manager;
}

function fieldTypesOf({ fieldTypes, schema }: ResourceDefinition): StructNode {
  return fieldTypes ?? typeNodeOf(schema);
}

/** The versions in which the fields of a stored object can be owned. */
function viewIn(registry: Registry, definition: ResourceDefinition, apiVersion: string): VersionView | undefined {
  const prefix = definition.storage?.prefix;
  const other = registry.catalog.definitions.find(
    (one) => one.storage?.prefix === prefix && apiVersionOf(one) === apiVersion,
  );
  if (other === undefined) return undefined;
  return {
    node: fieldTypesOf(other),
    to: (object) => converted(object, definition, other),
    from: (object) => converted(object, other, definition),
  };
}

function converted(object: JsonMap, from: ResourceDefinition, to: ResourceDefinition): JsonMap {
  // What was pruned may lack what conversion relies on.
  const complete = decode(from.schema, object) as KubernetesObject;
  const stored = from.storage?.convert?.to(complete) ?? complete;
  return (to.storage?.convert?.from(stored) ?? stored) as JsonMap;
}

/** What a request to write is about. */
export function writeScopeOf(registry: Registry, definition: ResourceDefinition, subresource: string): WriteScope {
  const reset = resetFieldsOf(definition, subresource);
  return {
    apiVersion: apiVersionOf(definition),
    node: fieldTypesOf(definition),
    view: (apiVersion) => viewIn(registry, definition, apiVersion),
    keep: () => reset,
  };
}

export function managementOf({ registry, definition, info }: ResourceRequest): FieldManagement {
  return {
    scope: writeScopeOf(registry, definition, info.subresource),
    subresource: info.subresource,
    time: formatTime(registry.clock.now()),
  };
}

const emptyObjects = new WeakMap<ObjectSchema, JsonMap>();

/** What an object of a type is before anything is set. Shared: not to be changed. */
export function emptyObject(schema: ObjectSchema): JsonMap {
  let empty = emptyObjects.get(schema);
  if (empty === undefined) emptyObjects.set(schema, (empty = decode(schema, {})));
  return empty;
}

export function setManagedFields(object: KubernetesObject, entries: ManagedFieldsEntry[] | undefined): void {
  const metadata = metadataOf(object);
  if (entries === undefined) delete metadata.managedFields;
  else metadata.managedFields = entries;
}

/**
 * Makes who writes an object the owner of what it changes: after its defaults are set, before anything else changes it.
 * @param old The stored object; undefined for a new one.
 */
export function trackFields(
  request: ResourceRequest,
  object: KubernetesObject,
  old: KubernetesObject | undefined,
): void {
  const liveEntries = old?.metadata?.managedFields;
  let entries: ManagedFieldsEntry[] | undefined;
  try {
    entries = trackUpdate(managementOf(request), {
      live: (old ?? emptyObject(request.definition.schema)) as JsonMap,
      liveEntries,
      creates: old === undefined,
      object: object as JsonMap,
      sentEntries: object.metadata?.managedFields,
      manager: managerOf(request.exchange),
    });
  } catch (error) {
    // Who owns what cannot be said of items that have no name. Validation says so, where it matters.
    if (!(error instanceof ItemError)) throw error;
    entries = liveEntries;
  }
  setManagedFields(object, entries);
}

/** Puts back the entries of an object that admission left with some that cannot be read, and says so. */
export function keepReadableFields(
  { exchange }: ResourceRequest,
  object: KubernetesObject,
  before: ManagedFieldsEntry[] | undefined,
): void {
  const after = object.metadata?.managedFields;
  if (after === before) return;
  try {
    decodeManagers(after, before);
  } catch (error) {
    if (!(error instanceof FieldsError)) throw error;
    setManagedFields(object, before);
    exchange.addWarning(
      '.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating ' +
        `admission controller; please fix your requests: ${error.message}`,
    );
  }
}

/** The entries without their times. */
function timeless(entries: readonly ManagedFieldsEntry[]): unknown {
  return entries.map(({ time: _, ...entry }) => entry);
}

/**
 * Puts the times of the stored entries back where an update changes nothing else, as it would be written for them alone
 * (upstream's IgnoreManagedFieldsTimestampsTransformer).
 */
export function keepTimes(object: KubernetesObject, old: KubernetesObject): void {
  const metadata = metadataOf(object);
  const entries = metadata.managedFields;
  const oldEntries = old.metadata?.managedFields;
  if (entries === undefined || oldEntries === undefined || entries.length !== oldEntries.length) return;
  if (entries.every(({ time }, i) => time === oldEntries[i]?.time)) return;
  if (!deepEqual(timeless(entries), timeless(oldEntries))) return;
  metadata.managedFields = oldEntries;
  if (!isUnchanged(object, old)) metadata.managedFields = entries;
}
