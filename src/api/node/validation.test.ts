import { testCreates, testUpdates } from '../test-validation.ts';
import { runtimeclasses } from './runtimeclasses.ts';

const runtimeClass = { metadata: { name: 'gvisor' }, handler: 'runsc' };

testCreates(runtimeclasses, runtimeClass, [
  ['handler', 'a.b', 'handler: Invalid value: "a.b": must not contain dots'],
  ['overhead', { podFixed: { cpu: '1' } }],
  [
    'overhead',
    { podFixed: { cpu: '-1' } },
    'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  ],
  ['scheduling', { nodeSelector: { a: 'b' }, tolerations: [{ key: 'a', operator: 'Exists' }] }],
  [
    'scheduling',
    {
      tolerations: [
        { key: 'a', operator: 'Exists' },
        { key: 'a', operator: 'Exists' },
      ],
    },
    'scheduling.tolerations[1]: Duplicate value: {"key":"a","operator":"Exists"}',
  ],
]);
testUpdates(runtimeclasses, runtimeClass, [
  ['scheduling', { nodeSelector: { a: 'b' } }],
  ['handler', 'kata', 'handler: Invalid value: "kata": field is immutable'],
]);
