import {
  ageColumn,
  column,
  integerColumn,
  labelSelectorCell,
  labelsCell,
  nameColumn,
  podTemplateColumns,
  wideColumn,
} from '../columns.ts';
import { setPodTemplateDefaults } from '../core/pod-defaults.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { DaemonSet } from '../types/apps.v1.ts';
import { keepTemplateGeneration, startTemplateGeneration } from './template-generation.ts';
import { validateDaemonSet, validateDaemonSetStatus, validateDaemonSetUpdate } from './validation/daemonset.ts';
import { templateWarnings } from '../warnings/workloads.ts';

function defaults(daemonSet: DaemonSet): void {
  const spec = daemonSet.spec;
  if (spec === undefined || spec === null) return;
  const strategy = (spec.updateStrategy ??= {});
  if ((strategy.type ?? '') === '') strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rollingUpdate = (strategy.rollingUpdate ??= {});
    rollingUpdate.maxUnavailable ??= 1;
    rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  setPodTemplateDefaults(spec.template);
}

export const daemonsets = defineResource<DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  defaults,
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  prepareForCreate: startTemplateGeneration,
  prepareForUpdate: keepTemplateGeneration,
  ...templateWarnings,
  columns: [
    nameColumn,
    integerColumn('Desired', ({ status }) => status?.desiredNumberScheduled ?? 0),
    integerColumn('Current', ({ status }) => status?.currentNumberScheduled ?? 0),
    integerColumn('Ready', ({ status }) => status?.numberReady ?? 0),
    integerColumn('Up-to-date', ({ status }) => status?.updatedNumberScheduled ?? 0),
    integerColumn('Available', ({ status }) => status?.numberAvailable ?? 0),
    column('Node Selector', ({ spec }) => labelsCell(spec?.template?.spec?.nodeSelector)),
    ageColumn,
    ...podTemplateColumns<DaemonSet>(({ spec }) => spec?.template?.spec),
    wideColumn('Selector', ({ spec }) => labelSelectorCell(spec?.selector)),
  ],
  subresources: { status: statusSubresource(validateDaemonSetStatus) },
});
