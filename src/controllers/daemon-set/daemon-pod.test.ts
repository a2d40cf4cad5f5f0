import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DaemonSet } from '../../api/types/apps.v1.ts';
import type { Node, Pod, PodSpec, Taint } from '../../api/types/core.v1.ts';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { byNode, targetNodeOf, templateFor, tolerationsOf } from './daemon-pod.ts';
import { eligibilityFor } from './eligibility.ts';
import { FailedPodBackoff } from '../pods/failed-pod-backoff.ts';

const podSpec = (spec: Partial<PodSpec> = {}): PodSpec => ({ containers: [], ...spec });

function set(spec: Partial<PodSpec> = {}, annotations: Record<string, string> = {}): DaemonSet {
  return {
    metadata: { name: 'log', annotations },
    spec: { template: { metadata: { labels: { app: 'log' } }, spec: podSpec(spec) } },
  };
}

function node(name: string, labels: Record<string, string> = {}, taints: Taint[] = []): Node {
  return { metadata: { name, labels }, spec: { taints } };
}

test('a toleration of its own loses its time limit, others stay', () => {
  const own = {
    key: 'node.kubernetes.io/not-ready',
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 60,
  } as const;
  const other = { key: 'gpu', operator: 'Equal', value: 'yes' } as const;
  const tolerations = tolerationsOf(podSpec({ tolerations: [own, other] }));
  assert.equal(tolerations.length, 7);
  assert.deepEqual(tolerations[0], { key: own.key, operator: 'Exists', effect: 'NoExecute' });
  assert.deepEqual(tolerations[1], other);
  assert.equal(tolerationsOf(podSpec({ hostNetwork: true })).length, 7);
});

test('the template for a node requires that node alone, and keeps what is preferred', () => {
  const preferred = [{ weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'Exists' as const }] } }];
  const affinity = {
    podAffinity: {},
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: preferred,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [] }] },
    },
  };
  const source = set({ affinity }, { 'deprecated.daemonset.template.generation': '3' });
  const before = structuredClone(source);
  const template = templateFor(source, 'h4sh', 'n1');
  assert.deepEqual(source, before);
  assert.deepEqual(template.spec?.affinity, {
    podAffinity: {},
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: preferred,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
      },
    },
  });
  assert.deepEqual(template.metadata?.labels, {
    app: 'log',
    'pod-template-generation': '3',
    'controller-revision-hash': 'h4sh',
  });
  const pod: Pod = { metadata: { name: 'log-x' }, spec: template.spec ?? podSpec() };
  assert.equal(targetNodeOf(pod), 'n1');
  assert.equal(targetNodeOf({ ...pod, spec: podSpec() }), undefined);
  assert.equal(targetNodeOf({ ...pod, spec: podSpec({ nodeName: 'n2' }) }), 'n2');
});

test('of a node’s Pods those that are bound come first, then the oldest', () => {
  const pod = (name: string, creationTimestamp: string, isBound: boolean): Pod => ({
    metadata: { name, creationTimestamp },
    spec: isBound ? podSpec({ nodeName: 'n1' }) : (templateFor(set(), 'h', 'n1').spec ?? podSpec()),
  });
  const pods = [
    pod('d', '2026-01-01T00:00:00Z', false),
    pod('c', '2026-01-01T00:00:05Z', true),
    pod('b', '2026-01-01T00:00:03Z', true),
    pod('a', '2026-01-01T00:00:03Z', true),
  ];
  assert.deepEqual(
    byNode(pods)
      .get('n1')
      ?.map(({ metadata }) => metadata.name),
    ['a', 'b', 'c', 'd'],
  );
});

test('nodes are eligible by name, labels and taints', () => {
  const of = (spec: Partial<PodSpec>, on: Node): string => eligibilityFor(set(spec))(on);
  assert.equal(of({}, node('a')), 'run');
  assert.equal(of({ nodeName: 'a' }, node('a')), 'run');
  assert.equal(of({ nodeName: 'a' }, node('b')), 'none');
  assert.equal(of({ nodeSelector: { disk: 'ssd' } }, node('a', { disk: 'ssd' })), 'run');
  assert.equal(of({ nodeSelector: { disk: 'ssd' } }, node('a')), 'none');
  assert.equal(of({}, node('a', {}, [{ key: 'x', effect: 'NoSchedule' }])), 'stay');
  assert.equal(of({}, node('a', {}, [{ key: 'x', effect: 'NoExecute' }])), 'none');
  assert.equal(of({}, node('a', {}, [{ key: 'x', effect: 'PreferNoSchedule' }])), 'run');
  assert.equal(of({}, node('a', {}, [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }])), 'run');
  assert.equal(
    of({}, node('a', {}, [{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }])),
    'stay',
  );
});

test('each failure waits twice as long as the one before, 15 minutes at most, and is forgotten in time', async () => {
  const clock = new VirtualClock();
  const backoff = new FailedPodBackoff(clock);
  assert.equal(backoff.take('n1'), 0);
  for (let expected = 1000; expected < 15 * 60_000; expected *= 2) {
    assert.equal(backoff.take('n1'), expected);
    await clock.advance(expected - 1);
    assert.equal(backoff.take('n1'), 1);
    await clock.advance(1);
    assert.equal(backoff.take('n1'), 0);
  }
  assert.equal(backoff.take('n1'), 15 * 60_000);
  assert.equal(backoff.take('n2'), 0);
  await clock.advance(31 * 60_000);
  assert.equal(backoff.take('n1'), 0);
  assert.equal(backoff.take('n1'), 1000);
});
