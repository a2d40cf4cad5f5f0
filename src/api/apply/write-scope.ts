import type { FieldSet } from './field-set.ts';
import type { JsonMap } from './json.ts';
import type { TypeNode } from './type-node.ts';

/** A version in which fields may be owned, seen from the version of the request. */
export interface VersionView {
  readonly node: TypeNode;
  /** An object of the request's version in this one, and back. Neither changes its argument. */
  to(object: JsonMap): JsonMap;
  from(object: JsonMap): JsonMap;
}

/** What a write is about. */
export interface WriteScope {
  /** The version of the request, in which both states of the object are. */
  readonly apiVersion: string;
  readonly node: TypeNode;
  /** Another version; undefined when it is not served any more: who owns fields in it is forgotten. */
  view(apiVersion: string): VersionView | undefined;
  /** Takes out of a set what this write resets; undefined when it resets nothing. */
  keep(apiVersion: string): ((set: FieldSet) => FieldSet) | undefined;
}

/** Any version, that of the request included. */
export function viewOf(scope: WriteScope, apiVersion: string): VersionView | undefined {
  if (apiVersion !== scope.apiVersion) return scope.view(apiVersion);
  return { node: scope.node, to: (object) => object, from: (object) => object };
}
