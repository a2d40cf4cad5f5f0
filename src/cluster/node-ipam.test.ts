// Networks for Nodes and the TTL annotation, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Node } from '../api/types/core.v1.ts';
import { events, nodes } from '../client/resources.ts';
import type { ControllerManagerOptions } from '../controllers/options.ts';
import { nodeIPAMController } from '../controllers/node-ipam/index.ts';
import { ttlController } from '../controllers/ttl/index.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

async function start(t: TestContext, options: Partial<ControllerManagerOptions>): Promise<VirtualControlPlane> {
  const controllers = [nodeIPAMController, ttlController];
  const plane = await VirtualControlPlane.start({
    controllers,
    options,
    flags: ['--authorization-mode=RBAC'],
  });
  t.after(() => plane.stop());
  return plane;
}

async function createNode(plane: VirtualControlPlane, name: string, podCIDRs: string[] = []): Promise<void> {
  const spec = podCIDRs.length === 0 ? {} : { podCIDR: podCIDRs[0] ?? '', podCIDRs };
  await plane.client.create(nodes, { metadata: { name }, spec });
  await plane.settle();
}

async function specOf(plane: VirtualControlPlane, name: string): Promise<Node['spec']> {
  const { podCIDR, podCIDRs } = (await plane.client.get(nodes, undefined, name)).spec;
  return { ...(podCIDR === undefined ? {} : { podCIDR }), ...(podCIDRs === undefined ? {} : { podCIDRs }) };
}

test('each Node gets a network of each family, and none that another has', async (t) => {
  const plane = await start(t, {
    allocateNodeCIDRs: true,
    clusterCIDRs: ['10.244.0.0/16', 'fd00:10:244::/56'],
    serviceClusterIPRanges: ['10.244.0.0/24'],
  });
  await createNode(plane, 'other', ['10.244.1.0/24', 'fd00:10:244::/64']);
  await createNode(plane, 'a');
  await createNode(plane, 'b');
  assert.deepEqual(await specOf(plane, 'a'), {
    podCIDR: '10.244.2.0/24',
    podCIDRs: ['10.244.2.0/24', 'fd00:10:244:1::/64'],
  });
  assert.deepEqual((await specOf(plane, 'b')).podCIDRs, ['10.244.3.0/24', 'fd00:10:244:2::/64']);
});

test('a Node for which none is left is told so, and gets one when another goes', async (t) => {
  const plane = await start(t, { allocateNodeCIDRs: true, clusterCIDRs: ['10.0.0.0/23'] });
  for (const name of ['a', 'b', 'c']) await createNode(plane, name);
  assert.deepEqual(await specOf(plane, 'c'), {});
  const told = (await plane.client.list(events)).items.filter(({ reason }) => reason === 'CIDRNotAvailable');
  assert.deepEqual(
    told.map(({ message, source }) => [message, source?.component]),
    [['Node c status is now: CIDRNotAvailable', 'cidrAllocator']],
  );
  await plane.client.delete(nodes, undefined, 'a');
  await plane.clock.advance(20 * 60_000);
  assert.equal((await specOf(plane, 'c')).podCIDR, '10.0.0.0/24');
});

test('without --allocate-node-cidrs Nodes get none; all are told for how long to remember', async (t) => {
  const plane = await start(t, {});
  await createNode(plane, 'a');
  assert.deepEqual(await specOf(plane, 'a'), {});
  const { annotations } = (await plane.client.get(nodes, undefined, 'a')).metadata;
  assert.deepEqual(annotations, { 'node.alpha.kubernetes.io/ttl': '0' });
});
