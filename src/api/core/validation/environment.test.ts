import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, containerErrors, type Cases } from './pod-test-support.ts';

test('environment variables', async (t) => {
  const oneOf =
    'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
  const fields =
    '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"';
  const key = { name: 'm', key: 'k' };
  const cases: Cases<object> = [
    ['of any printable name', { name: '1 a:b', value: 'x' }, []],
    ['named', { value: 'x' }, ['env[0].name: Required value']],
    [
      'without =',
      { name: 'a=b' },
      [
        'env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
      ],
    ],
    ['of a field', { name: 'a', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a/b']" } } }, []],
    ['of the old name of a field', { name: 'a', valueFrom: { fieldRef: { fieldPath: 'spec.host' } } }, []],
    [
      'of a field for files',
      { name: 'a', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } },
      [`env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: ${fields}`],
    ],
    [
      'of no field',
      { name: 'a', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } },
      [
        'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.x": error converting fieldPath: field label not supported: spec.x',
      ],
    ],
    [
      'of a field by key',
      { name: 'a', valueFrom: { fieldRef: { fieldPath: "spec.x['a']" } } },
      [
        "env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"spec.x['a']\": error converting fieldPath: field label does not support subscript: spec.x['a']",
      ],
    ],
    [
      'of another version',
      { name: 'a', valueFrom: { fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } } },
      [
        'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2',
      ],
    ],
    [
      'of a resource',
      { name: 'a', valueFrom: { resourceFieldRef: { resource: 'limits.hugepages-2Mi', divisor: '1Ki' } } },
      [],
    ],
    [
      'of no resource',
      { name: 'a', valueFrom: { resourceFieldRef: { resource: 'x' } } },
      [
        'env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "x": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"',
      ],
    ],
    [
      'of CPU in parts',
      { name: 'a', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2m' } } },
      [
        'env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
      ],
    ],
    ['of a key', { name: 'a', valueFrom: { configMapKeyRef: key } }, []],
    [
      'of a key that is named',
      { name: 'a', valueFrom: { secretKeyRef: { name: 'm' } } },
      ['env[0].valueFrom.secretKeyRef.key: Required value'],
    ],
    ['of a file', { name: 'a', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'a/b', key: 'K' } } }, []],
    [
      'of a file within the volume',
      { name: 'a', valueFrom: { fileKeyRef: { volumeName: 'v', path: '../b', key: 'K' } } },
      ['env[0].valueFrom.fileKeyRef.path: Invalid value: "../b": must not contain \'..\''],
    ],
    ['of something', { name: 'a', valueFrom: {} }, [`env[0].valueFrom: Invalid value: "": ${oneOf}`]],
    [
      'of one thing',
      { name: 'a', valueFrom: { configMapKeyRef: key, secretKeyRef: key } },
      ['env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time'],
    ],
    [
      'of itself or something',
      { name: 'a', value: 'x', valueFrom: { configMapKeyRef: key } },
      ['env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
    ],
  ];
  await check(t, cases, (variable) => containerErrors({ env: [variable] }));
  assert.deepEqual(
    containerErrors({ envFrom: [{ prefix: 'a', configMapRef: { name: 'a' } }, {}, { secretRef: {} }] }),
    [
      'envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
      'envFrom[2].secretRef.name: Required value',
    ],
  );
});
