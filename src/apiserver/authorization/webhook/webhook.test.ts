import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MetricsRegistry } from '../../../machinery/metrics.ts';
import { VirtualClock } from '../../../machinery/virtual-clock.ts';
import type { AuthorizationAttributes, RequestInfo } from '../../contract.ts';
import { parseRequestInfo } from '../../http/request-info.ts';
import { WebhookError } from '../../webhook/webhook-client.ts';
import { attributesOf } from '../selectors.ts';
import { WebhookAuthorizer } from './authorizer.ts';
import { matchConditionProblem, MatchConditions } from './match-conditions.ts';
import { WebhookMetrics } from './metrics.ts';
import { reviewSpecOf } from './review.ts';
import type { WebhookSettings } from './settings.ts';

const jane = { username: 'jane', uid: 'u', groups: ['devs'], extra: { scopes: ['a', 'b'] } };
const ask = (target: string, method = 'GET'): AuthorizationAttributes => {
  const url = new URL(target, 'https://localhost');
  const info: RequestInfo = parseRequestInfo(method, url.pathname, url.searchParams);
  return attributesOf(jane, info, url.searchParams);
};
const settings: WebhookSettings = {
  name: 'w',
  kubeConfigFile: '/w',
  version: 'v1',
  timeoutMs: 1000,
  authorizedTtlMs: 300_000,
  unauthorizedTtlMs: 30_000,
  failurePolicy: 'NoOpinion',
  matchConditions: [],
};

/** A webhook that answers as it is told, and keeps the questions. */
function webhookOf(
  answer: (spec: Record<string, unknown>) => object,
  changes: Partial<WebhookSettings> = {},
): {
  authorizer: WebhookAuthorizer;
  questions: Record<string, unknown>[];
  clock: VirtualClock;
  metrics: MetricsRegistry;
} {
  const clock = new VirtualClock();
  const metrics = new MetricsRegistry();
  const questions: Record<string, unknown>[] = [];
  const all = { ...settings, ...changes };
  const authorizer = new WebhookAuthorizer(all, {
    clock,
    metrics: new WebhookMetrics(metrics, clock),
    client: {
      ask: async (question) => {
        const review = question as { apiVersion: string; spec: Record<string, unknown> };
        questions.push(review.spec);
        return { kind: 'SubjectAccessReview', apiVersion: review.apiVersion, status: answer(review.spec) };
      },
    },
    ...(all.matchConditions.length === 0 ? {} : { conditions: new MatchConditions(all.matchConditions) }),
  });
  return { authorizer, questions, clock, metrics };
}

describe('the question', () => {
  test('is the request as a SubjectAccessReview', () => {
    const who = { user: 'jane', uid: 'u', groups: ['devs'], extra: { scopes: ['a', 'b'] } };
    assert.deepEqual(reviewSpecOf(ask('/apis/apps/v1/namespaces/ns/deployments/web/scale')), {
      ...who,
      resourceAttributes: {
        namespace: 'ns',
        verb: 'get',
        group: 'apps',
        version: 'v1',
        resource: 'deployments',
        subresource: 'scale',
        name: 'web',
      },
    });
    assert.deepEqual(reviewSpecOf(ask('/metrics')), {
      ...who,
      nonResourceAttributes: { path: '/metrics', verb: 'get' },
    });
  });

  test('tells what a list is narrowed to, as far as it is understood', () => {
    const spec = reviewSpecOf(
      ask(
        '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1,status.phase!%3DRunning&labelSelector=a%3Db,c,!d,e%20in%20(f,g)',
      ),
    );
    assert.deepEqual(spec.resourceAttributes?.fieldSelector, {
      requirements: [
        { key: 'spec.nodeName', operator: 'In', values: ['n1'] },
        { key: 'status.phase', operator: 'NotIn', values: ['Running'] },
      ],
    });
    assert.deepEqual(spec.resourceAttributes?.labelSelector, {
      requirements: [
        { key: 'a', operator: 'In', values: ['b'] },
        { key: 'c', operator: 'Exists' },
        { key: 'd', operator: 'DoesNotExist' },
        { key: 'e', operator: 'In', values: ['f', 'g'] },
      ],
    });
    assert.equal(reviewSpecOf(ask('/api/v1/pods?labelSelector=%3D%3D')).resourceAttributes?.labelSelector, undefined);
    assert.equal(reviewSpecOf(ask('/api/v1/pods?fieldSelector=metadata.name%3Dx')).resourceAttributes?.name, 'x');
  });

  test('names groups as the older version does', async () => {
    const { authorizer, questions } = webhookOf(() => ({ allowed: true }), { version: 'v1beta1' });
    await authorizer.authorize(ask('/metrics'));
    assert.deepEqual([questions[0]?.['group'], questions[0]?.['groups']], [['devs'], undefined]);
  });
});

describe('the answer', () => {
  test('allows, denies, or leaves it to others', async () => {
    const decide = async (status: object): Promise<unknown> =>
      webhookOf(() => status).authorizer.authorize(ask('/metrics'));
    assert.deepEqual(await decide({ allowed: true, reason: 'why' }), { verdict: 'allow', reason: 'why' });
    assert.deepEqual(await decide({ allowed: false, denied: true, reason: 'no' }), { verdict: 'deny', reason: 'no' });
    assert.deepEqual(await decide({ allowed: false }), { verdict: 'noOpinion', reason: '' });
    assert.deepEqual(await decide({ allowed: true, denied: true }), {
      verdict: 'deny',
      reason: '',
      error: 'webhook subject access review returned both allow and deny response',
    });
  });

  test('is kept for its time, and asked for once by those who come together', async () => {
    const { authorizer, questions, clock } = webhookOf(({ nonResourceAttributes }) => ({
      allowed: JSON.stringify(nonResourceAttributes).includes('yes'),
    }));
    await Promise.all([authorizer.authorize(ask('/yes')), authorizer.authorize(ask('/yes'))]);
    await authorizer.authorize(ask('/no'));
    assert.equal(questions.length, 2);
    await clock.advance(29_000);
    await authorizer.authorize(ask('/yes'));
    await authorizer.authorize(ask('/no'));
    assert.equal(questions.length, 2);
    await clock.advance(2000);
    await authorizer.authorize(ask('/yes'));
    await authorizer.authorize(ask('/no'));
    assert.equal(questions.length, 3);
    await clock.advance(300_000);
    await authorizer.authorize(ask('/yes'));
    assert.equal(questions.length, 4);
  });

  test('is not kept when that is not wanted', async () => {
    const { authorizer, questions } = webhookOf(() => ({ allowed: true }), { authorizedTtlMs: undefined });
    await authorizer.authorize(ask('/a'));
    await authorizer.authorize(ask('/a'));
    assert.equal(questions.length, 2);
  });

  test('that does not come counts as the failure policy says', async () => {
    const fail = (): never => {
      throw new WebhookError('it is down');
    };
    const open = webhookOf(fail);
    assert.deepEqual(await open.authorizer.authorize(ask('/a')), {
      verdict: 'noOpinion',
      reason: '',
      error: 'it is down',
    });
    assert.match(
      open.metrics.render(),
      /^apiserver_authorization_webhook_evaluations_fail_open_total\{name="w",result="error"\} 1$/m,
    );
    const closed = webhookOf(fail, { failurePolicy: 'Deny' });
    assert.deepEqual(await closed.authorizer.authorize(ask('/a')), {
      verdict: 'deny',
      reason: '',
      error: 'it is down',
    });
  });
});

describe('match conditions', () => {
  test('keep questions from the webhook', async () => {
    const { authorizer, questions, metrics } = webhookOf(() => ({ allowed: true }), {
      matchConditions: ["has(request.resourceAttributes) && request.resourceAttributes.namespace == 'kube-system'"],
    });
    assert.deepEqual(await authorizer.authorize(ask('/api/v1/namespaces/ns/pods')), {
      verdict: 'noOpinion',
      reason: '',
    });
    assert.equal(questions.length, 0);
    assert.equal((await authorizer.authorize(ask('/api/v1/namespaces/kube-system/pods'))).verdict, 'allow');
    assert.match(
      metrics.render(),
      /^apiserver_authorization_match_condition_exclusions_total\{type="Webhook",name="w"\} 1$/m,
    );
  });

  const table: readonly [expression: string, target: string, outcome: boolean | RegExp][] = [
    ["request.user == 'jane' && 'devs' in request.groups && request.uid == 'u'", '/metrics', true],
    ["request.extra['scopes'][1] == 'b'", '/metrics', true],
    ["request.nonResourceAttributes.path.startsWith('/met')", '/metrics', true],
    ["request.resourceAttributes.name == ''", '/api/v1/pods', true],
    ["request.resourceAttributes.verb in ['list', 'watch']", '/api/v1/pods', true],
    [
      "request.resourceAttributes.fieldSelector.requirements.exists(r, r.key == 'spec.nodeName' && r.values == ['n'])",
      '/api/v1/pods?fieldSelector=spec.nodeName%3Dn',
      true,
    ],
    ['request.?resourceAttributes.?labelSelector.hasValue()', '/api/v1/pods', false],
    ["request.resourceAttributes.verb == 'get'", '/metrics', /no such key: resourceAttributes/],
  ];
  for (const [expression, target, outcome] of table) {
    test(`${expression} of ${target}: ${String(outcome)}`, () => {
      const match = new MatchConditions([expression]).match(reviewSpecOf(ask(target)));
      if (typeof outcome === 'boolean') assert.deepEqual(match, { matches: outcome });
      else assert.match(match.error ?? '', outcome);
    });
  }

  test('that are false decide over those that fail', () => {
    const failing = "request.resourceAttributes.verb == 'get'";
    const spec = reviewSpecOf(ask('/metrics'));
    assert.deepEqual(new MatchConditions([failing, 'false']).match(spec), { matches: false });
    assert.notEqual(new MatchConditions([failing, 'true']).match(spec).error, undefined);
  });

  test('are refused when they are no conditions', () => {
    assert.equal(matchConditionProblem('request.user == "a"'), undefined);
    assert.match(matchConditionProblem('request.user') ?? '', /must evaluate to bool/);
    assert.match(matchConditionProblem('request.usr == "a"') ?? '', /^compilation failed: .*undefined field 'usr'/s);
    assert.match(matchConditionProblem('request.') ?? '', /^compilation failed: /);
  });
});
