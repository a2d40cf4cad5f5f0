import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { ageColumn, column, nameColumn, podTemplateColumns, wideColumn } from '../columns.ts';
import type { ViewSubresource } from '../contract.ts';
import { setPodTemplateDefaults } from '../core/pod-defaults.ts';
import { defineResource, specDiffers } from '../define.ts';
import { labelSelectorText } from '../label-selector-cell.ts';
import type { Deployment } from '../types/apps.v1.ts';
import { scaleSubresource } from './scale.ts';
import { validateDeployment, validateDeploymentStatus, validateDeploymentUpdate } from './validation/deployment.ts';
import { workloadWarnings } from '../warnings/workloads.ts';

/** A status write may change annotations (the controller keeps its revision there), but not labels. */
const status: ViewSubresource<Deployment> = {
  shape: 'view',
  merge(submitted, stored) {
    submitted.spec = stored.spec;
    const metadata = (submitted.metadata ??= {});
    const labels = stored.metadata?.labels;
    if (labels === undefined) delete metadata.labels;
    else metadata.labels = labels;
    return submitted;
  },
  validate: validateDeploymentStatus,
};

function defaults(deployment: Deployment): void {
  const spec = deployment.spec;
  if (spec === undefined || spec === null) return;
  spec.replicas ??= 1;
  const strategy = (spec.strategy ??= {});
  if ((strategy.type ?? '') === '') strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rollingUpdate = (strategy.rollingUpdate ??= {});
    rollingUpdate.maxUnavailable ??= '25%';
    rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  setPodTemplateDefaults(spec.template);
}

export const deployments = defineResource<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  defaults,
  validate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
  // Annotations count too: a client that pauses or restarts by annotation must see its change observed.
  generationChanges: (object, old) =>
    specDiffers(object, old) || !semanticDeepEqual(object.metadata?.annotations, old.metadata?.annotations),
  ...workloadWarnings,
  columns: [
    nameColumn,
    column('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    column('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
    column('Available', ({ status }) => status?.availableReplicas ?? 0),
    ageColumn,
    ...podTemplateColumns<Deployment>(({ spec }) => spec?.template?.spec),
    wideColumn('Selector', ({ spec }) => labelSelectorText(spec?.selector)),
  ],
  subresources: { scale: scaleSubresource(), status },
});
