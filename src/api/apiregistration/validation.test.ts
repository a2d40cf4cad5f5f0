import { testCreates, testStatuses } from '../test-validation.ts';
import { apiservices } from './apiservices.ts';

const service = { name: 's', namespace: 'n' };
const remote = {
  metadata: { name: 'v1.example.com' },
  spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 20_000, versionPriority: 1000, service },
};

testCreates(apiservices, remote, [
  [
    'metadata.name',
    'v2.example.com',
    'metadata.name: Invalid value: "v2.example.com": must be `spec.version+"."+spec.group`: "v1.example.com"',
  ],
  [
    'spec.groupPriorityMinimum',
    20_001,
    'spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000',
  ],
  ['spec.groupPriorityMinimum', 0, 'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000'],
  ['spec.versionPriority', 1001, 'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000'],
  ['spec.service', {}, 'spec.service.namespace: Required value', 'spec.service.name: Required value'],
  ['spec.insecureSkipTLSVerify', true],
  [
    'spec',
    { ...remote.spec, insecureSkipTLSVerify: true, caBundle: 'YQ==' },
    'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
  ],
  [
    'spec',
    { ...remote.spec, service: undefined, insecureSkipTLSVerify: true, caBundle: 'YQ==' },
    'spec.caBundle: Invalid value: "1 bytes": local APIServices may not have a caBundle',
    'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
  ],
  ['', undefined],
]);

testCreates(apiservices, { ...remote, metadata: { name: 'v1.' }, spec: { ...remote.spec, group: '' } }, [
  [
    'spec.version',
    'v2',
    'metadata.name: Invalid value: "v1.": must be `spec.version+"."+spec.group`: "v2."',
    'spec.group: Required value: only v1 may have an empty group and it better be legacy kube',
  ],
]);

testStatuses(apiservices, remote, [
  ['status', { conditions: [{ type: 'Available', status: 'True' }] }],
  [
    'status',
    { conditions: [{ type: 'Available', status: 'Maybe' }] },
    'status.conditions[0].status: Unsupported value: "Maybe": supported values: "True", "False", "Unknown"',
  ],
]);
