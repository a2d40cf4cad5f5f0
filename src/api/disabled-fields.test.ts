import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinCatalog } from './catalog.ts';
import type { ResourceDefinition } from './contract.ts';
import { disabledGateOf, dropDisabledFields } from './disabled-fields.ts';
import { allSchemas } from './schema/schema.ts';

const catalog = builtinCatalog();

function definitionOf(group: string, version: string, plural: string): ResourceDefinition {
  const found = catalog.find(group, version, plural);
  assert.ok(found);
  return found;
}

function dropped(definition: ResourceDefinition, object: object, old?: object): unknown {
  const copy: unknown = structuredClone(object);
  dropDisabledFields(definition.schema, copy, old);
  return copy;
}

test('the fields of features that are off', () => {
  const fields = allSchemas().flatMap((schema) =>
    schema.fields.flatMap((field) => {
      const gate = disabledGateOf(schema, field);
      return gate === undefined || !schema.goType.startsWith('v1.') ? [] : [`${schema.goType}.${field.name} ${gate}`];
    }),
  );
  assert.deepEqual(fields.sort(), [
    'v1.CSIDriverSpec.preventPodSchedulingIfMissing VolumeLimitScaling',
    'v1.ContainerStatus.stopSignal ContainerStopSignals',
    'v1.Device.nodeAllocatableResourceMappings DRANodeAllocatableResources',
    'v1.DeviceAttribute.bools DRAListTypeAttributes',
    'v1.DeviceAttribute.ints DRAListTypeAttributes',
    'v1.DeviceAttribute.strings DRAListTypeAttributes',
    'v1.DeviceAttribute.versions DRAListTypeAttributes',
    'v1.LeaseSpec.preferredHolder CoordinatedLeaderElection',
    'v1.LeaseSpec.strategy CoordinatedLeaderElection',
    'v1.Lifecycle.stopSignal ContainerStopSignals',
    'v1.PodSpec.schedulingGroup GenericWorkload',
    'v1.PodStatus.nodeAllocatableResourceClaimStatuses DRANodeAllocatableResources',
    'v1.RollingUpdateStatefulSetStrategy.maxUnavailable MaxUnavailableStatefulSet',
    'v1.VolumeProjection.clusterTrustBundle ClusterTrustBundleProjection',
    'v1.VolumeProjection.podCertificate PodCertificateProjection',
    'v1.VolumeStatus.image ImageVolumeWithDigest',
  ]);
});

const lease = { spec: { holderIdentity: 'a', strategy: 'OldestEmulationVersion', preferredHolder: 'b' } };

test('are dropped on create, and on update while nothing stored uses the feature', () => {
  const leases = definitionOf('coordination.k8s.io', 'v1', 'leases');
  assert.deepEqual(dropped(leases, lease), { spec: { holderIdentity: 'a' } });
  assert.deepEqual(dropped(leases, lease, { spec: { holderIdentity: 'a' } }), { spec: { holderIdentity: 'a' } });
  assert.deepEqual(dropped(leases, lease, lease), lease);
});

test('are found in templates, lists and maps', () => {
  const lifecycle = { postStart: { sleep: { seconds: 1 } }, stopSignal: 'SIGUSR1' };
  const source = { clusterTrustBundle: { name: 'x', path: 'x' } };
  const spec = {
    schedulingGroup: {},
    containers: [{ name: 'c', lifecycle }],
    volumes: [{ name: 'v', projected: { sources: [source, { secret: { name: 's' } }] } }],
  };
  const kept = {
    containers: [{ name: 'c', lifecycle: { postStart: { sleep: { seconds: 1 } } } }],
    volumes: [{ name: 'v', projected: { sources: [{}, { secret: { name: 's' } }] } }],
  };
  assert.deepEqual(dropped(definitionOf('', 'v1', 'pods'), { spec }), { spec: kept });
  const template = { spec: { template: { spec } } };
  const deployments = definitionOf('apps', 'v1', 'deployments');
  assert.deepEqual(dropped(deployments, template), { spec: { template: { spec: kept } } });
  const old = { spec: { template: { spec: { volumes: [{ projected: { sources: [source] } }] } } } };
  const again = dropped(deployments, template, old) as typeof template;
  assert.deepEqual(again.spec.template.spec.volumes, spec.volumes);
  assert.equal(again.spec.template.spec.schedulingGroup, undefined);
  const slices = definitionOf('resource.k8s.io', 'v1', 'resourceslices');
  assert.deepEqual(
    dropped(slices, { spec: { devices: [{ name: 'd', attributes: { a: { ints: [1] }, b: { int: 1 } } }] } }),
    {
      spec: { devices: [{ name: 'd', attributes: { a: {}, b: { int: 1 } } }] },
    },
  );
});
