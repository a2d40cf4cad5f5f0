import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UserInfo } from '../../api/contract.ts';
import { StatusError } from '../../machinery/status.ts';
import type { AuthorizationAttributes, Authorizer } from '../contract.ts';
import { InternalExchange } from '../http/internal.ts';
import { actingUser } from './impersonation.ts';

const admin: UserInfo = { username: 'admin', groups: ['system:masters'] };

/** Allows all but what `denied` names; remembers what it was asked. */
function authorizerWith(denied?: string): { authorizer: Authorizer; asked: string[] } {
  const asked: string[] = [];
  const authorizer: Authorizer = {
    name: 'test',
    authorize({ user, request }: AuthorizationAttributes) {
      assert.equal(user, admin);
      const resource = [request.resource, request.apiGroup].filter((part) => part !== '').join('.');
      const place = [request.namespace, request.subresource, request.name].filter((part) => part !== '').join('/');
      asked.push(`${request.verb} ${resource} ${place}`);
      return request.resource === denied ? { verdict: 'noOpinion', reason: '' } : { verdict: 'allow', reason: '' };
    },
  };
  return { authorizer, asked };
}

function act(headers: Record<string, string | string[]>, authorizer: Authorizer): UserInfo | Promise<UserInfo> {
  return actingUser(admin, new InternalExchange({ method: 'GET', target: '/', headers }), authorizer);
}

describe('impersonation', () => {
  test('leaves requests alone that do not ask for it', () => {
    assert.equal(act({ 'user-agent': 'x' }, authorizerWith().authorizer), admin);
  });

  test('is asked for each attribute, and yields the user with all of them', async () => {
    const { authorizer, asked } = authorizerWith();
    const headers = {
      'impersonate-user': 'jane',
      'impersonate-group': ['dev', 'ops'],
      'impersonate-uid': 'u1',
      'impersonate-extra-scopes': ['view', 'edit'],
      'impersonate-extra-acme.com%2fproject': 'p',
    };
    assert.deepEqual(await act(headers, authorizer), {
      username: 'jane',
      groups: ['dev', 'ops', 'system:authenticated'],
      uid: 'u1',
      extra: { scopes: ['view', 'edit'], 'acme.com/project': ['p'] },
    });
    assert.deepEqual(asked, [
      'impersonate users jane',
      'impersonate groups dev',
      'impersonate groups ops',
      'impersonate uids.authentication.k8s.io u1',
      'impersonate userextras.authentication.k8s.io scopes/view',
      'impersonate userextras.authentication.k8s.io scopes/edit',
      'impersonate userextras.authentication.k8s.io acme.com/project/p',
    ]);
  });

  test('knows the groups of service accounts and of nobody', async () => {
    const { authorizer, asked } = authorizerWith();
    const groupsOf = async (user: string, group?: string): Promise<readonly string[]> =>
      (
        await act(
          { 'impersonate-user': user, ...(group === undefined ? {} : { 'impersonate-group': group }) },
          authorizer,
        )
      ).groups;
    assert.deepEqual(await groupsOf('system:serviceaccount:ns:sa'), [
      'system:serviceaccounts',
      'system:serviceaccounts:ns',
      'system:authenticated',
    ]);
    assert.deepEqual(asked, ['impersonate serviceaccounts ns/sa']);
    assert.deepEqual(await groupsOf('system:serviceaccount:ns:sa', 'g'), ['g', 'system:authenticated']);
    assert.deepEqual(await groupsOf('system:serviceaccount:ns'), ['system:authenticated']);
    assert.deepEqual(await groupsOf('system:anonymous'), ['system:unauthenticated']);
    assert.deepEqual(await groupsOf('jane', 'system:unauthenticated'), ['system:unauthenticated']);
  });

  test('is refused as upstream refuses it', async () => {
    const cases: readonly (readonly [Record<string, string>, string, string])[] = [
      [
        { 'impersonate-user': 'jane' },
        'users',
        'users "jane" is forbidden: User "admin" cannot impersonate resource "users" in API group "" at the cluster scope',
      ],
      [
        { 'impersonate-user': 'jane', 'impersonate-group': 'dev' },
        'groups',
        'groups "dev" is forbidden: User "admin" cannot impersonate resource "groups" in API group "" at the cluster scope',
      ],
    ];
    for (const [headers, denied, message] of cases) {
      await assert.rejects(async () => act(headers, authorizerWith(denied).authorizer), { code: 403, message });
    }
    for (const name of ['impersonate-group', 'impersonate-uid', 'impersonate-extra-x', 'impersonate-anything']) {
      await assert.rejects(
        async () => act({ [name]: 'x' }, authorizerWith().authorizer),
        (error) => error instanceof StatusError && error.code === 500,
      );
    }
  });
});
