import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRequestInfo } from '../../http/request-info.ts';
import { PolicyIndex } from './policy-index.ts';

/** What authentication and RBAC may take together. */
const budgetUs = 15;

test('a decision among 1,000 roles and 5,000 bindings stays far within its budget', () => {
  const index = new PolicyIndex();
  for (let i = 0; i < 1000; i++) {
    const rules = Array.from({ length: 5 }, (_, j) => ({
      verbs: ['get', 'list', 'watch'],
      apiGroups: ['', 'apps'],
      resources: [`r${(i * 7 + j) % 60}`, 'pods/log', `s${j}`],
    }));
    index.setRole('', `role${i}`, rules);
  }
  for (let i = 0; i < 5000; i++) {
    const namespace = i % 5 === 0 ? '' : `ns${i % 200}`;
    index.setBinding(namespace, `b${i}`, {
      namespace,
      name: `b${i}`,
      roleRef: { kind: 'ClusterRole', name: `role${(i * 13) % 1000}` },
      subjects: [
        { kind: 'User', name: `user${i % 300}` },
        { kind: 'Group', name: `group${i % 40}` },
      ],
    });
  }
  const users = Array.from({ length: 300 }, (_, i) => ({
    username: `user${i}`,
    groups: [`group${i % 40}`, `group${(i * 3) % 40}`, 'system:authenticated'],
  }));
  const requests = Array.from({ length: 500 }, (_, i) =>
    parseRequestInfo('GET', `/api/v1/namespaces/ns${i % 200}/r${i % 80}/x`, new URLSearchParams()),
  );
  const count = 20_000;
  let bestUs = Infinity;
  let allowed = 0;
  // The first round compiles what is asked for; the best of the others is least disturbed by other work.
  for (let round = 0; round < 4; round++) {
    const startNs = process.hrtime.bigint();
    for (let i = 0; i < count; i++) {
      const [user, request] = [users[i % 300], requests[(i * 7) % 500]];
      if (user !== undefined && request !== undefined && index.decide(user, request).verdict === 'allow') allowed++;
    }
    if (round > 0) bestUs = Math.min(bestUs, Number(process.hrtime.bigint() - startNs) / 1000 / count);
  }
  assert.ok(allowed > 0 && allowed < count * 4, `${allowed} of ${count * 4} were allowed`);
  assert.ok(bestUs < budgetUs / 3, `${bestUs.toFixed(2)} µs a decision`);
});
