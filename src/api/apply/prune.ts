import { difference, emptySet, intersection, isEmpty, union, type FieldSet } from './field-set.ts';
import type { JsonMap } from './json.ts';
import type { Manager, Managers } from './managers.ts';
import { claimedFields } from './owned-fields.ts';
import { removeItems } from './remove-items.ts';
import { withNamedFields } from './schema-sets.ts';
import type { TypeNode } from './type-node.ts';
import { viewOf, type WriteScope } from './write-scope.ts';

/** An object in the version in which it is worked on. */
interface Versioned {
  readonly node: TypeNode;
  readonly object: JsonMap;
}

/**
 * Removes what an applier applied the last time and does not any more, where nobody else owns it. What others own goes
 * with an item that nobody else owns as such.
 * @param merged In the version of the request, as is what is returned.
 * @param managers As they are after this apply.
 */
export function prune(
  scope: WriteScope,
  merged: JsonMap,
  managers: Managers,
  apiVersion: string,
  last: Manager,
): JsonMap {
  if (isEmpty(last.fields)) return merged;
  const view = viewOf(scope, last.apiVersion);
  if (view === undefined) return merged;
  const { node } = view;
  const before = view.to(merged);
  const dropped = removeItems(node, before, withNamedFields(node, last.fields));
  const kept = addBackOwned(scope, before, dropped, last.apiVersion, managers);
  const all = withNamedFields(node, claimedFields(node, before));
  const left = withNamedFields(node, claimedFields(node, kept));
  const gone = intersection(difference(all, left), withNamedFields(node, last.fields));
  if (isEmpty(gone)) return merged;
  return last.apiVersion === apiVersion ? removeItems(node, merged, gone) : view.from(removeItems(node, before, gone));
}

/** Adds back what anybody owns, in the version of each; that of `pruned` first, as others may not do without it. */
function addBackOwned(
  scope: WriteScope,
  merged: JsonMap,
  pruned: JsonMap,
  apiVersion: string,
  managers: Managers,
): JsonMap {
  const claims = new Map<string, FieldSet>([[apiVersion, emptySet]]);
  for (const { apiVersion: version, fields } of managers.values()) {
    claims.set(version, union(claims.get(version) ?? emptySet, fields));
  }
  const home = viewOf(scope, apiVersion);
  let kept = pruned;
  for (const [version, claimed] of claims) {
    const view = viewOf(scope, version);
    if (view === undefined || home === undefined) continue;
    const there = (object: JsonMap): Versioned => ({
      node: view.node,
      object: version === apiVersion ? object : view.to(home.from(object)),
    });
    const added = addBackClaims(there(merged), there(kept), claimed);
    kept = version === apiVersion ? added : home.to(view.from(added));
  }
  return kept;
}

function addBackClaims(merged: Versioned, pruned: Versioned, claimed: FieldSet): JsonMap {
  const { node } = merged;
  const all = withNamedFields(node, claimedFields(node, merged.object));
  const left = withNamedFields(node, claimedFields(node, pruned.object));
  return removeItems(node, merged.object, difference(all, union(left, withNamedFields(node, claimed))));
}
