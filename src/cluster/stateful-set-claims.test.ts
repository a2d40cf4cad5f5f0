// The claims of StatefulSets' Pods, with the garbage collector, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatefulSet } from '../api/types/apps.v1.ts';
import type { PersistentVolumeClaim } from '../api/types/core.v1.ts';
import { persistentVolumeClaims, statefulSets } from '../client/resources.ts';
import { garbageCollectorController } from '../controllers/garbage-collector/index.ts';
import { statefulSetController } from '../controllers/stateful-set/index.ts';
import { templateOf, WorkloadScene } from './test-workloads.ts';

const scene = new WorkloadScene<StatefulSet>([statefulSetController, garbageCollectorController], statefulSets, 'db');

function template(image = 'db:1'): StatefulSet['spec']['template'] {
  return templateOf('db', image);
}

function statefulSet(more: Partial<StatefulSet['spec']> = {}): StatefulSet {
  return {
    metadata: { name: 'db', namespace: 'default' },
    spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: template(), ...more },
  };
}

function claimTemplate(name = 'data'): PersistentVolumeClaim {
  return {
    metadata: { name, labels: { tier: 'storage' } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
}

test('each Pod has claims of its own, which stay when it is scaled away', async () => {
  scene.runPods();
  const volumes = [
    { name: 'data', emptyDir: {} },
    { name: 'tmp', emptyDir: {} },
  ];
  const spec = { ...template().spec, volumes } as StatefulSet['spec']['template']['spec'];
  await scene.create(
    statefulSet({ replicas: 2, volumeClaimTemplates: [claimTemplate()], template: { ...template(), spec } as never }),
  );
  const first = await scene.pod('db-0');
  assert.deepEqual(
    first.spec.volumes?.map(({ name, persistentVolumeClaim }) => [name, persistentVolumeClaim?.claimName]),
    [
      ['data', 'data-db-0'],
      ['tmp', undefined],
    ],
  );
  await scene.patch({ replicas: 1 });
  const claims = (await scene.plane.client.list(persistentVolumeClaims, 'default')).items;
  assert.deepEqual(
    claims.map(({ metadata }) => metadata.name),
    ['data-db-0', 'data-db-1'],
  );
  assert.deepEqual(claims[0]?.metadata.labels, { tier: 'storage', app: 'db' });
  assert.equal(claims[0]?.metadata.ownerReferences, undefined);
  const told = await scene.messages('SuccessfulCreate');
  assert.ok(told.includes('create Claim data-db-0 Pod db-0 in StatefulSet db success'));
});

test('claims go with the Pods that are scaled away, and with the set', async () => {
  scene.runPods();
  const policy = { whenDeleted: 'Delete', whenScaled: 'Delete' } as const;
  await scene.create(
    statefulSet({ replicas: 3, volumeClaimTemplates: [claimTemplate()], persistentVolumeClaimRetentionPolicy: policy }),
  );
  const claims = async (): Promise<Map<string, string | undefined>> => {
    await scene.plane.clock.advance(2_000);
    const { items } = await scene.plane.client.list(persistentVolumeClaims, 'default');
    return new Map(items.map(({ metadata }) => [metadata.name ?? '', metadata.uid]));
  };
  const before = await claims();
  await scene.patch({ replicas: 1 });
  assert.deepEqual([...(await claims()).keys()], ['data-db-0']);
  await scene.patch({ replicas: 3 });
  const after = await claims();
  assert.deepEqual([...after.keys()].sort(), ['data-db-0', 'data-db-1', 'data-db-2']);
  assert.equal(after.get('data-db-0'), before.get('data-db-0'));
  assert.notEqual(after.get('data-db-1'), before.get('data-db-1'));
  assert.deepEqual(await scene.podNames(), ['db-0', 'db-1', 'db-2']);
  await scene.plane.client.delete(statefulSets, 'default', 'db', { propagationPolicy: 'Foreground' });
  assert.equal((await claims()).size, 0);
  assert.deepEqual(await scene.podNames(), []);
});
