import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import { statusOnlySubresource } from '../status-only.ts';
import type { FlowSchema } from '../types/flowcontrol.v1.ts';
import { validateFlowControlStatus, validateFlowSchema } from './flow-schema-validation.ts';

const defaultMatchingPrecedence = 1000;

/** Whether the priority level is missing, as the controller found; `?` before it has looked. */
function danglingCell({ status }: FlowSchema): string {
  const dangling = (status?.conditions ?? []).find((condition) => condition?.type === 'Dangling');
  return dangling === undefined ? '?' : (dangling.status ?? '');
}

export const flowschemas = defineResource<FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  namespaced: false,
  validate: validateFlowSchema,
  defaults({ spec }) {
    if (spec && !spec.matchingPrecedence) spec.matchingPrecedence = defaultMatchingPrecedence;
  },
  columns: [
    nameColumn,
    column('PriorityLevel', ({ spec }) => spec?.priorityLevelConfiguration?.name ?? ''),
    column('MatchingPrecedence', ({ spec }) => spec?.matchingPrecedence ?? 0),
    column('DistinguisherMethod', ({ spec }) =>
      spec?.distinguisherMethod ? (spec.distinguisherMethod.type ?? '') : '<none>',
    ),
    ageColumn,
    column('MissingPL', danglingCell),
  ],
  subresources: { status: statusOnlySubresource<FlowSchema>(validateFlowControlStatus) },
});
