import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import type { UserInfo } from '../../../api/contract.ts';
import type { PolicyRule } from '../../../api/types/rbac.v1.ts';
import type { RequestInfo } from '../../contract.ts';
import { serviceAccountPrefix, type Binding } from './binding.ts';
import { PolicyIndex } from './policy-index.ts';
import { ruleAllows } from './rule-match.ts';

/** What the index stands for, without any index. */
class NaivePolicy {
  readonly roles = new Map<string, readonly PolicyRule[]>();
  readonly bindings = new Map<string, Binding>();

  isAllowed(user: UserInfo, request: RequestInfo): boolean {
    return this.#bindingsOf(user, request).some((binding) =>
      (this.#rulesOf(binding) ?? []).some((rule) => ruleAllows(rule, request)),
    );
  }

  missingRoles(user: UserInfo, request: RequestInfo): number {
    const missing = this.#bindingsOf(user, request).filter((binding) => this.#rulesOf(binding) === undefined);
    return new Set(missing.map(({ roleRef }) => `${roleRef.kind} ${roleRef.name}`)).size;
  }

  #rulesOf({ roleRef, namespace }: Binding): readonly PolicyRule[] | undefined {
    if (roleRef.kind === 'ClusterRole') return this.roles.get(`/${roleRef.name}`);
    return namespace === '' ? undefined : this.roles.get(`${namespace}/${roleRef.name}`);
  }

  #bindingsOf({ username, groups }: UserInfo, request: RequestInfo): Binding[] {
    const namespaces = request.isResourceRequest ? ['', request.namespace] : [''];
    return [...this.bindings.values()].filter(
      ({ namespace, subjects }) =>
        namespaces.includes(namespace) &&
        subjects.some((subject) => {
          if (subject.kind === 'User') return subject.name === username;
          if (subject.kind === 'Group') return groups.includes(subject.name);
          const home = subject.namespace ?? namespace;
          return home !== '' && username === `${serviceAccountPrefix}${home}:${subject.name}`;
        }),
    );
  }
}

const oneOf = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
const some = (values: fc.Arbitrary<string>): fc.Arbitrary<string[]> => fc.array(values, { maxLength: 3, size: 'max' });
const namespaces = oneOf('a', 'b');
const names = oneOf('x', 'y', 'z');
const verbs = oneOf('get', '*', 'update');
const rule: fc.Arbitrary<PolicyRule> = fc.record(
  {
    verbs: some(verbs),
    apiGroups: some(oneOf('', 'apps', '*')),
    resources: some(oneOf('pods', 'pods/log', 'deployments', '*', '*/scale', '*/log', 'deployments/scale')),
    resourceNames: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: some(names) }),
    nonResourceURLs: some(oneOf('/metrics', '/logs/*', '*', '/api*', '/logs/a')),
  },
  { requiredKeys: ['verbs'] },
);
const roleRef = fc.record({ kind: oneOf('Role', 'ClusterRole'), name: names });
const subject = fc.oneof(
  fc.record({ kind: oneOf('User'), name: oneOf('u1', 'u2', `${serviceAccountPrefix}a:x`) }),
  fc.record({ kind: oneOf('Group'), name: oneOf('g1', 'g2') }),
  fc.record(
    { kind: oneOf('ServiceAccount'), name: oneOf('x', 'y'), namespace: namespaces },
    { requiredKeys: ['kind', 'name'] },
  ),
);
const change = fc.oneof(
  fc.record({
    type: fc.constant('role' as const),
    namespace: oneOf('', 'a', 'b'),
    name: names,
    rules: fc.option(fc.array(rule, { minLength: 1, maxLength: 3 }), { nil: undefined, freq: 4 }),
  }),
  fc.record({
    type: fc.constant('binding' as const),
    namespace: oneOf('', 'a', 'b'),
    name: names,
    binding: fc.option(fc.record({ roleRef, subjects: fc.array(subject, { minLength: 1, maxLength: 3 }) }), {
      nil: undefined,
      freq: 4,
    }),
  }),
);
const user: fc.Arbitrary<UserInfo> = fc.record({
  username: oneOf('u1', 'u2', `${serviceAccountPrefix}a:x`, `${serviceAccountPrefix}b:y`),
  groups: fc.uniqueArray(oneOf('g1', 'g2')),
});
const request: fc.Arbitrary<RequestInfo> = fc.record({
  isResourceRequest: fc.boolean(),
  path: oneOf('/metrics', '/logs/', '/logs/a', '/logs/b', '/api', '/apis', '/'),
  verb: oneOf('get', 'update', 'delete'),
  apiPrefix: fc.constant(''),
  apiGroup: oneOf('', 'apps', 'batch'),
  apiVersion: fc.constant('v1'),
  namespace: oneOf('', 'a', 'b'),
  resource: oneOf('pods', 'deployments', 'jobs'),
  subresource: oneOf('', 'log', 'scale'),
  name: oneOf('', 'x', 'y'),
  remainder: fc.constant(''),
});

describe('the index of roles and bindings', () => {
  test('decides as evaluating every binding does, after every change', () => {
    let allowed = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(change, fc.array(fc.tuple(user, request), { minLength: 1, maxLength: 6 })), {
          minLength: 4,
          maxLength: 20,
          size: 'max',
        }),
        (steps) => {
          const index = new PolicyIndex();
          const naive = new NaivePolicy();
          for (const [step, questions] of steps) {
            const { namespace, name } = step;
            const key = `${namespace}/${name}`;
            if (step.type === 'role') {
              index.setRole(namespace, name, step.rules);
              if (step.rules === undefined) naive.roles.delete(key);
              else naive.roles.set(key, step.rules);
            } else {
              const binding = step.binding && { namespace, name, ...step.binding };
              index.setBinding(namespace, name, binding);
              if (binding === undefined) naive.bindings.delete(key);
              else naive.bindings.set(key, binding);
            }
            for (const [who, what] of questions) {
              const isAllowed = naive.isAllowed(who, what);
              const decision = index.decide(who, what);
              assert.equal(decision.verdict, isAllowed ? 'allow' : 'noOpinion');
              if (isAllowed) allowed++;
              else {
                refused++;
                assert.equal(decision.reason !== '', naive.missingRoles(who, what) > 0);
              }
              const { rules } = index.rulesOf(who, what.isResourceRequest ? what.namespace : '');
              assert.equal(
                rules.some((one) => ruleAllows(one, what)),
                isAllowed,
              );
            }
          }
        },
      ),
      { numRuns: 300 },
    );
    assert.ok(allowed > 100 && refused > 100, `${allowed} allowed, ${refused} refused: the property saw too little`);
  });
});
