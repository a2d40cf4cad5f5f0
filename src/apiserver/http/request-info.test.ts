import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { StatusError } from '../../machinery/status.ts';
import { parseRequestInfo } from './request-info.ts';

function parse(method: string, target: string): ReturnType<typeof parseRequestInfo> {
  const [path = '', query = ''] = target.split('?');
  return parseRequestInfo(method, path, new URLSearchParams(query));
}

/** Upstream's words for a request: verb, group/version, namespace, resource, subresource, name. */
const cases: readonly (readonly [method: string, target: string, expected: string])[] = [
  ['GET', '/api/v1/namespaces', 'list /v1 ns= namespaces// '],
  ['GET', '/api/v1/namespaces/other', 'get /v1 ns=other namespaces// other'],
  ['PUT', '/api/v1/namespaces/other/finalize', 'update /v1 ns=other namespaces/finalize/ other'],
  ['GET', '/api/v1/namespaces/other/pods', 'list /v1 ns=other pods// '],
  ['GET', '/api/v1/namespaces/other/pods?watch=true', 'watch /v1 ns=other pods// '],
  ['GET', '/api/v1/namespaces/other/pods?watch=false', 'list /v1 ns=other pods// '],
  ['GET', '/api/v1/namespaces/other/pods/foo', 'get /v1 ns=other pods// foo'],
  ['HEAD', '/api/v1/namespaces/other/pods/foo', 'get /v1 ns=other pods// foo'],
  ['GET', '/api/v1/pods', 'list /v1 ns= pods// '],
  ['POST', '/api/v1/namespaces/other/pods', 'create /v1 ns=other pods// '],
  ['PATCH', '/api/v1/namespaces/other/pods/foo/status', 'patch /v1 ns=other pods/status/ foo'],
  ['DELETE', '/api/v1/namespaces/other/pods/foo', 'delete /v1 ns=other pods// foo'],
  ['DELETE', '/api/v1/namespaces/other/pods', 'deletecollection /v1 ns=other pods// '],
  ['GET', '/api/v1/watch/namespaces/other/pods/foo', 'watch /v1 ns=other pods// foo'],
  ['GET', '/api/v1/watch/pods', 'watch /v1 ns= pods// '],
  ['GET', '/api/v1/namespaces/other/pods/foo/proxy/a/b', 'get /v1 ns=other pods/proxy/a/b foo'],
  ['GET', '/apis/apps/v1/namespaces/other/deployments/foo/scale', 'get apps/v1 ns=other deployments/scale/ foo'],
  [
    'GET',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode',
    'get rbac.authorization.k8s.io/v1 ns= clusterroles// system:node',
  ],
];

for (const [method, target, expected] of cases) {
  test(`${method} ${target}`, () => {
    const info = parse(method, target);
    assert.equal(info.isResourceRequest, true);
    const { verb, apiGroup, apiVersion, namespace, resource, subresource, remainder, name } = info;
    assert.equal(
      `${verb} ${apiGroup}/${apiVersion} ns=${namespace} ${resource}/${subresource}/${remainder} ${name}`,
      expected,
    );
  });
}

for (const target of [
  '/',
  '/api',
  '/api/v1',
  '/apis',
  '/apis/apps',
  '/apis/apps/v1',
  '/version',
  '/healthz',
  '/openapi/v3/api/v1',
]) {
  test(`${target} is no resource`, () => {
    const info = parse('GET', target);
    assert.equal(info.isResourceRequest, false);
    assert.equal(info.verb, 'get');
    assert.equal(info.path, target);
  });
}

test('any path is understood or refused with 400', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'X'), (rest, method) => {
      try {
        parseRequestInfo(method, `/api/v1/${rest}`, new URLSearchParams());
      } catch (error) {
        assert.ok(error instanceof StatusError && error.code === 400, String(error));
      }
    }),
  );
});
