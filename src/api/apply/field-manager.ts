/**
 * Field management of one request, as upstream's field manager does it: who may own what, for whom entries are kept, and
 * when they were last changed. Objects come without `managedFields` being looked at: entries are passed beside them.
 */
import type { ManagedFieldsEntry } from '../types/meta.v1.ts';
import { difference, emptySet, isEmpty, setOfPaths, union, type FieldSet } from './field-set.ts';
import type { JsonMap } from './json.ts';
import {
  capManagers,
  decodeManagers,
  encodeManagers,
  managerId,
  type Manager,
  type ManagerOperation,
  type Managers,
} from './managers.ts';
import { fieldElement, FieldsError } from './path-element.ts';
import { apply, update } from './updater.ts';
import type { WriteScope } from './write-scope.ts';

export interface FieldManagement {
  readonly scope: WriteScope;
  /** '' for the object itself. */
  readonly subresource: string;
  /** Now, as entries write it (RFC 3339, whole seconds). */
  readonly time: string;
}

type Entries = readonly ManagedFieldsEntry[] | null | undefined;

const identityFields = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
];

/** What makes an object the one that it is: nobody owns it. */
const unowned = setOfPaths([
  [fieldElement('apiVersion')],
  [fieldElement('kind')],
  [fieldElement('metadata')],
  ...identityFields.map((name) => [fieldElement('metadata'), fieldElement(name)]),
]);

function selfOf(
  { scope, subresource, time }: FieldManagement,
  manager: string,
  operation: ManagerOperation,
): Omit<Manager, 'fields'> {
  const name = manager === '' ? 'unknown' : manager;
  return { manager: name, operation, apiVersion: scope.apiVersion, subresource, time };
}

/** Who owns the object's fields had nobody applied to it before. */
const beforeFirstApply = 'before-first-apply';

/** Whether a client asks for the entries to be forgotten: by an empty list, or by one with an empty entry. */
export function resetsManagedFields(entries: Entries): boolean {
  if (entries === undefined || entries === null) return false;
  const [first] = entries;
  return first === undefined || (entries.length === 1 && Object.keys(first).length === 0);
}

/** Reads entries of which those that cannot be read are as none. */
export function decodeLenient(entries: Entries, known: Entries = undefined): Managers {
  try {
    return decodeManagers(entries, known);
  } catch (error) {
    if (!(error instanceof FieldsError)) throw error;
    return new Map();
  }
}

/**
 * The managers to go on with when an object is written: those that the client sent, unless there are none to be read;
 * then those of the live object, so that clients which do not know of them cannot lose them.
 */
function managersToUpdate({ subresource }: FieldManagement, live: Entries, sent: Entries): Managers {
  if (subresource !== '') return decodeLenient(live, live);
  if (resetsManagedFields(sent)) return new Map();
  const managers = decodeLenient(sent, live);
  return managers.size === 0 ? decodeLenient(live, live) : managers;
}

export interface UpdateTracking {
  /** The object before; for a new one, what its type is without anything set. */
  readonly live: JsonMap;
  readonly liveEntries: Entries;
  readonly creates: boolean;
  readonly object: JsonMap;
  readonly sentEntries: Entries;
  readonly manager: string;
}

/** The entries of an object that was written other than by apply; undefined: none. */
export function trackUpdate(management: FieldManagement, tracking: UpdateTracking): ManagedFieldsEntry[] | undefined {
  const { live, liveEntries, creates, object, sentEntries, manager } = tracking;
  const managers = managersToUpdate(management, liveEntries, sentEntries);
  // Whoever got rid of its entries is not tracked until something is applied.
  if (managers.size === 0 && !creates) return undefined;
  updateManagers(management, live, object, managers, manager);
  return encodeManagers(managers);
}

function updateManagers(
  management: FieldManagement,
  live: JsonMap,
  object: JsonMap,
  managers: Managers,
  manager: string,
): void {
  const changed = update(management.scope, live, object, managers);
  const fields = changed === undefined ? emptySet : difference(changed, unowned);
  if (!isEmpty(fields)) {
    const self = selfOf(management, manager, 'Update');
    const id = managerId(self);
    const owned: FieldSet | undefined = managers.get(id)?.fields;
    managers.set(id, { ...self, fields: owned === undefined ? fields : union(owned, fields) });
  }
  capManagers(managers);
}

export interface Apply {
  /** The object before; for a new one, what its type is without anything set. */
  readonly live: JsonMap;
  readonly liveEntries: Entries;
  /** Of the request's version, checked against its type. */
  readonly applied: JsonMap;
  readonly manager: string;
  /** Takes fields from those who own them. */
  readonly force: boolean;
}

export interface Applied {
  /** The live object itself when nothing changes. */
  readonly object: JsonMap;
  readonly entries: ManagedFieldsEntry[] | undefined;
}

/**
 * Applies an object.
 * @param empty What the type is without anything set.
 * Throws a ConflictsError; a FieldsError when the live object's entries cannot be read.
 */
export function applyObject(management: FieldManagement, request: Apply, empty: () => JsonMap): Applied {
  const { live, liveEntries, applied, manager, force } = request;
  const managers = decodeManagers(liveEntries, liveEntries);
  if (managers.size === 0) updateManagers(management, empty(), live, managers, beforeFirstApply);
  const self = selfOf(management, manager, 'Apply');
  const id = managerId(self);
  const last = managers.get(id);
  const object = apply(management.scope, live, applied, managers, self, id, force);
  settle(managers, id, last, object !== live);
  return { object, entries: encodeManagers(managers) };
}

/** The applier owns nothing that nobody owns, and keeps its time when it changed nothing. */
function settle(managers: Managers, id: string, last: Manager | undefined, changed: boolean): void {
  const now = managers.get(id);
  if (now === undefined) return;
  const fields = difference(now.fields, unowned);
  if (isEmpty(fields)) managers.delete(id);
  else managers.set(id, { ...now, fields, time: changed ? now.time : last?.time });
}
