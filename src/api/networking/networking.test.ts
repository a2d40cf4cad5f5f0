import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom, mergedFrom } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type { IngressClass, NetworkPolicy, ServiceCIDR } from '../types/networking.v1.ts';
import { networkingDefinitions } from './index.ts';
import { ingressclasses } from './ingressclasses.ts';
import { networkpolicies } from './networkpolicies.ts';
import { servicecidrs } from './servicecidrs.ts';

const metadata = { name: 'x', creationTimestamp: created };
const ingressHeader = 'Name Class Hosts Address Ports Age';

testRows(networkingDefinitions, [
  [
    'ingresses',
    {
      metadata,
      spec: { ingressClassName: 'nginx', rules: [{ host: 'a' }, { host: 'b' }, {}], tls: [{}] },
      status: { loadBalancer: { ingress: [{ ip: '10.0.0.2' }, { hostname: 'lb' }, { ip: '10.0.0.2' }, {}] } },
    },
    ingressHeader,
    ['x', 'nginx', 'a,b', '10.0.0.2,lb', '80, 443', '5m'],
  ],
  [
    'ingresses',
    { metadata, spec: { rules: ['a', 'b', 'c', 'd', 'e'].map((host) => ({ host })) } },
    ingressHeader,
    ['x', '<none>', 'a,b,c + 2 more...', '', '80', '5m'],
  ],
  ['ingresses', {}, ingressHeader, ['', '<none>', '*', '', '80', '<unknown>']],
  [
    'ingressclasses',
    { metadata, spec: { controller: 'c', parameters: { apiGroup: 'k8s.example.com', kind: 'P', name: 'p' } } },
    'Name Controller Parameters Age',
    ['x', 'c', 'P.k8s.example.com/p', '5m'],
  ],
  [
    'ingressclasses',
    { spec: { parameters: { kind: 'P', name: 'p' } } },
    'Name Controller Parameters Age',
    ['', '', 'P/p', '<unknown>'],
  ],
  ['ingressclasses', {}, 'Name Controller Parameters Age', ['', '', '<none>', '<unknown>']],
  [
    'networkpolicies',
    { metadata, spec: { podSelector: { matchLabels: { a: 'b' } } } },
    'Name Pod-Selector Age',
    ['x', 'a=b', '5m'],
  ],
  ['networkpolicies', {}, 'Name Pod-Selector Age', ['', '<none>', '<unknown>']],
  [
    'ipaddresses',
    { metadata, spec: { parentRef: { resource: 'services', namespace: 'default', name: 'kubernetes' } } },
    'Name ParentRef',
    ['x', 'services/default/kubernetes'],
  ],
  [
    'ipaddresses',
    { spec: { parentRef: { group: 'Example.com', resource: 'things', name: 't' } } },
    'Name ParentRef',
    ['', 'things.example.com/t'],
  ],
  ['ipaddresses', {}, 'Name ParentRef', ['', '<none>']],
  [
    'servicecidrs',
    { metadata, spec: { cidrs: ['10.0.0.0/24', 'fd00::/112'] } },
    'Name CIDRs Age',
    ['x', '10.0.0.0/24,fd00::/112', '5m'],
  ],
  ['servicecidrs', {}, 'Name CIDRs Age', ['', '', '<unknown>']],
]);

test('a NetworkPolicy is about what it has rules for', () => {
  const types = (spec: object): unknown => createdFrom<NetworkPolicy>(networkpolicies, { spec }).spec.policyTypes;
  assert.deepEqual(types({}), ['Ingress']);
  assert.deepEqual(types({ egress: [{}] }), ['Ingress', 'Egress']);
  assert.deepEqual(types({ egress: [{}], policyTypes: ['Egress'] }), ['Egress']);
});

test('the ports of a NetworkPolicy are of TCP', () => {
  const { spec } = createdFrom<NetworkPolicy>(networkpolicies, {
    spec: { ingress: [{ ports: [{ port: 80 }, { protocol: 'UDP', port: 53 }] }], egress: [{ ports: [{}] }] },
  });
  assert.deepEqual(
    spec.ingress?.[0]?.ports?.map(({ protocol }) => protocol),
    ['TCP', 'UDP'],
  );
  assert.equal(spec.egress?.[0]?.ports?.[0]?.protocol, 'TCP');
});

test('the parameters of an IngressClass are of the cluster', () => {
  const made = createdFrom<IngressClass>(ingressclasses, { spec: { parameters: { kind: 'P', name: 'p' } } });
  assert.equal(made.spec.parameters?.scope, 'Cluster');
  assert.equal(createdFrom<IngressClass>(ingressclasses, { spec: {} }).spec.parameters, undefined);
});

test('a status write changes nothing else of a ServiceCIDR', () => {
  const merged = mergedFrom<ServiceCIDR>(
    servicecidrs,
    'status',
    {
      metadata: { name: 'x', labels: { a: '2' }, finalizers: ['f/2'] },
      spec: { cidrs: ['10.9.0.0/16'] },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    },
    { metadata: { name: 'x', labels: { a: '1' }, annotations: { b: '1' } }, spec: { cidrs: ['10.0.0.0/24'] } },
  );
  assert.deepEqual(merged.metadata.labels, { a: '1' });
  assert.deepEqual(merged.metadata.annotations, { b: '1' });
  assert.equal(merged.metadata.finalizers, undefined);
  assert.deepEqual(merged.spec.cidrs, ['10.0.0.0/24']);
  assert.equal(merged.status?.conditions?.[0]?.type, 'Ready');
});
