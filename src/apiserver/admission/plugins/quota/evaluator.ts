import type { KubernetesObject } from '../../../../api/contract.ts';
import type { Amounts } from '../../../../api/core/resource-list.ts';
import type { ScopedResourceSelectorRequirement } from '../../../../api/types/core.v1.ts';
import { Quantity } from '../../../../machinery/quantity.ts';
import type { RequestKind } from '../../contract.ts';

/** A scope of a quota, as a selector. */
export type ScopeSelector = ScopedResourceSelectorRequirement;

/** How objects of one kind are counted against quotas. */
export interface Evaluator {
  /** Whether such requests can change what is used. */
  handles(kind: RequestKind): boolean;
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

export function countName({ group, resource }: { readonly group: string; readonly resource: string }): string {
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
