import { testCreates, testUpdates, type Change } from '../test-validation.ts';
import { clusterrolebindings } from './clusterrolebindings.ts';
import { clusterroles } from './clusterroles.ts';
import { rolebindings } from './rolebindings.ts';
import { roles } from './roles.ts';

const group = 'rbac.authorization.k8s.io';
const metadata = { name: 'x', namespace: 'default' };
const role = { metadata, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] };

const rules: Change[] = [
  ['rules', undefined],
  ['rules.0.verbs', [], 'rules[0].verbs: Required value: verbs must contain at least one value'],
  ['rules.0.apiGroups', [], 'rules[0].apiGroups: Required value: resource rules must supply at least one api group'],
  ['rules.0.resources', [], 'rules[0].resources: Required value: resource rules must supply at least one resource'],
];
const mixed =
  'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs';

testCreates(roles, role, [
  ...rules,
  [
    'rules.0.nonResourceURLs',
    ['/x'],
    'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
    mixed,
  ],
]);
const clusterRole = { metadata: { name: 'x' }, rules: role.rules };
testCreates(clusterroles, clusterRole, [
  ...rules,
  ['rules.0', { verbs: ['get'], nonResourceURLs: ['/x'] }],
  ['rules.0.nonResourceURLs', ['/x'], mixed],
  ['aggregationRule', { clusterRoleSelectors: [{}] }],
  [
    'aggregationRule',
    {},
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  ],
  [
    'aggregationRule',
    { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Near' }] }] },
    'aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
  ],
]);
const odd = [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['-'] }] }];
testUpdates(clusterroles, { ...clusterRole, aggregationRule: { clusterRoleSelectors: odd } }, [['rules', undefined]]);

const binding = {
  metadata,
  roleRef: { kind: 'ClusterRole', name: 'view' },
  subjects: [
    { kind: 'ServiceAccount', name: 'robot', namespace: 'default' },
    { kind: 'User', name: 'ann' },
  ],
};
const bindings: Change[] = [
  ['subjects', undefined],
  ['roleRef.apiGroup', 'a', `roleRef.apiGroup: Unsupported value: "a": supported values: "${group}"`],
  ['roleRef.name', '', 'roleRef.name: Required value'],
  ['roleRef.name', 'a/b', `roleRef.name: Invalid value: "a/b": may not contain '/'`],
  ['subjects.0.name', '', 'subjects[0].name: Required value'],
  ['subjects.0.apiGroup', group, `subjects[0].apiGroup: Unsupported value: "${group}": supported values: ""`],
  ['subjects.1.apiGroup', 'a', `subjects[1].apiGroup: Unsupported value: "a": supported values: "${group}"`],
  ['subjects.1.name', 'any name: at all'],
  [
    'subjects.1.kind',
    'Robot',
    'subjects[1].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
  ],
];
testCreates(rolebindings, binding, [
  ...bindings,
  ['roleRef.kind', 'Role'],
  ['subjects.0.namespace', undefined],
  ['roleRef.kind', 'Other', 'roleRef.kind: Unsupported value: "Other": supported values: "Role", "ClusterRole"'],
]);
testCreates(clusterrolebindings, { ...binding, metadata: { name: 'x' } }, [
  ...bindings,
  ['roleRef.kind', 'Role', 'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
  ['subjects.0.namespace', undefined, 'subjects[0].namespace: Required value'],
]);
const changedRole: Change[] = [
  ['subjects', undefined],
  [
    'roleRef.name',
    'edit',
    `roleRef: Invalid value: {"APIGroup":"${group}","Kind":"ClusterRole","Name":"edit"}: cannot change roleRef`,
  ],
];
testUpdates(rolebindings, binding, changedRole);
testUpdates(clusterrolebindings, { ...binding, metadata: { name: 'x' } }, changedRole);
