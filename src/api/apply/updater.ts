/** Who owns what after a write: upstream's `merge.Updater` of structured-merge-diff. */
import { compare, type Comparison } from './compare.ts';
import type { Conflict } from './conflict.ts';
import { difference, emptySet, intersection, isEmpty, isSubset, pathsOf, type FieldSet } from './field-set.ts';
import type { JsonMap } from './json.ts';
import type { Manager, ManagerId, Managers } from './managers.ts';
import { merge } from './merge.ts';
import { claimedFields } from './owned-fields.ts';
import { prune } from './prune.ts';
import { reconciled } from './schema-sets.ts';
import { viewOf, type WriteScope } from './write-scope.ts';

/** A write that nobody may make without force. */
export class ConflictsError extends Error {
  override name = 'ConflictsError';
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    super('conflicts with other managers');
    this.conflicts = conflicts;
  }
}

function filtered(comparison: Comparison | undefined, scope: WriteScope, apiVersion: string): Comparison | undefined {
  const keep = comparison === undefined ? undefined : scope.keep(apiVersion);
  if (comparison === undefined || keep === undefined) return comparison;
  const part = (set: FieldSet | undefined): FieldSet | undefined => {
    const kept = set === undefined ? emptySet : keep(set);
    return isEmpty(kept) ? undefined : kept;
  };
  const changed = part(comparison.changed);
  const removed = part(comparison.removed);
  return changed === undefined && removed === undefined ? undefined : { changed, removed };
}

/** Compares two states in the versions in which fields are owned, each once. */
class Comparisons {
  readonly #scope: WriteScope;
  readonly #before: JsonMap;
  readonly #after: JsonMap;
  readonly #byVersion = new Map<string, Comparison | undefined | 'unserved'>();

  constructor(scope: WriteScope, before: JsonMap, after: JsonMap) {
    this.#scope = scope;
    this.#before = before;
    this.#after = after;
  }

  in(apiVersion: string): Comparison | undefined | 'unserved' {
    if (this.#byVersion.has(apiVersion)) return this.#byVersion.get(apiVersion);
    const view = viewOf(this.#scope, apiVersion);
    const comparison =
      view === undefined
        ? 'unserved'
        : this.#before === this.#after
          ? undefined
          : filtered(compare(view.node, view.to(this.#before), view.to(this.#after)), this.#scope, apiVersion);
    this.#byVersion.set(apiVersion, comparison);
    return comparison;
  }
}

/**
 * Takes from the other managers what was changed or removed. Changes `managers`. Throws a ConflictsError when something
 * was changed that others own, unless forced.
 */
function takeFromOthers(managers: Managers, self: ManagerId, comparisons: Comparisons, force: boolean): void {
  const conflicts: Conflict[] = [];
  const left = new Map<ManagerId, Manager | undefined>();
  for (const [id, owner] of managers) {
    if (id === self) continue;
    const comparison = comparisons.in(owner.apiVersion);
    if (comparison === 'unserved') {
      left.set(id, undefined);
      continue;
    }
    if (comparison === undefined) continue;
    const { changed = emptySet, removed = emptySet } = comparison;
    if (!force) {
      for (const path of pathsOf(intersection(owner.fields, changed))) conflicts.push({ manager: id, path });
    }
    const fields = difference(difference(owner.fields, changed), removed);
    if (fields !== owner.fields) left.set(id, isEmpty(fields) ? undefined : { ...owner, fields });
  }
  if (conflicts.length > 0) throw new ConflictsError(conflicts);
  for (const [id, owner] of left) {
    if (owner === undefined) managers.delete(id);
    else managers.set(id, owner);
  }
}

/** The managers whose fields are as their types have them now. */
function reconcileAll(scope: WriteScope, managers: Managers): void {
  for (const [id, owner] of managers) {
    const view = viewOf(scope, owner.apiVersion);
    if (view === undefined) continue;
    const fields = reconciled(view.node, owner.fields);
    if (fields !== owner.fields) managers.set(id, { ...owner, fields });
  }
}

/**
 * Takes what a write changed or removed from those who owned it. Changes `managers`.
 * @returns The fields that the writer owns by it; undefined when it changed nothing.
 */
export function update(scope: WriteScope, before: JsonMap, after: JsonMap, managers: Managers): FieldSet | undefined {
  reconcileAll(scope, managers);
  const comparisons = new Comparisons(scope, before, after);
  takeFromOthers(managers, '', comparisons, true);
  const comparison = comparisons.in(scope.apiVersion);
  return comparison === 'unserved' ? undefined : comparison?.changed;
}

/**
 * Lays an applied object over the live one, removes what its manager applied before and does not any more, and gives it
 * what it claims. Changes `managers`. Throws a ConflictsError.
 * @returns The new object; the live one itself when nothing changes.
 */
export function apply(
  scope: WriteScope,
  live: JsonMap,
  applied: JsonMap,
  managers: Managers,
  self: Omit<Manager, 'fields'>,
  id: ManagerId,
  force: boolean,
): JsonMap {
  reconcileAll(scope, managers);
  const last = managers.get(id);
  const claims = claimedFields(scope.node, applied);
  const fields = scope.keep(scope.apiVersion)?.(claims) ?? claims;
  managers.set(id, { ...self, fields });
  let object = merge(scope.node, live, applied);
  if (last !== undefined && !(last.apiVersion === self.apiVersion && isSubset(last.fields, fields))) {
    object = prune(scope, object, managers, self.apiVersion, last);
  }
  const comparisons = new Comparisons(scope, live, object);
  takeFromOthers(managers, id, comparisons, force);
  return object === live || compare(scope.node, live, object) === undefined ? live : object;
}
