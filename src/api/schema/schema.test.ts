import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyStrategicMergePatch } from '../../machinery/patch/strategic.ts';
import { decode } from './decode.ts';
import { applyDeclaredDefaults } from './defaults.ts';
import { extractFromModels, modelsFolder } from './descriptions.ts';
import { readModels } from './model-descriptions.ts';
import { patchSchemaOf } from './patch-schema.ts';
import { allKinds, allSchemas, lookupSchema, lookupType } from './schema.ts';
import type { FieldSchema, ObjectSchema } from './schema.ts';

function schemaOf(name: string): ObjectSchema {
  const schema = lookupSchema(name);
  assert.ok(schema, name);
  return schema;
}
function fieldOf(schema: string, name: string): FieldSchema {
  const field = schemaOf(schema).field(name);
  assert.ok(field, `${schema}.${name}`);
  return field;
}

test('kinds are found by group, version and kind; options under any group', () => {
  const names = (group: string, version: string, kind: string): string | undefined =>
    lookupType(group, version, kind)?.name;
  assert.equal(names('', 'v1', 'Pod'), 'io.k8s.api.core.v1.Pod');
  assert.equal(names('rbac.authorization.k8s.io', 'v1', 'Role'), 'io.k8s.api.rbac.v1.Role');
  assert.equal(names('flowcontrol.apiserver.k8s.io', 'v1', 'FlowSchema'), 'io.k8s.api.flowcontrol.v1.FlowSchema');
  assert.equal(
    names('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition'),
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  );
  assert.equal(
    names('apiregistration.k8s.io', 'v1', 'APIService'),
    'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService',
  );
  assert.equal(names('authentication.k8s.io', 'v1', 'TokenRequest'), 'io.k8s.api.authentication.v1.TokenRequest');
  assert.equal(names('policy', 'v1', 'Eviction'), 'io.k8s.api.policy.v1.Eviction');
  assert.equal(names('autoscaling', 'v1', 'Scale'), 'io.k8s.api.autoscaling.v1.Scale');
  assert.equal(names('kubeproxy.config.k8s.io', 'v1alpha1', 'KubeProxyConfiguration')?.includes('kube-proxy'), true);
  const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
  assert.equal(names('apps', 'v1', 'DeleteOptions'), `${meta}.DeleteOptions`);
  assert.equal(names('example.com', 'v1alpha1', 'PatchOptions'), `${meta}.PatchOptions`);
  assert.equal(names('', 'v1', 'Status'), `${meta}.Status`);
  assert.equal(names('meta.k8s.io', 'v1', 'Table'), `${meta}.Table`);
  assert.equal(names('meta.k8s.io', 'v1beta1', 'PartialObjectMetadataList'), `${meta}.PartialObjectMetadataList`);
  for (const [group, version, kind] of [
    ['', 'v1', 'PodSpec'],
    ['', 'v1', 'Deployment'],
    ['apps', 'v9', 'Deployment'],
    ['', 'v1', 'toString'],
  ] as const) {
    assert.equal(lookupType(group, version, kind), undefined, `${group}/${version} ${kind}`);
  }
});

test('every type links: all its fields, and the types that they hold', () => {
  const names = new Set<string>();
  for (const schema of allSchemas({ config: true })) {
    assert.equal(names.has(schema.name), false, schema.name);
    names.add(schema.name);
    const fields = new Set(schema.fields.map((field) => field.name));
    assert.equal(fields.size, schema.fields.length, schema.name);
    for (const field of schema.fields) {
      assert.equal(schema.field(field.name), field);
      for (let type = field.type; ; type = type.of) {
        if (type.kind === 'object') assert.ok(type.schema.fields);
        if (type.kind !== 'list' && type.kind !== 'map') break;
      }
      // Upstream's scheduler configuration names a key that its items do not have.
      if (schema.goName === 'ScoringStrategy') continue;
      for (const key of field.listMapKeys) {
        const of = field.type.kind === 'list' ? field.type.of : undefined;
        assert.ok(of?.kind === 'object' && of.schema.field(key), `${schema.name}.${field.name} is keyed by ${key}`);
      }
    }
  }
  for (const { group, version, kind } of allKinds())
    assert.ok(lookupType(group, version, kind), `${group}/${version} ${kind}`);
});

test('what the table says of a field', () => {
  const containers = fieldOf('io.k8s.api.core.v1.PodSpec', 'containers');
  assert.equal(containers.required, true);
  assert.deepEqual(containers.patchStrategies, ['merge']);
  assert.equal(containers.patchMergeKey, 'name');
  assert.equal(containers.listType, 'map');
  assert.deepEqual(containers.protobuf, { number: 2, embedded: [], wireType: 2 });
  assert.deepEqual(fieldOf('io.k8s.api.core.v1.PodSpec', 'volumes').patchStrategies, ['merge', 'retainKeys']);
  // Inlined in JSON, a message of its own in protobuf.
  assert.deepEqual(fieldOf('io.k8s.api.core.v1.Volume', 'hostPath').protobuf, {
    number: 1,
    embedded: [2],
    wireType: 2,
  });
  assert.deepEqual(fieldOf('io.k8s.api.admissionregistration.v1.NamedRuleWithOperations', 'apiGroups').protobuf, {
    number: 1,
    embedded: [2, 2],
    wireType: 2,
  });
  assert.equal(fieldOf('io.k8s.api.core.v1.Pod', 'kind').protobuf, undefined);
  assert.equal(
    fieldOf('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', 'propagationPolicy').protobuf?.wireType,
    2,
  );
  assert.equal(fieldOf('io.k8s.api.core.v1.ContainerPort', 'protocol').default, 'TCP');
  assert.equal(fieldOf('io.k8s.api.core.v1.AzureDiskVolumeSource', 'cachingMode').default, 'ReadWrite');
  const policy = fieldOf('io.k8s.api.core.v1.PodSpec', 'restartPolicy').type;
  assert.deepEqual(policy, {
    kind: 'string',
    goType: 'v1.RestartPolicy',
    values: ['Always', 'OnFailure', 'Never'],
    closed: true,
  });
  assert.equal(schemaOf('io.k8s.api.core.v1.ObjectReference').atomic, true);
  const extra = fieldOf('io.k8s.api.authentication.v1.UserInfo', 'extra').type;
  assert.ok(extra.kind === 'map' && extra.of.kind === 'list' && extra.of.protobufMessage);
});

/** The groups whose stable versions v1.36 serves. */
const served = [
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
];
/** Kinds that are not resources: they are in no OpenAPI document, and the client has no class for them. */
const outsideOpenAPI = /Options$|^(?:ConversionReview|List|PodStatusResult|RangeAllocation|SerializedReference)$/;

test('types, fields and what is required are those that the official client was generated from', async () => {
  const folder = modelsFolder();
  assert.ok(folder, 'run npm ci with development dependencies');
  const models = await readModels(folder);
  const names = new Set(models.map(({ schema }) => schema.name));
  for (const { group, version, kind } of allKinds()) {
    if (!served.includes(group) || !/^v\d$/.test(version) || outsideOpenAPI.test(kind)) continue;
    const name = lookupType(group, version, kind)?.name ?? '';
    assert.ok(names.has(name), `no class has exactly the fields of ${name}`);
  }
  assert.ok(names.size > 800, `${names.size}`);
  for (const { schema, fields } of models) {
    // Classes of other versions may be left over from an older release.
    if (!/\.v\d\.\w+$/.test(schema.name)) continue;
    for (const [name, { required }] of fields) {
      assert.equal(schema.field(name)?.required, required, `${schema.name}.${name}`);
    }
  }
});

test('descriptions of types and fields', async () => {
  const descriptions = await extractFromModels();
  const pod = descriptions?.get('io.k8s.api.core.v1.PodSpec');
  assert.equal(pod?.description, 'PodSpec is a description of a pod.');
  assert.match(pod?.fields['dnsPolicy'] ?? '', /Defaults to "ClusterFirst"/);
  assert.notEqual(
    descriptions?.get('io.k8s.api.core.v1.Event')?.fields['reportingController'],
    descriptions?.get('io.k8s.api.events.v1.Event')?.fields['reportingController'],
  );
  assert.ok(
    descriptions?.get('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps')?.fields[
      'x-kubernetes-map-type'
    ],
  );
});

test('declared defaults are set in the structs that are there, and nowhere else', () => {
  const schema = schemaOf('io.k8s.api.core.v1.Pod');
  const object = decode(schema, {
    spec: {
      containers: [
        {
          name: 'a',
          ports: [{ containerPort: 1 }, { containerPort: 2, protocol: 'UDP' }],
          livenessProbe: { grpc: { port: 1 } },
        },
      ],
      volumes: [{ name: 'v', iscsi: { targetPortal: 'x', iqn: 'y', lun: 0 } }],
    },
  });
  applyDeclaredDefaults(schema, object);
  assert.deepEqual(decode(schema, object)['spec'], {
    volumes: [{ name: 'v', iscsi: { targetPortal: 'x', iqn: 'y', lun: 0, iscsiInterface: 'default' } }],
    containers: [
      {
        name: 'a',
        ports: [
          { containerPort: 1, protocol: 'TCP' },
          { containerPort: 2, protocol: 'UDP' },
        ],
        resources: {},
        livenessProbe: { grpc: { port: 1, service: '' } },
      },
    ],
  });
  const rc = decode(schemaOf('io.k8s.api.core.v1.ReplicationController'), {});
  applyDeclaredDefaults(schemaOf('io.k8s.api.core.v1.ReplicationController'), rc);
  assert.equal((rc['spec'] as { replicas?: number }).replicas, 1);
});

test('a strategic merge patch finds its merge keys in the table', () => {
  const schema = patchSchemaOf(schemaOf('io.k8s.api.core.v1.Pod'));
  assert.equal(patchSchemaOf(schemaOf('io.k8s.api.core.v1.Pod')), schema);
  const original = {
    metadata: { labels: { a: '1' } },
    spec: { containers: [{ name: 'a', image: 'x', env: [{ name: 'K', value: '1' }] }], tolerations: [{ key: 'x' }] },
  };
  const patch = {
    metadata: { labels: { b: '2' } },
    spec: { containers: [{ name: 'a', env: [{ name: 'L', value: '2' }] }], tolerations: [{ key: 'y' }] },
  };
  assert.deepEqual(applyStrategicMergePatch(original, patch, schema), {
    metadata: { labels: { a: '1', b: '2' } },
    spec: {
      containers: [
        {
          name: 'a',
          image: 'x',
          env: [
            { name: 'L', value: '2' },
            { name: 'K', value: '1' },
          ],
        },
      ],
      tolerations: [{ key: 'y' }],
    },
  });
  const attributes = patchSchemaOf(schemaOf('io.k8s.api.resource.v1.Device')).field('capacity');
  assert.equal(attributes?.schema?.field('anything')?.schema?.name, 'DeviceCapacity');
  const revision = patchSchemaOf(schemaOf('io.k8s.api.apps.v1.ControllerRevision')).field('data');
  assert.deepEqual(revision, { kind: 'map', strategies: [] });
});
