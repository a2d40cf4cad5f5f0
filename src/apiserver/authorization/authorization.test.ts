import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Logger } from '../../machinery/logging.ts';
import { seededRandom } from '../../machinery/random.ts';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { MetricsRegistry } from '../../machinery/metrics.ts';
import type { AuthorizationAttributes, Authorizer, Decision, RequestInfo } from '../contract.ts';
import { forbiddenError } from './forbidden.ts';
import type { AuthorizationMode } from './modes.ts';
import { AuthorizationSetup } from './setup.ts';
import { UnionAuthorizer } from './union.ts';

const listPods: RequestInfo = {
  isResourceRequest: true,
  path: '/api/v1/namespaces/y/pods',
  verb: 'list',
  apiPrefix: 'api',
  apiGroup: '',
  apiVersion: 'v1',
  namespace: 'y',
  resource: 'pods',
  subresource: '',
  name: '',
  remainder: '',
};
const getPath = (path: string): RequestInfo => ({
  ...listPods,
  isResourceRequest: false,
  path,
  verb: 'get',
  namespace: '',
  resource: '',
});
const attributes = (request: RequestInfo, groups: readonly string[] = []): AuthorizationAttributes => ({
  user: { username: 'x', groups },
  request,
});

describe('a refusal', () => {
  const message = (request: Partial<RequestInfo>, reason = ''): string =>
    forbiddenError(attributes({ ...listPods, ...request }), reason).message;

  test("has upstream's text", () => {
    assert.equal(
      message({}),
      'pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "y"',
    );
    assert.equal(
      message({ verb: 'update', name: 'n', subresource: 'status', apiGroup: 'apps', resource: 'deployments' }),
      'deployments.apps "n" is forbidden: User "x" cannot update resource "deployments/status" in API group "apps" in the namespace "y"',
    );
    assert.equal(
      message({ verb: 'get', namespace: '', resource: 'nodes', name: 'n1' }, 'Everything is forbidden.'),
      'nodes "n1" is forbidden: User "x" cannot get resource "nodes" in API group "" at the cluster scope: Everything is forbidden.',
    );
    assert.equal(
      forbiddenError(attributes(getPath('/metrics')), '').message,
      'forbidden: User "x" cannot get path "/metrics"',
    );
  });

  test('is a Status with details', () => {
    assert.deepEqual(forbiddenError(attributes({ ...listPods, name: 'p' }), '').toStatus().details, {
      name: 'p',
      kind: 'pods',
    });
    assert.deepEqual(forbiddenError(attributes(getPath('/metrics')), '').toStatus().details, {});
  });
});

describe('modes', () => {
  const authorizerFor = async (modes: readonly AuthorizationMode[]): Promise<Authorizer> => {
    const world = {
      clock: new VirtualClock(),
      random: seededRandom(1),
      log: Logger.silent,
      metrics: new MetricsRegistry(),
    };
    return (await AuthorizationSetup.create({ modes }, world)).authorizer;
  };

  test('AlwaysAllow allows', async () => {
    assert.equal(((await authorizerFor(['AlwaysAllow'])).authorize(attributes(listPods)) as Decision).verdict, 'allow');
  });

  test('AlwaysDeny refuses all but system:masters and the public paths', async () => {
    const authorizer = await authorizerFor(['AlwaysDeny']);
    const verdict = async (request: RequestInfo, groups?: string[]): Promise<string> =>
      (await authorizer.authorize(attributes(request, groups))).verdict;
    assert.deepEqual(await authorizer.authorize(attributes(listPods)), {
      verdict: 'noOpinion',
      reason: 'Everything is forbidden.',
    });
    assert.equal(await verdict(listPods, ['system:masters']), 'allow');
    assert.equal(await verdict(getPath('/readyz/etcd')), 'allow');
    assert.equal(await verdict({ ...getPath('/readyz'), verb: 'post' }), 'noOpinion');
    assert.equal(await verdict(getPath('/metrics')), 'noOpinion');
    // A resource's path is no public path, whatever it begins with.
    assert.equal(await verdict({ ...listPods, path: '/version' }), 'noOpinion');
  });
});

describe('a union', () => {
  const saying = (verdict: Decision['verdict'], reason: string): Authorizer => ({
    name: verdict,
    authorize: () => ({ verdict, reason }),
  });
  const later = (authorizer: Authorizer): Authorizer => ({
    name: 'later',
    authorize: async (given) => authorizer.authorize(given),
  });

  test('ends at the first that allows or denies, and collects the reasons of the others', async () => {
    for (const wrap of [(authorizer: Authorizer) => authorizer, later]) {
      const [a, b] = [wrap(saying('noOpinion', 'a')), wrap(saying('noOpinion', 'b'))];
      const decide = (...authorizers: Authorizer[]): Decision | Promise<Decision> =>
        new UnionAuthorizer(authorizers).authorize(attributes(listPods));
      assert.deepEqual(await decide(a, saying('noOpinion', ''), b), { verdict: 'noOpinion', reason: 'a\nb' });
      assert.deepEqual(await decide(a, wrap(saying('deny', 'no')), saying('allow', '')), {
        verdict: 'deny',
        reason: 'no',
      });
      assert.equal((await decide(a, wrap(saying('allow', '')), saying('deny', ''))).verdict, 'allow');
      assert.deepEqual(await decide(), { verdict: 'noOpinion', reason: '' });
    }
  });
});
