import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { HorizontalPodAutoscaler } from '../types/autoscaling.v2.ts';
import { setAutoscalerDefaults } from './defaults.ts';
import { metricsCell } from './metrics-cell.ts';
import { referenceCell } from './reference-cell.ts';
import { validateAutoscaler, validateAutoscalerStatus, validateAutoscalerUpdate } from './validation/autoscaler.ts';

export const horizontalpodautoscalers = defineResource<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  defaults: setAutoscalerDefaults,
  validate: validateAutoscaler,
  validateUpdate: validateAutoscalerUpdate,
  columns: [
    nameColumn,
    column('Reference', ({ spec }) => referenceCell(spec?.scaleTargetRef)),
    column('Targets', metricsCell),
    column('MinPods', ({ spec }) => String(spec?.minReplicas ?? '<unset>')),
    column('MaxPods', ({ spec }) => spec?.maxReplicas ?? 0),
    column('Replicas', ({ status }) => status?.currentReplicas ?? 0),
    ageColumn,
  ],
  subresources: { status: statusSubresource(validateAutoscalerStatus) },
});
