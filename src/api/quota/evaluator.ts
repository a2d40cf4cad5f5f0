import type { KubernetesObject } from '../contract.ts';
import type { Amounts } from '../core/resource-list.ts';
import type { ScopedResourceSelectorRequirement } from '../types/core.v1.ts';
import { Quantity } from '../../machinery/quantity.ts';

/** A scope of a quota, as a selector. */
export type ScopeSelector = ScopedResourceSelectorRequirement;

/** What decides whether a request can change what is used. */
export interface CountedRequest {
  /** `CREATE`, `UPDATE`. */
  readonly operation: string;
  /** '' for the resource itself. */
  readonly subresource: string;
}

/** The group and plural of a resource. */
export interface CountedResource {
  readonly group: string;
  readonly resource: string;
}

/** How objects of one kind are counted against quotas. */
export interface Evaluator {
  /** Whether such requests can change what is used. */
  handles(request: CountedRequest): boolean;
  /** Whether this kind of object uses a resource that a quota names. */
  counts(resource: string): boolean;
  /** What an object uses. */
  usage(object: KubernetesObject): Amounts;
  /** Whether an object is within a scope. */
  isInScope(selector: ScopeSelector, object: KubernetesObject): boolean;
  /** What is missing from an object where a quota names these resources, as upstream's sentence. */
  missing?(resources: readonly string[], object: KubernetesObject): string | undefined;
}

export const one = Quantity.of(1);

export function countName({ group, resource }: CountedResource): string {
  return `count/${resource}${group === '' ? '' : `.${group}`}`;
}

/** Whether a name is among those that a scope selects; '' is no name. */
export function selectsName({ operator, values = [] }: ScopeSelector, name: string): boolean {
  switch (operator) {
    case 'Exists':
      return name !== '';
    case 'DoesNotExist':
      return name === '';
    case 'In':
      return name !== '' && values.includes(name);
    case 'NotIn':
      return name === '' || !values.includes(name);
  }
}
