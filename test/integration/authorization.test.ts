/** Who may do what, through HTTPS. Users come by impersonation, which only an administrator may. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ClusterRole } from '../../src/api/types/rbac.v1.ts';
import { StatusError } from '../../src/machinery/status.ts';
import type { RestClient } from '../../src/client/rest.ts';
import { httpsAnswer } from '../support/https-request.ts';
import { forEachKubectl } from '../support/kubectl-session.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const reviews = '/apis/authorization.k8s.io/v1';

describe('RBAC', () => {
  let server: TestServer;
  let client: RestClient;
  before(async () => {
    server = await TestServer.start();
    client = server.client();
  });
  after(async () => {
    client.transport.close();
    await server.stop();
  });

  const as = (user: string, ...groups: string[]): Record<string, string> => ({
    'impersonate-user': user,
    ...(groups[0] === undefined ? {} : { 'impersonate-group': groups[0] }),
  });
  const refusal = async (request: Promise<unknown>): Promise<StatusError> => {
    const error = await request.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof StatusError)) throw new assert.AssertionError({ message: `not refused: ${String(error)}` });
    return error;
  };
  const create = (path: string, body: object, headers: Record<string, string> = {}): Promise<unknown> =>
    client.request('POST', path, { body, headers });
  const bind = (name: string, role: string, user: string): Promise<unknown> =>
    create(`${rbac}/namespaces/default/rolebindings`, {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }],
    });

  test('refuses what no role allows, and names roles that are missing', async () => {
    const list = (): Promise<unknown> =>
      client.request('GET', '/api/v1/namespaces/default/pods', { headers: as('jane') });
    const sentence =
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"';
    const error = await refusal(list());
    assert.equal(error.message, sentence);
    assert.equal(error.code, 403);
    await bind('to-nothing', 'nothing', 'jane');
    assert.equal(
      (await refusal(list())).message,
      `${sentence}: RBAC: clusterrole.rbac.authorization.k8s.io "nothing" not found`,
    );
    await client.request('DELETE', `${rbac}/namespaces/default/rolebindings/to-nothing`);
  });

  test('takes a binding away with the next request, again and again', async () => {
    const path = '/api/v1/namespaces/default/configmaps';
    for (let round = 0; round < 20; round++) {
      await bind('brief', 'view', 'kim');
      await client.request('GET', path, { headers: as('kim') });
      await client.request('DELETE', `${rbac}/namespaces/default/rolebindings/brief`);
      assert.equal((await refusal(client.request('GET', path, { headers: as('kim') }))).code, 403);
    }
  });

  test('takes the rules of a role as they are now', async () => {
    await create(`${rbac}/clusterroles`, {
      metadata: { name: 'changing' },
      rules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }],
    });
    await create(`${rbac}/clusterrolebindings`, {
      metadata: { name: 'changing' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'changing' },
      subjects: [{ kind: 'ServiceAccount', name: 'prometheus', namespace: 'default' }],
    });
    const allowed = async (path: string): Promise<unknown> => {
      const { status } = await client.request<{ status: { allowed: boolean } }>(
        'POST',
        `${reviews}/subjectaccessreviews`,
        {
          body: {
            spec: { user: 'system:serviceaccount:default:prometheus', nonResourceAttributes: { path, verb: 'get' } },
          },
        },
      );
      return status.allowed;
    };
    assert.deepEqual([await allowed('/metrics'), await allowed('/logs/a')], [true, false]);
    await client.request('PATCH', `${rbac}/clusterroles/changing`, {
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { rules: [{ verbs: ['get'], nonResourceURLs: ['/logs/*'] }] },
    });
    assert.deepEqual([await allowed('/metrics'), await allowed('/logs/a')], [false, true]);
  });

  test('lets nobody grant what they do not hold, unless they may escalate or bind', async () => {
    await create(`${rbac}/clusterroles`, {
      metadata: { name: 'role-writer' },
      rules: [
        { verbs: ['create', 'update', 'patch', 'get'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['*'] },
      ],
    });
    await bind('role-writer', 'role-writer', 'bob');
    const role = (name: string, ...resources: string[]): object => ({
      metadata: { name },
      rules: [{ verbs: ['get'], apiGroups: ['rbac.authorization.k8s.io'], resources }],
    });
    const roles = `${rbac}/namespaces/default/roles`;
    await create(roles, role('mine', 'roles'), as('bob'));
    const refused = await refusal(
      create(
        roles,
        { ...role('more', 'roles'), rules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }] },
        as('bob'),
      ),
    );
    assert.equal(
      refused.message,
      'roles.rbac.authorization.k8s.io "more" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    );
    const widened = client.request('PATCH', `${roles}/mine`, {
      headers: { ...as('bob'), 'content-type': 'application/merge-patch+json' },
      body: { rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] },
    });
    assert.match(
      (await refusal(widened)).message,
      /not currently held:\n\{APIGroups:\["\*"\], Resources:\["\*"\], Verbs:\["\*"\]\}$/,
    );
    const bound = (headers: Record<string, string>): Promise<unknown> =>
      create(
        `${rbac}/namespaces/default/rolebindings`,
        {
          metadata: { name: 'self' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
          subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' }],
        },
        headers,
      );
    assert.match(
      (await refusal(bound(as('bob')))).message,
      /^rolebindings\.rbac\.authorization\.k8s\.io "self" is forbidden: user "bob"/,
    );
    await create(`${rbac}/clusterroles`, {
      metadata: { name: 'binder' },
      rules: [
        {
          verbs: ['bind'],
          apiGroups: ['rbac.authorization.k8s.io'],
          resources: ['clusterroles'],
          resourceNames: ['view'],
        },
        { verbs: ['escalate'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'] },
      ],
    });
    await bind('binder', 'binder', 'bob');
    await bound(as('bob'));
    await create(
      roles,
      { metadata: { name: 'more' }, rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] },
      as('bob'),
    );
  });

  test('asks for everything of those who write roles that gather others', async () => {
    await create(`${rbac}/clusterroles`, {
      metadata: { name: 'cluster-role-writer' },
      rules: [{ verbs: ['create'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'] }],
    });
    await create(`${rbac}/clusterrolebindings`, {
      metadata: { name: 'cluster-role-writer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-role-writer' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'carl' }],
    });
    const gathering = {
      metadata: { name: 'gathering' },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
    };
    const error = await refusal(create(`${rbac}/clusterroles`, gathering, as('carl')));
    assert.equal(
      error.message,
      'clusterroles.rbac.authorization.k8s.io "gathering" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    );
  });

  test('opens to everybody what system:public-info-viewer names, and no more', async () => {
    const status = async (path: string): Promise<number> => (await httpsAnswer(server, { path })).status;
    assert.equal(await status('/readyz'), 200);
    assert.equal(await status('/version'), 200);
    assert.equal(await status('/readyz/etcd'), 403);
    assert.equal(await status('/metrics'), 401);
  });

  test('lets a node read what its pods name, as long as they are there', async () => {
    const node = { 'impersonate-user': 'system:node:n1', 'impersonate-group': 'system:nodes' };
    const other = { ...node, 'impersonate-user': 'system:node:n2' };
    const core = '/api/v1/namespaces/default';
    const codeOf = async (path: string, headers: Record<string, string>): Promise<number> =>
      client.request('GET', path, { headers }).then(
        () => 200,
        (error: unknown) => (error instanceof StatusError ? error.code : Promise.reject(error)),
      );
    await create(`${core}/secrets`, { metadata: { name: 'used' } });
    await create(`${core}/serviceaccounts`, { metadata: { name: 'default' } }).catch((error: unknown) => {
      // Somebody may have been faster.
      if (!(error instanceof StatusError) || error.code !== 409) throw error;
    });
    for (const round of [1, 2, 3]) {
      assert.equal(await codeOf(`${core}/secrets/used`, node), 403, `before, round ${round}`);
      await create(`${core}/pods`, {
        metadata: { name: 'using' },
        spec: {
          nodeName: 'n1',
          containers: [{ name: 'c', image: 'i' }],
          volumes: [{ name: 's', secret: { secretName: 'used' } }],
        },
      });
      assert.equal(await codeOf(`${core}/secrets/used`, node), 200);
      assert.equal(await codeOf(`${core}/secrets?fieldSelector=metadata.name%3Dused`, node), 200);
      assert.equal(await codeOf(`${core}/secrets`, node), 403);
      assert.equal(await codeOf(`${core}/secrets/used`, other), 403);
      assert.equal(await codeOf('/api/v1/pods?fieldSelector=spec.nodeName%3Dn1', node), 200);
      assert.equal(await codeOf('/api/v1/pods?fieldSelector=spec.nodeName%3Dn1', other), 403);
      await client.request('DELETE', `${core}/pods/using`, { body: { gracePeriodSeconds: 0 } });
    }
    assert.equal(
      (await refusal(client.request('GET', `${core}/secrets/used`, { headers: node }))).message,
      `secrets "used" is forbidden: User "system:node:n1" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node 'n1' and this object`,
    );
  });

  test('lets nobody create by an update or an apply who may not create', async () => {
    await create(`${rbac}/clusterroles`, {
      metadata: { name: 'changer' },
      rules: [{ verbs: ['get', 'update', 'patch'], apiGroups: ['', 'coordination.k8s.io'], resources: ['*'] }],
    });
    await bind('changer', 'changer', 'dora');
    const lease = '/apis/coordination.k8s.io/v1/namespaces/default/leases/new';
    const put = client.request('PUT', lease, {
      body: { metadata: { name: 'new' }, spec: { holderIdentity: 'dora' } },
      headers: as('dora'),
    });
    assert.equal((await refusal(put)).message, 'leases.coordination.k8s.io "new" is forbidden: ');
    const apply = client.request('PATCH', '/api/v1/namespaces/default/configmaps/new?fieldManager=dora', {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' } },
      headers: { ...as('dora'), 'content-type': 'application/apply-patch+yaml' },
    });
    assert.equal((await refusal(apply)).message, 'configmaps "new" is forbidden: ');
    await create('/api/v1/namespaces/default/configmaps', { metadata: { name: 'new' } });
    await client.request('PATCH', '/api/v1/namespaces/default/configmaps/new?fieldManager=dora', {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' }, data: { a: 'b' } },
      headers: { ...as('dora'), 'content-type': 'application/apply-patch+yaml' },
    });
  });

  test("asks those who change a claim's status for what they change", async () => {
    const claims = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims';
    const rule = (verbs: string[], resource: string, ...resourceNames: string[]): object => ({
      verbs,
      apiGroups: ['resource.k8s.io'],
      resources: [`resourceclaims/${resource}`],
      ...(resourceNames.length === 0 ? {} : { resourceNames }),
    });
    const grant = async (name: string, ...rules: object[]): Promise<void> => {
      await create(`${rbac}/clusterroles`, { metadata: { name }, rules });
      await create(`${rbac}/clusterrolebindings`, {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'driver' }],
      });
    };
    await create(claims, {
      metadata: { name: 'claim' },
      spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } },
    });
    await grant('claim-status', rule(['patch'], 'status'));
    const patch = (status: object): Promise<unknown> =>
      client.request('PATCH', `${claims}/claim/status`, {
        headers: { ...as('driver'), 'content-type': 'application/merge-patch+json' },
        body: { status },
      });
    const result = { request: 'r', driver: 'd.example.com', pool: 'p', device: 'x' };
    const allocation = { allocation: { devices: { results: [result] } } };
    assert.match(
      (await refusal(patch(allocation))).message,
      /^ResourceClaim\.resource\.k8s\.io "claim" is invalid: status: Forbidden: changing status\.allocation or status\.reservedFor requires resource="resourceclaims\/binding", verb="patch" permission: resourceclaims\.resource\.k8s\.io is forbidden: User "driver" cannot patch resource "resourceclaims\/binding" in API group "resource\.k8s\.io" at the cluster scope$/,
    );
    await grant('claim-binding', rule(['patch'], 'binding'));
    await patch(allocation);
    const devices = { devices: [{ driver: 'd.example.com', pool: 'p', device: 'x', data: { a: 1 } }] };
    assert.match(
      (await refusal(patch(devices))).message,
      /status\.devices: Forbidden: changing status\.devices requires resource="resourceclaims\/driver", verb="\[arbitrary-node:patch\]" permission: .*"d\.example\.com" is forbidden: User "driver" cannot arbitrary-node:patch resource "resourceclaims\/driver"/,
    );
    await grant('claim-driver', rule(['arbitrary-node:patch'], 'driver', 'd.example.com'));
    await patch(devices);
  });

  test('counts decisions', async () => {
    const { certificate: cert, key } = server.config.credentials;
    if (cert === undefined || key === undefined) throw new Error('the administrator has no certificate');
    const { text: metrics } = await httpsAnswer(server, { path: '/metrics', certificate: { cert, key } });
    assert.match(
      metrics,
      /^apiserver_authorization_decisions_total\{type="RBAC",name="rbac",decision="allowed"\} [1-9]/m,
    );
    assert.match(metrics, /^authorization_attempts_total\{result="no-opinion"\} [1-9]/m);
    assert.match(metrics, /^authorization_duration_seconds_count\{result="allowed"\} [1-9]/m);
  });
});

test('every start brings the bootstrap policy up to date, and leaves alone what it is told to', async () => {
  const directory = await temporaryDirectory();
  try {
    const changeAll = async (change: (client: RestClient) => Promise<void>): Promise<void> => {
      const server = await TestServer.start({ directory });
      const client = server.client();
      try {
        await change(client);
      } finally {
        client.transport.close();
        await server.stop();
      }
    };
    const patch = (client: RestClient, path: string, body: object): Promise<unknown> =>
      client.request('PATCH', path, { headers: { 'content-type': 'application/merge-patch+json' }, body });
    const extra = { verbs: ['get'], apiGroups: ['example.com'], resources: ['widgets'] };
    let dnsVersion: string | undefined;
    await changeAll(async (client) => {
      await patch(client, `${rbac}/clusterroles/system:discovery`, { rules: [extra] });
      await patch(client, `${rbac}/clusterroles/system:kube-dns`, {
        rules: [],
        metadata: { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } },
      });
      await client.request('DELETE', `${rbac}/clusterrolebindings/system:basic-user`);
      await client.request('POST', `${rbac}/clusterroles`, {
        body: {
          metadata: { name: 'widgets-view', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
          rules: [extra],
        },
      });
      const aggregator = await client.get<ClusterRole>(`${rbac}/clusterroles/system:kube-aggregator`);
      dnsVersion = aggregator.metadata.resourceVersion;
    });
    await changeAll(async (client) => {
      const role = (name: string): Promise<ClusterRole> => client.get(`${rbac}/clusterroles/${name}`);
      const discovery = (await role('system:discovery')).rules ?? [];
      assert.deepEqual(discovery[0], extra);
      assert.ok(discovery.some(({ nonResourceURLs }) => nonResourceURLs?.includes('/openapi/*')));
      assert.deepEqual((await role('system:kube-dns')).rules ?? [], []);
      await client.get(`${rbac}/clusterrolebindings/system:basic-user`);
      for (const name of ['view', 'edit', 'admin']) {
        const rules = (await role(name)).rules ?? [];
        assert.ok(
          rules.some(({ apiGroups }) => apiGroups?.includes('example.com')),
          name,
        );
      }
      // What is right is not written.
      assert.equal((await role('system:kube-aggregator')).metadata.resourceVersion, dnsVersion);
    });
  } finally {
    await removeDirectory(directory);
  }
});

await forEachKubectl((session) => {
  const { run, namespace } = session;
  const user = `--as=jane-${namespace}`;
  const inNamespace = ['-n', namespace];

  test('auth can-i follows create role and create rolebinding', async () => {
    const canI = async (...what: string[]): Promise<string> =>
      (await session.try(['auth', 'can-i', ...what, user, ...inNamespace])).stdout.trim();
    assert.equal(await canI('list', 'pods'), 'no');
    await run([
      'create',
      'role',
      'reader',
      '--verb=get,list',
      '--resource=pods,pods/log,deployments.apps',
      ...inNamespace,
    ]);
    await run(['create', 'rolebinding', 'reader', '--role=reader', `--user=jane-${namespace}`, ...inNamespace]);
    assert.equal(await canI('list', 'pods'), 'yes');
    assert.equal(await canI('get', 'pods/web', '--subresource=log'), 'yes');
    assert.equal(await canI('get', 'deployments.apps'), 'yes');
    assert.equal(await canI('delete', 'pods'), 'no');
    assert.equal(await canI('get', '/version'), 'yes');
    assert.equal(await canI('get', '/metrics'), 'no');
    await run(['delete', 'rolebinding', 'reader', ...inNamespace]);
    assert.equal(await canI('list', 'pods'), 'no');
  });

  test('auth can-i --list shows what roles grant', async () => {
    await run(['create', 'rolebinding', 'viewer', '--clusterrole=view', `--user=jane-${namespace}`, ...inNamespace]);
    const listed = await run(['auth', 'can-i', '--list', user, ...inNamespace]);
    assert.match(listed, /^pods\/log +\[\] +\[\] +\[get list watch\]$/m);
    assert.match(listed, /^ +\[\/version\] +\[\] +\[get\]$/m);
    assert.doesNotMatch(listed, /^secrets /m);
  });

  test('auth reconcile writes roles and bindings, and adds what is missing', async () => {
    const role = (...verbs: string[]): object => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'reconciled', namespace },
      rules: [{ verbs, apiGroups: [''], resources: ['secrets'] }],
    });
    await run(['auth', 'reconcile', '-f', await session.file('role.json', role('get'))]);
    await run(['auth', 'reconcile', '-f', await session.file('role.json', role('list'))]);
    const stored = JSON.parse(await run(['get', 'role', 'reconciled', '-o', 'json', ...inNamespace])) as ClusterRole;
    assert.deepEqual((stored.rules ?? []).flatMap(({ verbs }) => verbs ?? []).sort(), ['get', 'list']);
  });

  test('a refusal is printed as by upstream', async () => {
    const { stderr, code } = await session.try(['get', 'secrets', `--as=nobody-${namespace}`, ...inNamespace]);
    assert.equal(code, 1);
    assert.equal(
      stderr.trim(),
      `Error from server (Forbidden): secrets is forbidden: User "nobody-${namespace}" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`,
    );
  });
});
