import { ageColumn, column, nameColumn } from '../columns.ts';
import type { ViewSubresource } from '../contract.ts';
import { defineResource, specDiffers } from '../define.ts';
import type { HorizontalPodAutoscaler } from '../types/autoscaling.v1.ts';
import type * as v2 from '../types/autoscaling.v2.ts';
import { roundTripAnnotations } from './annotations.ts';
import { autoscalerToV1, autoscalerToV2 } from './convert.ts';
import { defaultCPUUtilization } from './defaults.ts';
import { metricsCell } from './metrics-cell.ts';
import { referenceCell } from './reference-cell.ts';
import { validateAutoscaler, validateAutoscalerStatus, validateAutoscalerUpdate } from './validation/autoscaler.ts';

const statusAnnotations = [roundTripAnnotations.currentMetrics, roundTripAnnotations.conditions];
const specAnnotations = [roundTripAnnotations.metrics, roundTripAnnotations.behavior];

/** Gives `object` the annotations of `from`, none where that is undefined: they are parts of the spec or of the status. */
function takeAnnotations(
  object: HorizontalPodAutoscaler,
  from: HorizontalPodAutoscaler | undefined,
  names: readonly string[],
): void {
  const annotations = { ...object.metadata?.annotations };
  for (const name of names) {
    const value = from?.metadata?.annotations?.[name];
    if (value === undefined) delete annotations[name];
    else annotations[name] = value;
  }
  const metadata = (object.metadata ??= {});
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
  else delete metadata.annotations;
}

function defaults({ metadata, spec }: HorizontalPodAutoscaler): void {
  if (spec === undefined || spec === null) return;
  spec.minReplicas ??= 1;
  if (metadata?.annotations?.[roundTripAnnotations.metrics] !== undefined) return;
  spec.targetCPUUtilizationPercentage ??= defaultCPUUtilization;
}

const status: ViewSubresource<HorizontalPodAutoscaler> = {
  shape: 'view',
  merge(submitted, stored) {
    submitted.spec = stored.spec;
    takeAnnotations(submitted, stored, specAnnotations);
    return submitted;
  },
  validate: (object) => validateAutoscalerStatus(autoscalerToV2(object)),
};

/** The older form, which knows only a target for CPU; the rest of it is in annotations. */
export const horizontalpodautoscalersV1 = defineResource<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  storage: {
    version: 'v2',
    convert: {
      to: autoscalerToV2,
      from: (stored) => autoscalerToV1(stored as v2.HorizontalPodAutoscaler),
    },
  },
  defaults,
  validate: (object) => validateAutoscaler(autoscalerToV2(object)),
  validateUpdate: (object, old) => validateAutoscalerUpdate(autoscalerToV2(object), autoscalerToV2(old)),
  prepareForCreate: (object) => takeAnnotations(object, undefined, statusAnnotations),
  prepareForUpdate: (object, old) => takeAnnotations(object, old, statusAnnotations),
  generationChanges: (object, old) => specDiffers(autoscalerToV2(object), autoscalerToV2(old)),
  columns: [
    nameColumn,
    column('Reference', ({ spec }) => referenceCell(spec?.scaleTargetRef)),
    column('Targets', (object) => metricsCell(autoscalerToV2(object))),
    column('MinPods', ({ spec }) => String(spec?.minReplicas ?? '<unset>')),
    column('MaxPods', ({ spec }) => spec?.maxReplicas ?? 0),
    column('Replicas', ({ status }) => status?.currentReplicas ?? 0),
    ageColumn,
  ],
  subresources: { status },
});
