import type { GroupVersionKind, ResourceDefinition, Subresource } from '../../api/contract.ts';

/** A subresource as discovery describes it. */
export interface SubresourceFacts {
  readonly name: string;
  readonly kind: string;
  /** Where the kind is of another group or version than the resource; both empty otherwise. */
  readonly group: string;
  readonly version: string;
  /** In order. */
  readonly verbs: readonly string[];
}

const viewVerbs = ['get', 'patch', 'update'] as const;
const scaleKind: GroupVersionKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

function kindAndVerbs(
  definition: ResourceDefinition,
  subresource: Subresource<never>,
): readonly [kind: GroupVersionKind, verbs: readonly string[]] {
  switch (subresource.shape) {
    case 'view':
      return [definition, subresource.verbs ?? viewVerbs];
    case 'scale':
      return [scaleKind, viewVerbs];
    case 'action':
      return [subresource.body, ['create']];
    case 'connect':
      return [{ ...definition, kind: subresource.kind }, subresource.verbs];
    case 'served':
      return [subresource.body, subresource.verbs];
  }
}

/** The subresources of a resource, in order of name. */
export function subresourceFacts(definition: ResourceDefinition): SubresourceFacts[] {
  return Object.entries(definition.subresources)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, subresource]) => {
      const [{ group, version, kind }, verbs] = kindAndVerbs(definition, subresource as Subresource<never>);
      const isOwn = group === definition.group && version === definition.version;
      return { name, kind, group: isOwn ? '' : group, version: isOwn ? '' : version, verbs: [...verbs].sort() };
    });
}
