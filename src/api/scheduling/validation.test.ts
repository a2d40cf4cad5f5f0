import { testCreates, testUpdates } from '../test-validation.ts';
import { priorityclasses } from './priorityclasses.ts';

const priorityClass = { metadata: { name: 'high' }, value: 1_000_000_000 };
const reserved =
  "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: ";

testCreates(priorityclasses, priorityClass, [
  ['value', 1_000_000_001, 'value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ['value', -5],
  ['preemptionPolicy', 'Never'],
  ['preemptionPolicy', '', 'preemptionPolicy: Required value'],
  [
    'preemptionPolicy',
    'Other',
    'preemptionPolicy: Unsupported value: "Other": supported values: "PreemptLowerPriority", "Never"',
  ],
  ['metadata.name', 'system-x', `${reserved}system-x is not a known system priority class`],
  [
    'metadata.name',
    'system-node-critical',
    `${reserved}value of system-node-critical PriorityClass must be 2000001000`,
  ],
]);
testCreates(priorityclasses, { metadata: { name: 'system-cluster-critical' }, value: 2_000_000_000 }, [
  ['globalDefault', true, `${reserved}globalDefault of system-cluster-critical PriorityClass must be false`],
]);
testUpdates(priorityclasses, priorityClass, [
  ['description', 'x'],
  ['value', 1, 'value: Forbidden: may not be changed in an update.'],
  ['preemptionPolicy', 'Never', 'preemptionPolicy: Invalid value: "Never": field is immutable'],
]);
