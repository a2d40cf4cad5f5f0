import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Catalog } from '../api/catalog.ts';
import { pods } from '../api/core/pods.ts';
import { services } from '../api/core/services.ts';
import { deployments } from '../api/apps/deployments.ts';
import { VirtualClock } from '../machinery/virtual-clock.ts';
import { prefixEnd, StoreClosedError } from '../store/contract.ts';
import { openMemoryStore } from '../store/memory/index.ts';
import { MeasuredStore } from './measured-store.ts';

const bytes = Buffer.from('{}');
const pod = '/registry/pods/default/a';

async function measured(): Promise<{ store: MeasuredStore; seen: string[] }> {
  const seen: string[] = [];
  const store = new MeasuredStore({
    store: await openMemoryStore(),
    catalog: new Catalog([pods, services, deployments]),
    clock: new VirtualClock(),
    observe: (operation, group, resource, seconds, isFailed) => {
      assert.ok(seconds >= 0);
      seen.push(`${operation} ${resource}.${group}${isFailed ? ' failed' : ''}`);
    },
  });
  return { store, seen };
}

test('each request is told with its operation and resource', async () => {
  const { store, seen } = await measured();
  await store.txn({
    compare: [{ key: pod, target: 'create', result: 'equal', operand: 0 }],
    success: [{ type: 'put', put: { key: pod, value: bytes } }],
  });
  await store.txn({
    compare: [{ key: pod, target: 'mod', result: 'equal', operand: store.revision }],
    success: [{ type: 'put', put: { key: pod, value: bytes } }],
  });
  await store.range({ key: pod });
  const prefix = '/registry/deployments/';
  await store.range({ key: prefix, rangeEnd: prefixEnd(prefix) });
  await store.range({ key: '/registry/services/specs/default/kubernetes' });
  await store.txn({ success: [{ type: 'deleteRange', deleteRange: { key: pod } }] });
  assert.deepEqual(seen, [
    'create pods.',
    'update pods.',
    'get pods.',
    'list deployments.apps',
    'get services.',
    'delete pods.',
  ]);
  await store.close();
});

test('what is no resource is not told; what fails is', async () => {
  const { store, seen } = await measured();
  for (const key of ['health', '/registry/ranges/nodeports', '/registry/pods', '/elsewhere/pods/a'])
    await store.range({ key });
  await store.txn({ success: [{ type: 'range', range: { key: pod } }] });
  assert.deepEqual(seen, []);
  await store.close();
  await assert.rejects(store.range({ key: pod }), StoreClosedError);
  assert.deepEqual(seen, ['get pods. failed']);
});
