import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubernetesObject } from '../contract.ts';
import { claims } from './claims.ts';
import type { Evaluator, ScopeSelector } from './evaluator.ts';
import { objectCounts } from './object-counts.ts';
import { podEvaluator } from './pods.ts';
import { resourceClaims } from './resource-claims.ts';
import { services } from './services.ts';

const nowMs = Date.parse('2026-01-01T00:01:00Z');
const pods = podEvaluator({ now: () => nowMs });

function used(evaluator: Evaluator, object: object): Record<string, string> {
  const usage = [...evaluator.usage(object as KubernetesObject)];
  return Object.fromEntries(usage.map(([name, amount]) => [name, amount.toString()]));
}

const container = (requests: object, limits: object = {}): object => ({ name: 'c', resources: { requests, limits } });

describe('a Pod uses', () => {
  test('what its containers ask for at once, or its initialization where that is more, and its overhead', () => {
    const spec = {
      containers: [container({ cpu: '100m', memory: '1Gi' }, { memory: '2Gi' }), container({ cpu: '200m' })],
      initContainers: [
        { ...container({ cpu: '50m' }), restartPolicy: 'Always' },
        container({ cpu: '1', 'ephemeral-storage': '1Gi' }),
      ],
      overhead: { cpu: '10m', memory: '1Mi' },
    };
    assert.deepEqual(used(pods, { metadata: {}, spec }), {
      'count/pods': '1',
      pods: '1',
      cpu: '1060m',
      'requests.cpu': '1060m',
      memory: '1025Mi',
      'requests.memory': '1025Mi',
      'limits.memory': '2049Mi',
      'ephemeral-storage': '1Gi',
      'requests.ephemeral-storage': '1Gi',
    });
  });

  test('huge pages and devices by request', () => {
    const requests = { 'hugepages-2Mi': '4Mi', 'example.com/gpu': '2' };
    const amounts = used(pods, { metadata: {}, spec: { containers: [container(requests)] } });
    assert.deepEqual(amounts, {
      'count/pods': '1',
      pods: '1',
      'hugepages-2Mi': '4Mi',
      'requests.hugepages-2Mi': '4Mi',
      'requests.example.com/gpu': '2',
    });
    for (const name of Object.keys(amounts)) assert.ok(pods.counts(name), name);
    assert.ok(!pods.counts('services') && !pods.counts('example.com/gpu'));
  });

  test('its own amounts where it has some', () => {
    const spec = { containers: [container({ cpu: '1' })], resources: { requests: { cpu: '3' } } };
    assert.equal(used(pods, { metadata: {}, spec })['requests.cpu'], '3');
  });

  test('what it was granted until its node has made it smaller', () => {
    const spec = { containers: [container({ cpu: '1' })] };
    const granted = { name: 'c', resources: { requests: { cpu: '2' } }, allocatedResources: { cpu: '1500m' } };
    const status = { containerStatuses: [granted] };
    assert.equal(used(pods, { metadata: {}, spec, status })['requests.cpu'], '2');
    const bigger = { containers: [container({ cpu: '5' })] };
    assert.equal(used(pods, { metadata: {}, spec: bigger, status })['requests.cpu'], '5');
    const conditions = [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }];
    assert.equal(used(pods, { metadata: {}, spec: bigger, status: { ...status, conditions } })['requests.cpu'], '2');
  });

  test('nothing but its place when it has ended, or its end is overdue', () => {
    const spec = { containers: [container({ cpu: '1' })] };
    const gone = (deletionTimestamp: string): object => ({ deletionTimestamp, deletionGracePeriodSeconds: 30 });
    assert.deepEqual(used(pods, { metadata: {}, spec, status: { phase: 'Succeeded' } }), { 'count/pods': '1' });
    assert.deepEqual(used(pods, { metadata: gone('2026-01-01T00:00:00Z'), spec }), { 'count/pods': '1' });
    assert.equal(used(pods, { metadata: gone('2026-01-01T00:00:45Z'), spec })['pods'], '1');
  });
});

describe('a scope selects', () => {
  const cases: readonly (readonly [ScopeSelector, object, boolean])[] = [
    [{ scopeName: 'PriorityClass', operator: 'Exists' }, { priorityClassName: 'a' }, true],
    [{ scopeName: 'PriorityClass', operator: 'Exists' }, {}, false],
    [{ scopeName: 'PriorityClass', operator: 'DoesNotExist' }, {}, true],
    [{ scopeName: 'PriorityClass', operator: 'In', values: ['a'] }, { priorityClassName: 'b' }, false],
    [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['a'] }, { priorityClassName: 'b' }, true],
    [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['a'] }, {}, true],
  ];
  for (const [selector, spec, expected] of cases) {
    test(`${JSON.stringify(selector)} of ${JSON.stringify(spec)}`, () => {
      assert.equal(pods.isInScope(selector, { metadata: {}, spec } as KubernetesObject), expected);
    });
  }

  test('claims by the class that they have or are to have', () => {
    const selector: ScopeSelector = { scopeName: 'VolumeAttributesClass', operator: 'In', values: ['gold'] };
    const claim = (spec: object, status: object = {}): KubernetesObject => ({ spec, status }) as KubernetesObject;
    assert.ok(claims.isInScope(selector, claim({ volumeAttributesClassName: 'gold' })));
    assert.ok(claims.isInScope(selector, claim({}, { currentVolumeAttributesClassName: 'gold' })));
    assert.ok(!claims.isInScope(selector, claim({ volumeAttributesClassName: 'iron' })));
    assert.ok(!claims.isInScope({ scopeName: 'BestEffort', operator: 'Exists' }, claim({})));
  });
});

test('a claim uses what it asks for, or what it was given where that is more, in whole bytes', () => {
  const claim = (storage: string, allocated?: string): object => ({
    metadata: {},
    spec: { resources: { requests: { storage } } },
    ...(allocated === undefined ? {} : { status: { allocatedResources: { storage: allocated } } }),
  });
  assert.equal(used(claims, claim('1Gi'))['requests.storage'], '1Gi');
  assert.equal(used(claims, claim('1Gi', '2Gi'))['requests.storage'], '2Gi');
  assert.equal(used(claims, claim('1500m'))['requests.storage'], '2');
});

test('a LoadBalancer that has no node ports made for it uses those that it names', () => {
  const ports = [{ port: 80, nodePort: 30080 }, { port: 81 }];
  const spec = { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports };
  const usage = used(services, { spec });
  assert.deepEqual([usage['services.loadbalancers'], usage['services.nodeports']], ['1', '1']);
});

test('a claim for devices uses the most that it may be given of each class', () => {
  const requests = [
    { name: 'a', exactly: { deviceClassName: 'gpu', count: 2 } },
    { name: 'b', exactly: { deviceClassName: 'gpu' } },
    { name: 'c', exactly: { deviceClassName: 'nic', allocationMode: 'All' } },
    {
      name: 'd',
      firstAvailable: [
        { name: 'x', deviceClassName: 'fpga', count: 3 },
        { name: 'y', deviceClassName: 'fpga', count: 5 },
      ],
    },
  ];
  assert.deepEqual(used(resourceClaims, { spec: { devices: { requests } } }), {
    'count/resourceclaims.resource.k8s.io': '1',
    'gpu.deviceclass.resource.k8s.io/devices': '3',
    'nic.deviceclass.resource.k8s.io/devices': '32',
    'fpga.deviceclass.resource.k8s.io/devices': '5',
  });
});

test('objects of other kinds are counted, under an older name, too, where they had one', () => {
  const kind = { operation: 'CREATE', version: 'v1', subresource: '', namespaced: true } as const;
  const secrets = objectCounts({ ...kind, group: '', resource: 'secrets' });
  assert.deepEqual(used(secrets, {}), { 'count/secrets': '1', secrets: '1' });
  const jobs = objectCounts({ ...kind, group: 'batch', resource: 'jobs' });
  assert.deepEqual(used(jobs, {}), { 'count/jobs.batch': '1' });
  assert.ok(jobs.counts('count/jobs.batch') && !jobs.counts('count/jobs'));
});
