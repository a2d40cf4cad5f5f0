// Expressions such as Kubernetes' documentation shows: for rules, policies, conditions, claims and devices.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from './compile.ts';
import type { CompileOptions } from './contract.ts';
import { authorizerType, authorizerValue } from './library/authorizer.ts';
import { CelQuantity, quantityType } from './library/quantity.ts';
import { Quantity } from '../quantity.ts';
import type { CelSchema } from './schema-types.ts';
import { schemaTypes } from './schema-types.ts';
import { boolType, dynType, listType, mapType, objectType, stringType } from './types.ts';
import { fieldTypes } from './type-providers.ts';

function holds(expression: string, bindings: Readonly<Record<string, unknown>>, options: CompileOptions): unknown {
  const compiled = compile(expression, { ...options, resultTypes: [boolType] });
  if (!compiled.ok) return compiled.error.message;
  const result = compiled.program.evaluate(bindings);
  return result.ok ? result.value : result.message;
}

const text: CelSchema = { type: 'string' };
const texts: CelSchema = { type: 'array', items: text };
const schema: CelSchema = {
  type: 'object',
  properties: {
    minReplicas: { type: 'integer' },
    replicas: { type: 'integer' },
    maxReplicas: { type: 'integer' },
    stateCounts: { type: 'object', additionalProperties: { type: 'integer' } },
    list1: texts,
    list2: texts,
    health: text,
    widgets: { type: 'array', items: { type: 'object', properties: { key: text, foo: { type: 'integer' } } } },
    set1: { ...texts, 'x-kubernetes-list-type': 'set' },
    set2: { ...texts, 'x-kubernetes-list-type': 'set' },
    percent: { 'x-kubernetes-int-or-string': true },
    clusters: { type: 'array', items: { type: 'object', properties: { name: text } } },
    primary: text,
    expired: { type: 'boolean' },
    created: { type: 'string', format: 'date-time' },
    ttl: { type: 'string', format: 'duration' },
    quota: { type: 'object', additionalProperties: text },
    endpoint: text,
  },
};
const self = {
  metadata: { name: 'singleton' },
  minReplicas: 1,
  replicas: 2,
  maxReplicas: 3,
  stateCounts: { Available: 1 },
  list1: [],
  list2: ['x'],
  health: 'ok',
  widgets: [{ key: 'x', foo: 5 }],
  set1: ['a'],
  set2: ['b'],
  percent: '99%',
  clusters: [{ name: 'one' }, { name: 'two' }],
  primary: 'two',
  created: '2024-01-01T00:00:00Z',
  ttl: '24h',
  quota: { 'pods.cpu': '500m', 'pods.memory': '1Gi' },
  endpoint: 'https://a.example.com:8443/x?y=z',
};

const rules: readonly string[] = [
  'self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas',
  "'Available' in self.stateCounts",
  '(self.list1.size() == 0) != (self.list2.size() == 0)',
  "!('Finished' in self.stateCounts) || self.stateCounts['Finished'] > 1",
  "self.health.startsWith('ok')",
  "self.widgets.exists(w, w.key == 'x' && w.foo < 10)",
  "type(self.percent) == string ? self.percent == '99%' : self.percent == 42",
  "self.metadata.name == 'singleton'",
  'self.set1.all(e, !(e in self.set2))',
  'size(self.clusters.filter(c, c.name == self.primary)) == 1',
  'self.replicas == oldSelf.replicas',
  "self.created + self.ttl == timestamp('2024-01-02T00:00:00Z')",
  "self.created.getDayOfWeek('Europe/Berlin') == 1",
  '!has(self.expired) || self.expired',
  "self.quota.all(name, quantity(self.quota[name]).isLessThan(quantity('2Gi')))",
  "url(self.endpoint).getHostname() in ['a.example.com', 'b.example.com'] && url(self.endpoint).getPort() == '8443'",
  "self.list2.map(v, 'prefix-' + v).join('/') == 'prefix-x'",
  "self.health.matches('^(ok|good)$') && self.health.size() <= 10",
  'self.stateCounts.exists_one(k, self.stateCounts[k] == 1) && self.stateCounts.all(k, v, k.size() > v)',
  '!format.dns1123Label().validate(self.metadata.name).hasValue()',
  '[self.minReplicas, self.replicas, self.maxReplicas].isSorted() && [1, 2].sum() == 3',
];

test('rules of custom resources', () => {
  const root = { schema, typeName: 'selfType', isResource: true };
  const { roots, provider, estimateSize } = schemaTypes({ self: root, oldSelf: root });
  const type = roots.get('self')?.type;
  assert.ok(type !== undefined);
  const options = { variables: { self: type, oldSelf: type }, types: provider, estimateSize };
  for (const rule of rules) assert.equal(holds(rule, { self, oldSelf: self }, options), true, rule);
});

const object = {
  metadata: { name: 'web', namespace: 'test', labels: { env: 'prod' }, creationTimestamp: '2024-01-01T00:00:00Z' },
  spec: {
    replicas: 3,
    template: { spec: { containers: [{ name: 'c', image: 'r.io/app:v1', securityContext: { runAsNonRoot: true } }] } },
  },
};

const policies: readonly string[] = [
  'object.spec.replicas <= params.maxReplicas',
  "!object.spec.template.spec.containers.exists(c, c.image.endsWith(':latest'))",
  "has(object.metadata.labels) && 'env' in object.metadata.labels && object.metadata.labels['env'] == 'prod'",
  "request.operation == 'CREATE' && request.userInfo.groups.exists(g, g == 'devs')",
  'oldObject == null || object.spec.replicas >= oldObject.spec.replicas',
  'object.spec.template.spec.containers.all(c, c.?securityContext.?runAsNonRoot.orValue(false))',
  "authorizer.group('').resource('pods').namespace(object.metadata.namespace).check('create').allowed()",
  "timestamp(object.metadata.creationTimestamp) < timestamp('2025-01-01T00:00:00Z')",
  '!has(oldObject.metadata) || request.dryRun',
  "namespaceObject.metadata.labels.?environment.orValue('none') in ['none', 'test']",
  'object.metadata.annotations.size() == 0 || true',
];

test('validating admission policies and match conditions', () => {
  const types = fieldTypes({
    'kubernetes.AdmissionRequest': {
      operation: stringType,
      dryRun: boolType,
      userInfo: objectType('kubernetes.UserInfo'),
    },
    'kubernetes.UserInfo': { username: stringType, groups: listType(stringType) },
  });
  const variables = {
    object: dynType,
    oldObject: dynType,
    params: dynType,
    namespaceObject: dynType,
    request: objectType('kubernetes.AdmissionRequest'),
    authorizer: authorizerType,
  };
  const bindings = {
    object,
    oldObject: null,
    params: { maxReplicas: 5 },
    namespaceObject: { metadata: { labels: {} } },
    request: { operation: 'CREATE', userInfo: { username: 'ann', groups: ['devs'] } },
    authorizer: authorizerValue({ authorize: () => ({ isAllowed: true, reason: '' }) }),
  };
  for (const policy of policies) assert.equal(holds(policy, bindings, { variables, types }), true, policy);
});

const claimRules: readonly string[] = [
  "claims.email.endsWith('@example.com') && claims.?email_verified.orValue(true) == true",
  'claims.exp - claims.nbf <= 86400',
  "claims.roles.split(',').exists(r, r == 'admin')",
  "claims.groups.map(g, 'oidc:' + g) == ['oidc:a', 'oidc:b']",
  "'foo' in claims && claims.foo == 'bar' && !has(claims.missing)",
  'claims.nested.deep[0] == 1.5',
];

test('rules of claims', () => {
  const claims = {
    email: 'ann@example.com',
    exp: 1_700_086_400,
    nbf: 1_700_000_000,
    roles: 'user,admin',
    groups: ['a', 'b'],
    foo: 'bar',
    nested: { deep: [1.5] },
  };
  const options = { variables: { claims: mapType(stringType, dynType) } };
  for (const rule of claimRules) assert.equal(holds(rule, { claims }, options), true, rule);
});

test('selectors of devices', () => {
  const types = fieldTypes({
    Device: {
      driver: stringType,
      attributes: mapType(stringType, mapType(stringType, dynType)),
      capacity: mapType(stringType, mapType(stringType, quantityType)),
    },
  });
  const device = {
    driver: 'gpu.example.com',
    attributes: { 'gpu.example.com': { model: 'a100', index: 2, shared: false } },
    capacity: { 'gpu.example.com': { memory: new CelQuantity(Quantity.parse('40Gi')) } },
  };
  const selectors = [
    "device.driver == 'gpu.example.com' && device.attributes['gpu.example.com'].model.startsWith('a')",
    "device.capacity['gpu.example.com'].memory.compareTo(quantity('32Gi')) >= 0",
    "cel.bind(gpu, device.attributes['gpu.example.com'], gpu.index == 2 && !gpu.shared)",
    "'model' in device.attributes['gpu.example.com'] && !('other.example.com' in device.attributes)",
  ];
  const options = { variables: { device: objectType('Device') }, types, hasBind: true };
  for (const selector of selectors) assert.equal(holds(selector, { device }, options), true, selector);
});
