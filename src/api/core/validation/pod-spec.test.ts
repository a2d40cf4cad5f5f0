import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, container, specErrors, type Cases } from './pod-test-support.ts';

const subdomain = /must be no more than 253 characters|a lowercase RFC 1123 subdomain/;

test('a Pod of one container is valid', () => {
  assert.deepEqual(specErrors({}), []);
});

test('policies', async (t) => {
  const cases: Cases<object> = [
    [
      'of restarts',
      { restartPolicy: 'X' },
      ['spec.restartPolicy: Unsupported value: "X": supported values: "Always", "OnFailure", "Never"'],
    ],
    [
      'of names',
      { dnsPolicy: 'X' },
      [
        'spec.dnsPolicy: Unsupported value: "X": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
      ],
    ],
    [
      'of preemption',
      { preemptionPolicy: 'X' },
      ['spec.preemptionPolicy: Unsupported value: "X": supported values: "PreemptLowerPriority", "Never"'],
    ],
    [
      'of a deadline',
      { activeDeadlineSeconds: 0 },
      ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
    ],
    ['of the longest deadline', { activeDeadlineSeconds: 2147483647 }, []],
    [
      'of gates on a bound Pod',
      { nodeName: 'n', schedulingGates: [{ name: 'g' }] },
      ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
    ],
    [
      'of one gate twice',
      { schedulingGates: [{ name: 'g' }, { name: 'g' }] },
      ['spec.schedulingGates[1]: Duplicate value: "g"'],
    ],
  ];
  await check(t, cases, specErrors);
});

test('names of other objects are subdomains', () => {
  for (const field of ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName', 'hostnameOverride']) {
    assert.deepEqual(specErrors({ [field]: 'a.b' }), [], field);
    const [error = '', ...more] = specErrors({ [field]: 'A' });
    assert.ok(error.startsWith(`spec.${field}: Invalid value: "A": `) && subdomain.test(error), error);
    assert.deepEqual(more, [], field);
  }
});

test('names and addresses', async (t) => {
  const ip = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
  const cases: Cases<object> = [
    [
      'none without servers',
      { dnsPolicy: 'None' },
      ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
    ],
    [
      'none of a server',
      { dnsPolicy: 'None', dnsConfig: {} },
      ['spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None'],
    ],
    [
      'of servers',
      { dnsConfig: { nameservers: ['x', '1.1.1.1', '1.1.1.2', '::1'] } },
      [
        'spec.dnsConfig.nameservers: Invalid value: ["x","1.1.1.1","1.1.1.2","::1"]: must not have more than 3 nameservers',
        `spec.dnsConfig.nameservers[0]: Invalid value: "x": ${ip}`,
      ],
    ],
    [
      'of searches',
      { dnsConfig: { searches: ['.', 'a_b.example.com.'], options: [{ value: '1' }] } },
      ['spec.dnsConfig.options[0]: Required value: must not be empty'],
    ],
    [
      'of aliases',
      { hostAliases: [{ ip: 'x', hostnames: ['a.b'] }] },
      [`spec.hostAliases[0].ip: Invalid value: "x": ${ip}`],
    ],
    ['of itself', { hostname: 'a.b' }, ['spec.hostname: Invalid value: "a.b": must not contain dots']],
    [
      'of the node',
      { hostNetwork: true, containers: [{ ...container, ports: [{ containerPort: 1, hostPort: 2 }] }] },
      ['spec.containers[0].ports[0].hostPort: Invalid value: 2: must match `containerPort` when `hostNetwork` is true'],
    ],
  ];
  await check(t, cases, specErrors);
});

test('affinity', async (t) => {
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
  const terms = (...expressions: object[]): object => ({
    nodeAffinity: { [required]: { nodeSelectorTerms: [{ matchExpressions: expressions }] } },
  });
  const at = `spec.affinity.nodeAffinity.${required}.nodeSelectorTerms`;
  const pod = `spec.affinity.podAffinity.${required}[0]`;
  const term = { topologyKey: 'zone', labelSelector: { matchLabels: { a: 'b' } } };
  const cases: Cases<object> = [
    ['to nodes', terms({ key: 'a', operator: 'In', values: ['b'] }, { key: 'a', operator: 'Gt', values: ['1'] }), []],
    [
      'to no nodes',
      { nodeAffinity: { [required]: { nodeSelectorTerms: [] } } },
      [`${at}: Required value: must have at least one node selector term`],
    ],
    [
      'by operators',
      terms(
        { key: 'a', operator: 'In' },
        { key: 'a', operator: 'Exists', values: ['x'] },
        { key: 'a', operator: 'Lt' },
        { key: 'a', operator: 'X' },
      ),
      [
        `${at}[0].matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
        `${at}[0].matchExpressions[1].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
        `${at}[0].matchExpressions[2].values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
        `${at}[0].matchExpressions[3].operator: Invalid value: "X": not a valid selector operator`,
      ],
    ],
    [
      'by fields',
      {
        nodeAffinity: {
          [required]: { nodeSelectorTerms: [{ matchFields: [{ key: 'x', operator: 'In', values: ['a', 'b'] }] }] },
        },
      },
      [
        `${at}[0].matchFields[0].values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
        `${at}[0].matchFields[0].key: Invalid value: "x": not a valid field selector key`,
      ],
    ],
    [
      'by weight',
      { nodeAffinity: { [preferred]: [{ weight: 101, preference: {} }] } },
      [`spec.affinity.nodeAffinity.${preferred}[0].weight: Invalid value: 101: must be in the range 1-100`],
    ],
    ['to Pods', { podAffinity: { [required]: [{ ...term, matchLabelKeys: ['k'] }] } }, []],
    [
      'to Pods by keys',
      { podAffinity: { [required]: [{ ...term, matchLabelKeys: ['k'], mismatchLabelKeys: ['k'] }] } },
      [`${pod}.matchLabelKeys[0]: Invalid value: "k": exists in both matchLabelKeys and mismatchLabelKeys`],
    ],
    [
      'to Pods without a selector',
      { podAffinity: { [required]: [{ topologyKey: 'z', matchLabelKeys: ['k'] }] } },
      [`${pod}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`],
    ],
  ];
  await check(t, cases, (affinity) => specErrors({ affinity }));
});

test('keys whose values the server fills in', () => {
  const constraint = {
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: {},
    matchLabelKeys: ['k'],
  };
  const labels = { k: 'v' };
  assert.deepEqual(specErrors({ topologySpreadConstraints: [constraint] }, { labels }), []);
  const twice = { ...constraint, labelSelector: { matchLabels: { k: 'v' } } };
  assert.deepEqual(specErrors({ topologySpreadConstraints: [twice] }, { labels }), [
    'spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: "k": exists in both matchLabelKeys and labelSelector',
  ]);
});

test('topology spread', async (t) => {
  const at = 'spec.topologySpreadConstraints[0]';
  const constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
  const cases: Cases<object[]> = [
    ['of one kind', [constraint], []],
    [
      'of the same twice',
      [constraint, constraint],
      [`${at}.{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"`],
    ],
    [
      'of nothing',
      [{}],
      [
        `${at}.maxSkew: Invalid value: 0: must be greater than zero`,
        `${at}.topologyKey: Required value: can not be empty`,
        `${at}.whenUnsatisfiable: Unsupported value: "": supported values: "DoNotSchedule", "ScheduleAnyway"`,
      ],
    ],
    [
      'over domains',
      [{ ...constraint, whenUnsatisfiable: 'ScheduleAnyway', minDomains: 0, nodeTaintsPolicy: 'X' }],
      [
        `${at}.minDomains: Invalid value: 0: must be greater than zero`,
        `${at}.minDomains: Invalid value: 0: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway`,
        `${at}.nodeTaintsPolicy: Unsupported value: "X": supported values: "Honor", "Ignore"`,
      ],
    ],
  ];
  await check(t, cases, (topologySpreadConstraints) => specErrors({ topologySpreadConstraints }));
});

test('tolerations', async (t) => {
  const at = 'spec.tolerations[0]';
  const cases: Cases<object> = [
    ['of everything', { operator: 'Exists' }, []],
    ['of a key', { key: 'a', value: 'b', effect: 'NoExecute', tolerationSeconds: 1 }, []],
    [
      'of no key',
      { value: 'b' },
      [
        `${at}.operator: Invalid value: "": operator must be Exists when \`key\` is empty, which means "match all values and all keys"`,
      ],
    ],
    [
      'of any value',
      { key: 'a', operator: 'Exists', value: 'b' },
      [`${at}.operator: Invalid value: "b": value must be empty when \`operator\` is 'Exists'`],
    ],
    [
      'for a time',
      { key: 'a', tolerationSeconds: 1 },
      [`${at}.effect: Invalid value: "": effect must be 'NoExecute' when \`tolerationSeconds\` is set`],
    ],
    [
      'of less',
      { key: 'a', operator: 'Lt', value: '1' },
      [`${at}.operator: Unsupported value: "Lt": supported values: "Equal", "Exists"`],
    ],
    [
      'of no effect',
      { key: 'a', effect: 'X' },
      [`${at}.effect: Unsupported value: "X": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"`],
    ],
  ];
  await check(t, cases, (toleration) => specErrors({ tolerations: [toleration] }));
});

test('what the whole Pod asks for', async (t) => {
  const containers = [{ ...container, resources: { requests: { cpu: '2' }, limits: { memory: '2Gi' } } }];
  const cases: Cases<object> = [
    ['enough', { requests: { cpu: '2' }, limits: { cpu: '3', memory: '2Gi' } }, []],
    [
      'too little',
      { requests: { cpu: '1', memory: '2Gi' }, limits: { memory: '2Gi' } },
      [
        'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
      ],
    ],
    [
      'less than a container may take',
      { requests: { cpu: '2', memory: '2Gi' }, limits: { memory: '1Gi' } },
      [
        'spec.resources.requests: Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi',
        'spec.resources.containers[0][memory].limits: Invalid value: "2Gi": must be less than or equal to pod limits of 1Gi',
      ],
    ],
  ];
  await check(t, cases, (resources) => specErrors({ containers, resources }));
  assert.deepEqual(specErrors({ overhead: { cpu: '-1' } }), [
    'spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  ]);
  assert.deepEqual(specErrors({ resourceClaims: [{ name: 'a' }] }), [
    'spec.resourceClaims[0]: Invalid value: {"name":"a"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
  ]);
});

test('annotations', async (t) => {
  const at = 'metadata.annotations';
  const cases: Cases<Record<string, string>> = [
    ['of any kind', { 'example.com/a': 'b' }, []],
    [
      'of a mirror Pod',
      { 'kubernetes.io/config.mirror': 'x' },
      [
        `${at}[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set`,
      ],
    ],
    [
      'of cost',
      { 'controller.kubernetes.io/pod-deletion-cost': '+1' },
      [`${at}[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer`],
    ],
    ['of the least cost', { 'controller.kubernetes.io/pod-deletion-cost': '-2147483648' }, []],
    [
      'of seccomp',
      { 'seccomp.security.alpha.kubernetes.io/pod': 'x' },
      [`${at}.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "x": must be a valid seccomp profile`],
    ],
    [
      'of AppArmor',
      { 'container.apparmor.security.beta.kubernetes.io/x': 'y' },
      [
        `${at}[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "x": container not found`,
        `${at}[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "y": invalid AppArmor profile name: "y"`,
      ],
    ],
  ];
  await check(t, cases, (annotations) => specErrors({}, { annotations }));
  const annotations = { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' };
  assert.deepEqual(specErrors({ securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }, { annotations }), [
    'spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match',
  ]);
});
