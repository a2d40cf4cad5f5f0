import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PolicyRule } from '../../../api/types/rbac.v1.ts';
import { rule, urlRule } from './bootstrap-policy/notation.ts';
import { uncoveredRules } from './covers.ts';
import { compactRules, escalationText } from './escalation-text.ts';

describe('what rules cover', () => {
  const table: readonly [what: string, held: PolicyRule[], wanted: PolicyRule[], uncovered: PolicyRule[]][] = [
    ['nothing wanted', [], [], []],
    ['the same', [rule('get list', 'core', 'pods')], [rule('get list', 'core', 'pods')], []],
    [
      'one verb of two',
      [rule('get', 'core', 'pods')],
      [rule('get list', 'core', 'pods')],
      [rule('list', 'core', 'pods')],
    ],
    ['by two rules', [rule('get', 'core', 'pods'), rule('list', '*', '*')], [rule('get list', 'core', 'pods')], []],
    [
      'all verbs are not each',
      [rule('get list', 'core', 'pods')],
      [rule('*', 'core', 'pods')],
      [rule('*', 'core', 'pods')],
    ],
    ['all of everything', [rule('*', '*', '*')], [rule('escalate', 'rbac.authorization.k8s.io', 'roles', 'a')], []],
    ['resources are not paths', [rule('*', '*', '*')], [urlRule('get', '/metrics')], [urlRule('get', '/metrics')]],
    ['a subresource of all resources', [rule('get', '*', '*/scale')], [rule('get', 'apps', 'deployments/scale')], []],
    [
      'another subresource',
      [rule('get', '*', '*/scale')],
      [rule('get', 'apps', 'a/status')],
      [rule('get', 'apps', 'a/status')],
    ],
    ['a name by all names', [rule('get', 'core', 'secrets')], [rule('get', 'core', 'secrets', 'a')], []],
    [
      'all names by one',
      [rule('get', 'core', 'secrets', 'a')],
      [rule('get', 'core', 'secrets')],
      [rule('get', 'core', 'secrets')],
    ],
    [
      'one name of two',
      [rule('get', 'core', 'secrets', 'a')],
      [rule('get', 'core', 'secrets', 'a b')],
      [rule('get', 'core', 'secrets', 'b')],
    ],
    ['a path by those below', [urlRule('get', '/api/*')], [urlRule('get', '/api/v1 /api/*')], []],
    ['those below by a path', [urlRule('get', '/api')], [urlRule('get', '/api/*')], [urlRule('get', '/api/*')]],
    ['one of two groups', [rule('get', 'apps', 'a')], [rule('get', 'apps batch', 'a')], [rule('get', 'batch', 'a')]],
  ];
  for (const [what, held, wanted, uncovered] of table) {
    test(what, () => assert.deepEqual(uncoveredRules(held, wanted), uncovered));
  }
});

test("a refusal names what is missing in upstream's form, verbs of one resource together", () => {
  const missing = uncoveredRules(
    [],
    [rule('get list', 'core', 'secrets'), rule('delete', 'core', 'secrets', 'a'), urlRule('get post', '/logs/*')],
  );
  assert.equal(compactRules(missing).length, 4);
  const user = { username: 'jane', groups: ['devs', 'system:authenticated'] };
  assert.equal(
    escalationText(user, missing, ['clusterrole.rbac.authorization.k8s.io "x" not found']),
    `user "jane" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["secrets"], ResourceNames:["a"], Verbs:["delete"]}
{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}
{NonResourceURLs:["/logs/*"], Verbs:["get"]}
{NonResourceURLs:["/logs/*"], Verbs:["post"]}; resolution errors: [clusterrole.rbac.authorization.k8s.io "x" not found]`,
  );
});
