// ResourceQuotas and LimitRanges as objects. That they are kept needs admission, and controllers that count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LimitRange, ResourceQuota } from '../../src/api/types/core.v1.ts';
import { notFound, startCluster, type Resource } from './cluster.ts';

const cluster = startCluster();

async function quotasOf(): Promise<Resource<ResourceQuota>> {
  return cluster.resource('v1', 'resourcequotas', await cluster.newNamespace());
}

function quota(name: string, hard: Record<string, string>, labels: Record<string, string> = {}): ResourceQuota {
  return { metadata: { name, labels }, spec: { hard } };
}

test('[sig-api-machinery] ResourceQuota should be able to update and delete ResourceQuota.', async () => {
  const quotas = await quotasOf();
  const created = await quotas.create(quota('q', { cpu: '1', memory: '500Mi' }));
  assert.deepEqual(created.spec?.hard, { cpu: '1', memory: '500Mi' });
  await quotas.update({ ...created, spec: { hard: { cpu: '2', memory: '1Gi' } } });
  assert.deepEqual((await quotas.get('q')).spec?.hard, { cpu: '2', memory: '1Gi' });
  await quotas.delete('q');
  await assert.rejects(quotas.get('q'), notFound);
});

test('[sig-api-machinery] ResourceQuota should manage the lifecycle of a ResourceQuota', async () => {
  const quotas = await quotasOf();
  const everywhere = cluster.resource<ResourceQuota>('v1', 'resourcequotas');
  await quotas.create(quota('q', { cpu: '500m', memory: '500Mi' }, { q: 'lifecycle' }));
  assert.deepEqual(await everywhere.names({ labelSelector: 'q=lifecycle' }), ['q']);
  const patched = await quotas.patch(
    'q',
    { metadata: { labels: { q: 'patched' } }, spec: { hard: { memory: '750Mi' } } },
    { type: 'strategic-merge' },
  );
  assert.equal(patched.metadata.labels?.['q'], 'patched');
  assert.deepEqual(patched.spec?.hard, { cpu: '500m', memory: '750Mi' });
  await quotas.deleteCollection({ labelSelector: 'q=patched' });
  assert.deepEqual(await everywhere.names({ labelSelector: 'q=patched' }), []);
});

test('[sig-api-machinery] ResourceQuota should apply changes to a resourcequota status', async () => {
  const quotas = await quotasOf();
  const created = await quotas.create(quota('q', { cpu: '500m', memory: '500Mi' }));
  const hard = { cpu: '1', memory: '1Gi' };
  const updated = await quotas.update({ ...created, status: { hard } }, 'status');
  assert.deepEqual(updated.status?.hard, hard);
  assert.deepEqual(updated.spec, created.spec);
  const spec = await quotas.patch('q', { spec: { hard } });
  assert.deepEqual(spec.spec?.hard, hard);
  const patched = await quotas.patch('q', { status: { hard: { cpu: '2' } } }, { subresource: 'status' });
  assert.deepEqual(patched.status?.hard, { cpu: '2', memory: '1Gi' });
  const read = await quotas.get('q', 'status');
  assert.deepEqual([read.spec?.hard, read.status?.hard], [hard, { cpu: '2', memory: '1Gi' }]);
  const again = await quotas.patch('q', { status: { hard }, spec: { hard: {} } }, { subresource: 'status' });
  assert.deepEqual([again.spec?.hard, again.status?.hard], [hard, hard]);
});

test('[sig-scheduling] LimitRange should list, patch and delete a LimitRange by collection', async () => {
  const [first, second] = [await cluster.newNamespace(), await cluster.newNamespace()];
  const inFirst = cluster.resource<LimitRange>('v1', 'limitranges', first);
  const inSecond = cluster.resource<LimitRange>('v1', 'limitranges', second);
  const everywhere = cluster.resource<LimitRange>('v1', 'limitranges');
  const limitRange: LimitRange = {
    metadata: { name: 'l', labels: { e2e: 'limits' } },
    spec: {
      limits: [
        {
          type: 'Container',
          min: { cpu: '50m', memory: '100Mi' },
          max: { cpu: '500m', memory: '500Mi' },
          defaultRequest: { cpu: '100m', memory: '200Mi' },
          maxLimitRequestRatio: {},
        },
      ],
    },
  };
  await inFirst.create(limitRange);
  await inSecond.create(limitRange);
  assert.deepEqual(await everywhere.names({ labelSelector: 'e2e=limits' }), ['l', 'l']);
  const patched = await inFirst.patch(
    'l',
    { metadata: { labels: { l: 'patched' } }, spec: { limits: [{ type: 'Container', max: { cpu: '600m' } }] } },
    { type: 'strategic-merge' },
  );
  assert.equal(patched.metadata.labels?.['l'], 'patched');
  // The list has no merge key: it is replaced, and gets its defaults.
  assert.deepEqual(patched.spec?.limits, [
    { type: 'Container', max: { cpu: '600m' }, default: { cpu: '600m' }, defaultRequest: { cpu: '600m' } },
  ]);
  await inFirst.deleteCollection({ labelSelector: 'l=patched' });
  assert.deepEqual(
    (await everywhere.list({ labelSelector: 'e2e=limits' })).items.map(({ metadata }) => metadata.namespace),
    [second],
  );
});
