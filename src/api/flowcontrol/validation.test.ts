import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createErrors, testCreates } from '../test-validation.ts';
import { flowschemas } from './flowschemas.ts';
import { mandatoryFlowSchemaSpecs, mandatoryPriorityLevelSpecs } from './mandatory.ts';
import { prioritylevelconfigurations } from './prioritylevelconfigurations.ts';

const rule = {
  subjects: [{ kind: 'User', user: { name: 'ann' } }],
  resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['default'] }],
};
const schema = { metadata: { name: 'x' }, spec: { priorityLevelConfiguration: { name: 'level' }, rules: [rule] } };
const verbs =
  'supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"';

testCreates(flowschemas, schema, [
  ['spec.matchingPrecedence', 10_000],
  ['spec.matchingPrecedence', 10_001, 'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
  ['spec.matchingPrecedence', -1, 'spec.matchingPrecedence: Invalid value: -1: must be a positive value'],
  [
    'spec.matchingPrecedence',
    1,
    "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
  ],
  [
    'spec.distinguisherMethod',
    { type: 'Other' },
    'spec.distinguisherMethod.type: Unsupported value: {"Type":"Other"}: supported values: "ByNamespace", "ByUser"',
  ],
  [
    'spec.priorityLevelConfiguration.name',
    '',
    'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
  ],
  ['spec.rules.0.subjects', [], 'spec.rules[0].subjects: Required value: subjects must contain at least one value'],
  [
    'spec.rules.0.subjects.0',
    { kind: 'Other' },
    'spec.rules[0].subjects[0].kind: Unsupported value: "Other": supported values: "Group", "ServiceAccount", "User"',
  ],
  [
    'spec.rules.0.subjects.0',
    { kind: 'Group', user: { name: 'a' } },
    "spec.rules[0].subjects[0].group: Required value: group is required when subject kind is 'Group'",
    "spec.rules[0].subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'",
  ],
  [
    'spec.rules.0.subjects.0',
    { kind: 'ServiceAccount', serviceAccount: { name: '*' } },
    'spec.rules[0].subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account',
  ],
  [
    'spec.rules.0.resourceRules',
    [],
    'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
  ],
  [
    'spec.rules.0.resourceRules.0.verbs',
    ['eat'],
    `spec.rules[0].resourceRules[0].verbs: Unsupported value: ["eat"]: ${verbs}`,
  ],
  [
    'spec.rules.0.resourceRules.0.verbs',
    ['*', 'get'],
    'spec.rules[0].resourceRules[0].verbs: Invalid value: ["*","get"]: if \'*\' is present, must not specify other verbs',
  ],
  [
    'spec.rules.0.resourceRules.0.namespaces',
    [],
    'spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
  ],
  [
    'spec.rules.0.resourceRules.0.namespaces',
    ['a.b'],
    'spec.rules[0].resourceRules[0].namespaces[0]: Invalid value: "a.b": each member of this list must be \'*\' or a DNS-1123 label; must not contain dots',
  ],
  ['spec.rules.0.nonResourceRules', [{ verbs: ['*'], nonResourceURLs: ['/', '/healthz', '/a/*'] }]],
  [
    'spec.rules.0.nonResourceRules',
    [{ verbs: ['*'], nonResourceURLs: ['a', '/a*', '//', '/*/b'] }],
    'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash',
    'spec.rules[0].nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a*": wildcard can only do suffix matching',
    'spec.rules[0].nonResourceRules[0].nonResourceURLs[2]: Invalid value: "//": must not contain double slash',
    'spec.rules[0].nonResourceRules[0].nonResourceURLs[3]: Invalid value: "/*/b": wildcard can only do suffix matching',
  ],
]);

const level = {
  metadata: { name: 'x' },
  spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 8 } } } },
};
const queuing = 'spec.limited.limitResponse.queuing';
testCreates(prioritylevelconfigurations, level, [
  [
    'spec.type',
    'Exempt',
    "spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'",
    'spec.limited: Forbidden: must be nil if the type is not Limited',
  ],
  ['spec.type', 'Other', 'spec.type: Unsupported value: "Other": supported values: "Exempt", "Limited"'],
  ['spec.limited', undefined, 'spec.limited: Required value: must not be empty when type is Limited'],
  ['spec.exempt', {}, 'spec.exempt: Forbidden: must be nil if the type is Limited'],
  ['spec.limited.nominalConcurrencyShares', 0],
  [
    'spec.limited.nominalConcurrencyShares',
    -1,
    'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
  ],
  ['spec.limited.lendablePercent', 100],
  [
    'spec.limited.lendablePercent',
    101,
    'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
  ],
  [
    'spec.limited.borrowingLimitPercent',
    -1,
    'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
  ],
  [
    'spec.limited.limitResponse.type',
    'Reject',
    `${queuing}: Forbidden: must be nil if limited.limitResponse.type is not Limited`,
  ],
  [queuing, undefined, `${queuing}: Required value: must not be empty if limited.limitResponse.type is Limited`],
  [`${queuing}.queues`, 7, `${queuing}.handSize: Invalid value: 8: should not be greater than queues (7)`],
  [
    `${queuing}.handSize`,
    11,
    `${queuing}.handSize: Invalid value: 11: required entropy bits of deckSize 64 and handSize 11 should not be greater than 60`,
  ],
  [`${queuing}.handSize`, 10],
]);

test('what every cluster has is valid, and cannot be changed', () => {
  for (const [name, spec] of mandatoryFlowSchemaSpecs) {
    assert.deepEqual(createErrors(flowschemas, { metadata: { name }, spec }), [], name);
    const changed = createErrors(flowschemas, { metadata: { name }, spec: { ...spec, rules: [] } });
    assert.match(changed.join(), new RegExp(`spec of '${name}' must equal the fixed value$`));
  }
  for (const [name, spec] of mandatoryPriorityLevelSpecs) {
    assert.deepEqual(createErrors(prioritylevelconfigurations, { metadata: { name }, spec }), [], name);
  }
});
