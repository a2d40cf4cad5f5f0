/** What is recorded of requests, as a policy says: in a file, on a webhook. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Event, EventList } from '../../src/api/types/audit.v1.ts';
import { eventually } from '../support/eventually.ts';
import { httpsAnswer, type HttpsAnswer, type HttpsRequest } from '../support/https-request.ts';
import { pkiPair, type Pair } from '../support/identity.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';

const policy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: [quiet]
- level: None
  nonResourceURLs: ['/readyz*']
- level: RequestResponse
  namespaces: [whole]
  omitManagedFields: true
- level: Request
  verbs: [create, update, patch, delete]
  resources:
  - group: ''
    resources: [configmaps, pods/*]
- level: Metadata
  omitStages: [ResponseStarted]
  resources: [{group: '', resources: [secrets]}]
- level: Metadata
`;

function eventsOf(text: string): Event[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Event);
}

describe('an audit log', () => {
  let directory: string;
  let log: string;
  let server: TestServer;
  let admin: Pair;

  before(async () => {
    directory = await temporaryDirectory();
    log = join(directory, 'log/audit.log');
    await writeFile(join(directory, 'policy.yaml'), policy);
    await writeFile(join(directory, 'tokens'), 'alice-token,alice,7,"team"\nquiet-token,quiet,8,system:masters\n');
    server = await TestServer.start({
      args: [
        `--audit-policy-file=${join(directory, 'policy.yaml')}`,
        `--audit-log-path=${log}`,
        `--token-auth-file=${join(directory, 'tokens')}`,
      ],
    });
    admin = await pkiPair(server, 'admin');
    await ask({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'whole' } } });
  });
  after(async () => {
    await server?.stop();
    await removeDirectory(directory);
  });

  async function ask(request: HttpsRequest): Promise<HttpsAnswer> {
    return httpsAnswer(server, { certificate: admin, ...request });
  }

  /** The events of one request, by the id that its answer bears. Those of an answered request are written already. */
  function eventsFor({ headers }: HttpsAnswer): Event[] {
    return eventsOf(readFileSync(log, 'utf8')).filter((event) => event.auditID === headers['audit-id']);
  }

  function eventFor(answer: HttpsAnswer): Event {
    const events = eventsFor(answer);
    assert.equal(events.length, 1, JSON.stringify(events));
    return events[0] as Event;
  }

  test('has who, what, whence, when and what came of it', async () => {
    const answer = await ask({
      path: '/api/v1/namespaces/default/secrets?limit=5',
      headers: { 'user-agent': 'audit-test/1', 'x-forwarded-for': '192.0.2.7, nonsense', 'x-real-ip': '2001:db8::1' },
    });
    const { requestReceivedTimestamp, stageTimestamp, ...event } = eventFor(answer);
    assert.deepEqual(event, {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: answer.headers['audit-id'],
      stage: 'ResponseComplete',
      requestURI: '/api/v1/namespaces/default/secrets?limit=5',
      verb: 'list',
      user: {
        username: 'kubernetes-admin',
        groups: ['system:masters', 'system:authenticated'],
        extra: event.user.extra,
      },
      sourceIPs: ['192.0.2.7', '2001:db8::1', '127.0.0.1'],
      userAgent: 'audit-test/1',
      objectRef: { resource: 'secrets', namespace: 'default', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 200 },
      annotations: {
        'authentication.kubets.dev/authenticator': 'x509',
        'authorization.k8s.io/decision': 'allow',
        'authorization.k8s.io/reason': '',
      },
    });
    const [received, done] = [requestReceivedTimestamp, stageTimestamp].map((time) => Date.parse(time ?? ''));
    assert.ok(received !== undefined && done !== undefined && received <= done && Date.now() - done < 60_000);
    assert.match(stageTimestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assert.equal(statSync(log).mode & 0o777, 0o600);
  });

  test('has no more than the level says', async () => {
    const body = { metadata: { name: 'c1' }, data: { a: '1' } };
    const created = await ask({ method: 'POST', path: '/api/v1/namespaces/default/configmaps', body });
    const event = eventFor(created);
    assert.equal(event.level, 'Request');
    assert.equal(event.objectRef?.name, 'c1');
    assert.deepEqual(event.requestObject, {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'c1' },
      data: { a: '1' },
    });
    assert.equal(event.responseObject, undefined);
    const secret = { metadata: { name: 's1' }, stringData: { a: 'hidden-value' } };
    const made = await ask({ method: 'POST', path: '/api/v1/namespaces/default/secrets', body: secret });
    assert.equal(made.status, 201);
    assert.equal(eventFor(made).objectRef?.name, 's1');
    assert.ok(!readFileSync(log, 'utf8').includes('hidden-value'));
    assert.ok(!readFileSync(log, 'utf8').includes(Buffer.from('hidden-value').toString('base64')));
  });

  test('has both objects at RequestResponse, without managed fields where the rule says so', async () => {
    const path = '/api/v1/namespaces/whole/configmaps';
    const made = await ask({ method: 'POST', path, body: { metadata: { generateName: 'g-' }, data: { a: '1' } } });
    const { metadata } = made.json as { metadata: { name: string; uid: string; resourceVersion: string } };
    const { requestObject, responseObject } = eventFor(made) as { requestObject: object; responseObject: object };
    assert.deepEqual((requestObject as { metadata: object }).metadata, { generateName: 'g-' });
    const { managedFields: _fields, ...kept } = metadata as typeof metadata & { managedFields: unknown };
    assert.deepEqual((responseObject as { metadata: object }).metadata, kept);
    const one = `${path}/${metadata.name}`;
    const put = await ask({ method: 'PUT', path: one, body: { metadata, data: { a: '2' } } });
    const { objectRef } = eventFor(put);
    assert.deepEqual(
      [objectRef?.uid, objectRef?.resourceVersion, objectRef?.name],
      [metadata.uid, metadata.resourceVersion, metadata.name],
    );
    const patched = await ask({
      method: 'PATCH',
      path: one,
      headers: { 'content-type': 'application/merge-patch+json', accept: 'application/vnd.kubernetes.protobuf' },
      body: { data: { b: '3' } },
    });
    // The support sends JSON's content type for bodies.
    assert.equal(patched.status, 415);
    const failed = eventFor(patched);
    assert.equal(failed.responseStatus?.code, 415);
    assert.equal(failed.responseStatus?.reason, 'UnsupportedMediaType');
    const listed = await ask({ path, headers: { accept: 'application/vnd.kubernetes.protobuf' } });
    const { items } = eventFor(listed).responseObject as unknown as { items: { data: object }[] };
    assert.deepEqual(items.map(({ data }) => data).at(-1), { a: '2' });
    const gone = await ask({ method: 'DELETE', path: one, body: { propagationPolicy: 'Background' } });
    const deletion = eventFor(gone);
    assert.equal(deletion.responseStatus?.status, 'Success');
    assert.equal((deletion.requestObject as { propagationPolicy?: string }).propagationPolicy, 'Background');
  });

  test('has credentials that were refused', async () => {
    const stranger = await httpsAnswer(server, { path: '/api/v1/nodes/n1', token: 'wrong-token' });
    assert.equal(stranger.status, 401);
    const event = eventFor(stranger);
    assert.equal(event.stage, 'ResponseStarted');
    assert.deepEqual(event.user, {});
    assert.deepEqual(event.objectRef, { resource: 'nodes', name: 'n1', apiVersion: 'v1' });
    assert.equal(event.responseStatus?.code, 401);
    assert.equal(event.responseStatus?.message, 'Authentication failed, attempted: bearer');
    assert.ok(!readFileSync(log, 'utf8').includes('wrong-token'));
    const nobody = await httpsAnswer(server, { path: '/api/v1/nodes' });
    assert.equal(eventFor(nobody).responseStatus?.message, 'Authentication failed, no credentials provided');
  });

  test('has what was forbidden, and why', async () => {
    const answer = await httpsAnswer(server, { path: '/api/v1/nodes', token: 'alice-token' });
    assert.equal(answer.status, 403);
    const { annotations, responseStatus, user } = eventFor(answer);
    assert.deepEqual(user, { username: 'alice', uid: '7', groups: ['team', 'system:authenticated'] });
    assert.equal(annotations?.['authorization.k8s.io/decision'], 'forbid');
    assert.equal(annotations?.['authentication.kubets.dev/authenticator'], 'tokenfile');
    assert.equal(responseStatus?.reason, 'Forbidden');
    assert.equal(responseStatus?.status, 'Failure');
    assert.equal(responseStatus?.code, 403);
  });

  test('has who acts as whom', async () => {
    const answer = await ask({
      path: '/api/v1/nodes',
      headers: { 'impersonate-user': 'bob', 'impersonate-group': 'g' },
    });
    assert.equal(answer.status, 403);
    const { user, impersonatedUser } = eventFor(answer);
    assert.equal(user.username, 'kubernetes-admin');
    assert.deepEqual([impersonatedUser?.username, impersonatedUser?.groups], ['bob', ['g', 'system:authenticated']]);
  });

  test('has two events of a watch, the second when it ends', async () => {
    const answer = await ask({
      path: '/api/v1/namespaces/default/pods?watch=1&timeoutSeconds=1',
      headers: { accept: 'application/vnd.kubernetes.protobuf;stream=watch' },
    });
    await eventually('the watch is complete', () => eventsFor(answer).length === 2);
    assert.deepEqual(
      eventsFor(answer).map(({ stage, verb, responseStatus }) => [stage, verb, responseStatus?.code]),
      [
        ['ResponseStarted', 'watch', 200],
        ['ResponseComplete', 'watch', 200],
      ],
    );
  });

  test('has what PodSecurity says', async () => {
    await ask({
      method: 'POST',
      path: '/api/v1/namespaces',
      body: { metadata: { name: 'strict', labels: { 'pod-security.kubernetes.io/audit': 'restricted' } } },
    });
    const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const made = await ask({ method: 'POST', path: '/api/v1/namespaces/strict/pods', body: pod });
    assert.equal(made.status, 201, made.text);
    const { annotations } = eventFor(made);
    assert.match(annotations?.['pod-security.kubernetes.io/audit-violations'] ?? '', /allowPrivilegeEscalation/);
  });

  test('has nothing that the policy leaves out', async () => {
    assert.deepEqual(eventsFor(await ask({ path: '/readyz/ping' })), []);
    assert.deepEqual(eventsFor(await httpsAnswer(server, { path: '/api/v1/nodes', token: 'quiet-token' })), []);
  });

  test('is counted', async () => {
    const { text } = await ask({ path: '/metrics' });
    const valueOf = (name: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(name))
          ?.split(' ')[1],
      );
    assert.ok(valueOf('apiserver_audit_event_total ') > 10);
    assert.ok(valueOf('apiserver_audit_level_total{level="Metadata"} ') > 0);
    assert.ok(valueOf('apiserver_audit_level_total{level="None"} ') > 0);
  });
});

describe('audit backends', () => {
  let directory: string;
  before(async () => {
    directory = await temporaryDirectory();
    await writeFile(
      join(directory, 'policy.yaml'),
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: RequestResponse}]\n',
    );
  });
  after(() => removeDirectory(directory));

  test('a log is set aside when it is full, compressed, and only so many are kept', async () => {
    const logs = join(directory, 'rotated');
    await mkdir(logs);
    const server = await TestServer.start({
      args: [
        `--audit-policy-file=${join(directory, 'policy.yaml')}`,
        `--audit-log-path=${join(logs, 'audit.log')}`,
        '--audit-log-maxsize=1',
        '--audit-log-maxbackup=2',
        '--audit-log-compress',
      ],
    });
    const certificate = await pkiPair(server, 'admin');
    const data = { a: 'x'.repeat(500_000) };
    for (let i = 0; i < 6; i++) {
      const body = { metadata: { name: `c${i}` }, data };
      const made = await httpsAnswer(server, {
        method: 'POST',
        path: '/api/v1/namespaces/default/configmaps',
        body,
        certificate,
      });
      assert.equal(made.status, 201);
    }
    await eventually('two are kept, compressed', () => {
      const set = readdirSync(logs).filter((name) => name !== 'audit.log');
      return (
        set.length === 2 && set.every((name) => /^audit-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}\.log\.gz$/.test(name))
      );
    });
    assert.ok(statSync(join(logs, 'audit.log')).size > 0);
    await server.stop();
  });

  test('a webhook is sent lists, again when it fails, and large objects are left out', async () => {
    const lists: EventList[] = [];
    let refusals = 2;
    const webhook = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        if (refusals-- > 0) response.writeHead(503).end();
        else {
          lists.push(JSON.parse(Buffer.concat(pieces).toString('utf8')) as EventList);
          response.end();
        }
      });
    });
    webhook.listen(0, '127.0.0.1');
    await once(webhook, 'listening');
    const url = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/audit`;
    const kubeconfig = join(directory, 'webhook.kubeconfig');
    await writeFile(
      kubeconfig,
      JSON.stringify({ clusters: [{ name: 'c', cluster: { server: url } }], contexts: [], users: [] }),
    );
    const server = await TestServer.start({
      args: [
        `--audit-policy-file=${join(directory, 'policy.yaml')}`,
        `--audit-webhook-config-file=${kubeconfig}`,
        '--audit-webhook-initial-backoff=10ms',
        '--audit-webhook-batch-max-wait=50ms',
        '--audit-webhook-batch-throttle-enable=false',
        '--audit-webhook-truncate-enabled',
        '--audit-webhook-truncate-max-event-size=20000',
      ],
    });
    const body = { metadata: { name: 'large' }, data: { a: 'x'.repeat(50_000) } };
    const made = await httpsAnswer(server, {
      method: 'POST',
      path: '/api/v1/namespaces/default/configmaps',
      body,
      certificate: await pkiPair(server, 'admin'),
    });
    const events = (): Event[] => lists.flatMap(({ items }) => items);
    const ofRequest = (): Event[] => events().filter(({ auditID }) => auditID === made.headers['audit-id']);
    await eventually('both events came', () => ofRequest().length === 2);
    const complete = ofRequest().find(({ stage }) => stage === 'ResponseComplete');
    assert.equal(complete?.annotations?.['audit.k8s.io/truncated'], 'true');
    assert.equal(complete?.requestObject, undefined);
    assert.equal(complete?.responseStatus?.code, 201);
    assert.ok(lists.every(({ kind, apiVersion }) => kind === 'EventList' && apiVersion === 'audit.k8s.io/v1'));
    // What waits is sent before the server ends.
    const last = await httpsAnswer(server, { path: '/version' });
    await server.stop();
    assert.ok(events().some(({ auditID }) => auditID === last.headers['audit-id']));
    webhook.close();
    webhook.closeAllConnections();
  });

  test('a log that cannot be written fails requests in the mode blocking-strict, and only there', async () => {
    const args = (mode: string): string[] => [
      `--audit-policy-file=${join(directory, 'policy.yaml')}`,
      '--audit-log-path=/dev/full',
      `--audit-log-mode=${mode}`,
    ];
    const server = await TestServer.start({ args: args('blocking') });
    const { text } = await httpsAnswer(server, { path: '/metrics', certificate: await pkiPair(server, 'admin') });
    assert.match(text, /^apiserver_audit_error_total\{plugin="log"\} [1-9]/m);
    await server.stop();
    await assert.rejects(TestServer.start({ args: args('blocking-strict') }), /failed to store audit event/);
  });

  test('a policy that is wrong keeps the server from starting', async () => {
    const path = join(directory, 'wrong.yaml');
    const startWith = async (rules: string): Promise<unknown> => {
      await writeFile(path, `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: ${rules}\n`);
      return TestServer.start({ args: [`--audit-policy-file=${path}`, '--audit-log-path=-'] });
    };
    await assert.rejects(startWith('[]'), /loading audit policy file: loaded illegal policy with 0 rules: from file /);
    await assert.rejects(
      startWith('[{level: Some}]'),
      /rules\[0\]\.level: Unsupported value: "Some": supported values: "None", "Metadata", "Request", "RequestResponse"/,
    );
  });
});
