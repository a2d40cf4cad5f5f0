import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCreates, testStatuses, testUpdates } from '../../test-validation.ts';
import { ingressclasses } from '../ingressclasses.ts';
import { ingresses } from '../ingresses.ts';
import { ipaddresses } from '../ipaddresses.ts';
import { networkpolicies } from '../networkpolicies.ts';
import { servicecidrs } from '../servicecidrs.ts';

const metadata = { name: 'x', namespace: 'default' };
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const portRange = 'must be between 1 and 65535, inclusive';

const backend = { service: { name: 'web', port: { number: 80 } } };
const rule = { host: 'example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } };
const ingress = { metadata, spec: { rules: [rule] } };
const first = 'spec.rules[0].http.paths[0]';

testCreates(ingresses, ingress, [
  ['spec', { defaultBackend: backend }],
  ['spec', {}, 'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
  ['spec.defaultBackend', {}, 'spec.defaultBackend: Invalid value: "": resource or service backend is required'],
  [
    'spec.defaultBackend',
    { ...backend, resource: { kind: 'A', name: 'b' } },
    'spec.defaultBackend: Invalid value: "": cannot set both resource and service backends',
  ],
  [
    'spec.defaultBackend',
    { resource: { apiGroup: '-', kind: '', name: 'a/b' } },
    `spec.defaultBackend.resource.apiGroup: Invalid value: "-": ${subdomain}`,
    'spec.defaultBackend.resource.kind: Required value: kind is required',
    `spec.defaultBackend.resource.name: Invalid value: "a/b": may not contain '/'`,
  ],
  ['spec.rules.0.host', '*.example.com'],
  [
    'spec.rules.0.host',
    '1.2.3.4',
    'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
  ],
  ['spec.rules.0.host', 'A', `spec.rules[0].host: Invalid value: "A": ${subdomain}`],
  ['spec.rules.0.http.paths', [], 'spec.rules[0].http.paths: Required value'],
  ['spec.rules.0.http.paths.0.pathType', undefined, `${first}.pathType: Required value: pathType must be specified`],
  [
    'spec.rules.0.http.paths.0.pathType',
    'Other',
    `${first}.pathType: Unsupported value: "Other": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
  ],
  ['spec.rules.0.http.paths.0.path', '', `${first}.path: Invalid value: "": must be an absolute path`],
  ['spec.rules.0.http.paths.0', { pathType: 'ImplementationSpecific', backend }],
  [
    'spec.rules.0.http.paths.0.path',
    '/a//b/..',
    `${first}.path: Invalid value: "/a//b/..": must not contain '//'`,
    `${first}.path: Invalid value: "/a//b/..": cannot end with '/..'`,
  ],
  ['spec.rules.0.http.paths.0.backend.service.name', '', `${first}.backend.service.name: Required value`],
  [
    'spec.rules.0.http.paths.0.backend.service.port',
    {},
    `${first}.backend: Required value: port name or number is required`,
  ],
  [
    'spec.rules.0.http.paths.0.backend.service.port',
    { name: 'a', number: 1 },
    `${first}.backend: Invalid value: "": cannot set both port name & port number`,
  ],
  [
    'spec.rules.0.http.paths.0.backend.service.port.number',
    65_536,
    `${first}.backend.service.port.number: Invalid value: 65536: ${portRange}`,
  ],
  ['spec.tls', [{ hosts: ['*.a.b'], secretName: 's' }]],
  ['spec.tls', [{ hosts: ['A'] }], `spec.tls[0].hosts[0]: Invalid value: "A": ${subdomain}`],
  ['spec.tls', [{ secretName: 'S' }], `spec.tls[0].secretName: Invalid value: "S": ${subdomain}`],
  ['spec.ingressClassName', 'A', `spec.ingressClassName: Invalid value: "A": ${subdomain}`],
]);
const annotated = {
  metadata: { ...metadata, annotations: { 'kubernetes.io/ingress.class': 'a' } },
  spec: ingress.spec,
};
testCreates(ingresses, annotated, [
  ['spec.ingressClassName', 'a'],
  [
    'spec.ingressClassName',
    'b',
    'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
  ],
]);
testUpdates(ingresses, { metadata, spec: { ...ingress.spec, tls: [{ secretName: 'S' }] } }, [
  ['spec.rules.0.host', 'b.example.com'],
  ['spec.tls', [{ secretName: 'T' }]],
]);
testStatuses(ingresses, ingress, [
  ['status.loadBalancer', { ingress: [{ ip: '1.2.3.4' }, { hostname: 'a.b' }] }],
  [
    'status.loadBalancer',
    { ingress: [{ ip: 'x', hostname: '1.2.3.4' }] },
    'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    'status.loadBalancer.ingress[0].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
  ],
]);

const ingressClass = { metadata: { name: 'x' }, spec: { controller: 'example.com/c' } };
const parameters = { kind: 'A', name: 'b' };
testCreates(ingressclasses, ingressClass, [
  ['spec.controller', '', 'spec.controller: Required value'],
  ['spec.controller', `a.b/${'c'.repeat(246)}`],
  ['spec.controller', `a.b/${'c'.repeat(247)}`, 'spec.controller: Too long: may not be more than 250 bytes'],
  ['spec.parameters', parameters],
  ['spec.parameters', { ...parameters, scope: 'Namespace', namespace: 'n' }],
  [
    'spec.parameters',
    { ...parameters, scope: 'Namespace' },
    "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
  ],
  [
    'spec.parameters',
    { ...parameters, namespace: 'n' },
    "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
  ],
  [
    'spec.parameters',
    { ...parameters, scope: 'Other' },
    'spec.parameters.scope: Unsupported value: "Other": supported values: "Cluster", "Namespace"',
  ],
]);
testUpdates(ingressclasses, ingressClass, [
  ['spec.parameters', parameters],
  ['spec.controller', 'a.b/c', 'spec.controller: Invalid value: "a.b/c": field is immutable'],
]);

const policy = {
  metadata,
  spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }], from: [{ podSelector: {} }] }] },
};
const cidrForm = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
testCreates(networkpolicies, policy, [
  [
    'spec.podSelector',
    { matchExpressions: [{ key: 'a', operator: 'Near' }] },
    'spec.podSelector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
  ],
  [
    'spec.ingress.0.ports.0.protocol',
    'ICMP',
    'spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
  ],
  ['spec.ingress.0.ports.0.port', 0, `spec.ingress[0].ports[0].port: Invalid value: 0: ${portRange}`],
  ['spec.ingress.0.ports.0.port', 'http'],
  ['spec.ingress.0.ports.0', { port: 80, endPort: 80 }],
  [
    'spec.ingress.0.ports.0',
    { port: 80, endPort: 79 },
    'spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`',
  ],
  [
    'spec.ingress.0.ports.0',
    { port: 'http', endPort: 79 },
    'spec.ingress[0].ports[0].endPort: Invalid value: 79: may not be specified when `port` is non-numeric',
  ],
  [
    'spec.ingress.0.ports.0',
    { endPort: 79 },
    'spec.ingress[0].ports[0].endPort: Invalid value: 79: may not be specified when `port` is not specified',
  ],
  ['spec.ingress.0.from', [{}], 'spec.ingress[0].from[0]: Required value: must specify a peer'],
  ['spec.ingress.0.from', [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }]],
  ['spec.ingress.0.from', [{ ipBlock: {} }], 'spec.ingress[0].from[0].ipBlock.cidr: Required value'],
  [
    'spec.ingress.0.from',
    [{ ipBlock: { cidr: 'x' } }],
    `spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "x": ${cidrForm}`,
  ],
  [
    'spec.ingress.0.from',
    [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/8', '11.0.0.0/16'] } }],
    'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
    'spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
  ],
  [
    'spec.ingress.0.from',
    [{ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }],
    'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
  ],
  ['spec.egress', [{ to: [{}] }], 'spec.egress[0].to[0]: Required value: must specify a peer'],
  [
    'spec.policyTypes',
    ['Other'],
    'spec.policyTypes[0]: Unsupported value: "Other": supported values: "Ingress", "Egress"',
  ],
  [
    'spec.policyTypes',
    ['Ingress', 'Egress', 'Egress'],
    'spec.policyTypes: Invalid value: ["Ingress","Egress","Egress"]: may not specify more than two policyTypes',
  ],
]);
const loose = { metadata, spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.1/8' } }] }] } };
testUpdates(networkpolicies, loose, [
  ['spec.policyTypes', ['Egress']],
  [
    'spec.egress.0.to.0.ipBlock.cidr',
    '10.0.0.2/8',
    'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.2/8": must not have bits set beyond the prefix length',
  ],
]);

const address = {
  metadata: { name: '10.0.0.1' },
  spec: { parentRef: { resource: 'services', name: 'x', namespace: 'n' } },
};
testCreates(ipaddresses, address, [
  ['spec', {}, 'spec.parentRef: Required value'],
  ['spec.parentRef.resource', '', 'spec.parentRef.resource: Required value'],
  ['spec.parentRef.name', 'a%', 'spec.parentRef.name: Invalid value: "a%": may not contain \'%\''],
  ['spec.parentRef.group', 'A', `spec.parentRef.group: Invalid value: "A": ${subdomain}`],
]);
testUpdates(ipaddresses, address, [
  [
    'spec.parentRef.name',
    'y',
    'spec.parentRef: Invalid value: {"resource":"services","namespace":"n","name":"y"}: field is immutable',
  ],
]);

test('an IPAddress is named by the address', () => {
  assert.deepEqual(ipaddresses.validateName?.('2001:db8::1', false), []);
  assert.deepEqual(ipaddresses.validateName?.('2001:DB8::1', false), ['must be in canonical form ("2001:db8::1")']);
});

const cidr = { metadata: { name: 'x' }, spec: { cidrs: ['10.0.0.0/16'] } };
testCreates(servicecidrs, cidr, [
  ['spec.cidrs', [], 'spec.cidrs: Required value: at least one CIDR required'],
  ['spec.cidrs', ['10.0.0.0/16', '2001:db8::/64']],
  [
    'spec.cidrs',
    ['10.0.0.0/16', '10.1.0.0/16'],
    'spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/16","10.1.0.0/16"]}: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
  ],
  ['spec.cidrs', ['a', 'b', 'c'], 'spec.cidrs: Invalid value: {"CIDRs":["a","b","c"]}: may only hold up to 2 values'],
  ['spec.cidrs', ['x'], `spec.cidrs[0]: Invalid value: "x": ${cidrForm}`],
]);
testUpdates(servicecidrs, cidr, [
  ['spec.cidrs', ['10.0.0.0/16', '2001:db8::/64']],
  ['spec.cidrs', ['10.1.0.0/16'], 'spec.cidrs[0]: Invalid value: "10.1.0.0/16": field is immutable'],
  ['spec.cidrs', [], 'spec.cidrs: Invalid value: []: field is immutable'],
]);
