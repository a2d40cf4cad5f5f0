import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type { RoleBinding } from '../types/rbac.v1.ts';
import { clusterrolebindings } from './clusterrolebindings.ts';
import { rbacDefinitions } from './index.ts';
import { rolebindings } from './rolebindings.ts';

const binding = {
  metadata: { name: 'x', creationTimestamp: created },
  roleRef: { kind: 'ClusterRole', name: 'view' },
  subjects: [
    { kind: 'User', name: 'ann' },
    { kind: 'Group', name: 'dev' },
    { kind: 'User', name: 'bob' },
    { kind: 'ServiceAccount', name: 'robot', namespace: 'ns' },
    { kind: 'ServiceAccount', name: 'bare' },
  ],
};
const header = 'Name Role Age |Users |Groups |ServiceAccounts';
const cells = ['x', 'ClusterRole/view', '5m', 'ann, bob', 'dev', 'ns/robot, bare'];

testRows(rbacDefinitions, [
  ['rolebindings', binding, header, cells],
  ['rolebindings', {}, header, ['', '/', '<unknown>', '', '', '']],
  ['clusterrolebindings', binding, header, cells],
]);

test('roles show name and creation alone', () => {
  for (const { plural, columns } of rbacDefinitions) {
    assert.equal(columns === undefined, plural === 'roles' || plural === 'clusterroles', plural);
  }
});

for (const definition of [rolebindings, clusterrolebindings]) {
  test(`what a ${definition.kind} refers to is of the RBAC group, but ServiceAccounts are not`, () => {
    const { roleRef, subjects } = createdFrom<RoleBinding>(definition, binding);
    assert.equal(roleRef.apiGroup, 'rbac.authorization.k8s.io');
    const groups = subjects?.map(({ apiGroup }) => apiGroup ?? '');
    assert.deepEqual(groups, [
      'rbac.authorization.k8s.io',
      'rbac.authorization.k8s.io',
      'rbac.authorization.k8s.io',
      '',
      '',
    ]);
  });
}

test('groups that are said are kept', () => {
  const { roleRef, subjects } = createdFrom<RoleBinding>(rolebindings, {
    roleRef: { apiGroup: 'a', kind: 'Role', name: 'r' },
    subjects: [{ apiGroup: 'b', kind: 'User', name: 'u' }],
  });
  assert.equal(roleRef.apiGroup, 'a');
  assert.equal(subjects?.[0]?.apiGroup, 'b');
});
