// The kind is not served yet: the plugin is asked as the chain would ask it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '../../../../api/contract.ts';
import type { AuthorizationAttributes, Authorizer } from '../../../contract.ts';
import type { ResourceRequest } from '../../../registry/request.ts';
import type { Attributes, Operation } from '../../contract.ts';
import { ClusterTrustBundleAttest } from './cluster-trust-bundle-attest.ts';

const asked: string[] = [];
const authorizer: Authorizer = {
  name: 'test',
  authorize({ user, request }: AuthorizationAttributes) {
    asked.push(`${request.verb} ${request.resource}.${request.apiGroup} ${request.name}`);
    const isAllowed = user.username === 'ann' && request.name === 'example.com/*';
    return { verdict: isAllowed ? 'allow' : 'noOpinion', reason: '' };
  },
};
const plugin = new ClusterTrustBundleAttest(authorizer);

function bundle(signerName: string, trustBundle = 'x'): KubernetesObject {
  return { metadata: { name: 'b' }, spec: { signerName, trustBundle } } as KubernetesObject;
}

function attributes(
  operation: Operation,
  username: string,
  object: KubernetesObject,
  oldObject?: KubernetesObject,
): Attributes {
  const requestKind = {
    operation,
    group: 'certificates.k8s.io',
    version: 'v1beta1',
    resource: 'clustertrustbundles',
    subresource: '',
    namespaced: false,
  };
  assert.ok(plugin.handles(requestKind));
  return {
    requestKind,
    operation,
    subresource: '',
    kind: { group: 'certificates.k8s.io', version: 'v1beta1', kind: 'ClusterTrustBundle' },
    name: 'b',
    namespace: '',
    user: { username, groups: [] },
    dryRun: false,
    options: undefined,
    object,
    oldObject,
    request: {} as ResourceRequest,
    addWarning: () => {},
    addAuditAnnotation: () => {},
  };
}

test('a bundle is written by those who may speak for its signer', async () => {
  await plugin.validate(attributes('CREATE', 'ann', bundle('example.com/ca')));
  assert.deepEqual(asked.splice(0), [
    'attest signers.certificates.k8s.io example.com/ca',
    'attest signers.certificates.k8s.io example.com/*',
  ]);
  await assert.rejects(plugin.validate(attributes('CREATE', 'bob', bundle('example.com/ca'))), {
    code: 403,
    message:
      'clustertrustbundles.certificates.k8s.io "b" is forbidden: user not permitted to attest for signerName "example.com/ca"',
  });
});

test('a bundle without a signer, and a change of nothing in it, are for everybody', async () => {
  asked.length = 0;
  await plugin.validate(attributes('CREATE', 'bob', bundle('')));
  await plugin.validate(attributes('UPDATE', 'bob', bundle('example.com/ca'), bundle('example.com/ca')));
  assert.deepEqual(asked, []);
  const changed = attributes('UPDATE', 'bob', bundle('example.com/ca', 'y'), bundle('example.com/ca'));
  await assert.rejects(plugin.validate(changed), { code: 403 });
});
