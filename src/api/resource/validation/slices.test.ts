import { testCreates, testUpdates } from '../../test-validation.ts';
import { resourceslices } from '../resourceslices.ts';

const pool = { name: 'node-1', generation: 1, resourceSliceCount: 1 };
const slice = {
  metadata: { name: 's' },
  spec: { driver: 'd.example.com', pool, nodeName: 'node-1', devices: [{ name: 'gpu-0' }] },
};
const device = 'spec.devices.0';
const at = 'spec.devices[0]';
const nodes = '`nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection`';
const term = { matchExpressions: [{ key: 'a', operator: 'Exists' }] };
const numbered = (length: number): object[] => Array.from({ length }, (_, index) => ({ name: `d${index}` }));
const taint = { key: 'k', effect: 'NoSchedule' };
const policy = (requestPolicy: object): object => ({ m: { value: '10', requestPolicy } });
const shared = { name: 'gpu-0', allowMultipleAllocations: true };

testCreates(resourceslices, slice, [
  [
    'spec.pool',
    { name: 'a/b', generation: -1 },
    'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
    'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
  ],
  ['spec.pool.name', '', 'spec.pool.name: Required value'],
  ['spec.pool.name', `${'a'.repeat(253)}`],
  ['spec.nodeName', undefined, `spec: Required value: exactly one of ${nodes} is required`],
  [
    'spec.nodeName',
    '',
    'spec.nodeName: Invalid value: "": must be either unset or set to a non-empty string',
    `spec: Required value: exactly one of ${nodes} is required`,
  ],
  [
    'spec.allNodes',
    true,
    `spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": exactly one of ${nodes} is required, but multiple fields are set`,
  ],
  ['spec.allNodes', false, 'spec.allNodes: Invalid value: false: must be either unset or set to true'],
  [
    'spec.nodeSelector',
    { nodeSelectorTerms: [term, term] },
    'spec.nodeSelector.nodeSelectorTerms: Invalid value: [{"matchExpressions":[{"key":"a","operator":"Exists"}]},{"matchExpressions":[{"key":"a","operator":"Exists"}]}]: must have exactly one node selector term',
    `spec: Invalid value: "{\`nodeName\`, \`nodeSelector\`}": exactly one of ${nodes} is required, but multiple fields are set`,
  ],
  [
    'spec.sharedCounters',
    [{ name: 'a', counters: { b: { value: '1' } } }],
    'spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed',
  ],
  ['spec.devices', numbered(128)],
  ['spec.devices', numbered(129), 'spec.devices: Too many: 129: must have at most 128 items'],
  [
    'spec.devices',
    [{ name: 'a', taints: [taint] }, ...numbered(64)],
    'spec.devices: Too many: 65: must have at most 64 items',
  ],
  ['spec.devices', [{ name: 'a' }, { name: 'a' }], 'spec.devices[1]: Duplicate value: "a"'],
  [
    `${device}.attributes`,
    { a: { int: 1 }, 'x.com/b': { version: '1.2.3' }, c: {}, d: { int: 1, bool: true } },
    `${at}.attributes[c]: Invalid value: "": exactly one value must be specified`,
    `${at}.attributes[d]: Invalid value: {"IntValue":1,"BoolValue":true,"StringValue":null,"VersionValue":null,"IntValues":null,"BoolValues":null,"StringValues":null,"VersionValues":null}: exactly one value must be specified`,
  ],
  [
    `${device}.attributes`,
    { a: { version: '1.2' }, b: { string: 'x'.repeat(65) }, '/c': { int: 1 }, 'd/e/f': { int: 1 } },
    `${at}.attributes: Invalid value: "": the domain must not be empty`,
    `${at}.attributes[a].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0`,
    `${at}.attributes[b].string: Too long: may not be more than 64 bytes`,
    `${at}.attributes: Invalid value: "d/e/f": must not contain more than one slash`,
  ],
  [
    `${device}.attributes`,
    Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`a${index}`, { int: 1 }])),
    `${at}: Invalid value: 33: the total number of attributes and capacities must not exceed 32`,
  ],
  [
    `${device}.capacity`,
    policy({ default: '1' }),
    `${at}.capacity[m].requestPolicy: Forbidden: allowMultipleAllocations must be true`,
  ],
  [
    `${device}.taints`,
    [{ key: 'k', effect: 'X' }, { key: 'k' }],
    `${at}.taints[0].effect: Unsupported value: "X": supported values: "NoExecute", "NoSchedule", "None"`,
    `${at}.taints[1].effect: Required value`,
  ],
  [
    `${device}.taints`,
    Array.from({ length: 17 }, () => taint),
    `${at}.taints: Too many: 17: must have at most 16 items`,
  ],
  [
    `${device}.consumesCounters`,
    [{}, { counterSet: 'a', counters: { b: { value: '1' } } }],
    `${at}.consumesCounters[0].counterSet: Required value`,
    `${at}.consumesCounters[0].counters: Required value`,
  ],
  [
    `${device}.nodeName`,
    'n',
    `${at}: Invalid value: null: \`nodeName\`, \`nodeSelector\` and \`allNodes\` can only be set if \`perDeviceNodeSelection\` is set to true in the ResourceSlice spec`,
  ],
  [
    'spec',
    { driver: 'd', pool, perDeviceNodeSelection: true, devices: [{ name: 'a', nodeName: 'n' }, { name: 'b' }] },
    'spec.devices[1]: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
  ],
  [
    `${device}.bindingConditions`,
    ['a'],
    `${at}.bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions`,
  ],
]);

const requestPolicy = `${at}.capacity[m].requestPolicy`;
testCreates(resourceslices, { ...slice, spec: { ...slice.spec, devices: [shared] } }, [
  [`${device}.capacity`, policy({ default: '2', validValues: ['1', '2', '10'] })],
  [
    `${device}.capacity`,
    policy({ default: '3', validValues: ['2', '1', '11'] }),
    `${requestPolicy}.validValues[1]: Invalid value: "1": values must be sorted in ascending order`,
    `${requestPolicy}.validValues[2]: Invalid value: "11": option is larger than capacity value: 10`,
    `${requestPolicy}.validValues: Invalid value: "3": default value is not valid according to the requestPolicy`,
  ],
  [
    `${device}.capacity`,
    policy({ validValues: ['1'] }),
    `${requestPolicy}.default: Required value: required when validValues is defined`,
  ],
  [`${device}.capacity`, policy({ default: '4', validRange: { min: '2', max: '8', step: '2' } })],
  [
    `${device}.capacity`,
    policy({ default: '1', validRange: { min: '2', max: '12', step: '3' } }),
    `${requestPolicy}.validRange.default: Invalid value: "1": default is less than min: 2`,
    `${requestPolicy}.validRange.max: Invalid value: "12": max is larger than capacity value: 10`,
    `${requestPolicy}.validRange.step: Invalid value: "1": value is not a multiple of a given step (3) from (2)`,
    `${requestPolicy}.validRange.step: Invalid value: "12": value is not a multiple of a given step (3) from (2)`,
  ],
  [
    `${device}.capacity`,
    policy({ default: '1', validRange: {} }),
    `${requestPolicy}.validRange.min: Required value: required when validRange is defined`,
  ],
  [
    `${device}.capacity`,
    policy({ default: '1', validValues: ['1'], validRange: { min: '1' } }),
    `${requestPolicy}: Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time`,
  ],
]);

testUpdates(resourceslices, slice, [
  ['spec.driver', 'e', 'spec.driver: Invalid value: "e": field is immutable'],
  ['spec.pool.name', 'e', 'spec.pool.name: Invalid value: "e": field is immutable'],
  ['spec.nodeName', 'e', 'spec.nodeName: Invalid value: "e": field is immutable'],
  ['spec.pool.generation', 2],
]);
