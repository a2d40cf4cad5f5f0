// API Priority and Fairness through HTTPS: whom a flood keeps waiting, and who configures it.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { FlowSchema, FlowSchemaList, PriorityLevelConfiguration } from '../../src/api/types/flowcontrol.v1.ts';
import type { RestClient } from '../../src/client/rest.ts';
import { eventually } from '../support/eventually.ts';
import { httpsAnswer } from '../support/https-request.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';
import { Http2Connection, type WireAnswer } from '../support/wire.ts';

const group = '/apis/flowcontrol.apiserver.k8s.io/v1';
const schemas = `${group}/flowschemas`;
const levels = `${group}/prioritylevelconfigurations`;
const configMaps = '/api/v1/namespaces/default/configmaps';
const text = 'Too many requests, please try again later.\n';

let home: string;
let tokens: string;

before(async () => {
  home = await temporaryDirectory();
  tokens = join(home, 'tokens.csv');
  await writeFile(
    tokens,
    [
      'flood-token,flood,1,"tenants"',
      'jane-token,jane,2,"tenants"',
      'node-token,system:node:n1,3,"system:nodes,tenants"',
      'root-token,root,4,"system:masters"',
    ].join('\n'),
  );
});
after(() => removeDirectory(home));

async function startServer(directory: string, ...args: readonly string[]): Promise<TestServer> {
  return TestServer.start({ directory, args: ['--token-auth-file', tokens, '--authorization-mode=RBAC', ...args] });
}

async function letTenantsIn(client: RestClient): Promise<void> {
  await client.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    body: {
      metadata: { name: 'tenants' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'tenants' }],
    },
  });
}

/** Requests of one user, over one connection. */
class Caller {
  readonly #connection: Http2Connection;
  readonly #token: string;

  constructor(server: TestServer, token: string) {
    const { credentials: _, ...config } = server.config;
    this.#connection = new Http2Connection({ ...config, credentials: {} });
    this.#token = token;
  }

  get(path: string): Promise<WireAnswer> {
    return this.#connection.send({ method: 'GET', path, headers: { authorization: `Bearer ${this.#token}` } });
  }

  create(name: string): Promise<WireAnswer> {
    return this.#connection.send({
      method: 'POST',
      path: configMaps,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ metadata: { name } })),
    });
  }

  close(): void {
    this.#connection.close();
  }
}

function statusesOf(answers: readonly WireAnswer[]): number[] {
  return [...new Set(answers.map(({ status }) => status))].sort();
}

test('a flood by one user is refused in part, and nobody else is refused or kept waiting for it', async () => {
  const server = await startServer(
    join(home, 'flood'),
    '--max-requests-inflight=10',
    '--max-mutating-requests-inflight=10',
  );
  const client = server.client();
  const flooders = Array.from({ length: 5 }, () => new Caller(server, 'flood-token'));
  const others = ['jane-token', 'node-token', 'root-token'].map((token) => new Caller(server, token));
  try {
    await letTenantsIn(client);
    const flood = flooders.flatMap((flooder, i) =>
      Array.from({ length: 200 }, (_, j) => flooder.create(`f-${i}-${j}`)),
    );
    const floodIsOver = Promise.all(flood).then(() => true);
    let served = 0;
    const meanwhile = Promise.all(
      others.map(async (other, i) => {
        const answers: WireAnswer[] = [];
        for (let j = 0; j < 10; j++) {
          answers.push(await other.create(`o-${i}-${j}`), await other.get(`${configMaps}/o-${i}-${j}`));
          served++;
        }
        return answers;
      }),
    );
    for (const answers of await meanwhile) {
      assert.ok(
        answers.every(({ status }) => status < 300),
        statusesOf(answers).join(),
      );
      for (const { headers } of answers)
        assert.match(headers['x-kubernetes-pf-flowschema-uid'] ?? '', /^[\da-f-]{36}$/);
    }
    assert.equal(served, 30);
    await floodIsOver;
    const answers = await Promise.all(flood);
    assert.deepEqual(statusesOf(answers), [201, 429]);
    const refused = answers.filter(({ status }) => status === 429);
    for (const { headers, body } of refused) {
      assert.equal(body.toString(), text);
      assert.ok(Number(headers['retry-after']) >= 1 && Number(headers['retry-after']) <= 32);
    }
    const metrics = (await httpsAnswer(server, { path: '/metrics', token: 'root-token' })).text;
    const rejected =
      /^apiserver_flowcontrol_rejected_requests_total\{priority_level="global-default",flow_schema="global-default",reason="queue-full"\} (\d+)$/m;
    assert.equal(Number(rejected.exec(metrics)?.[1]), refused.length);
    assert.doesNotMatch(metrics, /rejected_requests_total\{priority_level="(?!global-default)/);
    assert.doesNotMatch(metrics, /^apiserver_flowcontrol_current_inqueue_requests\{.*\} [^0]/m);
    assert.doesNotMatch(
      metrics,
      /^apiserver_flowcontrol_current_executing_requests\{priority_level="global-default".*\} [^0]/m,
    );
  } finally {
    for (const caller of [...flooders, ...others]) caller.close();
    client.transport.close();
    await server.stop();
  }
});

test('without priority and fairness, requests beyond the limit are refused, but for those of masters', async () => {
  const server = await startServer(
    join(home, 'plain'),
    '--enable-priority-and-fairness=false',
    '--max-mutating-requests-inflight=2',
  );
  const client = server.client();
  const [flooder, root] = [new Caller(server, 'flood-token'), new Caller(server, 'root-token')];
  try {
    await letTenantsIn(client);
    assert.deepEqual((await client.get<FlowSchemaList>(schemas)).items, []);
    const flood = Array.from({ length: 100 }, (_, i) => flooder.create(`f-${i}`));
    for (let i = 0; i < 3; i++) assert.equal((await root.create(`r-${i}`)).status, 201);
    const flooded = await Promise.all(flood);
    assert.deepEqual(statusesOf(flooded), [201, 429]);
    for (const { status, headers, body } of flooded) {
      assert.equal(headers['x-kubernetes-pf-flowschema-uid'], undefined);
      if (status === 429) assert.deepEqual([body.toString(), headers['retry-after']], [text, '1']);
    }
  } finally {
    flooder.close();
    root.close();
    client.transport.close();
    await server.stop();
  }
});

describe('configuration', () => {
  let server: TestServer;
  let client: RestClient;
  const directory = (): string => join(home, 'configuration');

  before(async () => {
    server = await startServer(directory());
    client = server.client();
    await letTenantsIn(client);
  });
  after(async () => {
    client?.transport.close();
    await server?.stop();
  });

  async function restart(): Promise<void> {
    client.transport.close();
    await server.stop();
    server = await startServer(directory());
    client = server.client();
  }

  const schemaOf = (name: string): Promise<FlowSchema> => client.get(`${schemas}/${name}`);
  /** Waits until the one condition of a schema says so. */
  const becomes = (name: string, ...expected: readonly string[]): Promise<void> =>
    eventually(`${name} is ${expected.join(' ')}`, async () => {
      const conditions = (await schemaOf(name)).status?.conditions ?? [];
      const [condition] = conditions;
      if (conditions.length !== 1 || condition?.type !== 'Dangling') return false;
      return isDeepStrictEqual([condition.status, condition.reason, condition.message], expected);
    });
  const rules = [
    {
      subjects: [{ kind: 'User', user: { name: 'jane' } }],
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] }],
    },
  ];

  test('a schema says whether its level is there, and counts when it is', async () => {
    const message = 'This FlowSchema references the PriorityLevelConfiguration object named "mine"';
    await client.request('POST', schemas, {
      body: {
        metadata: { name: 'mine' },
        spec: { priorityLevelConfiguration: { name: 'mine' }, matchingPrecedence: 1500, rules },
      },
    });
    await becomes('mine', 'True', 'NotFound', `${message} but there is no such object`);
    const classified = async (): Promise<unknown> =>
      (await httpsAnswer(server, { path: configMaps, token: 'jane-token' })).headers['x-kubernetes-pf-flowschema-uid'];
    assert.equal(await classified(), (await schemaOf('global-default')).metadata.uid);
    const level = await client.request<PriorityLevelConfiguration>('POST', levels, {
      body: {
        metadata: { name: 'mine' },
        spec: { type: 'Limited', limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' } } },
      },
    });
    assert.equal(await classified(), (await schemaOf('mine')).metadata.uid, 'from the next request on');
    const { headers } = await httpsAnswer(server, { path: configMaps, token: 'jane-token' });
    assert.equal(headers['x-kubernetes-pf-prioritylevel-uid'], level.metadata.uid);
    await becomes('mine', 'False', 'Found', `${message} and it exists`);
    await client.request('DELETE', `${levels}/mine`);
    assert.equal(await classified(), (await schemaOf('global-default')).metadata.uid);
    await becomes('mine', 'True', 'NotFound', `${message} but there is no such object`);
    await client.request('DELETE', `${schemas}/mine`);
  });

  test('every bootstrap object is there, and none dangles', async () => {
    const { items } = await client.get<FlowSchemaList>(schemas);
    const message = 'This FlowSchema references the PriorityLevelConfiguration object named';
    assert.equal(items.length, 13);
    for (const { metadata, spec } of items) {
      assert.equal(metadata.annotations?.['apf.kubernetes.io/autoupdate-spec'], 'true');
      const level = JSON.stringify(spec.priorityLevelConfiguration.name);
      await becomes(metadata.name ?? '', 'False', 'Found', `${message} ${level} and it exists`);
    }
  });

  test('a start brings back what is missing or changed, but for what somebody took over', async () => {
    const change = (path: string, patch: object): Promise<unknown> =>
      client.request('PATCH', path, { contentType: 'application/merge-patch+json', body: patch });
    await client.request('DELETE', `${schemas}/global-default`);
    await client.request('DELETE', `${schemas}/catch-all`);
    await client.request('DELETE', `${levels}/exempt`);
    await change(`${schemas}/service-accounts`, { spec: { matchingPrecedence: 77 } });
    await change(`${schemas}/kube-scheduler`, {
      metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } },
      spec: { matchingPrecedence: 78 },
    });
    // Who changes an object without an annotation takes it over as well.
    await change(`${schemas}/system-nodes`, {
      metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': null } },
      spec: { matchingPrecedence: 79 },
    });
    await client.request('POST', schemas, {
      body: {
        metadata: { name: 'of-old', annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } },
        spec: { priorityLevelConfiguration: { name: 'system' }, rules },
      },
    });
    await restart();
    const { items } = await client.get<FlowSchemaList>(schemas);
    const precedences = new Map(items.map(({ metadata, spec }) => [metadata.name, spec.matchingPrecedence]));
    assert.equal(precedences.size, 13);
    assert.equal(precedences.get('global-default'), 9900);
    assert.equal(precedences.get('catch-all'), 10_000);
    assert.equal(precedences.get('service-accounts'), 9000);
    assert.equal(precedences.get('kube-scheduler'), 78);
    assert.equal(precedences.get('system-nodes'), 79);
    assert.equal(precedences.has('of-old'), false);
    const left = (await schemaOf('system-nodes')).metadata.annotations;
    assert.equal(left?.['apf.kubernetes.io/autoupdate-spec'], 'false');
    await client.get(`${levels}/exempt`);
  });

  test('mandatory objects cannot be changed', async () => {
    const patch = { spec: { matchingPrecedence: 5 } };
    await assert.rejects(
      client.request('PATCH', `${schemas}/exempt`, { contentType: 'application/merge-patch+json', body: patch }),
      { code: 422, message: /must equal the fixed value/ },
    );
  });
});
