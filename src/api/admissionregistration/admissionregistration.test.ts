import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, createdFrom, objectOf } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import type {
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingWebhookConfiguration,
} from '../types/admissionregistration.v1.ts';
import { admissionregistrationDefinitions } from './index.ts';
import { mutatingadmissionpolicies } from './mutatingadmissionpolicies.ts';
import { mutatingadmissionpolicybindings } from './mutatingadmissionpolicybindings.ts';
import { mutatingwebhookconfigurations } from './mutatingwebhookconfigurations.ts';
import { validatingadmissionpolicies } from './validatingadmissionpolicies.ts';
import { validatingwebhookconfigurations } from './validatingwebhookconfigurations.ts';

const metadata = { name: 'x', creationTimestamp: created };
const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
const bindingHeader = 'Name PolicyName ParamRef Age';

testRows(admissionregistrationDefinitions, [
  [
    'mutatingwebhookconfigurations',
    { metadata, webhooks: [{ name: 'a' }, { name: 'b' }] },
    'Name Webhooks Age',
    ['x', 2, '5m'],
  ],
  ['mutatingwebhookconfigurations', {}, 'Name Webhooks Age', ['', 0, '<unknown>']],
  ['validatingwebhookconfigurations', { metadata, webhooks: [{ name: 'a' }] }, 'Name Webhooks Age', ['x', 1, '5m']],
  ['validatingwebhookconfigurations', {}, 'Name Webhooks Age', ['', 0, '<unknown>']],
  [
    'validatingadmissionpolicies',
    { metadata, spec: { validations: [{ expression: 'true' }], paramKind } },
    'Name Validations ParamKind Age',
    ['x', 1, 'v1/ConfigMap', '5m'],
  ],
  ['validatingadmissionpolicies', {}, 'Name Validations ParamKind Age', ['', 0, '<unset>', '<unknown>']],
  [
    'mutatingadmissionpolicies',
    { metadata, spec: { mutations: [{ patchType: 'JSONPatch' }, { patchType: 'JSONPatch' }], paramKind } },
    'Name Mutations ParamKind Age',
    ['x', 2, 'v1/ConfigMap', '5m'],
  ],
  ['mutatingadmissionpolicies', {}, 'Name Mutations ParamKind Age', ['', 0, '<unset>', '<unknown>']],
  [
    'validatingadmissionpolicybindings',
    { metadata, spec: { policyName: 'p', paramRef: { name: 'n', namespace: 'ns' } } },
    bindingHeader,
    ['x', 'p', 'ns/n', '5m'],
  ],
  [
    'validatingadmissionpolicybindings',
    { spec: { paramRef: { name: 'n' } } },
    bindingHeader,
    ['', '', '*/n', '<unknown>'],
  ],
  [
    'mutatingadmissionpolicybindings',
    {
      spec: {
        paramRef: {
          selector: {
            matchLabels: { b: '2', a: '1' },
            matchExpressions: [{ key: 'k', operator: 'In', values: ['x', 'y'] }],
          },
        },
      },
    },
    bindingHeader,
    [
      '',
      '',
      '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},' +
        'MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},},}',
      '<unknown>',
    ],
  ],
  ['mutatingadmissionpolicybindings', {}, bindingHeader, ['', '', '<unset>', '<unknown>']],
]);

const webhook = {
  name: 'a.example.com',
  clientConfig: { service: { name: 's', namespace: 'ns' } },
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};

test("a webhook gets upstream's defaults", () => {
  const mutating = createdFrom<MutatingWebhookConfiguration>(mutatingwebhookconfigurations, { webhooks: [webhook] });
  const validating = createdFrom<ValidatingWebhookConfiguration>(validatingwebhookconfigurations, {
    webhooks: [webhook],
  });
  for (const made of [mutating.webhooks?.[0], validating.webhooks?.[0]]) {
    assert.equal(made?.clientConfig.service?.port, 443);
    assert.equal(made.rules?.[0]?.scope, '*');
    assert.equal(made.failurePolicy, 'Fail');
    assert.equal(made.matchPolicy, 'Equivalent');
    assert.deepEqual(made.namespaceSelector, {});
    assert.deepEqual(made.objectSelector, {});
    assert.equal(made.timeoutSeconds, 10);
  }
  assert.equal(mutating.webhooks?.[0]?.reinvocationPolicy, 'Never');
});

test('a webhook that changes makes a new generation', () => {
  const old = objectOf(validatingwebhookconfigurations, { webhooks: [webhook] });
  const changes = (raw: object): boolean | undefined =>
    validatingwebhookconfigurations.generationChanges?.(objectOf(validatingwebhookconfigurations, raw), old);
  assert.equal(changes({ metadata: { labels: { a: 'b' } }, webhooks: [webhook] }), false);
  assert.equal(changes({ webhooks: [{ ...webhook, timeoutSeconds: 3 }] }), true);
});

test("policies and bindings get upstream's defaults", () => {
  const matchConstraints = { resourceRules: [{ resources: ['pods'] }], excludeResourceRules: [{ resources: ['*'] }] };
  for (const definition of [validatingadmissionpolicies, mutatingadmissionpolicies]) {
    const { spec } = createdFrom<ValidatingAdmissionPolicy>(definition, { spec: { matchConstraints } });
    assert.equal(spec.failurePolicy, 'Fail');
    assert.equal(spec.matchConstraints?.matchPolicy, 'Equivalent');
    assert.deepEqual(spec.matchConstraints.namespaceSelector, {});
    assert.equal(spec.matchConstraints.resourceRules?.[0]?.scope, '*');
    assert.equal(spec.matchConstraints.excludeResourceRules?.[0]?.scope, '*');
  }
  const binding = createdFrom<MutatingAdmissionPolicyBinding>(mutatingadmissionpolicybindings, {
    spec: { paramRef: { name: 'n' }, matchResources: {} },
  });
  assert.equal(binding.spec.paramRef?.parameterNotFoundAction, 'Deny');
  assert.equal(binding.spec.matchResources?.matchPolicy, 'Equivalent');
  assert.equal(
    createdFrom<ValidatingAdmissionPolicy>(validatingadmissionpolicies, {}).spec.matchConstraints,
    undefined,
  );
});
