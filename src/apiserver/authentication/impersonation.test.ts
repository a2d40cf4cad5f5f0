import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UserInfo } from '../../api/contract.ts';
import { StatusError } from '../../machinery/status.ts';
import type { AuthorizationAttributes, Authorizer } from '../contract.ts';
import { InternalExchange } from '../http/internal.ts';
import { parseRequestInfo } from '../http/request-info.ts';
import { Impersonation } from './impersonation.ts';
import type { Impersonated } from './impersonation-modes.ts';

const admin: UserInfo = { username: 'admin', groups: ['dev'] };
type Headers = Readonly<Record<string, string | readonly string[]>>;

function asText({ request }: AuthorizationAttributes): string {
  const resource = [request.resource, request.apiGroup].filter((part) => part !== '').join('.');
  const place = [request.namespace, request.subresource, request.name].filter((part) => part !== '').join('/');
  return `${request.verb} ${resource} ${place}`.trim();
}

/** Allows what `allows` says; remembers what it was asked, and by whom. */
class FakeAuthorizer implements Authorizer {
  readonly name = 'test';
  readonly asked: string[] = [];
  readonly askers: UserInfo[] = [];
  readonly #allows: (text: string) => boolean;

  constructor(allows: (text: string) => boolean) {
    this.#allows = allows;
  }

  authorize(attributes: AuthorizationAttributes): { verdict: 'allow' | 'noOpinion'; reason: string } {
    const text = asText(attributes);
    this.asked.push(text);
    this.askers.push(attributes.user);
    return { verdict: this.#allows(text) ? 'allow' : 'noOpinion', reason: '' };
  }
}

const older = (): FakeAuthorizer => new FakeAuthorizer((text) => text.startsWith('impersonate '));
const always = (): FakeAuthorizer => new FakeAuthorizer(() => true);

function act(
  headers: Headers,
  authorizer: Authorizer,
  { user = admin, target = '/api/v1/namespaces/ns/pods', impersonation = new Impersonation(authorizer) } = {},
): Promise<Impersonated> | undefined {
  const exchange = new InternalExchange({ method: 'GET', target, headers });
  return impersonation.of(exchange, user, parseRequestInfo('GET', exchange.path, exchange.query));
}

async function refusal(asked: () => Promise<unknown> | undefined): Promise<string> {
  try {
    await asked();
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return `${error.code} ${error.message}`;
  }
  throw new assert.AssertionError({ message: 'it was allowed' });
}

describe('impersonation', () => {
  test('leaves requests alone that do not ask for it', () => {
    assert.equal(act({ 'user-agent': 'x' }, always()), undefined);
    assert.equal(act({ 'impersonate-anything': 'x' }, always()), undefined);
  });

  test('is a bad request without a user', async () => {
    const cases: readonly (readonly [Headers, string])[] = [
      [{ 'impersonate-group': ['a', 'b'] }, 'UID:"", Groups:[]string{"a", "b"}, Extra:map[string][]string(nil)'],
      [{ 'impersonate-uid': 'u' }, 'UID:"u", Groups:[]string(nil), Extra:map[string][]string(nil)'],
      [{ 'impersonate-extra-x': 'y' }, 'UID:"", Groups:[]string(nil), Extra:map[string][]string{"x":[]string{"y"}}'],
    ];
    for (const [headers, text] of cases) {
      assert.equal(
        await refusal(() => act(headers, always())),
        `400 requested &user.DefaultInfo{Name:"", ${text}} without impersonating a user name`,
      );
    }
  });
});

describe('the older right to impersonate', () => {
  test('is asked for each attribute, and yields the user with all of them', async () => {
    const authorizer = older();
    const headers = {
      'impersonate-user': 'jane',
      'impersonate-group': ['dev', 'ops, all'],
      'impersonate-uid': 'u1',
      'impersonate-extra-scopes': ['view', 'edit'],
      'impersonate-extra-acme.com%2fproject': 'p',
    };
    assert.deepEqual(await act(headers, authorizer), {
      user: {
        username: 'jane',
        groups: ['dev', 'ops, all', 'system:authenticated'],
        uid: 'u1',
        extra: { scopes: ['view', 'edit'], 'acme.com/project': ['p'] },
      },
      constraint: '',
    });
    assert.deepEqual(authorizer.asked, [
      'impersonate-on:user-info:list pods ns',
      'impersonate users jane',
      'impersonate uids.authentication.k8s.io u1',
      'impersonate groups dev',
      'impersonate groups ops, all',
      'impersonate userextras.authentication.k8s.io scopes/view',
      'impersonate userextras.authentication.k8s.io scopes/edit',
      'impersonate userextras.authentication.k8s.io acme.com/project/p',
    ]);
  });

  test('knows the groups of service accounts and of nobody', async () => {
    const authorizer = older();
    const groupsOf = async (user: string, group?: string): Promise<readonly string[] | undefined> =>
      (
        await act(
          { 'impersonate-user': user, ...(group === undefined ? {} : { 'impersonate-group': group }) },
          authorizer,
        )
      )?.user.groups;
    assert.deepEqual(await groupsOf('system:serviceaccount:ns:sa'), [
      'system:serviceaccounts',
      'system:serviceaccounts:ns',
      'system:authenticated',
    ]);
    assert.ok(authorizer.asked.includes('impersonate serviceaccounts ns/sa'));
    assert.deepEqual(await groupsOf('system:serviceaccount:ns:sa', 'g'), ['g', 'system:authenticated']);
    assert.deepEqual(await groupsOf('system:serviceaccount:ns'), ['system:authenticated']);
    assert.deepEqual(await groupsOf('system:node:n1'), ['system:authenticated']);
    assert.deepEqual(await groupsOf('system:anonymous'), ['system:unauthenticated']);
    assert.deepEqual(await groupsOf('jane', 'system:unauthenticated'), ['system:unauthenticated']);
  });

  test('is tried first for who had it last', async () => {
    const authorizer = older();
    const impersonation = new Impersonation(authorizer);
    await act({ 'impersonate-user': 'jane' }, authorizer, { impersonation });
    await act({ 'impersonate-user': 'joe' }, authorizer, { impersonation });
    assert.deepEqual(authorizer.asked, [
      'impersonate-on:user-info:list pods ns',
      'impersonate users jane',
      'impersonate users joe',
    ]);
  });
});

describe('a constrained right to impersonate', () => {
  const allowing = (...texts: readonly string[]): FakeAuthorizer => new FakeAuthorizer((text) => texts.includes(text));

  test('is one to act as somebody, and one to make the request so', async () => {
    const both = ['impersonate-on:user-info:list pods ns', 'impersonate:user-info users.authentication.k8s.io jane'];
    assert.deepEqual(await act({ 'impersonate-user': 'jane' }, allowing(...both)), {
      user: { username: 'jane', groups: ['system:authenticated'] },
      constraint: 'impersonate:user-info',
    });
    // Upstream's answer is the refusal of the first way that would have done.
    assert.equal(
      await refusal(() => act({ 'impersonate-user': 'jane' }, allowing(...both.slice(1)))),
      '403 pods is forbidden: User "admin" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "ns"',
    );
    assert.equal(
      await refusal(() => act({ 'impersonate-user': 'jane' }, allowing(...both.slice(0, 1)))),
      '403 users.authentication.k8s.io "jane" is forbidden: User "admin" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope',
    );
    assert.match(
      await refusal(() => act({ 'impersonate-user': 'jane' }, allowing(...both), { target: '/api/v1/nodes' })),
      /^403 nodes is forbidden: User "admin" cannot impersonate-on:user-info:list/,
    );
  });

  test('to act as a service account or a node is one to that alone, by name alone', async () => {
    const account = allowing(
      'impersonate-on:serviceaccount:list pods ns',
      'impersonate:serviceaccount serviceaccounts.authentication.k8s.io a/b',
    );
    const headers = { 'impersonate-user': 'system:serviceaccount:a:b' };
    assert.deepEqual(await act(headers, account), {
      user: {
        username: 'system:serviceaccount:a:b',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
      },
      constraint: 'impersonate:serviceaccount',
    });
    assert.match(
      await refusal(() => act({ ...headers, 'impersonate-uid': 'u' }, account)),
      /cannot impersonate resource/,
    );
    const node = allowing(
      'impersonate-on:arbitrary-node:list pods ns',
      'impersonate:arbitrary-node nodes.authentication.k8s.io n1',
    );
    assert.deepEqual(await act({ 'impersonate-user': 'system:node:n1' }, node), {
      user: { username: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] },
      constraint: 'impersonate:arbitrary-node',
    });
    assert.match(await refusal(() => act({ 'impersonate-user': 'system:node:n2' }, node)), /^403 nodes\.auth.*"n2"/);
  });

  test('to act as the node that one runs on does not depend on which node that is', async () => {
    const agent: UserInfo = {
      username: 'system:serviceaccount:kube-system:agent',
      groups: [],
      extra: { 'authentication.kubernetes.io/node-name': ['n1'], 'authentication.kubernetes.io/pod-name': ['p'] },
    };
    const authorizer = allowing(
      'impersonate-on:associated-node:list pods ns',
      'impersonate:associated-node nodes.authentication.k8s.io *',
    );
    assert.deepEqual(await act({ 'impersonate-user': 'system:node:n1' }, authorizer, { user: agent }), {
      user: { username: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] },
      constraint: 'impersonate:associated-node',
    });
    assert.deepEqual(authorizer.askers[0]?.extra, {
      'authentication.kubernetes.io/associated-node-keys': [
        'authentication.kubernetes.io/node-name',
        'authentication.kubernetes.io/pod-name',
      ],
    });
    assert.match(
      await refusal(() => act({ 'impersonate-user': 'system:node:n2' }, authorizer, { user: agent })),
      /impersonate-on:arbitrary-node:list/,
    );
  });

  test('never reaches what would be more than a constraint', async () => {
    const constrainedOnly = new FakeAuthorizer((text) => !text.startsWith('impersonate '));
    const cases: readonly (readonly [Headers, RegExp])[] = [
      [{ 'impersonate-group': ['a', 'system:masters'] }, /impersonating the system:masters group is not allowed$/],
      [{ 'impersonate-group': ['a', ''] }, /impersonating the empty string group is not allowed$/],
      [
        { 'impersonate-extra-x': 'y' },
        /impersonating an invalid key in extra is not allowed: extra\.key: Invalid value/,
      ],
      [{ 'impersonate-extra-a.io%2FB': 'y' }, /impersonating a non-lowercase key in extra is not allowed: "a\.io\/B"$/],
      [{ 'impersonate-extra-a.io%2fb': ['y', ''] }, /impersonating the empty string value in extra is not allowed$/],
    ];
    for (const [headers, message] of cases) {
      assert.match(await refusal(() => act({ 'impersonate-user': 'jane', ...headers }, constrainedOnly)), message);
    }
  });

  test('to many groups at once is asked for as one', async () => {
    const authorizer = new FakeAuthorizer((text) => !/ groups\..* [abcd]$/.test(text));
    const found = await act({ 'impersonate-user': 'jane', 'impersonate-group': ['a', 'b', 'c', 'd'] }, authorizer);
    assert.equal(found?.constraint, 'impersonate:user-info');
    assert.ok(authorizer.asked.includes('impersonate:user-info groups.authentication.k8s.io *'));
  });
});
