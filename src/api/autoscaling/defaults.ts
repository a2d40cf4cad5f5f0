import type {
  HorizontalPodAutoscaler,
  HPAScalingPolicy,
  HPAScalingRules,
  MetricSpec,
} from '../types/autoscaling.v2.ts';

/** What an autoscaler aims at when it names no metric: this share of the CPU that its pods request. */
export const defaultCPUUtilization = 80;

export function cpuUtilizationMetric(averageUtilization: number): MetricSpec {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

const doubleInPeriod: HPAScalingPolicy = { type: 'Percent', value: 100, periodSeconds: 15 };
const fourPodsInPeriod: HPAScalingPolicy = { type: 'Pods', value: 4, periodSeconds: 15 };

function setRulesDefaults(rules: HPAScalingRules, policies: readonly HPAScalingPolicy[]): void {
  rules.selectPolicy ??= 'Max';
  rules.policies ??= policies.map((policy) => ({ ...policy }));
}

/** Of `autoscaling/v2`. The window for scaling down stays open: the controller has a flag for it. */
export function setAutoscalerDefaults({ spec }: HorizontalPodAutoscaler): void {
  if (spec === undefined || spec === null) return;
  spec.minReplicas ??= 1;
  if ((spec.metrics ?? []).length === 0) spec.metrics = [cpuUtilizationMetric(defaultCPUUtilization)];
  if (!spec.behavior) return;
  const scaleUp = (spec.behavior.scaleUp ??= {});
  scaleUp.stabilizationWindowSeconds ??= 0;
  setRulesDefaults(scaleUp, [fourPodsInPeriod, doubleInPeriod]);
  setRulesDefaults((spec.behavior.scaleDown ??= {}), [doubleInPeriod]);
}
