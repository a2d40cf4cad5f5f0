import { testCreates, testStatuses, testUpdates } from '../../test-validation.ts';
import { horizontalpodautoscalersV1 } from '../horizontalpodautoscalers-v1.ts';
import { horizontalpodautoscalers } from '../horizontalpodautoscalers.ts';

const metadata = { name: 'web', namespace: 'default' };
const scaleTargetRef = { kind: 'Deployment', name: 'web' };
const autoscaler = { metadata, spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3 } };
const types = 'supported values: "ContainerResource", "External", "Object", "Pods", "Resource"';
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };
const one = (metric: object): object[] => [metric];
const negative = 'Invalid value: -1: must be greater than or equal to 0';
const rules = (change: object): object => ({
  scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 1 }], ...change },
});

testCreates(horizontalpodautoscalers, autoscaler, [
  [
    'spec.minReplicas',
    0,
    'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
    'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
  ],
  ['spec.minReplicas', 3],
  ['spec.minReplicas', 4, 'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`'],
  [
    'spec.maxReplicas',
    0,
    'spec.maxReplicas: Invalid value: 0: must be greater than 0',
    'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
  ],
  ['spec.scaleTargetRef', {}, 'spec.scaleTargetRef.kind: Required value', 'spec.scaleTargetRef.name: Required value'],
  ['spec.scaleTargetRef.name', '..', 'spec.scaleTargetRef.name: Invalid value: "..": may not be \'..\''],
  ['spec.metrics', one(cpu)],
  [
    'spec.metrics',
    one({}),
    'spec.metrics[0].type: Required value: must specify a metric source type',
    `spec.metrics[0].type: Unsupported value: "": ${types}`,
    `spec.metrics[0].type: Unsupported value: "": ${types}`,
  ],
  [
    'spec.metrics',
    one({ type: 'Pods' }),
    'spec.metrics[0].pods: Required value: must populate information for the given metric source',
  ],
  [
    'spec.metrics',
    one({ ...cpu, external: { metric: { name: 'x' }, target: { type: 'Value', value: '1' } } }),
    'spec.metrics[0].external: Forbidden: must populate the given metric source only',
  ],
  [
    'spec.metrics',
    one({ type: 'Resource', resource: { name: '', target: { type: 'Other', averageUtilization: 0 } } }),
    'spec.metrics[0].resource.name: Required value: must specify a resource name',
    'spec.metrics[0].resource.target.type: Invalid value: "Other": must be either Utilization, Value, or AverageValue',
    'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
  ],
  [
    'spec.metrics',
    one({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Value', value: '1' } } }),
    'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
  ],
  [
    'spec.metrics',
    one({
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Value', averageValue: '1', averageUtilization: 1 } },
    }),
    'spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
  ],
  [
    'spec.metrics',
    one({ type: 'ContainerResource', containerResource: { name: 'x', target: cpu.resource.target, container: 'A' } }),
    'spec.metrics[0].containerResource.name: Invalid value: "x": must be a standard resource type or fully qualified',
    'spec.metrics[0].containerResource.name: Invalid value: "x": must be a standard resource for containers',
    "spec.metrics[0].containerResource.container: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ],
  [
    'spec.metrics',
    one({ type: 'Pods', pods: { metric: { name: 'x' }, target: { type: 'AverageValue' } } }),
    'spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue',
  ],
  [
    'spec.metrics',
    one({
      type: 'External',
      external: { metric: { name: '' }, target: { type: 'Value', value: '0', averageValue: '1' } },
    }),
    'spec.metrics[0].external.metric.name: Required value: must specify a metric name',
    'spec.metrics[0].external.target.value: Invalid value: "0": must be positive',
    'spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
  ],
  [
    'spec.metrics',
    one({
      type: 'Object',
      object: { describedObject: scaleTargetRef, metric: { name: 'x' }, target: { type: 'Value' } },
    }),
    'spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue',
  ],
  ['spec.behavior', rules({ stabilizationWindowSeconds: 3600, tolerance: '0' })],
  [
    'spec.behavior',
    rules({ stabilizationWindowSeconds: 3601 }),
    'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
  ],
  [
    'spec.behavior',
    rules({ stabilizationWindowSeconds: -1, selectPolicy: 'Other', tolerance: '-1' }),
    'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero',
    'spec.behavior.scaleUp.selectPolicy: Unsupported value: "Other": supported values: "Disabled", "Max", "Min"',
    'spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    'spec.behavior',
    rules({
      policies: [
        { type: 'Other', value: 0, periodSeconds: 0 },
        { type: 'Percent', value: 1, periodSeconds: 1801 },
      ],
    }),
    'spec.behavior.scaleUp.policies[0].type: Unsupported value: "Other": supported values: "Percent", "Pods"',
    'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
    'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 0: must be greater than zero',
    'spec.behavior.scaleUp.policies[1].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
  ],
]);
const toZero = {
  metadata,
  spec: {
    ...autoscaler.spec,
    minReplicas: 0,
    metrics: [{ type: 'External', external: { metric: { name: 'x' }, target: { type: 'Value', value: '1' } } }],
  },
};
testUpdates(horizontalpodautoscalers, toZero, [['spec.maxReplicas', 9]]);
testStatuses(horizontalpodautoscalers, autoscaler, [
  [
    'status',
    { currentReplicas: -1, desiredReplicas: -1 },
    `status.currentReplicas: ${negative}`,
    `status.desiredReplicas: ${negative}`,
  ],
]);

testCreates(horizontalpodautoscalersV1, autoscaler, [
  [
    'spec.maxReplicas',
    0,
    'spec.maxReplicas: Invalid value: 0: must be greater than 0',
    'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
  ],
  [
    'spec.targetCPUUtilizationPercentage',
    0,
    'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
  ],
]);
