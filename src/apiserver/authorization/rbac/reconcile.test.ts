import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ClusterRole, ClusterRoleBinding, Role } from '../../../api/types/rbac.v1.ts';
import { aggregateAll } from '../../../api/rbac/aggregation.ts';
import { rule } from './bootstrap-policy/notation.ts';
import { autoUpdateAnnotation, bootstrapPolicy } from './bootstrap-policy/policy.ts';
import { reconciledBinding, reconciledRole } from './reconcile.ts';

const metadata = { name: 'r', labels: { a: 'b' }, annotations: { [autoUpdateAnnotation]: 'true' } };
const expected: ClusterRole = { metadata, rules: [rule('get list', 'core', 'pods')] };
const binding: ClusterRoleBinding = {
  metadata,
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' },
  subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'g' }],
};

describe('a role that is there', () => {
  test('is left alone when it is right, or more than right', () => {
    assert.equal(reconciledRole(expected, expected), undefined);
    const more: ClusterRole = {
      metadata: { ...metadata, labels: { a: 'mine', c: 'd' } },
      rules: [rule('*', 'core', 'pods'), rule('get', 'core', 'secrets')],
    };
    assert.equal(reconciledRole(more, expected), undefined);
  });

  test('gets the rules, labels and annotations that it lacks, and keeps what it has', () => {
    const mine = rule('get', 'core', 'secrets');
    const changed = reconciledRole({ metadata: { name: 'r', labels: { a: 'mine' } }, rules: [mine] }, expected);
    assert.deepEqual(changed?.metadata, { ...metadata, labels: { a: 'mine' } });
    assert.deepEqual(changed?.rules, [mine, rule('get', 'core', 'pods'), rule('list', 'core', 'pods')]);
  });

  test('is never touched when its annotation says so', () => {
    const kept = { name: 'r', annotations: { [autoUpdateAnnotation]: 'false' } };
    assert.equal(reconciledRole({ metadata: kept, rules: [] }, expected), undefined);
    assert.equal(reconciledBinding({ ...binding, metadata: kept, subjects: [] }, binding), undefined);
  });

  test('gets the selectors it lacks when it is aggregated, and no rules', () => {
    const selector = (label: string): object => ({ matchLabels: { [label]: 'true' } });
    const aggregated = { metadata, rules: null, aggregationRule: { clusterRoleSelectors: [selector('x')] } };
    const existing = { metadata, rules: [], aggregationRule: { clusterRoleSelectors: [selector('y')] } };
    assert.deepEqual(reconciledRole<ClusterRole>(existing, aggregated), {
      metadata,
      rules: [],
      aggregationRule: { clusterRoleSelectors: [selector('y'), selector('x')] },
    });
  });
});

describe('a binding that is there', () => {
  test('gets the subjects that it lacks', () => {
    assert.equal(reconciledBinding(binding, binding), undefined);
    const jane = { kind: 'User', name: 'jane' };
    const change = reconciledBinding({ ...binding, subjects: [jane] }, binding);
    assert.equal(change?.operation, 'update');
    assert.deepEqual(change?.binding.subjects, [jane, ...(binding.subjects ?? [])]);
  });

  test('is made anew when it is of another role', () => {
    const change = reconciledBinding({ ...binding, roleRef: { ...binding.roleRef, name: 'other' } }, binding);
    assert.deepEqual(change, { operation: 'recreate', binding });
  });
});

describe('aggregated roles', () => {
  const { clusterRoles } = bootstrapPolicy();

  test('of the bootstrap policy hold each other', () => {
    const filled = new Map(aggregateAll(clusterRoles).map((role) => [role.metadata.name, role.rules ?? []]));
    assert.deepEqual([...filled.keys()].sort(), ['admin', 'edit', 'view']);
    const [view = [], edit = [], admin = []] = ['view', 'edit', 'admin'].map((name) => filled.get(name));
    assert.ok(view.length > 5);
    for (const one of view) assert.ok(edit.some((other) => JSON.stringify(other) === JSON.stringify(one)));
    for (const one of edit) assert.ok(admin.some((other) => JSON.stringify(other) === JSON.stringify(one)));
    assert.ok(admin.length > edit.length && edit.length > view.length);
    assert.ok(!view.some(({ resources }) => resources?.includes('secrets')));
  });
});

test('the bootstrap policy has no name twice, and every binding its role', () => {
  const policy = bootstrapPolicy();
  const keyOf = ({ metadata: { namespace = '', name = '' } }: Pick<Role, 'metadata'>): string => `${namespace}/${name}`;
  for (const objects of Object.values(policy)) assert.equal(new Set(objects.map(keyOf)).size, objects.length);
  const roles = new Set([...policy.clusterRoles, ...policy.roles].map(keyOf));
  for (const { metadata: at, roleRef } of [...policy.clusterRoleBindings, ...policy.roleBindings]) {
    assert.ok(roles.has(`${roleRef.kind === 'Role' ? (at.namespace ?? '') : ''}/${roleRef.name}`), roleRef.name);
  }
});
