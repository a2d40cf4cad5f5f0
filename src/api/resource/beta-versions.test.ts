import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { KubernetesObject, ResourceDefinition } from '../contract.ts';
import { context, createdFrom, mergedFrom, plain, updatedFrom } from '../core/test-support.ts';
import { arbitraryObject } from '../schema/arbitrary.ts';
import { decode } from '../schema/decode.ts';
import { createErrors, updateErrors } from '../test-validation.ts';
import { resourceBetaDefinitions } from './beta-versions.ts';
import { resourceDefinitions } from './index.ts';

const runs = { numRuns: 30 };

function definitionOf(version: string, plural: string): ResourceDefinition {
  const found = resourceBetaDefinitions.find((one) => one.version === version && one.plural === plural);
  assert.ok(found);
  return found;
}

for (const definition of resourceBetaDefinitions) {
  const { version, plural, storage, schema } = definition;
  const convert = storage?.convert;
  const stored = resourceDefinitions.find((one) => one.plural === plural);
  assert.ok(convert && stored);

  test(`${plural} of ${version} lose nothing of what is stored`, () => {
    fc.assert(
      fc.property(arbitraryObject(stored.schema, { density: 70, depth: 7 }), (object) => {
        const { kind } = stored;
        const before = decode(stored.schema, { ...object, kind, apiVersion: 'resource.k8s.io/v1' });
        const shown = convert.from(structuredClone(before) as KubernetesObject);
        assert.equal(shown.apiVersion, `resource.k8s.io/${version}`);
        assert.deepEqual(showable(plain(convert.to(shown))), showable(plain(before)));
      }),
      runs,
    );
  });

  test(`${plural} of ${version} are stored without loss`, () => {
    fc.assert(
      fc.property(arbitraryObject(schema, { density: 100, depth: 7 }), (object) => {
        const { kind } = definition;
        const before = decode(schema, { ...object, kind, apiVersion: `resource.k8s.io/${version}` });
        const kept = convert.from(convert.to(structuredClone(before) as KubernetesObject));
        assert.deepEqual(plain(kept), plain(before));
      }),
      runs,
    );
  });
}

/**
 * Without what no valid object has and v1beta1 cannot show: a request for exact devices of which nothing is said, and
 * `allNodes` that is false.
 */
function showable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(showable);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, showable(member)] as const);
  return Object.fromEntries(
    members.filter(([key, member]) => {
      if (key === 'allNodes') return member !== false;
      return key !== 'exactly' || isMeant(member as { deviceClassName?: string });
    }),
  );
}

function isMeant({ deviceClassName, ...rest }: { deviceClassName?: string }): boolean {
  return Boolean(deviceClassName) || Object.values(rest).some((value) => value !== 0 && value !== '');
}

const requests = [{ name: 'gpu', deviceClassName: 'gpu.example.com' }];

test('a claim of v1beta1 has the defaults and the errors of v1', () => {
  const claims = definitionOf('v1beta1', 'resourceclaims');
  const claim = createdFrom(claims, { metadata: { name: 'c' }, spec: { devices: { requests } } });
  assert.deepEqual(plain(claim['spec']), {
    devices: { requests: [{ ...requests[0], allocationMode: 'ExactCount', count: 1 }] },
  });
  const wrong = { metadata: { name: 'c' }, spec: { devices: { requests: [{ name: 'gpu', count: -1 }] } } };
  assert.deepEqual(createErrors(claims, wrong), [
    'spec.devices.requests[0].exactly.deviceClassName: Required value',
    'spec.devices.requests[0].exactly.count: Invalid value: -1: must be greater than zero',
  ]);
  assert.match(updateErrors(claims, { ...wrong, spec: {} }, wrong)[0] ?? '', /field is immutable$/);
});

test('a status is written in every version', () => {
  const claims = definitionOf('v1beta1', 'resourceclaims');
  const old = { metadata: { name: 'c' }, spec: { devices: { requests } } };
  const result = { request: 'gpu', driver: 'd', pool: 'p', device: 'x' };
  const status = { allocation: { devices: { results: [result] } } };
  const merged = mergedFrom(claims, 'status', { ...old, spec: {}, status }, old);
  assert.deepEqual(plain(merged['spec']), old.spec);
  assert.deepEqual(plain(merged['status']), status);
});

test('devices of v1beta1 have their members in basic', () => {
  const slices = definitionOf('v1beta1', 'resourceslices');
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 };
  const taints = [{ key: 'k', effect: 'NoSchedule' }];
  const spec = { driver: 'd', pool, nodeName: 'n', devices: [{ name: 'a', basic: { taints } }] };
  const slice = updatedFrom(slices, { metadata: { name: 's' }, spec }, {}) as { spec: { devices: unknown } };
  assert.deepEqual(plain(slice.spec.devices), [
    {
      name: 'a',
      basic: { taints: [{ ...taints[0], timeAdded: new Date(context.nowMs).toISOString().replace('.000', '') }] },
    },
  ]);
  assert.equal(
    slices.unselectableField?.('x'),
    'field label not supported for resource.k8s.io/v1beta1, Kind=ResourceSlice: x',
  );
});
