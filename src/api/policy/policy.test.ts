import { created } from '../core/test-support.ts';
import { testRows } from '../test-rows.ts';
import { policyDefinitions } from './index.ts';

const header = 'Name MinAvailable MaxUnavailable AllowedDisruptions Age';

testRows(policyDefinitions, [
  [
    'poddisruptionbudgets',
    {
      metadata: { name: 'x', creationTimestamp: created },
      spec: { minAvailable: '50%' },
      status: { disruptionsAllowed: 2 },
    },
    header,
    ['x', '50%', 'N/A', 2, '5m'],
  ],
  ['poddisruptionbudgets', { spec: { maxUnavailable: 0 } }, header, ['', 'N/A', '0', 0, '<unknown>']],
  ['poddisruptionbudgets', {}, header, ['', 'N/A', 'N/A', 0, '<unknown>']],
]);
