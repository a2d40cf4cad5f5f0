import { created } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import { coordinationDefinitions } from './index.ts';

testRows(coordinationDefinitions, [
  [
    'leases',
    { metadata: { name: 'x', creationTimestamp: created }, spec: { holderIdentity: 'node-1' } },
    'Name Holder Age',
    ['x', 'node-1', '5m'],
  ],
  ['leases', {}, 'Name Holder Age', ['', '', '<unknown>']],
]);
