// The garbage collector, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { KubernetesObject } from '../api/contract.ts';
import type { OwnerReference } from '../api/types/meta.v1.ts';
import { configMaps, events, nodes, secrets } from '../client/resources.ts';
import { garbageCollectorController } from '../controllers/garbage-collector/index.ts';
import { seededRandom } from '../machinery/random.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({ controllers: [garbageCollectorController] });
  await plane.clock.advance(1_000);
});
afterEach(() => plane.stop());

function ownedBy(owner: KubernetesObject, more: Partial<OwnerReference> = {}): OwnerReference {
  const { name = '', uid = '' } = owner.metadata ?? {};
  return { apiVersion: 'v1', kind: owner.kind ?? 'ConfigMap', name, uid, ...more };
}

async function create(
  name: string,
  owners: readonly OwnerReference[] = [],
  more: object = {},
): Promise<KubernetesObject> {
  return plane.client.create(configMaps, {
    metadata: { name, namespace: 'default', ownerReferences: [...owners], ...more },
  });
}

async function left(): Promise<string[]> {
  await plane.clock.advance(5_000);
  const { items } = await plane.client.list(configMaps, 'default');
  return items.map(({ metadata }) => metadata.name ?? '').sort();
}

test('background: the owner goes at once, and what it owned after it, down to the last', async () => {
  const a = await create('a');
  const b = await create('b', [ownedBy(a)]);
  await create('c', [ownedBy(b)]);
  await create('other');
  await plane.client.delete(configMaps, 'default', 'a', { propagationPolicy: 'Background' });
  assert.deepEqual(await left(), ['other']);
});

test('foreground: the owner waits for those that block it', async () => {
  const a = await create('a');
  await create('b', [ownedBy(a, { blockOwnerDeletion: true })], { finalizers: ['example.com/hold'] });
  await create('c', [ownedBy(a)]);
  await plane.client.delete(configMaps, 'default', 'a', { propagationPolicy: 'Foreground' });
  assert.deepEqual(await left(), ['a', 'b']);
  const waiting = await plane.client.get(configMaps, 'default', 'a');
  assert.deepEqual(waiting.metadata.finalizers, ['foregroundDeletion']);
  await plane.client.patch(configMaps, 'default', 'b', 'merge', { metadata: { finalizers: null } });
  assert.deepEqual(await left(), []);
});

test('orphaning: dependents stay, and forget their owner', async () => {
  const a = await create('a');
  const z = await create('z');
  await create('b', [ownedBy(a), ownedBy(z)]);
  await plane.client.delete(configMaps, 'default', 'a', { propagationPolicy: 'Orphan' });
  assert.deepEqual(await left(), ['b', 'z']);
  const b = await plane.client.get(configMaps, 'default', 'b');
  assert.deepEqual(
    b.metadata.ownerReferences?.map(({ name }) => name),
    ['z'],
  );
});

test('one of several owners that is left keeps an object, which forgets the others', async () => {
  const [a, z] = [await create('a'), await create('z')];
  await create('b', [ownedBy(a), ownedBy(z)]);
  await plane.client.delete(configMaps, 'default', 'a', { propagationPolicy: 'Background' });
  assert.deepEqual(await left(), ['b', 'z']);
  const b = await plane.client.get(configMaps, 'default', 'b');
  assert.deepEqual(
    b.metadata.ownerReferences?.map(({ name }) => name),
    ['z'],
  );
});

test('an owner that never was, or has another uid, owns nothing', async () => {
  const a = await create('a');
  await create('b', [ownedBy(a, { uid: '00000000-0000-4000-8000-000000000000' })]);
  await create('c', [{ apiVersion: 'v1', kind: 'Secret', name: 'none', uid: '00000000-0000-4000-8000-000000000001' }]);
  assert.deepEqual(await left(), ['a']);
});

test('an owner in another namespace is none, and that is told', async () => {
  const owner = await plane.client.create(secrets, { metadata: { name: 's', namespace: 'kube-system' } });
  await create('b', [ownedBy(owner, { kind: 'Secret' })]);
  assert.deepEqual(await left(), []);
  const { items } = await plane.client.list(events);
  const [event] = items.filter(({ reason }) => reason === 'OwnerRefInvalidNamespace');
  assert.match(
    event?.message ?? '',
    /^ownerRef \[v1\/Secret, namespace: default, name: s, uid: .*\] does not exist in namespace "default"$/,
  );
});

test('a cluster-scoped owner may own what is in a namespace', async () => {
  const node = await plane.client.create(nodes, { metadata: { name: 'n' }, spec: {} });
  await create('b', [ownedBy(node, { kind: 'Node' })]);
  assert.deepEqual(await left(), ['b']);
  await plane.client.delete(nodes, undefined, 'n');
  assert.deepEqual(await left(), []);
});

test('a loop of owners is collected as a whole', async () => {
  const root = await create('root');
  const a = await create('a', [ownedBy(root, { blockOwnerDeletion: true })]);
  const b = await create('b', [ownedBy(a, { blockOwnerDeletion: true })]);
  await plane.client.patch(configMaps, 'default', 'a', 'merge', {
    metadata: { ownerReferences: [ownedBy(b, { blockOwnerDeletion: true })] },
  });
  await plane.client.delete(configMaps, 'default', 'a', { propagationPolicy: 'Foreground' });
  assert.deepEqual(await left(), ['root']);
});

test('after random deletions exactly what has an owner left, or never had one, is there', async () => {
  const random = seededRandom('owners');
  for (let round = 0; round < 5; round++) {
    const count = 30;
    const objects: KubernetesObject[] = [];
    const ownersOf = new Map<string, string[]>();
    for (let i = 0; i < count; i++) {
      const owners = objects.filter(() => random.int(Math.max(2, i)) === 0).slice(0, 3);
      const name = `r${round}-${i}`;
      ownersOf.set(
        name,
        owners.map(({ metadata }) => metadata?.name ?? ''),
      );
      objects.push(
        await create(
          name,
          owners.map((owner) => ownedBy(owner)),
        ),
      );
    }
    const deleted = new Set(objects.filter(() => random.int(5) === 0).map(({ metadata }) => metadata?.name ?? ''));
    for (const name of deleted) {
      await plane.client
        .delete(configMaps, 'default', name, { propagationPolicy: 'Background' })
        .catch((error: unknown) => assert.match(String(error), /not found/));
    }
    const alive = new Set<string>();
    for (const [name, owners] of ownersOf) {
      if (deleted.has(name)) continue;
      if (owners.length === 0 || owners.some((owner) => alive.has(owner))) alive.add(name);
    }
    assert.deepEqual(await left(), [...alive].sort());
    await plane.client.deleteCollection(configMaps, 'default');
  }
});
