import { testCreates, testStatuses, testUpdates } from '../../test-validation.ts';
import { deviceclasses } from '../deviceclasses.ts';
import { resourceclaims } from '../resourceclaims.ts';
import { resourceclaimtemplates } from '../resourceclaimtemplates.ts';

const requests = [
  { name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } },
  { name: 'any', firstAvailable: [{ name: 'big', deviceClassName: 'big', count: 2 }] },
];
const claim = { metadata: { name: 'c', namespace: 'n' }, spec: { devices: { requests } } };
const request = 'spec.devices.requests.0';
const exactly = `${request}.exactly`;
const at = 'spec.devices.requests[0]';
const longName = 'a'.repeat(64);
const unknown = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const identifier =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";
const opaque = { driver: 'd.example.com', parameters: { a: 1 } };

testCreates(resourceclaims, claim, [
  ['spec', undefined],
  [`${request}.name`, longName, `${at}.name: Invalid value: "${longName}": must be no more than 63 characters`],
  [`${request}.name`, 'any', 'spec.devices.requests[1]: Duplicate value: "any"'],
  [exactly, undefined, `${at}: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`],
  [
    `${request}.firstAvailable`,
    [{ name: 'x', deviceClassName: 'x' }],
    `${at}: Invalid value: null: exactly one of \`exactly\` or \`firstAvailable\` is required, but multiple fields are set`,
  ],
  [`${exactly}.deviceClassName`, '', `${at}.exactly.deviceClassName: Required value`],
  [`${exactly}.count`, 1],
  [`${exactly}.count`, -1, `${at}.exactly.count: Invalid value: -1: must be greater than zero`],
  [
    exactly,
    { deviceClassName: 'x', allocationMode: 'All', count: 1 },
    `${at}.exactly.count: Invalid value: 1: must not be specified when allocationMode is 'All'`,
  ],
  [
    `${exactly}.allocationMode`,
    'Some',
    `${at}.exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"`,
  ],
  [`${exactly}.selectors`, [{ cel: { expression: 'x'.repeat(10240) } }]],
  [
    `${exactly}.selectors`,
    [{ cel: { expression: 'x'.repeat(10241) } }, {}],
    `${at}.exactly.selectors[0].cel.expression: Too long: may not be more than 10240 bytes`,
    `${at}.exactly.selectors[1].cel: Required value`,
  ],
  [
    `${exactly}.selectors`,
    Array.from({ length: 33 }, () => ({})),
    `${at}.exactly.selectors: Too many: 33: must have at most 32 items`,
  ],
  [
    `${exactly}.tolerations`,
    [{ operator: 'Exists', value: 'v', effect: 'X' }, { operator: 'Equal', key: 'k', value: 'v' }, {}],
    `${at}.exactly.tolerations[0].value: Invalid value: "v": must be empty for operator \`Exists\``,
    `${at}.exactly.tolerations[0].effect: Unsupported value: "X": supported values: "NoExecute", "NoSchedule", "None"`,
    `${at}.exactly.tolerations[2].operator: Required value`,
  ],
  [
    'spec.devices.requests',
    Array.from({ length: 33 }, (_, index) => ({ name: `r${index}`, exactly: { deviceClassName: 'x' } })),
    'spec.devices.requests: Too many: 33: must have at most 32 items',
  ],
  [
    'spec.devices.requests.1.firstAvailable',
    Array.from({ length: 9 }, (_, index) => ({ name: `r${index}`, deviceClassName: 'x' })),
    'spec.devices.requests[1].firstAvailable: Too many: 9: must have at most 8 items',
  ],
  ['spec.devices.constraints', [{ requests: ['gpu', 'any/big'], matchAttribute: 'example.com/numa' }]],
  [
    'spec.devices.constraints',
    [{ requests: ['any/small', 'a/b/c', 'X'], matchAttribute: 'numa' }],
    `spec.devices.constraints[0].requests[0]: Invalid value: "any/small": ${unknown}`,
    `spec.devices.constraints[0].requests[1]: Invalid value: "a/b/c": ${unknown}`,
    `spec.devices.constraints[0].requests[2]: Invalid value: "X": ${label}`,
    `spec.devices.constraints[0].requests[2]: Invalid value: "X": ${unknown}`,
    'spec.devices.constraints[0].matchAttribute: Invalid value: "numa": a fully qualified name must be a domain and a name separated by a slash',
  ],
  [
    'spec.devices.constraints',
    [{ distinctAttribute: 'example.com/1a' }, {}],
    `spec.devices.constraints[0].distinctAttribute: Invalid value: "1a": ${identifier}`,
    'spec.devices.constraints[1]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
  ],
  ['spec.devices.config', [{ requests: ['gpu'], opaque }]],
  [
    'spec.devices.config',
    [{}, { opaque: { driver: '', parameters: 'x' } }, { opaque: { driver: 'd', parameters: null } }],
    'spec.devices.config[0].opaque: Required value',
    'spec.devices.config[1].opaque.driver: Required value',
    "spec.devices.config[1].opaque.driver: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    'spec.devices.config[1].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
    'spec.devices.config[2].opaque.parameters: Required value',
  ],
  [
    'spec.devices.config',
    [{ opaque: { driver: 'd', parameters: { a: 'x'.repeat(10240) } } }],
    'spec.devices.config[0].opaque.parameters: Too long: may not be more than 10240 bytes',
  ],
]);

testUpdates(resourceclaims, { ...claim, spec: {} }, [['metadata.labels', { a: 'b' }]]);

const result = { request: 'gpu', driver: 'd', pool: 'p', device: 'x' };
const allocation = { devices: { results: [result] } };
const device = { driver: 'd', pool: 'p', device: 'x' };
const consumer = { resource: 'pods', name: 'p', uid: 'u' };

testStatuses(resourceclaims, claim, [
  ['status', { allocation, reservedFor: [consumer], devices: [device] }],
  [
    'status',
    { reservedFor: [consumer] },
    'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
  ],
  [
    'status',
    { allocation, reservedFor: [{}, consumer, consumer] },
    'status.reservedFor[0].resource: Required value',
    'status.reservedFor[0].name: Required value',
    'status.reservedFor[0].uid: Required value',
    'status.reservedFor[2]: Duplicate value: "u"',
  ],
  [
    'status',
    { allocation, devices: [{ ...device, device: 'y' }, device, device] },
    'status.devices[0]: Invalid value: "d/p/y": must be an allocated device in the claim',
    'status.devices[2]: Duplicate value: "d/p/x"',
  ],
  [
    'status',
    {
      allocation,
      devices: [
        {
          ...device,
          data: [],
          networkData: { interfaceName: 'x'.repeat(257), hardwareAddress: 'x'.repeat(129), ips: ['10.0.0.1'] },
        },
      ],
    },
    'status.devices[0].data: Invalid value: "<value omitted>": must be a valid JSON object',
    'status.devices[0].networkData.interfaceName: Too long: may not be more than 256 bytes',
    'status.devices[0].networkData.hardwareAddress: Too long: may not be more than 128 bytes',
    'status.devices[0].networkData.ips[0]: Invalid value: "10.0.0.1": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
  ],
  [
    'status',
    { allocation: { devices: { results: [{ ...result, request: 'no', pool: '', shareID: 'X' }] } } },
    `status.allocation.devices.results[0].request: Invalid value: "no": ${unknown}`,
    'status.allocation.devices.results[0].pool: Required value',
    'status.allocation.devices.results[0].shareID: Invalid value: "X": error validating uid: invalid UUID length: 1',
  ],
  [
    'status',
    {
      allocation: {
        devices: {
          results: [{ ...result, bindingConditions: ['a', 'a'], bindingFailureConditions: ['a'] }],
          config: [{ opaque }, { source: 'X', opaque }],
        },
      },
    },
    'status.allocation.devices.results[0].bindingConditions[1]: Duplicate value: "a"',
    'status.allocation.devices.results[0].bindingFailureConditions[0]: Invalid value: "a": bindingFailureConditions must not overlap with bindingConditions',
    'status.allocation.devices.config[0].source: Required value',
    'status.allocation.devices.config[1].source: Unsupported value: "X": supported values: "FromClaim", "FromClass"',
  ],
]);

const template = { metadata: { name: 't', namespace: 'n' }, spec: { spec: claim.spec } };
testCreates(resourceclaimtemplates, template, [
  ['spec.metadata', { labels: { a: 'b' } }],
  [
    'spec.spec.devices.requests.0.exactly.deviceClassName',
    '',
    'spec.spec.devices.requests[0].exactly.deviceClassName: Required value',
  ],
]);

const deviceClass = { metadata: { name: 'c' }, spec: {} };
testCreates(deviceclasses, deviceClass, [
  ['spec.selectors', [{}], 'spec.selectors[0].cel: Required value'],
  ['spec.config', [{}], 'spec.config[0].opaque: Required value'],
  ['spec.extendedResourceName', 'example.com/gpu'],
  [
    'spec.extendedResourceName',
    'cpu',
    'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
  ],
]);
const large = { opaque: { driver: 'd', parameters: { a: 'x'.repeat(10240) } } };
testUpdates(deviceclasses, { metadata: { name: 'c' }, spec: { config: [large] } }, [
  ['spec.extendedResourceName', 'example.com/gpu'],
  [
    'spec.config',
    [large, large],
    'spec.config[0].opaque.parameters: Too long: may not be more than 10240 bytes',
    'spec.config[1].opaque.parameters: Too long: may not be more than 10240 bytes',
  ],
]);
