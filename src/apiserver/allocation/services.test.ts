import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Service } from '../../api/types/core.v1.ts';
import { StatusError } from '../../machinery/status.ts';
import { refusal, TestCluster, type ClusterOptions } from './test-cluster.ts';

const clusters: TestCluster[] = [];
after(() => Promise.all(clusters.map((cluster) => cluster.stop())));

async function start(options: ClusterOptions = {}): Promise<TestCluster> {
  const cluster = await TestCluster.start(options);
  if (options.store === undefined) clusters.push(cluster);
  return cluster;
}

const dualStack = ['10.96.0.0/16', 'fd00::/108'];
const nodePortsOf = ({ spec }: Service): (number | undefined)[] => (spec.ports ?? []).map(({ nodePort }) => nodePort);

test('500 Services that are created at once share no address and no port', async () => {
  const cluster = await start({ ranges: ['10.0.0.0/22'], nodePorts: { first: 30000, last: 30599 } });
  const services = await Promise.all(
    Array.from({ length: 500 }, (_, index) => cluster.create(`s${index}`, { type: 'NodePort' })),
  );
  assert.equal(new Set(services.map(({ spec }) => spec.clusterIP)).size, 500);
  assert.equal(new Set(services.flatMap(nodePortsOf)).size, 500);
  const addresses = await cluster.addresses();
  for (const { metadata, spec } of services) assert.equal(addresses[spec.clusterIP ?? ''], metadata.name);
  assert.equal(Object.keys(addresses).length, 500);
});

test('a range is given out to its last address, and what is deleted is free again', async () => {
  const cluster = await start({ ranges: ['10.0.0.0/29'] });
  const services = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => cluster.create(name)));
  assert.equal(
    await refusal(cluster.create('f')),
    'Internal error occurred: failed to allocate a serviceIP: range is full',
  );
  await cluster.delete('c');
  await cluster.registry.feed.catchUp();
  const again = await cluster.create('f');
  assert.equal(again.spec.clusterIP, services[2]?.spec.clusterIP);
});

test('what a failed write was promised is free again', async () => {
  const cluster = await start({ ranges: ['10.0.0.0/29'] });
  for (let round = 0; round < 10; round++) {
    const invalid = cluster.create('x', { type: 'NodePort', sessionAffinity: 'y', clusterIP: '10.0.0.5' });
    assert.match(await refusal(invalid), /sessionAffinity: Unsupported value/);
  }
  await cluster.create('a', { type: 'NodePort', clusterIP: '10.0.0.5' });
  assert.match(await refusal(cluster.create('a')), /services "a" already exists/);
  assert.deepEqual(await cluster.addresses(), { '10.0.0.5': 'a' });
  const others = await Promise.all(['b', 'c', 'd', 'e'].map((name) => cluster.create(name)));
  assert.equal(new Set(others.map(({ spec }) => spec.clusterIP)).size, 4);
});

test('a dry run shows what is free and takes nothing', async () => {
  const cluster = await start({ ranges: ['10.0.0.0/30'], nodePorts: { first: 30000, last: 30000 } });
  for (let round = 0; round < 3; round++) {
    const shown = await cluster.create('a', { type: 'NodePort' }, '?dryRun=All');
    assert.equal(shown.spec.clusterIP, '10.0.0.2');
    assert.deepEqual(nodePortsOf(shown), [30000]);
  }
  assert.deepEqual(await cluster.addresses(), {});
  await cluster.create('a', { type: 'NodePort' });
});

test('a chosen address must be free and of the network', async () => {
  const cluster = await start();
  await cluster.create('a', { clusterIP: '10.96.0.10' });
  assert.equal(
    await refusal(cluster.create('b', { clusterIP: '10.96.0.10' })),
    'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
  );
  assert.equal(
    await refusal(cluster.create('b', { clusterIPs: ['10.97.0.1'], clusterIP: '10.97.0.1' })),
    'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.97.0.1"]: failed to allocate IP 10.97.0.1: the provided network does not match the current range',
  );
  assert.equal(
    await refusal(cluster.create('b', { clusterIP: 'fd00::1' })),
    'Service "b" is invalid: spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
  );
  assert.match(await refusal(cluster.create('b', { clusterIP: 'x' })), /clusterIPs\[0\]: .*must be a valid IP address/);
});

test('a chosen port must be free and in the range', async () => {
  const cluster = await start();
  await cluster.create('a', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] });
  assert.equal(
    await refusal(cluster.create('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] })),
    'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
  );
  assert.equal(
    await refusal(cluster.create('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })),
    'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
  );
});

test('one node port serves the protocols of a port', async () => {
  const cluster = await start();
  const dns = [
    { name: 'tcp', port: 53 },
    { name: 'udp', port: 53, protocol: 'UDP' },
    { name: 'http', port: 80 },
  ];
  const [tcp, udp, http] = nodePortsOf(await cluster.create('dns', { type: 'NodePort', ports: dns }));
  assert.equal(tcp, udp);
  assert.notEqual(tcp, http);
  const chosen = [dns[0], { ...dns[1], nodePort: 30053 }];
  assert.deepEqual(nodePortsOf(await cluster.create('dns2', { type: 'NodePort', ports: chosen })), [30053, 30053]);
});

test('a load balancer has node ports unless it does without, and a port for health checks', async () => {
  const cluster = await start();
  const usual = await cluster.create('a', { type: 'LoadBalancer' });
  assert.ok(nodePortsOf(usual)[0]);
  assert.equal(usual.spec.healthCheckNodePort, undefined);
  const local = await cluster.create('b', {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    allocateLoadBalancerNodePorts: false,
  });
  assert.deepEqual(nodePortsOf(local), [undefined]);
  const healthPort = local.spec.healthCheckNodePort;
  assert.ok(healthPort);
  assert.equal(
    await refusal(
      cluster.create('c', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: healthPort }),
    ),
    `Internal error occurred: failed to allocate requested HealthCheck NodePort ${healthPort}: provided port is already allocated`,
  );
  await cluster.patch('b', { externalTrafficPolicy: 'Cluster' });
  await cluster.registry.feed.catchUp();
  const taken = { type: 'NodePort', ports: [{ port: 1, nodePort: healthPort }] };
  assert.deepEqual(nodePortsOf(await cluster.create('d', taken)), [healthPort]);
});

test('a type that changes takes and gives back', async () => {
  const cluster = await start();
  const ports = [{ port: 80, nodePort: 30080 }];
  const { spec } = await cluster.create('a', { type: 'NodePort', ports });
  const clusterIP = spec.clusterIP ?? '';
  const plain = await cluster.patch('a', { type: 'ClusterIP' });
  assert.deepEqual([plain.spec.clusterIP, nodePortsOf(plain)], [clusterIP, [undefined]]);
  await cluster.registry.feed.catchUp();
  await cluster.create('b', { type: 'NodePort', ports });
  const named = await cluster.patch('a', { type: 'ExternalName', externalName: 'example.com' });
  assert.equal(named.spec.clusterIP, undefined);
  assert.deepEqual(Object.values(await cluster.addresses()), ['b']);
  await cluster.create('c', { clusterIP });
  const back = await cluster.patch('a', { type: 'ClusterIP', externalName: null });
  assert.ok(back.spec.clusterIP);
  assert.notEqual(back.spec.clusterIP, clusterIP);
  assert.deepEqual(Object.values(await cluster.addresses()).sort(), ['a', 'b', 'c']);
});

test('an update without them keeps the address and the ports', async () => {
  const cluster = await start();
  const { spec } = await cluster.create('a', { type: 'NodePort', ports: [{ name: 'x', port: 80 }] });
  const ports = [
    { name: 'x', port: 81 },
    { name: 'y', port: 82 },
  ];
  const updated = await cluster.update('a', { type: 'NodePort', ports });
  assert.equal(updated.spec.clusterIP, spec.clusterIP);
  const [kept, added] = nodePortsOf(updated);
  assert.equal(kept, spec.ports?.[0]?.nodePort);
  assert.ok(added && added !== kept);
  assert.match(
    await refusal(cluster.patch('a', { clusterIP: '10.96.9.9', clusterIPs: ['10.96.9.9'] })),
    /may not change once set/,
  );
});

test('headless Services and names of other hosts have no address', async () => {
  const cluster = await start();
  const headless = await cluster.create('a', { clusterIP: 'None', selector: { app: 'a' } });
  assert.deepEqual([headless.spec.clusterIPs, headless.spec.ipFamilies], [['None'], ['IPv4']]);
  const external = await cluster.create('b', { type: 'ExternalName', externalName: 'example.com' });
  assert.deepEqual([external.spec.clusterIP, external.spec.ipFamilies], [undefined, undefined]);
  assert.deepEqual(await cluster.addresses(), {});
});

test('families follow policy, addresses and cluster', async (t) => {
  const cluster = await start({ ranges: dualStack });
  const four = /^10\.96\./;
  const six = /^fd00::/;
  const cases: [string, object, string, string[], RegExp[]][] = [
    ['the default family', {}, 'SingleStack', ['IPv4'], [four]],
    ['the other family', { ipFamilies: ['IPv6'] }, 'SingleStack', ['IPv6'], [six]],
    ['both preferred', { ipFamilyPolicy: 'PreferDualStack' }, 'PreferDualStack', ['IPv4', 'IPv6'], [four, six]],
    [
      'both, the other first',
      { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] },
      'RequireDualStack',
      ['IPv6', 'IPv4'],
      [six, four],
    ],
    ['of an address', { clusterIP: 'fd00::99' }, 'SingleStack', ['IPv6'], [/^fd00::99$/]],
    ['headless, without selector', { clusterIP: 'None' }, 'RequireDualStack', ['IPv4', 'IPv6'], [/^None$/]],
  ];
  for (const [index, [name, spec, policy, families, patterns]] of cases.entries()) {
    await t.test(name, async () => {
      const service = await cluster.create(`s${index}`, spec);
      assert.equal(service.spec.ipFamilyPolicy, policy);
      assert.deepEqual(service.spec.ipFamilies, families);
      const { clusterIPs = [], clusterIP } = service.spec;
      assert.equal(clusterIPs.length, patterns.length);
      assert.equal(clusterIPs[0], clusterIP);
      for (const [position, pattern] of patterns.entries()) assert.match(clusterIPs[position] ?? '', pattern);
    });
  }
});

test('families that cannot be had are refused', async () => {
  const single = await start();
  const dual = await start({ ranges: dualStack });
  assert.equal(
    await refusal(single.create('a', { ipFamilyPolicy: 'RequireDualStack' })),
    'Service "a" is invalid: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
  );
  assert.equal(
    await refusal(single.create('a', { ipFamilies: ['IPv6'] })),
    'Service "a" is invalid: spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
  );
  const preferred = await single.create('a', { ipFamilyPolicy: 'PreferDualStack' });
  assert.deepEqual(preferred.spec.ipFamilies, ['IPv4']);
  assert.equal(
    await refusal(dual.create('a', { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] })),
    `Service "a" is invalid: spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`,
  );
});

test('a Service gains and loses its second family', async () => {
  const cluster = await start({ ranges: dualStack });
  const { spec } = await cluster.create('a');
  const both = await cluster.patch('a', { ipFamilyPolicy: 'RequireDualStack' });
  assert.equal(both.spec.clusterIPs?.[0], spec.clusterIP);
  assert.match(both.spec.clusterIPs?.[1] ?? '', /^fd00::/);
  assert.equal(Object.keys(await cluster.addresses()).length, 2);
  assert.match(
    await refusal(cluster.patch('a', { clusterIPs: [spec.clusterIP], ipFamilies: ['IPv4'] })),
    /must be 'SingleStack' to release the secondary cluster IP/,
  );
  const one = await cluster.patch('a', { ipFamilyPolicy: 'SingleStack' });
  assert.deepEqual([one.spec.clusterIPs, one.spec.ipFamilies], [[spec.clusterIP], ['IPv4']]);
  assert.deepEqual(await cluster.addresses(), { [spec.clusterIP ?? '']: 'a' });
});

test('a server that starts anew knows what is given out', async () => {
  const before = await start({ ranges: ['10.0.0.0/29'] });
  await before.create('a', { clusterIP: '10.0.0.3', type: 'NodePort', ports: [{ port: 1, nodePort: 30001 }] });
  const restarted = await start({ ranges: ['10.0.0.0/29'], store: before.store, seed: 2 });
  assert.match(await refusal(restarted.create('b', { clusterIP: '10.0.0.3' })), /provided IP is already allocated/);
  const port = { type: 'NodePort', ports: [{ port: 1, nodePort: 30001 }] };
  assert.match(await refusal(restarted.create('b', port)), /provided port is already allocated/);
  const others = await Promise.all(['b', 'c', 'd', 'e'].map((name) => restarted.create(name)));
  assert.equal(new Set(others.map(({ spec }) => spec.clusterIP)).size, 4);
  restarted.registry.stop();
});

test('repair makes the IPAddress objects what the Services say, and leaves those of others', async () => {
  const cluster = await start({ ranges: ['10.0.0.0/24'] });
  await cluster.create('a', { clusterIP: '10.0.0.3' });
  await cluster.tamper('10.0.0.3');
  await cluster.tamper('10.0.0.4', 'gone');
  await cluster.registry.feed.catchUp();
  assert.match(await refusal(cluster.create('b', { clusterIP: '10.0.0.3' })), /provided IP is already allocated/);
  await cluster.allocator.repair(cluster.registry);
  assert.deepEqual(await cluster.addresses(), { '10.0.0.3': 'a' });
  await cluster.create('b', { clusterIP: '10.0.0.4' });
  const { revision } = cluster.store;
  await cluster.allocator.repair(cluster.registry);
  assert.equal(cluster.store.revision, revision, 'what is right is not written');
});

test('an address that somebody else holds is not given out', async () => {
  const cluster = await start({ ranges: ['10.0.0.0/30'] });
  await cluster.tamper('10.0.0.2', 'x');
  await cluster.registry.feed.catchUp();
  assert.match(await refusal(cluster.create('b', { clusterIP: '10.0.0.2' })), /provided IP is already allocated/);
  assert.match(await refusal(cluster.create('b')), /range is full/);
});

test('servers that share a store never give an address out twice', async () => {
  const one = await start({ ranges: ['10.0.0.0/27'] });
  const other = await start({ ranges: ['10.0.0.0/27'], store: one.store, seed: 2 });
  const create = async (cluster: TestCluster, name: string): Promise<string> => {
    for (;;) {
      try {
        return (await cluster.create(name)).spec.clusterIP ?? '';
      } catch (error) {
        // Both chose the same: the one that came second is told to try again.
        if (!(error instanceof StatusError) || error.reason !== 'ServerTimeout') throw error;
        await cluster.registry.feed.catchUp();
      }
    }
  };
  const names = Array.from({ length: 14 }, (_, index) => index);
  const given = await Promise.all(
    names.flatMap((index) => [create(one, `one-${index}`), create(other, `other-${index}`)]),
  );
  assert.equal(new Set(given).size, 28);
  assert.equal(Object.keys(await one.addresses()).length, 28);
  other.registry.stop();
});

test('ServiceCIDRs add networks while they are ready', async () => {
  const cluster = await start({ ranges: ['10.0.0.0/30'] });
  const outside = 'the provided network does not match the current range';
  await cluster.create('a', { clusterIP: '10.0.0.2' });
  assert.match(await refusal(cluster.create('b')), /range is full/);
  assert.match(await refusal(cluster.create('b', { clusterIP: '10.1.0.5' })), new RegExp(outside));
  await cluster.serviceCIDR('kubernetes', ['10.0.0.0/30']);
  const notReady = { conditions: [{ type: 'Ready', status: 'False', reason: 'x', lastTransitionTime: cluster.now() }] };
  await cluster.serviceCIDR('later', ['10.2.0.0/29'], notReady);
  assert.match(await refusal(cluster.create('b')), /range is full/);
  await cluster.serviceCIDR('more', ['10.1.0.0/29']);
  const others = await Promise.all(['b', 'c', 'd', 'e', 'f', 'g'].map((name) => cluster.create(name)));
  assert.deepEqual(
    others.map(({ spec }) => spec.clusterIP).sort(),
    [1, 2, 3, 4, 5, 6].map((host) => `10.1.0.${host}`),
  );
  assert.match(await refusal(cluster.create('h')), /range is full/);
  await cluster.delete('b');
  await cluster.serviceCIDR('more', []);
  assert.match(await refusal(cluster.create('h')), /range is full/);
  assert.match(await refusal(cluster.create('h', { ipFamilies: ['IPv6'] })), /not configured on this cluster/);
});

test('networks may overlap, and share their addresses', async () => {
  const cluster = await start({ ranges: ['10.0.0.0/29'] });
  await cluster.serviceCIDR('kubernetes', ['10.0.0.0/29']);
  await cluster.serviceCIDR('wide', ['10.0.0.0/28']);
  const all = await Promise.all(Array.from({ length: 14 }, (_, index) => cluster.create(`s${index}`)));
  assert.equal(new Set(all.map(({ spec }) => spec.clusterIP)).size, 14);
  assert.match(await refusal(cluster.create('more')), /range is full/);
});

test('a server that starts with another network goes on with the one that is stored', async () => {
  const before = await start({ ranges: ['10.0.0.0/24'] });
  await before.serviceCIDR('kubernetes', ['10.0.0.0/24']);
  const restarted = await start({ ranges: ['10.9.0.0/24'], store: before.store, seed: 2 });
  assert.match((await restarted.create('a')).spec.clusterIP ?? '', /^10\.0\.0\./);
  restarted.registry.stop();
});

test('servers that share a store never give a node port out twice', async () => {
  const nodePorts = { first: 30000, last: 30023 };
  const one = await start({ nodePorts });
  const other = await start({ nodePorts, store: one.store, seed: 2 });
  const create = async (cluster: TestCluster, name: string): Promise<number | undefined> => {
    for (;;) {
      try {
        return nodePortsOf(await cluster.create(name, { type: 'NodePort' }))[0];
      } catch (error) {
        if (!(error instanceof StatusError) || error.reason !== 'ServerTimeout') throw error;
        await cluster.registry.feed.catchUp();
      }
    }
  };
  const names = Array.from({ length: 12 }, (_, index) => index);
  const given = await Promise.all(
    names.flatMap((index) => [create(one, `one-${index}`), create(other, `other-${index}`)]),
  );
  assert.equal(new Set(given).size, 24);
  assert.equal(Object.keys(await one.portRecords()).length, 24);
  other.registry.stop();
});

test('node ports are recorded with their Service, and repaired', async () => {
  const cluster = await start();
  const ports = [{ port: 80, nodePort: 30080 }];
  await cluster.create('a', { type: 'NodePort', ports });
  assert.deepEqual(await cluster.portRecords(), { 30080: 'default/a' });
  await cluster.patch('a', { ports: [{ port: 80, nodePort: 30081 }] });
  assert.deepEqual(await cluster.portRecords(), { 30081: 'default/a' });
  const prefix = '/registry/ranges/servicenodeports/';
  await cluster.store.txn({
    compare: [],
    success: [
      { type: 'deleteRange', deleteRange: { key: `${prefix}30081` } },
      { type: 'put', put: { key: `${prefix}30082`, value: Buffer.from('default/gone') } },
    ],
  });
  await cluster.allocator.repair(cluster.registry);
  assert.deepEqual(await cluster.portRecords(), { 30081: 'default/a' });
  await cluster.delete('a');
  assert.deepEqual(await cluster.portRecords(), {});
});
