import { decode } from '../schema/decode.ts';
import { knownSchema } from '../known-schema.ts';
import type * as v1 from '../types/autoscaling.v1.ts';
import type * as v2 from '../types/autoscaling.v2.ts';
import {
  readBehavior,
  readConditions,
  readCurrentMetrics,
  readMetrics,
  roundTripAnnotations,
  withoutRoundTrip,
  writeBehavior,
} from './annotations.ts';
import { metricStatusToV1, metricStatusToV2, metricToV1, metricToV2 } from './convert-metrics.ts';
import { cpuUtilizationMetric, defaultCPUUtilization } from './defaults.ts';

function isCPUUtilization(metric: v2.MetricSpec): boolean {
  const { type, resource } = metric;
  return type === 'Resource' && resource?.name === 'cpu' && resource.target?.averageUtilization !== undefined;
}

function specToV2({ spec }: v1.HorizontalPodAutoscaler, annotations: Readonly<Record<string, string>>): unknown {
  const { targetCPUUtilizationPercentage, ...rest } = spec ?? {};
  const metrics = (readMetrics(annotations) ?? []).map(metricToV2);
  if (typeof targetCPUUtilizationPercentage === 'number') {
    metrics.push(cpuUtilizationMetric(targetCPUUtilizationPercentage));
  }
  if (metrics.length === 0) metrics.push(cpuUtilizationMetric(defaultCPUUtilization));
  return { ...rest, metrics, behavior: readBehavior(annotations) };
}

function statusToV2({ status }: v1.HorizontalPodAutoscaler, annotations: Readonly<Record<string, string>>): unknown {
  const { currentCPUUtilizationPercentage, ...rest } = status ?? {};
  // The annotation says more than the one percentage.
  const currentMetrics = readCurrentMetrics(annotations)?.map(metricStatusToV2);
  const cpu =
    typeof currentCPUUtilizationPercentage === 'number'
      ? [
          {
            type: 'Resource',
            resource: { name: 'cpu', current: { averageUtilization: currentCPUUtilizationPercentage } },
          },
        ]
      : undefined;
  return { ...rest, currentMetrics: currentMetrics ?? cpu, conditions: readConditions(annotations) };
}

/** An `autoscaling/v1` autoscaler in the form that is stored. */
export function autoscalerToV2(autoscaler: v1.HorizontalPodAutoscaler): v2.HorizontalPodAutoscaler {
  const annotations = autoscaler.metadata?.annotations ?? {};
  return decode(knownSchema('io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler'), {
    ...autoscaler,
    apiVersion: 'autoscaling/v2',
    metadata: { ...autoscaler.metadata, annotations: withoutRoundTrip(annotations) },
    spec: specToV2(autoscaler, annotations),
    status: statusToV2(autoscaler, annotations),
  }) as unknown as v2.HorizontalPodAutoscaler;
}

/** The annotations that hold what the v1 form has no fields for. */
function roundTripOf({ spec, status }: v2.HorizontalPodAutoscaler): Record<string, string> {
  const metrics = spec?.metrics ?? [];
  const target = metrics.findIndex(isCPUUtilization);
  const otherMetrics = metrics.filter((_, index) => index !== target);
  const currentMetrics = status?.currentMetrics ?? [];
  const conditions = status?.conditions ?? [];
  return {
    ...(conditions.length > 0 ? { [roundTripAnnotations.conditions]: JSON.stringify(conditions) } : {}),
    ...(otherMetrics.length > 0
      ? { [roundTripAnnotations.metrics]: JSON.stringify(otherMetrics.map(metricToV1)) }
      : {}),
    // Even what fits the percentage is kept here, because there is an amount beside it.
    ...(currentMetrics.length > 0
      ? { [roundTripAnnotations.currentMetrics]: JSON.stringify(currentMetrics.map(metricStatusToV1)) }
      : {}),
    ...(spec?.behavior ? { [roundTripAnnotations.behavior]: writeBehavior(spec.behavior) } : {}),
  };
}

/** A stored autoscaler in the form of `autoscaling/v1`. */
export function autoscalerToV1(autoscaler: v2.HorizontalPodAutoscaler): v1.HorizontalPodAutoscaler {
  const { metrics, behavior: _, ...spec } = autoscaler.spec ?? {};
  const { currentMetrics, conditions: __, ...status } = autoscaler.status ?? {};
  const target = (metrics ?? []).find(isCPUUtilization)?.resource?.target?.averageUtilization;
  const current = (currentMetrics ?? []).findLast(
    ({ type, resource }) => type === 'Resource' && resource?.name === 'cpu' && resource.current?.averageUtilization,
  )?.resource?.current?.averageUtilization;
  const annotations = { ...withoutRoundTrip(autoscaler.metadata?.annotations), ...roundTripOf(autoscaler) };
  return decode(knownSchema('io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler'), {
    ...autoscaler,
    apiVersion: 'autoscaling/v1',
    metadata: { ...autoscaler.metadata, annotations },
    spec: { ...spec, targetCPUUtilizationPercentage: target },
    status: { ...status, currentCPUUtilizationPercentage: current },
  }) as unknown as v1.HorizontalPodAutoscaler;
}
