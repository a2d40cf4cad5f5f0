import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type { CSIDriver, StorageClass } from '../types/storage.v1.ts';
import { csidrivers } from './csidrivers.ts';
import { storageDefinitions } from './index.ts';
import { storageclasses } from './storageclasses.ts';

const metadata = { name: 'x', creationTimestamp: created };
const driverHeader = 'Name AttachRequired PodInfoOnMount StorageCapacity TokenRequests RequiresRepublish Modes Age';
const classHeader = 'Name Provisioner ReclaimPolicy VolumeBindingMode AllowVolumeExpansion Age';

testRows(storageDefinitions, [
  [
    'storageclasses',
    {
      metadata: { ...metadata, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'p',
      reclaimPolicy: 'Retain',
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
    },
    classHeader,
    ['x (default)', 'p', 'Retain', 'WaitForFirstConsumer', true, '5m'],
  ],
  [
    'storageclasses',
    { metadata: { ...metadata, annotations: { 'storageclass.beta.kubernetes.io/is-default-class': 'true' } } },
    classHeader,
    ['x (default)', '', 'Delete', 'Immediate', false, '5m'],
  ],
  ['storageclasses', {}, classHeader, ['', '', 'Delete', 'Immediate', false, '<unknown>']],
  [
    'volumeattributesclasses',
    {
      metadata: { ...metadata, annotations: { 'volumeattributesclass.alpha.kubernetes.io/is-default-class': 'true' } },
      driverName: 'd',
    },
    'Name DriverName Age',
    ['x (default)', 'd', '5m'],
  ],
  ['volumeattributesclasses', {}, 'Name DriverName Age', ['', '', '<unknown>']],
  [
    'volumeattachments',
    {
      metadata,
      spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'pv' } },
      status: { attached: true },
    },
    'Name Attacher PV Node Attached Age',
    ['x', 'a', 'pv', 'n', true, '5m'],
  ],
  ['volumeattachments', {}, 'Name Attacher PV Node Attached Age', ['', '', '', '', false, '<unknown>']],
  [
    'csidrivers',
    {
      metadata,
      spec: {
        attachRequired: false,
        podInfoOnMount: true,
        storageCapacity: true,
        tokenRequests: [{ audience: 'a' }, { audience: 'b' }],
        requiresRepublish: true,
        volumeLifecycleModes: ['Persistent', 'Ephemeral'],
      },
    },
    driverHeader,
    ['x', false, true, true, 'a,b', true, 'Persistent,Ephemeral', '5m'],
  ],
  ['csidrivers', {}, driverHeader, ['', true, false, false, '<unset>', false, '<none>', '<unknown>']],
  ['csinodes', { metadata, spec: { drivers: [{ name: 'a' }] } }, 'Name Drivers Age', ['x', 1, '5m']],
  ['csinodes', {}, 'Name Drivers Age', ['', 0, '<unknown>']],
  [
    'csistoragecapacities',
    { metadata, storageClassName: 'fast', capacity: '10Gi' },
    'Name StorageClassName Capacity',
    ['x', 'fast', '10Gi'],
  ],
  ['csistoragecapacities', {}, 'Name StorageClassName Capacity', ['', '', '<unset>']],
]);

test("a StorageClass gets upstream's defaults", () => {
  const made = createdFrom<StorageClass>(storageclasses, { provisioner: 'p' });
  assert.equal(made.reclaimPolicy, 'Delete');
  assert.equal(made.volumeBindingMode, 'Immediate');
  assert.equal(made.allowVolumeExpansion, undefined);
});

test("a CSIDriver gets upstream's defaults", () => {
  assert.deepEqual(createdFrom<CSIDriver>(csidrivers, {}).spec, {
    attachRequired: true,
    podInfoOnMount: false,
    volumeLifecycleModes: ['Persistent'],
    storageCapacity: false,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    requiresRepublish: false,
    seLinuxMount: false,
  });
});
