import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PolicyRule } from '../../api/types/audit.v1.ts';
import { parseRequestInfo } from '../http/request-info.ts';
import { AuditPolicy } from './policy.ts';
import { validatePolicy } from './policy-file.ts';

const alice = { username: 'alice', groups: ['team', 'system:authenticated'] };

function levelOf(rule: Omit<PolicyRule, 'level'>, target: string, user: typeof alice | undefined = alice): string {
  const policy = new AuditPolicy({ metadata: {}, rules: [{ level: 'Request', ...rule }] });
  const { pathname, searchParams } = new URL(target, 'https://h');
  return policy.evaluate(user, parseRequestInfo('GET', pathname, searchParams)).level;
}

const pods = '/api/v1/namespaces/default/pods';
const cases: readonly (readonly [Omit<PolicyRule, 'level'>, string, boolean])[] = [
  [{}, pods, true],
  [{}, '/healthz', true],
  [{ users: ['alice'] }, pods, true],
  [{ users: ['bob'] }, pods, false],
  [{ userGroups: ['other', 'team'] }, pods, true],
  [{ userGroups: ['other'] }, pods, false],
  [{ verbs: ['list'] }, pods, true],
  [{ verbs: ['get'] }, pods, false],
  [{ verbs: ['get'] }, '/healthz', true],
  [{ namespaces: ['default'] }, pods, true],
  [{ namespaces: ['other'] }, pods, false],
  [{ namespaces: [''] }, '/api/v1/nodes', true],
  [{ namespaces: ['default'] }, '/healthz', false],
  [{ resources: [{}] }, pods, true],
  [{ resources: [{ group: 'apps' }] }, pods, false],
  [{ resources: [{ resources: ['pods'] }] }, `${pods}/p`, true],
  [{ resources: [{ resources: ['pods'] }] }, `${pods}/p/status`, false],
  [{ resources: [{ resources: ['pods/status'] }] }, `${pods}/p/status`, true],
  [{ resources: [{ resources: ['pods/*'] }] }, `${pods}/p/status`, true],
  [{ resources: [{ resources: ['pods/*'] }] }, `${pods}/p`, true],
  [{ resources: [{ resources: ['*/status'] }] }, `${pods}/p/status`, true],
  [{ resources: [{ resources: ['*/status'] }] }, `${pods}/p`, false],
  [{ resources: [{ resources: ['*'] }] }, `${pods}/p/status`, true],
  [{ resources: [{ resources: ['pods'], resourceNames: ['p'] }] }, `${pods}/p`, true],
  [{ resources: [{ resources: ['pods'], resourceNames: ['q'] }] }, `${pods}/p`, false],
  [{ nonResourceURLs: ['/healthz'] }, '/healthz', true],
  [{ nonResourceURLs: ['/healthz'] }, '/healthz/etcd', false],
  [{ nonResourceURLs: ['/healthz*'] }, '/healthz/etcd', true],
  [{ nonResourceURLs: ['*'] }, '/version', true],
  [{ nonResourceURLs: ['*'] }, pods, false],
];

describe('a rule', () => {
  for (const [rule, target, isMatch] of cases) {
    test(`${JSON.stringify(rule)} ${isMatch ? 'concerns' : 'leaves'} ${target}`, () => {
      assert.equal(levelOf(rule, target), isMatch ? 'Request' : 'None');
    });
  }

  test('about users does not concern whom nobody knows', () => {
    const policy = new AuditPolicy({ metadata: {}, rules: [{ level: 'Metadata', userGroups: ['team'] }] });
    const info = parseRequestInfo('GET', pods, new URLSearchParams());
    assert.equal(policy.evaluate(undefined, info).level, 'None');
  });
});

test('the first rule that matches decides; stages that are left out add up', () => {
  const policy = new AuditPolicy({
    metadata: {},
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [
      { level: 'Metadata', users: ['alice'], omitStages: ['Panic'], omitManagedFields: false },
      { level: 'RequestResponse' },
    ],
  });
  const info = parseRequestInfo('GET', pods, new URLSearchParams());
  const first = policy.evaluate(alice, info);
  assert.deepEqual(
    [first.level, [...first.omitStages].sort(), first.omitManagedFields],
    ['Metadata', ['Panic', 'RequestReceived'], false],
  );
  const second = policy.evaluate({ username: 'bob', groups: [] }, info);
  assert.deepEqual(
    [second.level, [...second.omitStages], second.omitManagedFields],
    ['RequestResponse', ['RequestReceived'], true],
  );
});

const wrong: readonly (readonly [PolicyRule, string])[] = [
  [{ level: '' }, 'rules[0].level: Required value'],
  [
    { level: 'Some' },
    'rules[0].level: Unsupported value: "Some": supported values: "None", "Metadata", "Request", "RequestResponse"',
  ],
  [
    { level: 'None', nonResourceURLs: ['logs'] },
    `rules[0].nonResourceURLs[0]: Invalid value: "logs": non-resource URL rules must begin with a '/' character`,
  ],
  [
    { level: 'None', nonResourceURLs: ['/a*/b'] },
    `rules[0].nonResourceURLs[0]: Invalid value: "/a*/b": non-resource URL wildcards '*' must be the final character of the rule`,
  ],
  [
    { level: 'None', resources: [{ resourceNames: ['a'] }] },
    'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
  ],
  [
    { level: 'None', omitStages: ['Never'] },
    'rules[0].omitStages[0]: Invalid value: "Never": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
  ],
  [
    { level: 'None', nonResourceURLs: ['/a'], namespaces: ['b'] },
    'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
  ],
];
for (const [rule, message] of wrong) {
  test(`a policy is refused: ${message}`, () => {
    assert.deepEqual(validatePolicy({ metadata: {}, rules: [rule] }).map(String), [message]);
  });
}

test('a group has a name', () => {
  const rules = [{ level: 'None', resources: [{ group: 'apps/v1' }] }];
  const [error] = validatePolicy({ metadata: {}, rules });
  assert.match(
    String(error),
    /^rules\[0\]\.resources\.group: Invalid value: "apps\/v1": a lowercase RFC 1123 subdomain/,
  );
});
