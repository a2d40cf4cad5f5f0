import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom, mergedFrom, objectOf, updatedFrom } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type * as v1 from '../types/autoscaling.v1.ts';
import type * as v2 from '../types/autoscaling.v2.ts';
import { roundTripAnnotations } from './annotations.ts';
import { autoscalerToV1, autoscalerToV2 } from './convert.ts';
import { horizontalpodautoscalersV1 } from './horizontalpodautoscalers-v1.ts';
import { horizontalpodautoscalers } from './horizontalpodautoscalers.ts';

const metadata = { name: 'x', creationTimestamp: created };
const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' };
const header = 'Name Reference Targets MinPods MaxPods Replicas Age';
const cpu = (averageUtilization: number): object => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});

testRows(
  [horizontalpodautoscalers],
  [
    [
      'horizontalpodautoscalers',
      {
        metadata,
        spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 10, metrics: [cpu(80)] },
        status: {
          currentReplicas: 3,
          currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 50 } } }],
        },
      },
      header,
      ['x', 'Deployment/web', 'cpu: 50%/80%', '2', 10, 3, '5m'],
    ],
    ['horizontalpodautoscalers', {}, header, ['', '/', '<none>', '<unset>', 0, 0, '<unknown>']],
  ],
);

testRows(
  [horizontalpodautoscalersV1],
  [
    [
      'horizontalpodautoscalers',
      {
        metadata,
        spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercentage: 80 },
        status: { currentReplicas: 3, currentCPUUtilizationPercentage: 50 },
      },
      header,
      ['x', 'Deployment/web', 'cpu: 50%/80%', '2', 10, 3, '5m'],
    ],
    ['horizontalpodautoscalers', {}, header, ['', '/', 'cpu: <unknown>/80%', '<unset>', 0, 0, '<unknown>']],
  ],
);

/** What a metric shows, without and with a status. */
const metricCells: readonly (readonly [spec: object, status: object, without: string, with_: string])[] = [
  [cpu(80), { resource: { name: 'cpu', current: {} } }, 'cpu: <unknown>/80%', 'cpu: <unknown>/80%'],
  [
    { type: 'Resource', resource: { name: 'memory', target: { averageValue: '100Mi' } } },
    { resource: { name: 'memory', current: { averageValue: '50Mi' } } },
    'memory: <unknown>/100Mi',
    'memory: 50Mi/100Mi',
  ],
  [
    { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', target: {} } },
    { containerResource: { name: 'cpu', current: { averageUtilization: 7 } } },
    'cpu: <unknown>/<auto>',
    'cpu: 7%/<auto>',
  ],
  [
    { type: 'Pods', pods: { metric: { name: 'm' }, target: { averageValue: '10' } } },
    { pods: { current: { averageValue: '5' } } },
    '<unknown>/10',
    '5/10',
  ],
  [
    { type: 'Object', object: { target: { value: '10' } } },
    { object: { current: { value: '5' } } },
    '<unknown>/10',
    '5/10',
  ],
  [
    { type: 'Object', object: { target: { averageValue: '10' } } },
    { object: { current: { averageValue: '5' } } },
    '<unknown>/10 (avg)',
    '5/10 (avg)',
  ],
  [
    { type: 'External', external: { target: { value: '10' } } },
    { external: { current: {} } },
    '<unknown>/10',
    '<nil>/10',
  ],
  [{ type: 'Odd' }, {}, '<unknown type>', '<unknown type>'],
];

for (const [spec, status, without, with_] of metricCells) {
  test(`the targets of ${JSON.stringify(spec)}`, () => {
    const targets = horizontalpodautoscalers.columns?.find(({ name }) => name === 'Targets');
    const cell = (object: object): unknown => targets?.cell(objectOf(horizontalpodautoscalers, object), { nowMs: 0 });
    assert.equal(cell({ spec: { metrics: [spec] } }), without);
    assert.equal(cell({ spec: { metrics: [spec] }, status: { currentMetrics: [status] } }), with_);
    assert.equal(cell({ spec: { metrics: [spec, spec, spec, spec] } }), `${without}, ${without} + 2 more...`);
  });
}

test("an autoscaler gets upstream's defaults", () => {
  const { spec } = createdFrom<v2.HorizontalPodAutoscaler>(horizontalpodautoscalers, { spec: { maxReplicas: 3 } });
  assert.equal(spec.minReplicas, 1);
  assert.deepEqual(spec.metrics, [cpu(80)]);
  assert.equal(spec.behavior, undefined);
});

test('a behaviour is completed on both sides', () => {
  const { spec } = createdFrom<v2.HorizontalPodAutoscaler>(horizontalpodautoscalers, {
    spec: { behavior: { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } } },
  });
  assert.deepEqual(spec.behavior, {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    },
    scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
  });
});

const rich = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'x', annotations: { own: '1' } },
  spec: {
    scaleTargetRef,
    minReplicas: 1,
    maxReplicas: 5,
    metrics: [
      {
        type: 'External',
        external: {
          metric: { name: 'q', selector: { matchLabels: { a: 'b' } } },
          target: { type: 'Value', value: '3' },
        },
      },
      cpu(60),
    ],
    behavior: { scaleDown: { stabilizationWindowSeconds: 60, selectPolicy: 'Min', tolerance: '100m' } },
  },
  status: {
    currentReplicas: 2,
    desiredReplicas: 2,
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40, averageValue: '20m' } } },
    ],
    conditions: [{ type: 'AbleToScale', status: 'True', lastTransitionTime: created, reason: 'r', message: 'm' }],
  },
};

test('the v1 form keeps in annotations what it has no fields for, as upstream writes them', () => {
  const old = autoscalerToV1(objectOf(horizontalpodautoscalers, rich));
  assert.equal(old.apiVersion, 'autoscaling/v1');
  assert.equal(old.spec.targetCPUUtilizationPercentage, 60);
  assert.equal(old.status?.currentCPUUtilizationPercentage, 40);
  assert.deepEqual(old.metadata.annotations, {
    'autoscaling.alpha.kubernetes.io/behavior':
      '{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":60,"SelectPolicy":"Min","Policies":null,"Tolerance":"100m"}}',
    'autoscaling.alpha.kubernetes.io/conditions': `[{"type":"AbleToScale","status":"True","lastTransitionTime":"${created}","reason":"r","message":"m"}]`,
    'autoscaling.alpha.kubernetes.io/current-metrics':
      '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":40,"currentAverageValue":"20m"}}]',
    'autoscaling.alpha.kubernetes.io/metrics':
      '[{"type":"External","external":{"metricName":"q","metricSelector":{"matchLabels":{"a":"b"}},"targetValue":"3"}}]',
    own: '1',
  });
});

test('the v2 form comes back whole', () => {
  const stored = objectOf<v2.HorizontalPodAutoscaler>(horizontalpodautoscalers, rich);
  assert.deepEqual(autoscalerToV2(autoscalerToV1(stored)), stored);
});

test('an annotation that cannot be read counts as absent, as upstream', () => {
  for (const [name, text] of [
    ['metrics', '{'],
    ['metrics', '{}'],
    ['metrics', '[{"type":7}]'],
    ['metrics', '[{"type":"Pods","pods":{"targetAverageValue":"many"}}]'],
    ['behavior', '{"ScaleUp":1}'],
    ['behavior', 'null'],
    ['currentMetrics', '[3]'],
    ['conditions', '"x"'],
  ] as const) {
    const written = { metadata: { annotations: { [roundTripAnnotations[name]]: text } } };
    const { metadata: _, ...stored } = autoscalerToV2(objectOf(horizontalpodautoscalersV1, written));
    const { metadata: __, ...plain } = autoscalerToV2(objectOf(horizontalpodautoscalersV1, {}));
    assert.deepEqual(stored, plain, text);
  }
});

test('a v1 autoscaler without a target aims at the usual one, unless it has other metrics', () => {
  const made = createdFrom<v1.HorizontalPodAutoscaler>(horizontalpodautoscalersV1, { spec: { maxReplicas: 3 } });
  assert.equal(made.spec.targetCPUUtilizationPercentage, 80);
  const other = createdFrom<v1.HorizontalPodAutoscaler>(horizontalpodautoscalersV1, {
    metadata: { annotations: { [roundTripAnnotations.metrics]: '[]' } },
  });
  assert.equal(other.spec.targetCPUUtilizationPercentage, undefined);
});

test('status in annotations is for nobody to create or update', () => {
  const annotations = {
    [roundTripAnnotations.conditions]: '[]',
    [roundTripAnnotations.currentMetrics]: '[]',
    [roundTripAnnotations.behavior]: '{}',
    own: '1',
  };
  const made = createdFrom<v1.HorizontalPodAutoscaler>(horizontalpodautoscalersV1, { metadata: { annotations } });
  assert.deepEqual(made.metadata.annotations, { [roundTripAnnotations.behavior]: '{}', own: '1' });
  const updated = updatedFrom<v1.HorizontalPodAutoscaler>(
    horizontalpodautoscalersV1,
    { metadata: { annotations } },
    { metadata: { annotations: { [roundTripAnnotations.conditions]: '[{"type":"a"}]' } } },
  );
  assert.deepEqual(updated.metadata.annotations, {
    [roundTripAnnotations.behavior]: '{}',
    [roundTripAnnotations.conditions]: '[{"type":"a"}]',
    own: '1',
  });
});

test('a status write keeps the spec, the parts in annotations too', () => {
  const merged = mergedFrom<v1.HorizontalPodAutoscaler>(
    horizontalpodautoscalersV1,
    'status',
    {
      metadata: { annotations: { [roundTripAnnotations.behavior]: 'new', [roundTripAnnotations.conditions]: 'new' } },
      spec: { maxReplicas: 9 },
      status: { currentReplicas: 4 },
    },
    { metadata: { annotations: { [roundTripAnnotations.metrics]: 'old' } }, spec: { maxReplicas: 3 } },
  );
  assert.equal(merged.spec.maxReplicas, 3);
  assert.equal(merged.status?.currentReplicas, 4);
  assert.deepEqual(merged.metadata.annotations, {
    [roundTripAnnotations.conditions]: 'new',
    [roundTripAnnotations.metrics]: 'old',
  });
});

test('a metric in an annotation is part of the spec: it makes a new generation', () => {
  const old = objectOf(horizontalpodautoscalersV1, { spec: { maxReplicas: 3 } });
  const changes = (raw: object): boolean | undefined =>
    horizontalpodautoscalersV1.generationChanges?.(objectOf(horizontalpodautoscalersV1, raw), old);
  assert.equal(changes({ spec: { maxReplicas: 3 }, metadata: { annotations: { own: '1' } } }), false);
  const metrics = '[{"type":"Pods","pods":{"metricName":"m","targetAverageValue":"1"}}]';
  assert.equal(
    changes({ spec: { maxReplicas: 3 }, metadata: { annotations: { [roundTripAnnotations.metrics]: metrics } } }),
    true,
  );
});
