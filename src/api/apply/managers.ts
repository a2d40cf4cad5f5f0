/** `metadata.managedFields` as something to compute with, and back. */
import { deepEqual } from '../../machinery/deep-equal.ts';
import type { ManagedFieldsEntry } from '../types/meta.v1.ts';
import { emptySet, union, type FieldSet } from './field-set.ts';
import { fieldsOf } from './fields-v1.ts';
import { isMap } from './json.ts';
import { FieldsError } from './path-element.ts';

export type ManagerOperation = 'Apply' | 'Update';

/** One manager and the fields that it owns. */
export interface Manager {
  readonly manager: string;
  readonly operation: ManagerOperation;
  /** Of the fields. */
  readonly apiVersion: string;
  readonly subresource: string;
  /** When the entry was last changed, RFC 3339; undefined: not known. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Who a manager is: appliers are the same in every version. */
export type ManagerId = string;

/** All managers of an object. A map is changed only by who made it. */
export type Managers = Map<ManagerId, Manager>;

export function managerId({
  manager,
  operation,
  apiVersion,
  subresource,
}: Pick<Manager, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): ManagerId {
  // Upstream's identifier, whose order decides where times do not.
  return JSON.stringify({
    ...(manager === '' ? {} : { manager }),
    operation,
    ...(operation === 'Apply' ? {} : { apiVersion }),
    ...(subresource === '' ? {} : { subresource }),
  });
}

function operationOf({ operation }: ManagedFieldsEntry): ManagerOperation {
  if (operation === 'Apply') return 'Apply';
  if (operation === 'Update') return 'Update';
  throw new FieldsError('operation must be `Apply` or `Update`');
}

/**
 * Reads the entries of an object. Throws a FieldsError for what is no managed fields.
 * @param known Entries whose fields are known to be in canonical form, as all are that were stored.
 */
export function decodeManagers(
  entries: readonly ManagedFieldsEntry[] | null | undefined,
  known: readonly ManagedFieldsEntry[] | null | undefined = undefined,
): Managers {
  const managers: Managers = new Map();
  for (const [index, entry] of (entries ?? []).entries()) {
    const { manager = '', apiVersion = '', subresource = '', time, fieldsType = '' } = entry;
    const operation = operationOf(entry);
    if (apiVersion === '') throw new FieldsError('apiVersion must not be empty');
    if (fieldsType === '') throw new FieldsError(`missing fieldsType in managed fields entry ${index}`);
    if (fieldsType !== 'FieldsV1') {
      throw new FieldsError(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`);
    }
    const same = known?.[index]?.fieldsV1;
    const isKnown = same !== undefined && isMap(same) && deepEqual(same, entry.fieldsV1);
    const fields = isKnown ? (same as FieldSet) : fieldsOf(entry.fieldsV1);
    const one: Manager = { manager, operation, apiVersion, subresource, time: time ?? undefined, fields };
    managers.set(managerId(one), one);
  }
  return managers;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function secondsOf(time: string | undefined): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000);
}

/** Appliers first, then by time, and by name. */
function compareManagers(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    secondsOf(a.time) - secondsOf(b.time) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

/** The managers as entries in their order; undefined when there are none. */
export function encodeManagers(managers: Managers): ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined;
  const sorted = managers.size === 1 ? [...managers.values()] : [...managers.values()].sort(compareManagers);
  return sorted.map(encodeManager);
}

function encodeManager({ manager, operation, apiVersion, subresource, time, fields }: Manager): ManagedFieldsEntry {
  const entry: ManagedFieldsEntry = manager === '' ? { operation, apiVersion } : { manager, operation, apiVersion };
  if (time !== undefined) entry.time = time;
  entry.fieldsType = 'FieldsV1';
  entry.fieldsV1 = fields;
  if (subresource !== '') entry.subresource = subresource;
  return entry;
}

/** Upstream's bound on the managers of updates that one object remembers. */
const maxUpdateManagers = 10;
/** Who owns the fields of those that are forgotten. */
const forgottenManager = 'ancient-changes';

function byTime([id, a]: [ManagerId, Manager], [other, b]: [ManagerId, Manager]): number {
  return secondsOf(a.time) - secondsOf(b.time) || compareText(id, other);
}

/** Puts the oldest managers of updates together, those of each version into one, until there are not too many. */
export function capManagers(managers: Managers): void {
  if (managers.size <= maxUpdateManagers) return;
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update').sort(byTime);
  let count = updaters.length;
  const firstOfVersion = new Map<string, ManagerId>();
  for (const [id, updater] of updaters) {
    if (count <= maxUpdateManagers) return;
    const { apiVersion } = updater;
    const first = firstOfVersion.get(apiVersion);
    if (first === undefined) {
      firstOfVersion.set(apiVersion, id);
      continue;
    }
    const forgotten = { manager: forgottenManager, operation: 'Update', apiVersion, subresource: '' } as const;
    const bucket = managerId(forgotten);
    const gathered = managers.get(bucket) ?? managers.get(first);
    if (!managers.has(bucket)) managers.delete(first);
    managers.delete(id);
    const fields = union(updater.fields, gathered?.fields ?? emptySet);
    managers.set(bucket, { ...forgotten, time: updater.time, fields });
    count--;
  }
}
