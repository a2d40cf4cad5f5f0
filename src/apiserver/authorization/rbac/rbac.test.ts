import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UserInfo } from '../../../api/contract.ts';
import type { PolicyRule } from '../../../api/types/rbac.v1.ts';
import type { RequestInfo } from '../../contract.ts';
import { PolicyIndex } from './policy-index.ts';
import { ruleAllows } from './rule-match.ts';

const base: RequestInfo = {
  isResourceRequest: true,
  path: '',
  verb: 'get',
  apiPrefix: 'api',
  apiGroup: '',
  apiVersion: 'v1',
  namespace: 'y',
  resource: 'pods',
  subresource: '',
  name: '',
  remainder: '',
};
const path = (url: string): Partial<RequestInfo> => ({ isResourceRequest: false, path: url });
const resource = (text: string): Partial<RequestInfo> => {
  const [name = '', subresource = ''] = text.split('/');
  return { resource: name, subresource };
};
const core = (...resources: string[]): PolicyRule => ({ verbs: ['get'], apiGroups: [''], resources });

describe('a rule', () => {
  const table: readonly [what: string, rule: PolicyRule, request: Partial<RequestInfo>, isAllowed: boolean][] = [
    ['of the resource', core('pods'), {}, true],
    ['of another resource', core('services'), {}, false],
    ['of a resource is not of its subresources', core('pods'), resource('pods/log'), false],
    ['of a subresource', core('pods/log'), resource('pods/log'), true],
    ['of a subresource is not of the resource', core('pods/log'), {}, false],
    ['of all resources', core('*'), resource('pods/log'), true],
    ['of one subresource of all', core('*/scale'), resource('deployments/scale'), true],
    ['of one subresource of all, asked for another', core('*/scale'), resource('deployments/status'), false],
    ['of one subresource of all is not of resources', core('*/scale'), resource('scale'), false],
    ['all subresources of one cannot be named', core('pods/*'), resource('pods/log'), false],
    ['of another verb', { ...core('pods'), verbs: ['list'] }, {}, false],
    ['of all verbs', { ...core('pods'), verbs: ['*'] }, { verb: 'escalate' }, true],
    ['of another group', { ...core('pods'), apiGroups: ['apps'] }, {}, false],
    ['of all groups', { ...core('pods'), apiGroups: ['*'] }, { apiGroup: 'metrics.k8s.io' }, true],
    ['of no group', { verbs: ['get'], resources: ['pods'] }, {}, false],
    ['of one name', { ...core('pods'), resourceNames: ['a'] }, { name: 'a' }, true],
    ['of one name, asked for another', { ...core('pods'), resourceNames: ['a'] }, { name: 'b' }, false],
    ['of one name, asked for all', { ...core('pods'), resourceNames: ['a'] }, { verb: 'get', name: '' }, false],
    ['of a path', { verbs: ['get'], nonResourceURLs: ['/metrics'] }, path('/metrics'), true],
    ['of a path is not of those below', { verbs: ['get'], nonResourceURLs: ['/metrics'] }, path('/metrics/'), false],
    ['of all paths below', { verbs: ['get'], nonResourceURLs: ['/logs/*'] }, path('/logs/a/b'), true],
    ['of all paths below is not of the path', { verbs: ['get'], nonResourceURLs: ['/logs/*'] }, path('/logs'), false],
    ['of all paths', { verbs: ['get'], nonResourceURLs: ['*'] }, path('/'), true],
    ['a star in the middle is a letter', { verbs: ['get'], nonResourceURLs: ['/a/*/b'] }, path('/a/x/b'), false],
    ['of resources is not of paths', core('*'), path('/metrics'), false],
    ['of paths is not of resources', { verbs: ['get'], nonResourceURLs: ['*'] }, {}, false],
  ];
  for (const [what, rule, request, isAllowed] of table) {
    test(`${what}: ${isAllowed ? 'allows' : 'does not allow'}`, () => {
      const asked = { ...base, ...request };
      assert.equal(ruleAllows(rule, asked), isAllowed);
      const index = new PolicyIndex();
      index.setRole('', 'r', [rule]);
      index.setBinding('', 'b', clusterBinding('r'));
      assert.equal(index.decide(jane, asked).verdict, isAllowed ? 'allow' : 'noOpinion');
    });
  }
});

const jane: UserInfo = { username: 'jane', groups: ['devs', 'system:authenticated'] };
const clusterBinding = (role: string, subjects = [{ kind: 'User', name: 'jane' }]) => ({
  namespace: '',
  name: 'b',
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects,
});

describe('decisions', () => {
  test("tell what allowed them, in upstream's words", () => {
    const index = new PolicyIndex();
    index.setRole('', 'viewer', [core('pods')]);
    index.setRole('y', 'local', [core('secrets')]);
    index.setBinding('', 'all', { ...clusterBinding('viewer', [{ kind: 'Group', name: 'devs' }]), name: 'all' });
    index.setBinding('y', 'some', {
      namespace: 'y',
      name: 'some',
      roleRef: { kind: 'Role', name: 'local' },
      subjects: [{ kind: 'ServiceAccount', name: 'bot' }],
    });
    assert.deepEqual(index.decide(jane, base), {
      verdict: 'allow',
      reason: 'RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "viewer" to Group "devs"',
    });
    const bot = { username: 'system:serviceaccount:y:bot', groups: [] };
    assert.deepEqual(index.decide(bot, { ...base, resource: 'secrets' }), {
      verdict: 'allow',
      reason: 'RBAC: allowed by RoleBinding "some/y" of Role "local" to ServiceAccount "bot/y"',
    });
    assert.equal(index.decide(bot, { ...base, resource: 'secrets', namespace: 'z' }).verdict, 'noOpinion');
  });

  test('name the roles that are missing, each once', () => {
    const index = new PolicyIndex();
    const both = [
      { kind: 'User', name: 'jane' },
      { kind: 'Group', name: 'devs' },
    ];
    index.setBinding('', 'b', clusterBinding('gone', both));
    assert.equal(index.decide(jane, base).reason, 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found');
    index.setBinding('y', 'b', {
      namespace: 'y',
      name: 'b',
      roleRef: { kind: 'Role', name: 'z' },
      subjects: [{ kind: 'User', name: 'jane' }],
    });
    assert.equal(
      index.decide(jane, base).reason,
      'RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, role.rbac.authorization.k8s.io "z" not found]',
    );
    index.setRole('', 'gone', []);
    assert.equal(index.decide(jane, base).reason, 'RBAC: role.rbac.authorization.k8s.io "z" not found');
  });
});
