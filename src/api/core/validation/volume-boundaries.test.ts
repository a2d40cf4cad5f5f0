// Volumes at the boundaries of their rules: the last value that is taken, the first that is refused.
import { test } from 'node:test';
import { persistentvolumes } from '../persistentvolumes.ts';
import { check, specErrors, type Cases } from './pod-test-support.ts';
import { createErrors } from './test-support.ts';

function volumeErrors(source: object): string[] {
  return specErrors({ volumes: [{ name: 'v', ...source }] }).map((text) => text.replace(/^spec\.volumes\[0\]\.?/, ''));
}

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const iqn = 'iqn.2015-02.example.com:test';

test('numbers and lengths of volumes', async (t) => {
  const mode = 'must be a number between 0 and 0777 (octal), both inclusive';
  const lun = 'must be between 0 and 255, inclusive';
  const disk = 'must be between 1 and 255, inclusive';
  const fc = (value: number): object => ({ fc: { targetWWNs: ['w'], lun: value } });
  const iscsi = (value: object): object => ({ iscsi: { targetPortal: '1.2.3.4', iqn, ...value } });
  const cases: Cases<object> = [
    ['mode 0', { configMap: { name: 'c', defaultMode: 0 } }, []],
    ['mode 0777', { configMap: { name: 'c', defaultMode: 0o777 } }, []],
    [
      'mode 01000',
      { configMap: { name: 'c', defaultMode: 0o1000 } },
      [`configMap.defaultMode: Invalid value: 512: ${mode}`],
    ],
    ['mode -1', { configMap: { name: 'c', defaultMode: -1 } }, [`configMap.defaultMode: Invalid value: -1: ${mode}`]],
    ['FC lun 0', fc(0), []],
    ['FC lun 255', fc(255), []],
    ['FC lun 256', fc(256), [`fc.lun: Invalid value: 256: ${lun}`]],
    ['FC lun -1', fc(-1), [`fc.lun: Invalid value: -1: ${lun}`]],
    [
      'FC by neither',
      { fc: {} },
      ['fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both'],
    ],
    ['FC by wwids alone', { fc: { wwids: ['a'] } }, []],
    ['iSCSI lun 0', iscsi({ lun: 0 }), []],
    ['iSCSI lun -1', iscsi({ lun: -1 }), [`iscsi.lun: Invalid value: -1: ${lun}`]],
    ['iSCSI without a portal', { iscsi: { iqn } }, ['iscsi.targetPortal: Required value']],
    ['iSCSI without a name', { iscsi: { targetPortal: 'p' } }, ['iscsi.iqn: Required value']],
    [
      'iSCSI eui too short',
      iscsi({ iqn: 'eui.0123456789abcde' }),
      ['iscsi.iqn: Invalid value: "eui.0123456789abcde": must be valid format'],
    ],
    ['iSCSI eui', iscsi({ iqn: 'eui.0123456789ABCDEF' }), []],
    ['iSCSI naa of 32 digits', iscsi({ iqn: `naa.${'a'.repeat(32)}` }), []],
    [
      'iSCSI naa of 33 digits',
      iscsi({ iqn: `naa.${'a'.repeat(33)}` }),
      [`iscsi.iqn: Invalid value: "naa.${'a'.repeat(33)}": must be valid format`],
    ],
    // `v:` and 62 more are 64.
    ['iSCSI name of 64', iscsi({ targetPortal: 'p'.repeat(62), initiatorName: iqn }), []],
    ['disk of Google, partition 0', { gcePersistentDisk: { pdName: 'd', partition: 0 } }, []],
    ['disk of Google, partition 255', { gcePersistentDisk: { pdName: 'd', partition: 255 } }, []],
    [
      'disk of Google, partition -1',
      { gcePersistentDisk: { pdName: 'd', partition: -1 } },
      [`persistentDisk.partition: Invalid value: -1: ${disk}`],
    ],
    ['Quobyte tenant of 64', { quobyte: { registry: 'a:1', volume: 'v', tenant: 't'.repeat(64) } }, []],
    [
      'Quobyte tenant of 65',
      { quobyte: { registry: 'a:1', volume: 'v', tenant: 't'.repeat(65) } },
      ['quobyte.tenant: Required value: must be a UUID and may not exceed a length of 64 characters'],
    ],
    [
      'Quobyte without a registry',
      { quobyte: { volume: 'v' } },
      ['quobyte.registry: Required value: must be a host:port pair or multiple pairs separated by commas'],
    ],
    ['driver of 63', { csi: { driver: 'd'.repeat(63) } }, []],
    ['driver of 64', { csi: { driver: 'd'.repeat(64) } }, [`csi.driver: Too long: may not be more than 63 bytes`]],
    [
      'driver’s Secret with a bad name',
      { csi: { driver: 'd', nodePublishSecretRef: { name: 'A' } } },
      [`csi.name: Invalid value: "A": ${subdomain}`],
    ],
  ];
  await check(t, cases, volumeErrors);
});

test('other sources of volumes', async (t) => {
  const azure = { diskName: 'd', diskURI: '/subscriptions/x', kind: 'Managed' };
  const cases: Cases<object> = [
    ['a managed disk of Azure', { azureDisk: azure }, []],
    [
      'a disk of Azure in no mode',
      { azureDisk: { ...azure, cachingMode: 'X' } },
      ['azureDisk.cachingMode: Unsupported value: "X": supported values: "None", "ReadOnly", "ReadWrite"'],
    ],
    [
      'a disk of Azure of no kind',
      { azureDisk: { diskName: 'd', diskURI: 'https://x', kind: 'X' } },
      ['azureDisk.kind: Unsupported value: "X": supported values: "Dedicated", "Managed", "Shared"'],
    ],
    [
      'files of Azure',
      { azureFile: {} },
      ['azureFile.secretName: Required value', 'azureFile.shareName: Required value'],
    ],
    ['vSphere', { vsphereVolume: {} }, ['vsphereVolume.volumePath: Required value']],
    ['Photon', { photonPersistentDisk: {} }, ['photonPersistentDisk.pdID: Required value']],
    ['Portworx', { portworxVolume: {} }, ['portworxVolume.volumeID: Required value']],
    [
      'ScaleIO',
      { scaleIO: {} },
      ['scaleIO.gateway: Required value', 'scaleIO.system: Required value', 'scaleIO.volumeName: Required value'],
    ],
    ['RBD', { rbd: {} }, ['rbd.monitors: Required value', 'rbd.image: Required value']],
    ['Ceph', { cephfs: {} }, ['cephfs.monitors: Required value']],
    [
      'Cinder',
      { cinder: { secretRef: {} } },
      ['cinder.volumeID: Required value', 'cinder.secretRef.name: Required value'],
    ],
    [
      'NFS',
      { nfs: {} },
      [
        'nfs.server: Required value',
        'nfs.path: Required value',
        'nfs.path: Invalid value: "": must be an absolute path',
      ],
    ],
    [
      'StorageOS',
      { storageos: { secretRef: {} } },
      ['storageos.volumeName: Required value', 'storageos.secretRef.name: Required value'],
    ],
    [
      'StorageOS with bad names',
      { storageos: { volumeName: 'A', volumeNamespace: 'B' } },
      [`storageos.volumeName: Invalid value: "A": ${label}`, `storageos.volumeNamespace: Invalid value: "B": ${label}`],
    ],
    [
      'Flocker of nothing',
      { flocker: {} },
      ['flocker: Required value: one of datasetName and datasetUUID is required'],
    ],
    [
      'Flocker of two',
      { flocker: { datasetName: 'a', datasetUUID: 'b' } },
      ['flocker: Invalid value: "resource": datasetName and datasetUUID can not be specified simultaneously'],
    ],
    [
      'a driver of old with a reserved option',
      { flexVolume: { driver: 'a/b', options: { 'KUBERNETES.io/x': 'y', 'example.com/k8s.io': 'z' } } },
      [
        'flexVolume.options[KUBERNETES.io/x]: Invalid value: "KUBERNETES.io/x": kubernetes.io and k8s.io namespaces are reserved',
      ],
    ],
  ];
  await check(t, cases, volumeErrors);
});

test('sources of projected volumes', async (t) => {
  const seconds = (value: number, signerName = 'example.com/s'): object => ({
    podCertificate: { signerName, keyType: 'ED25519', credentialBundlePath: 'a', maxExpirationSeconds: value },
  });
  const at = 'projected.sources[0]';
  const too = (sign: string, limit: number): string => `if provided, maxExpirationSeconds must be ${sign} ${limit}`;
  const cases: Cases<object> = [
    ['a token of 600 s', { serviceAccountToken: { path: 't', expirationSeconds: 600 } }, []],
    ['a token of 2^32 s', { serviceAccountToken: { path: 't', expirationSeconds: 2 ** 32 } }, []],
    [
      'a token of more',
      { serviceAccountToken: { path: 't', expirationSeconds: 2 ** 32 + 1 } },
      [
        `${at}.serviceAccountToken.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds`,
      ],
    ],
    ['a token without a file', { serviceAccountToken: {} }, ['projected.path: Required value']],
    ['a certificate of an hour', seconds(3600), []],
    [
      'a certificate of less',
      seconds(3599),
      [`${at}.podCertificate.maxExpirationSeconds: Invalid value: 3599: ${too('>=', 3600)}`],
    ],
    ['a certificate of 91 days', seconds(7_862_400), []],
    [
      'a certificate of more',
      seconds(7_862_401),
      [`${at}.podCertificate.maxExpirationSeconds: Invalid value: 7862401: ${too('<=', 7_862_400)}`],
    ],
    ['a certificate of Kubernetes’ own of a day', seconds(86_400, 'kubernetes.io/x'), []],
    [
      'a certificate of Kubernetes’ own of more',
      seconds(86_401, 'kubernetes.io/x'),
      [`${at}.podCertificate.maxExpirationSeconds: Invalid value: 86401: ${too('<=', 86_400)}`],
    ],
    ['a bundle by name', { clusterTrustBundle: { name: 'example.com:s:bundle', path: 'a' } }, []],
    [
      'a bundle of no name',
      { clusterTrustBundle: { name: '', path: 'a' } },
      [
        `${at}.clusterTrustBundle.name: Required value: must be a valid object name`,
        `${at}.clusterTrustBundle.name: Invalid value: "": not a valid clustertrustbundlename: ${subdomain}`,
      ],
    ],
    [
      'a bundle by name and labels',
      { clusterTrustBundle: { name: 'b', labelSelector: {}, path: 'a' } },
      [`${at}.clusterTrustBundle.labelSelector: Invalid value: {}: labelSelector must be unset if name is specified`],
    ],
    [
      'files of the Pod and more',
      {
        downwardAPI: {
          items: [
            {
              path: 'a',
              fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' },
              resourceFieldRef: { containerName: 'c', resource: 'limits.cpu' },
            },
            { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.uid' } },
            { path: 'b', fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } },
          ],
        },
      },
      [
        `${at}.downwardAPI: Invalid value: "resource": fieldRef and resourceFieldRef can not be specified simultaneously`,
        `${at}.downwardAPI.path: Required value`,
        `${at}.downwardAPI.fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"`,
      ],
    ],
  ];
  await check(t, cases, (source) => volumeErrors({ projected: { sources: [source] } }));
});

test('persistent volumes', async (t) => {
  const at = 'spec';
  const reference = { name: 'n', namespace: 's' };
  const cases: Cases<object> = [
    ['RBD', { rbd: {} }, [`${at}.rbd.monitors: Required value`, `${at}.rbd.image: Required value`]],
    ['Ceph', { cephfs: { secretRef: reference } }, [`${at}.cephfs.monitors: Required value`]],
    [
      'Cinder',
      { cinder: { volumeID: 'v', secretRef: {} } },
      [`${at}.cinder.secretRef.name: Required value`, `${at}.cinder.secretRef.namespace: Required value`],
    ],
    [
      'Gluster',
      { glusterfs: { endpoints: 'e', path: 'p', endpointsNamespace: '' } },
      [
        `${at}.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name`,
      ],
    ],
    ['Gluster elsewhere', { glusterfs: { endpoints: 'e', path: 'p', endpointsNamespace: 'n' } }, []],
    [
      'StorageOS',
      { storageos: { volumeName: 'A', volumeNamespace: 'B', secretRef: {} } },
      [
        `${at}.storageos.volumeName: Invalid value: "A": ${label}`,
        `${at}.storageos.volumeNamespace: Invalid value: "B": ${label}`,
        `${at}.storageos.secretRef.name: Required value`,
        `${at}.storageos.secretRef.namespace: Required value`,
      ],
    ],
    [
      'CSI with Secrets',
      {
        csi: {
          driver: 'd',
          volumeHandle: 'h',
          controllerPublishSecretRef: { name: 'A', namespace: 'B' },
          nodePublishSecretRef: {},
        },
      },
      [
        `${at}.csi.controllerPublishSecretRef.name: Invalid value: "A": ${subdomain}`,
        `${at}.csi.controllerPublishSecretRef.namespace: Invalid value: "B": ${label}`,
        `${at}.csi.nodePublishSecretRef.name: Required value`,
        `${at}.csi.nodePublishSecretRef.namespace: Required value`,
      ],
    ],
    // `pv:` and 61 more are 64.
    ['iSCSI name of 64', { iscsi: { targetPortal: 'p'.repeat(61), iqn, initiatorName: iqn } }, []],
    [
      'iSCSI name of 65',
      { iscsi: { targetPortal: 'p'.repeat(62), iqn, initiatorName: 'x' } },
      [
        `${at}.iscsi.targetportal: Invalid value: "${'p'.repeat(62)}": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.`,
        `${at}.iscsi.initiatorname: Invalid value: "x": must be valid format`,
      ],
    ],
  ];
  await check(t, cases, (source) =>
    createErrors(persistentvolumes, {
      metadata: { name: 'pv' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...source },
    }),
  );
});
