import { testCreates } from '../test-validation.ts';
import { leases } from './leases.ts';

testCreates(leases, { metadata: { name: 'x', namespace: 'default' }, spec: {} }, [
  ['spec.leaseDurationSeconds', 1],
  ['spec.leaseDurationSeconds', 0, 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
  ['spec.leaseTransitions', 0],
  ['spec.leaseTransitions', -1, 'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0'],
  ['spec.strategy', 'OldestEmulationVersion'],
  ['spec.strategy', 'example.com/mine'],
  [
    'spec.strategy',
    'Mine',
    'spec.strategy.strategy: Unsupported value: "Mine": supported values: "OldestEmulationVersion"',
  ],
  ['spec.preferredHolder', 'me', 'spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined'],
]);
