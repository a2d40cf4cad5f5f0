import { testCreates, testStatuses, testUpdates } from '../../test-validation.ts';
import { mutatingadmissionpolicies } from '../mutatingadmissionpolicies.ts';
import { mutatingadmissionpolicybindings } from '../mutatingadmissionpolicybindings.ts';
import { mutatingwebhookconfigurations } from '../mutatingwebhookconfigurations.ts';
import { validatingadmissionpolicies } from '../validatingadmissionpolicies.ts';
import { validatingadmissionpolicybindings } from '../validatingadmissionpolicybindings.ts';
import { validatingwebhookconfigurations } from '../validatingwebhookconfigurations.ts';

const metadata = { name: 'x' };
const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const webhook = {
  name: 'a.example.com',
  clientConfig: { service: { name: 's', namespace: 'n' } },
  rules: [rule],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};
const configuration = { metadata, webhooks: [webhook] };
const form = '; desired format: https://host[/path]';
const first = 'webhooks[0]';

testCreates(validatingwebhookconfigurations, configuration, [
  [
    'webhooks.0.name',
    'a',
    `${first}.name: Invalid value: "a": should be a domain with at least three segments separated by dots`,
  ],
  ['webhooks.1', webhook, 'webhooks[1].name: Duplicate value: "a.example.com"'],
  [
    'webhooks.0.failurePolicy',
    'Other',
    `${first}.failurePolicy: Unsupported value: "Other": supported values: "Fail", "Ignore"`,
  ],
  [
    'webhooks.0.matchPolicy',
    'Other',
    `${first}.matchPolicy: Unsupported value: "Other": supported values: "Equivalent", "Exact"`,
  ],
  ['webhooks.0.sideEffects', undefined, `${first}.sideEffects: Required value: must specify one of None, NoneOnDryRun`],
  [
    'webhooks.0.sideEffects',
    'Some',
    `${first}.sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"`,
  ],
  ['webhooks.0.timeoutSeconds', 30],
  [
    'webhooks.0.timeoutSeconds',
    31,
    `${first}.timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds`,
  ],
  [
    'webhooks.0.admissionReviewVersions',
    [],
    `${first}.admissionReviewVersions: Required value: must specify one of v1, v1beta1`,
  ],
  ['webhooks.0.admissionReviewVersions', ['v2', 'v1beta1']],
  [
    'webhooks.0.admissionReviewVersions',
    ['v2', 'v2'],
    `${first}.admissionReviewVersions[1]: Invalid value: "v2": duplicate version`,
    `${first}.admissionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1`,
  ],
  ['webhooks.0.clientConfig', {}, `${first}.clientConfig: Required value: exactly one of url or service is required`],
  ['webhooks.0.clientConfig', { url: 'https://example.com:8443/path' }],
  [
    'webhooks.0.clientConfig',
    { url: 'http://u@/x?q=1#f' },
    `${first}.clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme${form}`,
    `${first}.clientConfig.url: Invalid value: "": host must be specified${form}`,
    `${first}.clientConfig.url: Invalid value: "u": user information is not permitted in the URL`,
    `${first}.clientConfig.url: Invalid value: "f": fragments are not permitted in the URL`,
    `${first}.clientConfig.url: Invalid value: "q=1": query parameters are not permitted in the URL`,
  ],
  [
    'webhooks.0.clientConfig',
    { url: 'https://a/%zz' },
    `${first}.clientConfig.url: Required value: url must be a valid URL: parse "https://a/%zz": invalid URL escape "%zz"${form}`,
  ],
  ['webhooks.0.clientConfig.service.path', '/a/b/'],
  [
    'webhooks.0.clientConfig.service',
    { path: 'a//b', port: 65_536 },
    `${first}.clientConfig.service.name: Required value: service name is required`,
    `${first}.clientConfig.service.namespace: Required value: service namespace is required`,
    `${first}.clientConfig.service.port: Invalid value: 65536: port is not valid: must be between 1 and 65535, inclusive`,
    `${first}.clientConfig.service.path: Invalid value: "a//b": must start with a '/'`,
    `${first}.clientConfig.service.path: Invalid value: "a//b": segment[0] may not be empty`,
    `${first}.clientConfig.service.path: Invalid value: "a//b": segment[1] may not be empty`,
  ],
  [
    'webhooks.0.rules.0',
    {},
    `${first}.rules[0].operations: Required value`,
    `${first}.rules[0].apiGroups: Required value`,
    `${first}.rules[0].apiVersions: Required value`,
    `${first}.rules[0].resources: Required value`,
  ],
  [
    'webhooks.0.rules.0',
    {
      operations: ['*', 'EAT'],
      apiGroups: ['*', ''],
      apiVersions: ['*', ''],
      resources: ['*', 'pods'],
      scope: 'Other',
    },
    `${first}.rules[0].operations: Invalid value: ["*","EAT"]: if '*' is present, must not specify other operations`,
    `${first}.rules[0].operations[1]: Unsupported value: "EAT": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"`,
    `${first}.rules[0].apiGroups: Invalid value: ["*",""]: if '*' is present, must not specify other API groups`,
    `${first}.rules[0].apiVersions: Invalid value: ["*",""]: if '*' is present, must not specify other API versions`,
    `${first}.rules[0].apiVersions[1]: Required value`,
    `${first}.rules[0].resources: Invalid value: ["*","pods"]: if '*' is present, must not specify other resources without subresources`,
    `${first}.rules[0].scope: Unsupported value: "Other": supported values: "*", "Cluster", "Namespaced"`,
  ],
  ['webhooks.0.rules.0.resources', ['pods', 'pods/status', '*/scale']],
  [
    'webhooks.0.rules.0.resources',
    ['pods/*', 'pods/status', '*/*'],
    `${first}.rules[0].resources[1]: Invalid value: "pods/status": if 'pods/*' is present, must not specify pods/status`,
    `${first}.rules[0].resources: Invalid value: ["pods/*","pods/status","*/*"]: if '*/*' is present, must not specify other resources`,
  ],
  [
    'webhooks.0.matchConditions',
    [{ name: 'a', expression: 'true' }, { name: 'a' }],
    `${first}.matchConditions[1].expression: Required value`,
    `${first}.matchConditions[1].name: Duplicate value: "a"`,
  ],
  [
    'webhooks.0.matchConditions',
    Array.from({ length: 65 }, (_, index) => ({ name: `n${index}`, expression: 'true' })),
    `${first}.matchConditions: Too many: 65: must have at most 64 items`,
  ],
]);
testUpdates(
  validatingwebhookconfigurations,
  { metadata, webhooks: [{ ...webhook, sideEffects: 'Some', matchConditions: [{ name: '' }] }, webhook] },
  [
    ['webhooks.0.timeoutSeconds', 5],
    [
      'webhooks.0.sideEffects',
      'Other',
      `${first}.sideEffects: Unsupported value: "Other": supported values: "None", "NoneOnDryRun", "Some", "Unknown"`,
    ],
  ],
);
testCreates(mutatingwebhookconfigurations, configuration, [
  [
    'webhooks.0.reinvocationPolicy',
    'Other',
    `${first}.reinvocationPolicy: Unsupported value: "Other": supported values: "IfNeeded", "Never"`,
  ],
]);

const matchConstraints = { resourceRules: [rule] };
const policy = { metadata, spec: { matchConstraints, validations: [{ expression: 'true' }] } };
testCreates(validatingadmissionpolicies, policy, [
  ['spec.failurePolicy', 'Other', 'spec.failurePolicy: Unsupported value: "Other": supported values: "Fail", "Ignore"'],
  ['spec.matchConstraints', undefined, 'spec.matchConstraints: Required value'],
  ['spec.matchConstraints', {}, 'spec.matchConstraints.resourceRules: Required value'],
  [
    'spec.matchConstraints.resourceRules.0.resourceNames',
    ['a', 'a'],
    'spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"',
  ],
  ['spec.paramKind', { apiVersion: 'v1', kind: 'ConfigMap' }],
  ['spec.paramKind', {}, 'spec.paramKind.apiVersion: Required value', 'spec.paramKind.kind: Required value'],
  [
    'spec.paramKind',
    { apiVersion: 'a/b/c', kind: 'A' },
    'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
  ],
  ['spec.variables', [{ name: 'a', expression: '1' }]],
  [
    'spec.variables',
    [{ name: 'in', expression: '1' }],
    'spec.variables[0].name: Invalid value: "in": name is not a valid CEL identifier',
  ],
  [
    'spec.variables',
    [{}],
    'spec.variables[0].name: Required value: name is not specified',
    'spec.variables[0].expression: Required value: expression is not specified',
  ],
  [
    'spec.validations',
    [],
    'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
    'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
  ],
  [
    'spec.validations.0',
    { expression: ' ', message: 'a\nb', messageExpression: ' ', reason: 'Gone' },
    'spec.validations[0].expression: Required value: expression is not specified',
    'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
    'spec.validations[0].message: Invalid value: "a\\nb": message must not contain line breaks',
    'spec.validations[0].reason: Unsupported value: "Gone": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
  ],
  [
    'spec.auditAnnotations',
    [{ key: 'k', valueExpression: "'v'" }, { key: 'k' }],
    'spec.auditAnnotations[1].valueExpression: Required value: valueExpression is not specified',
    'spec.auditAnnotations[1].key: Duplicate value: "k"',
  ],
]);
testStatuses(validatingadmissionpolicies, policy, [
  [
    'status',
    { typeChecking: { expressionWarnings: [{}] } },
    'status.typeChecking.expressionWarnings[0].warning: Required value',
    'status.typeChecking.expressionWarnings[0].fieldRef: Required value',
  ],
]);

const binding = { metadata, spec: { policyName: 'p', validationActions: ['Deny'] } };
testCreates(validatingadmissionpolicybindings, binding, [
  ['spec.policyName', '', 'spec.policyName: Required value'],
  ['spec.paramRef', { name: 'a', parameterNotFoundAction: 'Deny' }],
  [
    'spec.paramRef',
    { parameterNotFoundAction: 'Deny' },
    'spec.paramRef: Required value: one of name or selector must be specified',
  ],
  [
    'spec.paramRef',
    { name: 'a', selector: {}, parameterNotFoundAction: 'Other' },
    'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
    'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
    'spec.paramRef.parameterNotFoundAction: Unsupported value: "Other": supported values: "Deny", "Allow"',
  ],
  ['spec.validationActions', [], 'spec.validationActions: Required value: at least one validation action is required'],
  [
    'spec.validationActions',
    ['Deny', 'Warn', 'Deny'],
    'spec.validationActions[2]: Duplicate value: "Deny"',
    'spec.validationActions: Invalid value: ["Deny","Warn","Deny"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
  ],
]);

const mutating = {
  metadata,
  spec: {
    matchConstraints,
    reinvocationPolicy: 'Never',
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }],
  },
};
testCreates(mutatingadmissionpolicies, mutating, [
  ['spec.reinvocationPolicy', undefined, 'spec.reinvocationPolicy: Required value'],
  ['spec.mutations', [], 'spec.mutations: Required value: mutations must contain at least one item'],
  ['spec.mutations.0.patchType', '', 'spec.mutations[0].patchType: Required value'],
  [
    'spec.mutations.0.patchType',
    'ApplyConfiguration',
    'spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration',
    'spec.mutations[0].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration',
  ],
]);
testCreates(mutatingadmissionpolicybindings, { metadata, spec: { policyName: 'p' } }, [
  ['spec.policyName', '', 'spec.policyName: Required value'],
]);
