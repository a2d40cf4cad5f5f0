import type { FlowSchemaSpec, PriorityLevelConfigurationSpec } from '../types/flowcontrol.v1.ts';

/** The objects that every cluster has, and that nobody may change (upstream's `internalbootstrap`). */

const everyResource = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] };
const everyPath = { verbs: ['*'], nonResourceURLs: ['*'] };

function everythingOf(...groups: readonly string[]): NonNullable<FlowSchemaSpec['rules']> {
  const subjects = groups.map((name) => ({ kind: 'Group', group: { name } }));
  return [{ subjects, resourceRules: [everyResource], nonResourceRules: [everyPath] }];
}

export const mandatoryFlowSchemaSpecs: ReadonlyMap<string, FlowSchemaSpec> = new Map<string, FlowSchemaSpec>([
  [
    'exempt',
    {
      priorityLevelConfiguration: { name: 'exempt' },
      matchingPrecedence: 1,
      rules: everythingOf('system:masters'),
    },
  ],
  [
    'catch-all',
    {
      priorityLevelConfiguration: { name: 'catch-all' },
      matchingPrecedence: 10_000,
      distinguisherMethod: { type: 'ByUser' },
      rules: everythingOf('system:unauthenticated', 'system:authenticated'),
    },
  ],
]);

/** Of `exempt`, the shares and the lendable part may change. */
export const mandatoryPriorityLevelSpecs: ReadonlyMap<string, PriorityLevelConfigurationSpec> = new Map<
  string,
  PriorityLevelConfigurationSpec
>([
  ['exempt', { type: 'Exempt' }],
  [
    'catch-all',
    {
      type: 'Limited',
      limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } },
    },
  ],
]);
