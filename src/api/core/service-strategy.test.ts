import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service, ServiceSpec } from '../types/core.v1.ts';
import { services } from './services.ts';
import { createdFrom, plain, updatedFrom } from './test-support.ts';

function create(spec: object, status: object = {}): Service {
  return createdFrom<Service>(services, { spec, status });
}

function update(spec: object, old: object): ServiceSpec {
  return updatedFrom<Service>(services, { spec }, { spec: old }).spec;
}

test('a minimal Service gets every default that upstream gives it', () => {
  assert.deepEqual(plain(create({ ports: [{ port: 80 }, { port: 81, targetPort: 'http', protocol: 'UDP' }] }).spec), {
    ports: [
      { port: 80, targetPort: 80, protocol: 'TCP' },
      { port: 81, targetPort: 'http', protocol: 'UDP' },
    ],
    sessionAffinity: 'None',
    type: 'ClusterIP',
    internalTrafficPolicy: 'Cluster',
  });
});

test('defaults depend on the type', () => {
  const cases: readonly [object, object][] = [
    [{ type: 'ExternalName', externalName: 'e' }, {}],
    [{ type: 'NodePort' }, { externalTrafficPolicy: 'Cluster', internalTrafficPolicy: 'Cluster' }],
    [{ externalIPs: ['1.2.3.4'] }, { externalTrafficPolicy: 'Cluster', internalTrafficPolicy: 'Cluster' }],
    [
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
      { externalTrafficPolicy: 'Local', internalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true },
    ],
  ];
  for (const [spec, expected] of cases) {
    const { externalTrafficPolicy, internalTrafficPolicy, allocateLoadBalancerNodePorts } = create(spec).spec;
    assert.deepEqual(plain({ externalTrafficPolicy, internalTrafficPolicy, allocateLoadBalancerNodePorts }), expected);
  }
});

test('the affinity to clients has a time', () => {
  const affinity = (spec: object): unknown => plain(create(spec).spec.sessionAffinityConfig);
  assert.deepEqual(affinity({ sessionAffinity: 'ClientIP' }), { clientIP: { timeoutSeconds: 10800 } });
  const given = { clientIP: { timeoutSeconds: 5 } };
  assert.deepEqual(affinity({ sessionAffinity: 'ClientIP', sessionAffinityConfig: given }), given);
  assert.equal(affinity({ sessionAffinity: 'None', sessionAffinityConfig: given }), undefined);
});

test('an address of a load balancer is virtual unless it says otherwise', () => {
  const ingress = [{ ip: '1.2.3.4' }, { hostname: 'h' }, { ip: '5.6.7.8', ipMode: 'Proxy' }];
  const service = create({ type: 'LoadBalancer' }, { loadBalancer: { ingress } });
  assert.deepEqual(
    service.status?.loadBalancer?.ingress?.map(({ ipMode }) => ipMode),
    ['VIP', undefined, 'Proxy'],
  );
});

test('clusterIPs follows clusterIP for clients that know that alone', () => {
  assert.deepEqual(create({ clusterIP: 'None' }).spec.clusterIPs, ['None']);
  const old = { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'], type: 'ClusterIP' };
  const ips = (spec: object): unknown => {
    const { clusterIP, clusterIPs } = update(spec, old);
    return [clusterIP, clusterIPs];
  };
  assert.deepEqual(ips({}), ['10.0.0.1', ['10.0.0.1', 'fd00::1']]);
  assert.deepEqual(ips({ clusterIP: '10.0.0.1' }), ['10.0.0.1', ['10.0.0.1', 'fd00::1']]);
  assert.deepEqual(ips({ clusterIP: 'None', clusterIPs: old.clusterIPs }), ['None', ['None']]);
  assert.deepEqual(ips({ clusterIP: 'None', clusterIPs: ['None'] }), ['None', ['None']]);
});

test('ports of the nodes stay with the ports of their names', () => {
  const old = {
    type: 'NodePort',
    ports: [
      { name: 'a', port: 1, nodePort: 30001 },
      { name: 'b', port: 2, nodePort: 30002 },
    ],
  };
  const nodePorts = (ports: readonly object[]): unknown =>
    update({ type: 'NodePort', ports }, old).ports?.map(({ nodePort }) => nodePort);
  assert.deepEqual(
    nodePorts([
      { name: 'b', port: 9 },
      { name: 'a', port: 1 },
    ]),
    [30002, 30001],
  );
  assert.deepEqual(
    nodePorts([
      { name: 'a', port: 1 },
      { name: 'c', port: 3, nodePort: 30001 },
    ]),
    [undefined, 30001],
  );
  assert.deepEqual(nodePorts([{ name: 'new', port: 1 }]), [undefined]);
});

const balancer = {
  type: 'LoadBalancer',
  clusterIP: '10.0.0.1',
  clusterIPs: ['10.0.0.1'],
  ipFamilies: ['IPv4'],
  ipFamilyPolicy: 'SingleStack',
  ports: [{ port: 80, nodePort: 30080 }],
  allocateLoadBalancerNodePorts: true,
  loadBalancerClass: 'example.com/lb',
  externalTrafficPolicy: 'Local',
  healthCheckNodePort: 32000,
  internalTrafficPolicy: 'Cluster',
  sessionAffinity: 'None',
};
const port = { port: 80, targetPort: 80, protocol: 'TCP' };

test('a change of type drops what the new type has no use for', () => {
  const kept = { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' };
  assert.deepEqual(plain(update({ ...balancer, type: 'ClusterIP' }, balancer)), {
    ...kept,
    type: 'ClusterIP',
    ports: [port],
    internalTrafficPolicy: 'Cluster',
    sessionAffinity: 'None',
  });
  assert.deepEqual(plain(update({ ...balancer, type: 'ExternalName', externalName: 'e' }, balancer)), {
    type: 'ExternalName',
    externalName: 'e',
    ports: [port],
    internalTrafficPolicy: 'Cluster',
    sessionAffinity: 'None',
  });
});

test('what the client changed with the type is left for validation to judge', () => {
  const changed = update(
    {
      ...balancer,
      type: 'ClusterIP',
      ports: [{ port: 80, nodePort: 30081 }],
      healthCheckNodePort: 32001,
      loadBalancerClass: 'example.com/other',
      externalTrafficPolicy: 'Cluster',
    },
    balancer,
  );
  assert.equal(changed.ports?.[0]?.nodePort, 30081);
  assert.equal(changed.healthCheckNodePort, 32001);
  assert.equal(changed.loadBalancerClass, 'example.com/other');
  assert.equal(changed.externalTrafficPolicy, 'Cluster');
});

test('the addresses of a load balancer go with the type', () => {
  const status = { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } };
  const old = { spec: balancer, status };
  const same = updatedFrom<Service>(services, { spec: balancer, status }, old);
  assert.equal(same.status?.loadBalancer?.ingress?.length, 1);
  const changed = updatedFrom<Service>(services, { spec: { ...balancer, type: 'ClusterIP' }, status }, old);
  assert.deepEqual(plain(changed.status), { loadBalancer: {} });
});
