import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, PodSpec, Toleration } from '../api/types/core.v1.ts';
import { PodAdmission } from './admission.ts';
import { container, testPod } from './test-pods.ts';

const node: Node = {
  metadata: { name: 'node-0', labels: { zone: 'a' } },
  spec: { taints: [{ key: 'maintenance', effect: 'NoExecute' }] },
  status: { allocatable: { cpu: '2', memory: '1Gi', pods: '2' } },
};
const tolerations: Toleration[] = [{ operator: 'Exists' }];

function pod(
  name: string,
  requests: Record<string, string> = {},
  more: Partial<PodSpec> = {},
): ReturnType<typeof testPod> {
  const base = testPod({ containers: [container('web', { resources: { requests } })], tolerations, ...more });
  return { ...base, metadata: { ...base.metadata, name, uid: name } };
}

function reasonOf(admission: PodAdmission, ...args: Parameters<typeof pod>): string | undefined {
  return admission.admit(pod(...args), node)?.reason;
}

test('what is taken is given back, and changes with a resize', () => {
  const admission = new PodAdmission();
  assert.equal(reasonOf(admission, 'a', { cpu: '1500m' }), undefined);
  // The same Pod again takes nothing more.
  assert.equal(reasonOf(admission, 'a', { cpu: '1500m' }), undefined);
  assert.equal(reasonOf(admission, 'b', { cpu: '1' }), 'OutOfcpu');
  admission.resized(pod('a', { cpu: '500m' }));
  assert.equal(reasonOf(admission, 'b', { cpu: '1' }), undefined);
  assert.equal(reasonOf(admission, 'c'), 'OutOfpods');
  admission.release('a');
  admission.release('a');
  assert.equal(reasonOf(admission, 'c', { cpu: '1' }), undefined);
});

test('each requirement is refused by its name', () => {
  const cases: readonly (readonly [
    expected: string | undefined,
    requests: Record<string, string>,
    more: Partial<PodSpec>,
  ])[] = [
    [undefined, {}, {}],
    ['OutOfmemory', { memory: '2Gi' }, {}],
    // A resource that the node does not know belongs to the cluster; of its own it has none of what it does not name.
    [undefined, { 'example.com/license': '1' }, {}],
    ['OutOfhugepages-2Mi', { 'hugepages-2Mi': '2Mi' }, {}],
    ['OutOfcpu', { cpu: '1' }, { overhead: { cpu: '1500m' } }],
    ['NodeAffinity', {}, { nodeSelector: { zone: 'b' } }],
    [undefined, {}, { nodeSelector: { zone: 'a' } }],
    ['NodeName', {}, { nodeName: 'node-1' }],
    ['TaintToleration', {}, { tolerations: [] }],
    ['PodOSNotSupported', {}, { os: { name: 'windows' } }],
  ];
  for (const [expected, requests, more] of cases) {
    assert.equal(reasonOf(new PodAdmission(), 'a', requests, more), expected, JSON.stringify([requests, more]));
  }
});

test('host ports meet on one address, protocol and number', () => {
  const withPort = (hostPort: number, hostIP: string, protocol: 'TCP' | 'UDP'): Partial<PodSpec> => ({
    containers: [container('web', { ports: [{ containerPort: 80, hostPort, hostIP, protocol }] })],
  });
  const conflicts = (...[port, ip, protocol]: Parameters<typeof withPort>): boolean => {
    const admission = new PodAdmission();
    assert.equal(reasonOf(admission, 'a', {}, withPort(80, '10.0.0.1', 'TCP')), undefined);
    return reasonOf(admission, 'b', {}, withPort(port, ip, protocol)) === 'NodePorts';
  };
  assert.ok(conflicts(80, '10.0.0.1', 'TCP'));
  assert.ok(conflicts(80, '', 'TCP'));
  assert.ok(!conflicts(80, '10.0.0.2', 'TCP'));
  assert.ok(!conflicts(80, '10.0.0.1', 'UDP'));
  assert.ok(!conflicts(81, '10.0.0.1', 'TCP'));
});
