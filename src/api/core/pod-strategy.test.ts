import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../machinery/status.ts';
import type { KubernetesObject } from '../contract.ts';
import type { Pod } from '../types/core.v1.ts';
import { podBinding, podEviction } from './pod-actions.ts';
import { qosClass } from './pod-qos.ts';
import { podGracePeriodSeconds } from './pod-strategy.ts';
import { pods } from './pods.ts';
import { context, created, createdFrom, mergedFrom, now, objectOf, plain } from './test-support.ts';

function pod(fields: object): Pod {
  return objectOf<Pod>(pods, fields);
}

test('a new Pod is pending, whatever status it came with', () => {
  const made = createdFrom<Pod>(pods, { spec: { containers: [] }, status: { phase: 'Running', podIP: '1.1.1.1' } });
  assert.deepEqual(made.status, { phase: 'Pending', qosClass: 'BestEffort' });
});

test('scheduling gates are told in a condition', () => {
  const made = createdFrom<Pod>(pods, { spec: { containers: [], schedulingGates: [{ name: 'g' }] } });
  assert.deepEqual(made.status?.conditions, [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
      lastProbeTime: null,
      lastTransitionTime: now,
    },
  ]);
});

test('matchLabelKeys become requirements on the labels of the Pod', () => {
  const term = { labelSelector: {}, matchLabelKeys: ['app', 'none'], mismatchLabelKeys: ['tenant'], topologyKey: 'z' };
  const made = createdFrom<Pod>(pods, {
    metadata: { labels: { app: 'web', tenant: 't' } },
    spec: {
      containers: [],
      affinity: {
        podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] },
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }],
        },
      },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'z',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: {},
          matchLabelKeys: ['app'],
        },
        { maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', matchLabelKeys: ['app'] },
      ],
    },
  });
  const app = { key: 'app', operator: 'In', values: ['web'] };
  const both = [app, { key: 'tenant', operator: 'NotIn', values: ['t'] }];
  const { podAffinity, podAntiAffinity } = made.spec.affinity ?? {};
  const required = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.[0];
  const preferred = podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.[0];
  assert.deepEqual(required?.labelSelector?.matchExpressions, both);
  assert.deepEqual(preferred?.podAffinityTerm.labelSelector?.matchExpressions, both);
  const [first, second] = made.spec.topologySpreadConstraints ?? [];
  assert.deepEqual(first?.labelSelector?.matchExpressions, [app]);
  assert.equal(second?.labelSelector, undefined);
});

test('AppArmor annotations set the field that came after them', () => {
  const prefix = 'container.apparmor.security.beta.kubernetes.io/';
  const made = createdFrom<Pod>(pods, {
    metadata: {
      annotations: {
        [`${prefix}a`]: 'localhost/mine',
        [`${prefix}b`]: 'unconfined',
        [`${prefix}c`]: 'runtime/default',
        [`${prefix}d`]: 'nonsense',
      },
    },
    spec: {
      securityContext: { appArmorProfile: { type: 'RuntimeDefault' } },
      containers: [
        { name: 'a' },
        { name: 'b', securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } },
        { name: 'c' },
        { name: 'd' },
      ],
    },
  });
  assert.deepEqual(
    made.spec.containers?.map(({ securityContext }) => securityContext?.appArmorProfile),
    [{ type: 'Localhost', localhostProfile: 'mine' }, { type: 'RuntimeDefault' }, undefined, undefined],
  );
});

test('the class of a Pod follows its requests and limits', () => {
  const guaranteed = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Gi' } };
  const cases: readonly [object, string][] = [
    [{ containers: [{}] }, 'BestEffort'],
    [{ containers: [{ resources: { requests: { cpu: '0' } } }] }, 'BestEffort'],
    [{ containers: [{ resources: { limits: { 'example.com/gpu': '1' } } }] }, 'BestEffort'],
    [{ containers: [{ resources: guaranteed }] }, 'Guaranteed'],
    [{ containers: [{ resources: { ...guaranteed, requests: { cpu: '1000m', memory: '1Gi' } } }] }, 'Guaranteed'],
    [{ containers: [{ resources: { ...guaranteed, requests: { cpu: '500m', memory: '1Gi' } } }] }, 'Burstable'],
    [{ containers: [{ resources: guaranteed }, {}] }, 'Burstable'],
    [{ containers: [{ resources: guaranteed }], initContainers: [{}] }, 'Burstable'],
    [{ containers: [{ resources: { limits: guaranteed.limits } }] }, 'Burstable'],
    [{ containers: [{}], resources: guaranteed }, 'Guaranteed'],
    [{ containers: [{ resources: guaranteed }], resources: { requests: { cpu: '2' } } }, 'Burstable'],
  ];
  for (const [spec, expected] of cases) assert.equal(qosClass(spec as Pod['spec']), expected, JSON.stringify(spec));
  assert.equal(qosClass(undefined), 'BestEffort');
});

test('how long a deletion waits', () => {
  const assigned = { spec: { nodeName: 'n', terminationGracePeriodSeconds: 45, containers: [] } };
  const cases: readonly [object, number | undefined, number][] = [
    [assigned, undefined, 45],
    [assigned, 10, 10],
    [assigned, 0, 0],
    [assigned, -5, 1],
    [{ spec: { nodeName: 'n' } }, undefined, 0],
    [{ spec: { terminationGracePeriodSeconds: 45 } }, 10, 0],
    [{ ...assigned, status: { phase: 'Failed' } }, 10, 0],
    [{ ...assigned, status: { phase: 'Succeeded' } }, undefined, 0],
    [{}, 3, 0],
  ];
  for (const [object, requested, seconds] of cases) {
    assert.equal(podGracePeriodSeconds(object as Pod, requested), seconds, JSON.stringify(object));
  }
});

const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } };

function bind(object: object, body: object = binding): Pod {
  const result = podBinding.act(pod({ metadata: { name: 'p' }, ...object }), body as KubernetesObject, context);
  assert.ok('update' in result);
  return result.update;
}

test('a binding assigns the Pod, and its annotations and labels go along', () => {
  const bound = bind(
    { metadata: { name: 'p', labels: { a: '1', b: '1' } }, status: { nominatedNodeName: 'm' } },
    { ...binding, metadata: { name: 'p', annotations: { x: 'y' }, labels: { b: '2' } } },
  );
  assert.equal(bound.spec.nodeName, 'n');
  assert.deepEqual(plain(bound.metadata), { name: 'p', labels: { a: '1', b: '2' }, annotations: { x: 'y' } });
  assert.deepEqual(plain(bound.status), {
    conditions: [{ type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now }],
  });
});

test("a binding is refused with upstream's reasons", () => {
  const place = 'Operation cannot be fulfilled on pods/binding "p": pod p ';
  const cases: readonly [object, object, number, string][] = [
    [{ spec: { nodeName: 'm', containers: [] } }, binding, 409, `${place}is already assigned to node "m"`],
    [
      { metadata: { name: 'p', deletionTimestamp: created } },
      binding,
      409,
      `${place}is being deleted, cannot be assigned to a host`,
    ],
    [
      { spec: { schedulingGates: [{ name: 'g' }], containers: [] } },
      binding,
      409,
      `${place}has non-empty .spec.schedulingGates`,
    ],
    [{}, { ...binding, metadata: {} }, 400, 'name in URL does not match name in Binding object'],
    [
      {},
      { metadata: { name: 'p' }, target: { kind: 'Pod' } },
      422,
      'Binding "p" is invalid: [target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", ' +
        'target.name: Required value]',
    ],
    [
      { metadata: { name: 'p', uid: 'a' } },
      { ...binding, metadata: { name: 'p', uid: 'b' } },
      409,
      'Operation cannot be fulfilled on pods "p": Precondition failed: UID in precondition: b, UID in object meta: a',
    ],
  ];
  for (const [object, body, code, message] of cases) {
    assert.throws(
      () => bind(object, body),
      (error) => error instanceof StatusError && error.code === code && error.message === message,
      message,
    );
  }
});

test('an eviction deletes the Pod it names', () => {
  const evicted = podEviction.act(pod({ metadata: { name: 'p' } }), { metadata: { name: 'p' } }, context);
  assert.deepEqual(evicted, { delete: true });
  assert.throws(() => podEviction.act(pod({ metadata: { name: 'p' } }), {}, context), /does not match name/);
});

test('the status subresource changes the status and labels, not the spec or owners', () => {
  const owner = { apiVersion: 'v1', kind: 'K', name: 'o', uid: 'u' };
  const merged = mergedFrom<Pod>(
    pods,
    'status',
    {
      metadata: { name: 'p', labels: { a: '1' } },
      spec: { nodeName: 'evil', containers: [] },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    },
    {
      metadata: { name: 'p', ownerReferences: [owner] },
      spec: { nodeName: 'n', containers: [] },
      status: {
        qosClass: 'Burstable',
        observedGeneration: 4,
        conditions: [{ type: 'Ready', status: 'False', observedGeneration: 3 }],
      },
    },
  );
  assert.equal(merged.spec.nodeName, 'n');
  assert.deepEqual(plain(merged.metadata), { name: 'p', labels: { a: '1' }, ownerReferences: [owner] });
  assert.equal(merged.status?.phase, 'Running');
  assert.equal(merged.status?.qosClass, 'Burstable');
  assert.equal(merged.status?.observedGeneration, 4);
  assert.equal(merged.status?.conditions?.[0]?.observedGeneration, 3);
});

test('resize changes resources and nothing else', () => {
  const stored = {
    metadata: { name: 'p', labels: { a: '1' } },
    spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] },
    status: { phase: 'Running' },
  };
  const merged = mergedFrom<Pod>(
    pods,
    'resize',
    {
      metadata: { name: 'p', labels: { a: '2' } },
      spec: {
        nodeName: 'evil',
        containers: [
          {
            name: 'c',
            image: 'evil',
            resources: { requests: { cpu: '2' } },
            resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
          },
        ],
      },
      status: { phase: 'Failed' },
    },
    stored,
  );
  assert.deepEqual(plain(merged), {
    ...stored,
    spec: {
      nodeName: 'n',
      containers: [
        {
          name: 'c',
          image: 'i',
          resources: { requests: { cpu: '2' } },
          resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
        },
      ],
    },
  });
  const renamed = { ...stored, spec: { containers: [{ name: 'other' }] } };
  assert.equal(mergedFrom<Pod>(pods, 'resize', renamed, stored).spec.containers?.[0]?.name, 'other');
});

test('ephemeral containers change alone', () => {
  const debug = { name: 'd', image: 'busybox' };
  const merged = mergedFrom<Pod>(
    pods,
    'ephemeralcontainers',
    { metadata: { name: 'p' }, spec: { containers: [{ name: 'x' }], ephemeralContainers: [debug] } },
    {
      metadata: { name: 'p', labels: { a: '1' } },
      spec: { containers: [{ name: 'c' }] },
      status: { phase: 'Running' },
    },
  );
  assert.deepEqual(
    merged.spec.containers?.map(({ name }) => name),
    ['c'],
  );
  assert.equal(merged.spec.ephemeralContainers?.[0]?.name, 'd');
  assert.deepEqual(plain(merged.metadata), { name: 'p', labels: { a: '1' } });
  assert.equal(merged.status?.phase, 'Running');
});

test('what selectors read of a Pod', () => {
  const selectable = (object: object): Record<string, string> =>
    Object.fromEntries(
      Object.entries(pods.selectableFields).map(([label, read]) => [label, read(pod(object) as KubernetesObject)]),
    );
  assert.deepEqual(
    selectable({
      spec: {
        nodeName: 'n',
        restartPolicy: 'Never',
        schedulerName: 's',
        serviceAccountName: 'a',
        hostNetwork: true,
        containers: [],
      },
      status: { phase: 'Running', podIP: '1.1.1.1', podIPs: [{ ip: '1.1.1.1' }], nominatedNodeName: 'm' },
    }),
    {
      'spec.nodeName': 'n',
      'spec.host': 'n',
      'spec.restartPolicy': 'Never',
      'spec.schedulerName': 's',
      'spec.serviceAccountName': 'a',
      'spec.hostNetwork': 'true',
      'status.phase': 'Running',
      'status.podIP': '1.1.1.1',
      'status.podIPs': '',
      'status.nominatedNodeName': 'm',
    },
  );
  assert.equal(selectable({})['spec.hostNetwork'], 'false');
});
