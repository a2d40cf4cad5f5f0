import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, container, specErrors, type Cases } from './pod-test-support.ts';

function volumeErrors(source: object): string[] {
  return specErrors({ volumes: [{ name: 'v', ...source }] }).map((text) => text.replace(/^spec\.volumes\[0\]\.?/, ''));
}

test('sources of volumes', async (t) => {
  const mode = 'must be a number between 0 and 0777 (octal), both inclusive';
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  const cases: Cases<object> = [
    ['none is an empty directory', {}, []],
    [
      'two',
      { emptyDir: {}, hostPath: { path: '/' } },
      ['hostPath: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      'two, as upstream names them',
      { emptyDir: {}, cephfs: { monitors: ['a'] }, downwardAPI: {} },
      [
        'cephFS: Forbidden: may not specify more than 1 volume type',
        'downwarAPI: Forbidden: may not specify more than 1 volume type',
      ],
    ],
    [
      'an empty directory of a size',
      { emptyDir: { sizeLimit: '-1' } },
      ['emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity'],
    ],
    ['a path of the node', { hostPath: { path: '/a', type: 'Socket' } }, []],
    [
      'a path of the node that climbs',
      { hostPath: { path: '/a/../b', type: 'X' } },
      [
        'hostPath.path: Invalid value: "/a/../b": must not contain \'..\'',
        'hostPath.type: Unsupported value: "X": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
      ],
    ],
    ['no path of the node', { hostPath: {} }, ['hostPath.path: Required value']],
    [
      'a repository',
      { gitRepo: { directory: '/a' } },
      ['gitRepo.repository: Required value', 'gitRepo.directory: Invalid value: "/a": must be a relative path'],
    ],
    [
      'a disk of Google',
      { gcePersistentDisk: { partition: 256 } },
      [
        'persistentDisk.pdName: Required value',
        'persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive',
      ],
    ],
    ['a disk of Amazon', { awsElasticBlockStore: {} }, ['awsElasticBlockStore.volumeID: Required value']],
    ['a Secret', { secret: { secretName: 's', defaultMode: 0o777, items: [{ key: 'k', path: 'a/b' }] } }, []],
    [
      'a Secret with modes',
      { secret: { defaultMode: 0o1000, items: [{ path: '..a', mode: -1 }] } },
      [
        'secret.secretName: Required value',
        `secret.defaultMode: Invalid value: 512: ${mode}`,
        'secret.items[0].key: Required value',
        'secret.items[0].path: Invalid value: "..a": must not start with \'..\'',
        `secret.items[0].mode: Invalid value: -1: ${mode}`,
      ],
    ],
    ['a ConfigMap', { configMap: {} }, ['configMap.name: Required value']],
    ['NFS', { nfs: { server: 's', path: 'a' } }, ['nfs.path: Invalid value: "a": must be an absolute path']],
    ['iSCSI', { iscsi: { targetPortal: '1.2.3.4', iqn: 'iqn.2015-02.example.com:test', lun: 255 } }, []],
    [
      'iSCSI without a name',
      { iscsi: { targetPortal: 'p', iqn: 'x', lun: 256, chapAuthSession: true } },
      [
        'iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa',
        'iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
        'iscsi.secretRef: Required value',
      ],
    ],
    [
      'iSCSI with a long portal',
      { iscsi: { targetPortal: 'p'.repeat(63), iqn: 'eui.0123456789abcdef', initiatorName: 'naa.1' } },
      [
        'iscsi.initiatorname: Invalid value: "naa.1": must be valid format',
        'name: Invalid value: "v": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
      ],
    ],
    [
      'Fibre Channel',
      { fc: { targetWWNs: ['a'], wwids: ['b'] } },
      [
        'fc.targetWWNs: Invalid value: ["a"]: targetWWNs and wwids can not be specified simultaneously',
        'fc.lun: Required value: lun is required if targetWWNs is specified',
      ],
    ],
    ['a claim', { persistentVolumeClaim: {} }, ['persistentVolumeClaim.claimName: Required value']],
    [
      'a driver of old',
      { flexVolume: { driver: 'a/b', options: { 'a.k8s.io/x': 'y' } } },
      ['flexVolume.options[a.k8s.io/x]: Invalid value: "a.k8s.io/x": kubernetes.io and k8s.io namespaces are reserved'],
    ],
    [
      'Quobyte',
      { quobyte: { registry: 'a:1,b', volume: 'v' } },
      ['quobyte.registry: Invalid value: "a:1,b": must be a host:port pair or multiple pairs separated by commas'],
    ],
    [
      'a disk of Azure',
      { azureDisk: { diskName: 'd', diskURI: 'http://x', kind: 'Shared' } },
      [
        'azureDisk.diskURI: Unsupported value: "http://x": supported values: "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"',
      ],
    ],
    [
      'Flocker',
      { flocker: { datasetName: 'a/b' } },
      ['flocker.datasetName: Invalid value: "a/b": must not contain \'/\''],
    ],
    [
      'Ceph, Gluster and others',
      { glusterfs: {} },
      ['glusterfs.endpoints: Required value', 'glusterfs.path: Required value'],
    ],
    ['a driver', { csi: { driver: 'A.example.com' } }, []],
    [
      'a driver without a name',
      { csi: { nodePublishSecretRef: {} } },
      [
        'csi.driver: Required value',
        "csi.driver: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')".replace(
          '\\\\',
          '\\',
        ),
        'csi.nodePublishSecretRef.name: Required value',
      ],
    ],
    ['a claim of its own', { ephemeral: { volumeClaimTemplate: { spec: claim } } }, []],
    ['a claim of its own without a template', { ephemeral: {} }, ['ephemeral.volumeClaimTemplate: Required value']],
    [
      'a claim of its own with a name',
      { ephemeral: { volumeClaimTemplate: { metadata: { name: 'x' }, spec: claim } } },
      ['ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set'],
    ],
    ['an image', { image: { reference: 'r' } }, []],
    [
      'no image',
      { image: { pullPolicy: 'X' } },
      [
        'image.reference: Required value',
        'image.pullPolicy: Unsupported value: "X": supported values: "Always", "IfNotPresent", "Never"',
      ],
    ],
    [
      'files of the Pod',
      { downwardAPI: { items: [{ path: 'a' }] } },
      ['downwardAPI: Required value: one of fieldRef and resourceFieldRef is required'],
    ],
    [
      'files of its resources',
      { downwardAPI: { items: [{ path: 'a', resourceFieldRef: { resource: 'limits.cpu' } }] } },
      ['downwardAPI.resourceFieldRef.containerName: Required value'],
    ],
  ];
  await check(t, cases, volumeErrors);
});

test('projected volumes', async (t) => {
  const token = { path: 'token', expirationSeconds: 600 };
  const cases: Cases<object[]> = [
    ['of a token', [{ serviceAccountToken: token }], []],
    [
      'of a short token',
      [{ serviceAccountToken: { path: '/a', expirationSeconds: 599 } }],
      [
        'projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
        'projected.path: Invalid value: "/a": must be a relative path',
      ],
    ],
    [
      'of two kinds',
      [{ serviceAccountToken: token, secret: { name: 's' } }],
      ['projected.sources[0]: Forbidden: may not specify more than 1 volume type per source'],
    ],
    [
      'of one file twice',
      [
        { secret: { name: 's', items: [{ key: 'a', path: 'x' }] } },
        { configMap: { name: 'm', items: [{ key: 'a', path: 'x' }] } },
      ],
      ['projected: Invalid value: "m": conflicting duplicate paths'],
    ],
    ['of trust', [{ clusterTrustBundle: { signerName: 'example.com/s', path: 'ca.pem' } }], []],
    [
      "of nobody's trust",
      [{ clusterTrustBundle: {} }],
      [
        'projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified',
        'projected.sources[0].clusterTrustBundle.path: Required value',
      ],
    ],
    [
      'of a signer',
      [{ clusterTrustBundle: { signerName: 'x', path: 'a' } }],
      [
        'projected.sources[0].clusterTrustBundle.signerName: Invalid value: "x": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
      ],
    ],
    [
      'of a certificate',
      [{ podCertificate: { signerName: 'example.com/s', keyType: 'ED25519', credentialBundlePath: 'a' } }],
      [],
    ],
    [
      'of no certificate',
      [{ podCertificate: { signerName: 'example.com/s', keyType: 'X' } }],
      [
        'projected.sources[0].podCertificate.keyType: Unsupported value: "X": supported values: "RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"',
        'projected.sources[0].podCertificate: Required value: specify at least one of credentialBundlePath, keyPath, and certificateChainPath',
      ],
    ],
  ];
  await check(t, cases, (sources) => volumeErrors({ projected: { sources } }));
  const volumes = [{ name: 'v', projected: { sources: [{ serviceAccountToken: token }] } }];
  assert.deepEqual(specErrors({ serviceAccountName: '', volumes }), [
    'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
  ]);
});

test('names of volumes', () => {
  assert.deepEqual(specErrors({ volumes: [{ name: 'a' }, { name: 'a' }, {}] }), [
    'spec.volumes[1].name: Duplicate value: "a"',
    'spec.volumes[2].name: Required value',
  ]);
  const ephemeral = {
    volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } } } },
  };
  assert.deepEqual(
    specErrors({
      volumes: [
        { name: 'a', ephemeral },
        { name: 'b', persistentVolumeClaim: { claimName: 'p-a' } },
      ],
    }),
    [
      'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "p-a": must not reference a PVC that gets created for an ephemeral volume',
    ],
  );
});

test('mounts and devices', async (t) => {
  const volumes = [
    { name: 'a' },
    { name: 'b', persistentVolumeClaim: { claimName: 'b' } },
    { name: 'i', image: { reference: 'r' } },
  ];
  const mount = { name: 'a', mountPath: '/a' };
  const cases: Cases<object> = [
    ['both', { volumeMounts: [mount], volumeDevices: [{ name: 'b', devicePath: '/dev/b' }] }, []],
    [
      'of no volume',
      { volumeMounts: [{ name: 'x', mountPath: '/x' }, { name: 'a' }] },
      ['volumeMounts[0].name: Not found: "x"', 'volumeMounts[1].mountPath: Required value'],
    ],
    [
      'at one path',
      { volumeMounts: [mount, mount] },
      ['volumeMounts[1].mountPath: Invalid value: "/a": must be unique'],
    ],
    [
      'of one volume',
      { volumeMounts: [{ name: 'b', mountPath: '/b' }], volumeDevices: [{ name: 'b', devicePath: '/b' }] },
      [
        'volumeMounts[0].name: Invalid value: "b": must not already exist in volumeDevices',
        'volumeMounts[0].mountPath: Invalid value: "/b": must not already exist as a path in volumeDevices',
        'volumeDevices[0].name: Invalid value: "b": must not already exist in volumeMounts',
        'volumeDevices[0].devicePath: Invalid value: "/b": must not already exist as a path in volumeMounts',
      ],
    ],
    [
      'of a part',
      { volumeMounts: [{ ...mount, subPath: '../x', subPathExpr: 'y' }] },
      [
        'volumeMounts.subPath: Invalid value: "../x": must not contain \'..\'',
        'volumeMounts[0].subPathExpr: Invalid value: "y": subPathExpr and subPath are mutually exclusive',
      ],
    ],
    [
      'of a part of an image',
      { volumeMounts: [{ name: 'i', mountPath: '/i', subPath: 'x' }] },
      ['volumeMounts[0].subPath: Invalid value: "x": not allowed in image volume sources'],
    ],
    [
      'that propagate',
      { volumeMounts: [{ ...mount, mountPropagation: 'Bidirectional' }] },
      [
        'volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
      ],
    ],
    [
      'that propagate by right',
      { securityContext: { privileged: true }, volumeMounts: [{ ...mount, mountPropagation: 'Bidirectional' }] },
      [],
    ],
    [
      'read only to the ground',
      { volumeMounts: [{ ...mount, recursiveReadOnly: 'Enabled' }] },
      ['volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true'],
    ],
    [
      'of a file system',
      { volumeDevices: [{ name: 'a', devicePath: '/dev/../a' }] },
      [
        'volumeDevices[0].name: Invalid value: "a": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        'volumeDevices[0].devicePath: Invalid value: "/dev/../a": can not contain backsteps (\'..\')',
      ],
    ],
  ];
  await check(t, cases, (fields) =>
    specErrors({ volumes, containers: [{ ...container, ...fields }] }).map((text) =>
      text.replace('spec.containers[0].', ''),
    ),
  );
});
