import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { objectOf } from '../core/test-support.ts';
import { knownSchema } from '../known-schema.ts';
import { arbitraryObject } from '../schema/arbitrary.ts';
import type * as v2 from '../types/autoscaling.v2.ts';
import { autoscalerToV1, autoscalerToV2 } from './convert.ts';
import { horizontalpodautoscalers } from './horizontalpodautoscalers.ts';

const amount = fc.constantFrom('0', '1', '500m', '1Gi');
const percent = fc.integer({ min: 0, max: 200 });
const selector = fc.constantFrom(undefined, { matchLabels: { a: 'b' } });
const metric = fc.record({ name: fc.constantFrom('m', 'n'), selector });
const valued = fc.record({ type: fc.constant('Value'), value: amount });
const averaged = fc.record({ type: fc.constant('AverageValue'), averageValue: amount });
const utilized = fc.record({ type: fc.constant('Utilization'), averageUtilization: percent });
const describedObject = fc.record({ kind: fc.constant('Service'), name: fc.constant('s') });
const resourceName = fc.constantFrom('cpu', 'memory');

/** Metrics as validation allows them: with one kind of target each, which is what its type says. */
const metricSpec = fc.oneof(
  fc.record({
    type: fc.constant('Resource'),
    resource: fc.record({ name: resourceName, target: fc.oneof(averaged, utilized) }),
  }),
  fc.record({
    type: fc.constant('ContainerResource'),
    containerResource: fc.record({
      name: resourceName,
      target: fc.oneof(averaged, utilized),
      container: fc.constant('c'),
    }),
  }),
  fc.record({ type: fc.constant('Pods'), pods: fc.record({ metric, target: averaged }) }),
  fc.record({
    type: fc.constant('Object'),
    object: fc.record({ describedObject, target: fc.oneof(valued, averaged), metric }),
  }),
  fc.record({ type: fc.constant('External'), external: fc.record({ metric, target: fc.oneof(valued, averaged) }) }),
);

const optionalAmount = fc.option(amount, { nil: undefined });
const current = fc.record({ averageValue: optionalAmount, averageUtilization: fc.option(percent, { nil: undefined }) });
const valueOrAverage = fc.oneof(fc.record({ value: optionalAmount }), fc.record({ averageValue: amount }));
const metricStatus = fc.oneof(
  fc.record({ type: fc.constant('Resource'), resource: fc.record({ name: resourceName, current }) }),
  fc.record({
    type: fc.constant('ContainerResource'),
    containerResource: fc.record({ name: resourceName, current, container: fc.constant('c') }),
  }),
  fc.record({
    type: fc.constant('Pods'),
    pods: fc.record({ metric, current: fc.record({ averageValue: optionalAmount }) }),
  }),
  fc.record({ type: fc.constant('Object'), object: fc.record({ metric, current: valueOrAverage, describedObject }) }),
  fc.record({ type: fc.constant('External'), external: fc.record({ metric, current: valueOrAverage }) }),
);

const autoscaler = fc
  .record({
    behavior: fc.option(arbitraryObject(knownSchema('io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior')), {
      nil: undefined,
    }),
    metrics: fc.array(metricSpec, { minLength: 1, maxLength: 4 }),
    currentMetrics: fc.array(metricStatus, { maxLength: 4 }),
    conditions: fc.array(
      fc.record({ type: fc.constant('AbleToScale'), status: fc.constant('True'), reason: fc.string() }),
      { maxLength: 2 },
    ),
    annotations: fc.constantFrom(undefined, { own: '1' }),
  })
  .map(({ behavior, metrics, currentMetrics, conditions, annotations }) =>
    objectOf<v2.HorizontalPodAutoscaler>(horizontalpodautoscalers, {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'x', annotations },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 5, metrics, behavior },
      status: { currentReplicas: 1, desiredReplicas: 1, currentMetrics, conditions },
    }),
  );

/** The first CPU target has a field of its own in v1, and comes back as the last metric. */
function withCPUTargetLast(metrics: readonly v2.MetricSpec[]): readonly v2.MetricSpec[] {
  const cpu = metrics.find(
    ({ type, resource }) => type === 'Resource' && resource?.name === 'cpu' && resource.target.type === 'Utilization',
  );
  return cpu === undefined ? metrics : [...metrics.filter((one) => one !== cpu), cpu];
}

test('an autoscaler that passes through autoscaling/v1 loses nothing', () => {
  fc.assert(
    fc.property(autoscaler, (stored) => {
      const returned = autoscalerToV2(autoscalerToV1(stored));
      const { spec, status, ...rest } = returned;
      assert.deepEqual(rest, { kind: stored.kind, apiVersion: stored.apiVersion, metadata: stored.metadata });
      const { behavior, metrics, ...others } = spec;
      const { behavior: oldBehavior, metrics: oldMetrics, ...oldOthers } = stored.spec;
      assert.deepEqual(metrics, withCPUTargetLast(oldMetrics ?? []));
      assert.deepEqual(others, oldOthers);
      // A behaviour without any rule says nothing.
      const rules = Object.keys(oldBehavior ?? {}).length > 0 ? oldBehavior : undefined;
      assert.deepEqual(behavior, rules);
      assert.deepEqual(status?.conditions, stored.status?.conditions);
      assert.deepEqual(
        status?.currentMetrics ?? null,
        (stored.status?.currentMetrics?.length ?? 0) > 0 ? stored.status?.currentMetrics : null,
      );
    }),
    { numRuns: 300 },
  );
});
