import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createdFrom } from '../core/test-support.ts';
import type { CustomResourceDefinition } from '../types/apiextensions.v1.ts';
import { customresourcedefinitions } from './customresourcedefinitions.ts';

test('the names of a custom resource follow from its kind', () => {
  const { spec } = createdFrom<CustomResourceDefinition>(customresourcedefinitions, {
    spec: { names: { plural: 'crontabs', kind: 'CronTab' } },
  });
  assert.equal(spec.names.singular, 'crontab');
  assert.equal(spec.names.listKind, 'CronTabList');
  assert.deepEqual(spec.conversion, { strategy: 'None' });
});

test('a webhook that converts is served over HTTPS', () => {
  const { spec } = createdFrom<CustomResourceDefinition>(customresourcedefinitions, {
    spec: { conversion: { strategy: 'Webhook', webhook: { clientConfig: { service: { name: 's' } } } } },
  });
  assert.equal(spec.conversion?.webhook?.clientConfig?.service?.port, 443);
});

test('it shows name and creation, and cannot be created yet', () => {
  assert.equal(customresourcedefinitions.columns, undefined);
  assert.match(customresourcedefinitions.notImplemented ?? '', /not implemented yet/);
});
