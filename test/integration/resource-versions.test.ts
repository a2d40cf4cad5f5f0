// Versions of resource.k8s.io that are served when the server is told to: one object, stored once, in three forms.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestServer } from '../support/server.ts';

let server: TestServer;

before(async () => {
  server = await TestServer.start({ args: ['--runtime-config=resource.k8s.io/v1beta1=true,resource.k8s.io/v1beta2'] });
});
after(() => server.stop());

interface Claim {
  readonly apiVersion: string;
  readonly spec: { readonly devices: { readonly requests: readonly object[] } };
}

function claims(version: string, name = ''): string {
  return `/apis/resource.k8s.io/${version}/namespaces/default/resourceclaims${name === '' ? '' : `/${name}`}`;
}

test('admin access to devices is for marked namespaces', async () => {
  const client = server.client();
  const exactly = { deviceClassName: 'gpu.example.com', adminAccess: true };
  const spec = { devices: { requests: [{ name: 'any', exactly }] } };
  const refused =
    /spec.devices.requests\[0\].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io\/admin-access: true` label on the containing namespace/;
  const body = { metadata: { name: 'admin' }, spec };
  await assert.rejects(client.request('POST', claims('v1'), { body }), refused);
  const flat = { ...body, spec: { devices: { requests: [{ name: 'any', ...exactly }] } } };
  await assert.rejects(client.request('POST', claims('v1beta1'), { body: flat }), refused);
  const templates = claims('v1').replace('resourceclaims', 'resourceclaimtemplates');
  await assert.rejects(client.request('POST', templates, { body: { ...body, spec: { spec } } }), refused);
  const marked = { metadata: { labels: { 'resource.kubernetes.io/admin-access': 'true' } } };
  const contentType = 'application/merge-patch+json';
  await client.request('PATCH', '/api/v1/namespaces/default', { body: marked, contentType });
  await client.request('POST', claims('v1'), { body });
  await client.request('DELETE', claims('v1', 'admin'));
});

test('expressions that select devices must compile', async () => {
  const client = server.client();
  const selectors = [{ cel: { expression: 'device.nothing' } }];
  const classes = '/apis/resource.k8s.io/v1/deviceclasses';
  const deviceClass = { metadata: { name: 'wrong' }, spec: { selectors } };
  await assert.rejects(
    client.request('POST', classes, { body: deviceClass }),
    /spec.selectors\[0\].cel.expression: Invalid value: "device.nothing": compilation failed: ERROR: .*undefined field 'nothing'/s,
  );
  const requests = [{ name: 'gpu', firstAvailable: [{ name: 'a', deviceClassName: 'x', selectors }] }];
  await assert.rejects(
    client.request('POST', claims('v1beta1'), { body: { metadata: { name: 'w' }, spec: { devices: { requests } } } }),
    /spec.devices.requests\[0\].firstAvailable\[0\].selectors\[0\].cel.expression: Invalid value: /,
  );
  const right = { ...deviceClass, spec: { selectors: [{ cel: { expression: 'device.driver == "a"' } }] } };
  await client.request('POST', classes, { body: right });
});

test('a claim of v1beta1 is read and changed in every version', async () => {
  const client = server.client();
  const request = { name: 'gpu', deviceClassName: 'gpu.example.com' };
  const body = { metadata: { name: 'c' }, spec: { devices: { requests: [request] } } };
  const made = await client.request<Claim>('POST', claims('v1beta1'), { body });
  assert.equal(made.apiVersion, 'resource.k8s.io/v1beta1');
  const exactly = { deviceClassName: 'gpu.example.com', allocationMode: 'ExactCount', count: 1 };
  assert.deepEqual(made.spec.devices.requests, [{ name: 'gpu', ...exactly }]);
  for (const version of ['v1', 'v1beta2']) {
    const read = await client.get<Claim>(claims(version, 'c'));
    assert.equal(read.apiVersion, `resource.k8s.io/${version}`);
    assert.deepEqual(read.spec.devices.requests, [{ name: 'gpu', exactly }]);
  }
  const patch = { metadata: { labels: { a: 'b' } } };
  const contentType = 'application/merge-patch+json';
  await client.request('PATCH', claims('v1', 'c'), { body: patch, contentType });
  await client.request('PATCH', claims('v1beta1', 'c'), { body: patch, contentType });
  const { items } = await client.get<{ items: Claim[] }>(claims('v1beta1'));
  assert.deepEqual(items[0]?.spec, made.spec);
  await assert.rejects(
    client.request('PATCH', claims('v1beta1', 'c'), { body: { spec: { devices: null } }, contentType }),
    /ResourceClaim.resource.k8s.io "c" is invalid: spec: Invalid value: .*: field is immutable/,
  );
});
