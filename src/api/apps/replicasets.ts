import { ageColumn, integerColumn, labelSelectorCell, nameColumn, podTemplateColumns, wideColumn } from '../columns.ts';
import { setPodTemplateDefaults } from '../core/pod-defaults.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { ReplicaSet } from '../types/apps.v1.ts';
import { scaleSubresource } from './scale.ts';
import { validateReplicaSet, validateReplicaSetStatus, validateReplicaSetUpdate } from './validation/replicaset.ts';
import { workloadWarnings } from '../warnings/workloads.ts';

function defaults(replicaSet: ReplicaSet): void {
  const spec = replicaSet.spec;
  if (spec === undefined || spec === null) return;
  spec.replicas ??= 1;
  setPodTemplateDefaults(spec.template);
}

export const replicasets = defineResource<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  defaults,
  validate: validateReplicaSet,
  validateUpdate: validateReplicaSetUpdate,
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  ...workloadWarnings,
  columns: [
    nameColumn,
    integerColumn('Desired', ({ spec }) => spec?.replicas ?? 0),
    integerColumn('Current', ({ status }) => status?.replicas ?? 0),
    integerColumn('Ready', ({ status }) => status?.readyReplicas ?? 0),
    ageColumn,
    ...podTemplateColumns<ReplicaSet>(({ spec }) => spec?.template?.spec),
    wideColumn('Selector', ({ spec }) => labelSelectorCell(spec?.selector)),
  ],
  subresources: { scale: scaleSubresource(), status: statusSubresource(validateReplicaSetStatus) },
});
