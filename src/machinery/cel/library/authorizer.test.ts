import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../compile.ts';
import type { CelProgram } from '../contract.ts';
import type { AuthorizationAnswer, AuthorizationQuestion, CelAuthorizer } from './authorizer.ts';
import { authorizerType, authorizerValue, requestResourceValue, resourceCheckType } from './authorizer.ts';

function program(expression: string): CelProgram {
  const compiled = compile(expression, {
    variables: { authorizer: authorizerType, 'authorizer.requestResource': resourceCheckType },
  });
  assert.ok(compiled.ok, compiled.ok ? '' : compiled.error.message);
  return compiled.program;
}

function recording(answer: AuthorizationAnswer): { asked: AuthorizationQuestion[]; authorizer: CelAuthorizer } {
  const asked: AuthorizationQuestion[] = [];
  return {
    asked,
    authorizer: {
      authorize(question) {
        asked.push(question);
        return answer;
      },
    },
  };
}

const allowed: AuthorizationAnswer = { isAllowed: true, reason: 'because' };
const pods = {
  kind: 'resource',
  group: '',
  resource: 'pods',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
};

const questions: readonly (readonly [expression: string, question: unknown])[] = [
  ["authorizer.path('/healthz').check('get').allowed()", { kind: 'path', path: '/healthz', verb: 'get' }],
  ["authorizer.group('').resource('pods').check('list').allowed()", { ...pods, verb: 'list' }],
  [
    "authorizer.group('apps').resource('deployments').subresource('scale').namespace('test').name('backend').check('update').allowed()",
    {
      ...pods,
      group: 'apps',
      resource: 'deployments',
      subresource: 'scale',
      namespace: 'test',
      name: 'backend',
      verb: 'update',
    },
  ],
  [
    "authorizer.group('').resource('pods').fieldSelector('spec.nodeName=n').labelSelector('a=b').check('list').allowed()",
    { ...pods, fieldSelector: 'spec.nodeName=n', labelSelector: 'a=b', verb: 'list' },
  ],
  [
    "authorizer.serviceAccount('default', 'builder').group('').resource('pods').check('get').allowed()",
    { ...pods, verb: 'get', serviceAccount: { namespace: 'default', name: 'builder' } },
  ],
  [
    "authorizer.requestResource.check('deletecollection').allowed()",
    { ...pods, namespace: 'ns', name: 'p', verb: 'deletecollection' },
  ],
];

for (const [expression, question] of questions) {
  test(expression, () => {
    const { asked, authorizer } = recording(allowed);
    const request = { group: '', resource: 'pods', subresource: '', namespace: 'ns', name: 'p' };
    const result = program(expression).evaluate({
      authorizer: authorizerValue(authorizer),
      'authorizer.requestResource': requestResourceValue(authorizer, request),
    });
    assert.ok(result.ok && result.value === true);
    assert.deepEqual(asked, [question]);
  });
}

const refusals: readonly (readonly [expression: string, message: string])[] = [
  ["authorizer.path('  ')", 'path must not be empty'],
  ["authorizer.group('apps').resource('')", 'resource must not be empty'],
  ["authorizer.serviceAccount('default', 'in@valid')", 'Invalid service account name'],
  ["authorizer.serviceAccount('not@valid', 'name')", 'Invalid service account namespace'],
];

for (const [expression, message] of refusals) {
  test(`${expression} is refused`, () => {
    const result = program(expression).evaluate({ authorizer: authorizerValue(recording(allowed).authorizer) });
    assert.ok(!result.ok);
    assert.equal(result.message, message);
  });
}

test('a decision tells its reason and its error', () => {
  const { authorizer } = recording({ isAllowed: false, reason: 'no rule', error: 'webhook failed' });
  const expression = "authorizer.path('/x').check('get')";
  const read = (part: string): unknown => {
    const result = program(expression + part).evaluate({ authorizer: authorizerValue(authorizer) });
    return result.ok ? result.value : result.message;
  };
  assert.deepEqual(['.allowed()', '.reason()', '.errored()', '.error()'].map(read), [
    false,
    'no rule',
    true,
    'webhook failed',
  ]);
});

test('only two checks fit into one expression', () => {
  const check = "authorizer.path('/x').check('get').allowed()";
  const evaluate = (count: number): boolean =>
    program(Array.from({ length: count }, () => check).join(' && ')).evaluate({
      authorizer: authorizerValue(recording(allowed).authorizer),
    }).ok;
  assert.equal(evaluate(2), true);
  assert.equal(evaluate(3), false);
});

test('answers that take their time are waited for, and each question is asked once', async () => {
  const asked: string[] = [];
  const authorizer: CelAuthorizer = {
    authorize: async ({ verb }) => {
      asked.push(verb);
      await Promise.resolve();
      return { isAllowed: verb === 'get', reason: '' };
    },
  };
  const expression = "authorizer.path('/x').check('get').allowed() && !authorizer.path('/x').check('post').allowed()";
  const result = await program(expression).evaluateAsync({ authorizer: authorizerValue(authorizer) });
  assert.ok(result.ok && result.value === true);
  assert.deepEqual(asked, ['get', 'post']);
  assert.throws(() => program(expression).evaluate({ authorizer: authorizerValue(authorizer) }), TypeError);
});

test('an authorizer that fails makes the evaluation fail', async () => {
  const authorizer: CelAuthorizer = { authorize: () => Promise.reject(new Error('gone')) };
  const evaluation = program("authorizer.path('/x').check('get').allowed()").evaluateAsync({
    authorizer: authorizerValue(authorizer),
  });
  await assert.rejects(evaluation, /gone/);
});
