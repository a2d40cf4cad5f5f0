// Who somebody is and what they may do: reviews, and how others verify the cluster's tokens.
import assert from 'node:assert/strict';
import { createPublicKey, verify, type webcrypto } from 'node:crypto';
import { test } from 'node:test';
import type {
  LocalSubjectAccessReview,
  ResourceAttributes,
  SubjectAccessReview,
} from '../../src/api/types/authorization.v1.ts';
import type { ServiceAccount } from '../../src/api/types/core.v1.ts';
import type { Role, RoleBinding } from '../../src/api/types/rbac.v1.ts';
import { startCluster } from './cluster.ts';

const cluster = startCluster();

test('[sig-auth] SubjectReview should support SubjectReview API operations', async () => {
  const namespace = await cluster.newNamespace();
  await cluster.resource<ServiceAccount>('v1', 'serviceaccounts', namespace).create({ metadata: { name: 'e2e' } });
  const rbac = 'rbac.authorization.k8s.io/v1';
  await cluster.resource<Role>(rbac, 'roles', namespace).create({
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
  });
  await cluster.resource<RoleBinding>(rbac, 'rolebindings', namespace).create({
    metadata: { name: 'reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'e2e', namespace }],
  });
  const user = `system:serviceaccount:${namespace}:e2e`;
  const groups = ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  const asAccount = (plural: string): Promise<boolean> =>
    cluster.client
      .get(`/api/v1/namespaces/${namespace}/${plural}`, {
        // Its groups come with its name.
        headers: { 'impersonate-user': user },
      })
      .then(
        () => true,
        (error: { code: number }) => {
          assert.equal(error.code, 403);
          return false;
        },
      );
  for (const [plural, isAllowed] of [
    ['configmaps', true],
    ['secrets', false],
  ] as const) {
    assert.equal(await asAccount(plural), isAllowed, plural);
    const resourceAttributes: ResourceAttributes = { verb: 'list', resource: plural, namespace, version: 'v1' };
    const spec = { resourceAttributes, user, groups };
    const review = await cluster
      .resource<SubjectAccessReview>('authorization.k8s.io/v1', 'subjectaccessreviews')
      .create({ metadata: {}, spec });
    assert.equal(review.status?.allowed, isAllowed, plural);
    const local = await cluster
      .resource<LocalSubjectAccessReview>('authorization.k8s.io/v1', 'localsubjectaccessreviews', namespace)
      .create({ metadata: { namespace }, spec });
    assert.equal(local.status?.allowed, isAllowed, plural);
  }
});

interface Discovered {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly response_types_supported: readonly string[];
  readonly subject_types_supported: readonly string[];
  readonly id_token_signing_alg_values_supported: readonly string[];
}

function partOf<T>(token: string, index: number): T {
  return JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString('utf8')) as T;
}

test('[sig-auth] ServiceAccounts ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer', async () => {
  const namespace = await cluster.newNamespace();
  const accounts = cluster.resource<ServiceAccount>('v1', 'serviceaccounts', namespace);
  await accounts.create({ metadata: { name: 'e2e' } });
  const { status } = await cluster.client.request<{ status: { token: string } }>('POST', `${accounts.path}/e2e/token`, {
    body: { spec: { audiences: ['oidc-discovery-test'] } },
  });
  const discovered = await cluster.client.get<Discovered>('/.well-known/openid-configuration');
  const { kid, alg } = partOf<{ kid: string; alg: string }>(status.token, 0);
  const claims = partOf<{ iss: string; sub: string; aud: string[] }>(status.token, 1);
  assert.equal(claims.iss, discovered.issuer);
  assert.equal(claims.sub, `system:serviceaccount:${namespace}:e2e`);
  assert.deepEqual(claims.aud, ['oidc-discovery-test']);
  assert.deepEqual(discovered.response_types_supported, ['id_token']);
  assert.deepEqual(discovered.subject_types_supported, ['public']);
  assert.ok(discovered.id_token_signing_alg_values_supported.includes(alg));

  const { keys } = await cluster.client.get<{ keys: (webcrypto.JsonWebKey & { kid: string; alg: string })[] }>(
    new URL(discovered.jwks_uri).pathname,
  );
  const jwk = keys.find((key) => key.kid === kid);
  assert.ok(jwk, `no key ${kid} is published`);
  assert.equal(jwk.alg, alg);
  assert.equal(alg, 'ES256');
  const [header, payload, signature = ''] = status.token.split('.');
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  assert.ok(isSigned, 'the token is not signed with the key that is published');
});
