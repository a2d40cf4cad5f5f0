import { ageColumn, integerColumn, labelsCell, nameColumn, podTemplateColumns, wideColumn } from '../columns.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { ReplicationController } from '../types/core.v1.ts';
import { setPodTemplateDefaults } from './pod-defaults.ts';
import {
  validateReplicationController,
  validateReplicationControllerStatus,
} from './validation/replicationcontrollers.ts';
import { workloadWarnings } from '../warnings/workloads.ts';

/** The selector is the template's labels where it is not given, and so are the labels of the object itself. */
function setControllerDefaults(controller: ReplicationController): void {
  const template = controller.spec?.template;
  setPodTemplateDefaults(template);
  const labels = template?.metadata?.labels;
  if (!labels) return;
  if (isEmpty(controller.spec.selector)) controller.spec.selector = { ...labels };
  if (isEmpty(controller.metadata?.labels)) (controller.metadata ??= {}).labels = { ...labels };
}

function isEmpty(map: object | undefined): boolean {
  return Object.keys(map ?? {}).length === 0;
}

function selectorText({ spec }: ReplicationController): string {
  const entries = Object.entries(spec?.selector ?? {});
  return entries
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}

export const replicationcontrollers = defineResource<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  storage: { prefix: 'controllers' },
  defaultPropagation: 'orphan',
  defaults: setControllerDefaults,
  validate: (controller) => validateReplicationController(controller),
  validateUpdate: (controller, old) => validateReplicationController(controller, old),
  ...workloadWarnings,
  selectableFields: { 'status.replicas': (controller) => String(controller.status?.replicas ?? 0) },
  columns: [
    nameColumn,
    integerColumn('Desired', (controller) => controller.spec?.replicas ?? 0),
    integerColumn('Current', (controller) => controller.status?.replicas ?? 0),
    integerColumn('Ready', (controller) => controller.status?.readyReplicas ?? 0),
    ageColumn,
    ...podTemplateColumns<ReplicationController>((controller) => controller.spec?.template?.spec),
    wideColumn('Selector', (controller) => labelsCell(controller.spec?.selector)),
  ],
  subresources: {
    scale: {
      shape: 'scale',
      view: (controller) => ({
        specReplicas: controller.spec?.replicas ?? 0,
        statusReplicas: controller.status?.replicas ?? 0,
        selector: selectorText(controller),
      }),
      setReplicas: (controller, replicas) => {
        controller.spec = { ...controller.spec, replicas };
      },
    },
    status: statusSubresource(validateReplicationControllerStatus),
  },
});
