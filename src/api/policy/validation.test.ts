import { testCreates, testStatuses, testUpdates } from '../test-validation.ts';
import { poddisruptionbudgets } from './poddisruptionbudgets.ts';

const budget = { metadata: { name: 'x', namespace: 'default' }, spec: { minAvailable: 1, selector: {} } };
const condition = {
  type: 'A',
  status: 'True',
  reason: 'Why',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};
const negative = 'Invalid value: -1: must be greater than or equal to 0';

testCreates(poddisruptionbudgets, budget, [
  ['spec.minAvailable', '100%'],
  ['spec.minAvailable', '101%', 'spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
  ['spec.minAvailable', -1, `spec.minAvailable: ${negative}`],
  ['spec', { maxUnavailable: -1 }, `spec.maxUnavailable: ${negative}`],
  [
    'spec.maxUnavailable',
    1,
    'spec: Invalid value: {"MinAvailable":1,"Selector":{},"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
  ],
  ['spec.unhealthyPodEvictionPolicy', 'AlwaysAllow'],
  [
    'spec.unhealthyPodEvictionPolicy',
    'Other',
    'spec.unhealthyPodEvictionPolicy: Unsupported value: "Other": supported values: "AlwaysAllow", "IfHealthyBudget"',
  ],
  [
    'spec.selector',
    { matchExpressions: [{ key: 'a', operator: 'In' }] },
    "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  ],
]);
testUpdates(poddisruptionbudgets, budget, [['spec.minAvailable', 2]]);
testStatuses(poddisruptionbudgets, budget, [
  ['status', { conditions: [condition] }],
  ['status', { disruptionsAllowed: -1 }, `status.disruptionsAllowed: ${negative}`],
  ['status', { conditions: [condition, condition] }, 'status.conditions[1].type: Duplicate value: "A"'],
  [
    'status',
    { conditions: [{ ...condition, status: 'Maybe', reason: '', observedGeneration: -1, lastTransitionTime: null }] },
    'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
    'status.conditions[0].observedGeneration: Invalid value: -1: must be greater than or equal to zero',
    'status.conditions[0].lastTransitionTime: Required value: must be set',
    'status.conditions[0].reason: Required value: must be set',
  ],
  [
    'status',
    { conditions: [{ ...condition, reason: 'a b', message: 'x'.repeat(32_769) }] },
    "status.conditions[0].reason: Invalid value: \"a b\": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')",
    'status.conditions[0].message: Too long: may not be more than 32768 bytes',
  ],
]);
