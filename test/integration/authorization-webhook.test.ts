/** Authorizers that a file or flags name, with a webhook that the test answers for. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { SubjectAccessReview } from '../../src/api/types/authorization.v1.ts';
import { StatusError } from '../../src/machinery/status.ts';
import type { RestClient } from '../../src/client/rest.ts';
import { eventually } from '../support/eventually.ts';
import { httpsAnswer } from '../support/https-request.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';

describe('a webhook', () => {
  let webhook: Server;
  let directory: string;
  let kubeconfig: string;
  /** What it is asked, and how it answers. */
  let questions: SubjectAccessReview[] = [];
  let answer: (review: SubjectAccessReview) => object = () => ({ allowed: false });
  let status = 200;

  before(async () => {
    webhook = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const review = JSON.parse(Buffer.concat(pieces).toString('utf8')) as SubjectAccessReview;
        questions.push(review);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ ...review, status: answer(review) }));
      });
    });
    webhook.listen(0, '127.0.0.1');
    await once(webhook, 'listening');
    directory = await temporaryDirectory();
    kubeconfig = join(directory, 'webhook.kubeconfig');
    const { port } = webhook.address() as AddressInfo;
    await writeFile(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'w', cluster: { server: `http://127.0.0.1:${port}/authorize` } }],
        contexts: [{ name: 'w', context: { cluster: 'w', user: '' } }],
        'current-context': 'w',
      }),
    );
  });
  after(async () => {
    webhook.closeAllConnections();
    webhook.close();
    await removeDirectory(directory);
  });

  const withServer = async (
    args: string[],
    run: (client: RestClient, server: TestServer) => Promise<void>,
  ): Promise<void> => {
    const server = await TestServer.start({ args });
    const client = server.client();
    questions = [];
    status = 200;
    try {
      await run(client, server);
    } finally {
      client.transport.close();
      await server.stop();
    }
  };
  const list = (client: RestClient, user: string, namespace = 'default'): Promise<unknown> =>
    client.request('GET', `/api/v1/namespaces/${namespace}/configmaps`, { headers: { 'impersonate-user': user } });
  const codeOf = async (request: Promise<unknown>): Promise<number> => {
    try {
      await request;
      return 200;
    } catch (error) {
      if (error instanceof StatusError) return error.code;
      throw error;
    }
  };

  test('is asked by flags, in its turn, once for what it allowed', async () => {
    const flags = [
      '--authorization-mode=RBAC,Webhook',
      `--authorization-webhook-config-file=${kubeconfig}`,
      '--authorization-webhook-version=v1',
      '--authorization-webhook-cache-unauthorized-ttl=0s',
    ];
    await withServer(flags, async (client) => {
      answer = ({ spec }) => ({ allowed: spec.user === 'jane', reason: 'the webhook says so' });
      await list(client, 'jane');
      await list(client, 'jane');
      assert.equal(questions.length, 1);
      assert.deepEqual(questions[0]?.spec, {
        user: 'jane',
        groups: ['system:authenticated'],
        resourceAttributes: { namespace: 'default', verb: 'list', version: 'v1', resource: 'configmaps' },
      });
      const refused = await list(client, 'bob').then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(refused instanceof StatusError);
      assert.match(refused.message, /^configmaps is forbidden: User "bob" cannot list .*: the webhook says so$/);
      // What RBAC allows is not asked.
      questions = [];
      await client.request('GET', '/version', { headers: { 'impersonate-user': 'bob' } });
      assert.equal(questions.length, 0);
      const review = await client.request<SubjectAccessReview>(
        'POST',
        '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
        {
          body: { spec: { namespace: 'default' } },
          headers: { 'impersonate-user': 'bob' },
        },
      );
      assert.equal(review.status?.evaluationError, 'webhook authorizer does not support user rule resolution');
    });
  });

  test('of a configuration is asked where its conditions hold; the file is read again when it changes', async () => {
    const file = join(directory, 'authorization.yaml');
    const configuration = (condition: string, failurePolicy: string): object => ({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthorizationConfiguration',
      authorizers: [
        {
          type: 'Webhook',
          name: 'gate',
          webhook: {
            timeout: '2s',
            subjectAccessReviewVersion: 'v1',
            matchConditionSubjectAccessReviewVersion: 'v1',
            failurePolicy,
            cacheAuthorizedRequests: false,
            cacheUnauthorizedRequests: false,
            connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: kubeconfig },
            matchConditions: [{ expression: condition }],
          },
        },
        { type: 'RBAC', name: 'rbac' },
      ],
    });
    const write = (content: object): Promise<void> => writeFile(file, JSON.stringify(content));
    const inSystem = "has(request.resourceAttributes) && request.resourceAttributes.namespace == 'kube-system'";
    await write(configuration(inSystem, 'Deny'));
    await withServer([`--authorization-config=${file}`], async (client, server) => {
      await client.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
        body: {
          metadata: { name: 'viewer' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
          subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }],
        },
      });
      answer = () => ({ allowed: false, denied: true, reason: 'not there' });
      assert.equal(await codeOf(list(client, 'jane')), 200);
      assert.equal(questions.length, 0);
      assert.equal(await codeOf(list(client, 'jane', 'kube-system')), 403);
      // A request of system:masters passes everything.
      await client.request('GET', '/api/v1/namespaces/kube-system/configmaps');
      assert.equal(questions.length, 1);
      status = 400;
      assert.equal(await codeOf(list(client, 'jane', 'kube-system')), 500);
      // A file that is wrong leaves everything as it was.
      await write({ kind: 'Nothing' });
      await eventually(
        'the wrong file is told of',
        () => server.log.includes('no kind \\"Nothing\\"') || server.log.includes('no kind "Nothing"'),
      );
      assert.equal(await codeOf(list(client, 'jane', 'kube-system')), 500);
      await write(configuration(inSystem, 'NoOpinion'));
      await eventually(
        'the new policy counts',
        async () => (await codeOf(list(client, 'jane', 'kube-system'))) === 200,
      );
      const { certificate: cert, key } = server.config.credentials;
      if (cert === undefined || key === undefined) throw new Error('the administrator has no certificate');
      const { text: metrics } = await httpsAnswer(server, { path: '/metrics', certificate: { cert, key } });
      for (const line of [
        /^apiserver_authorization_config_controller_automatic_reloads_total\{status="success",apiserver_id_hash="sha256:\w+"\} 1$/m,
        /^apiserver_authorization_config_controller_automatic_reloads_total\{status="failure",.*\} 1$/m,
        /^apiserver_authorization_decisions_total\{type="Webhook",name="gate",decision="denied"\} [1-9]/m,
        /^apiserver_authorization_webhook_evaluations_total\{name="gate",result="success"\} 1$/m,
        /^apiserver_authorization_webhook_evaluations_total\{name="gate",result="error"\} [1-9]/m,
      ]) {
        assert.match(metrics, line);
      }
    });
  });

  test('is refused at the start when its file is of no use', async () => {
    const bad = join(directory, 'bad.yaml');
    await writeFile(bad, 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n');
    await assert.rejects(
      TestServer.start({ args: [`--authorization-config=${bad}`] }),
      /authorizers: Required value: at least one authorization mode must be defined/,
    );
    await assert.rejects(
      TestServer.start({ args: [`--authorization-config=${bad}`, '--authorization-mode=RBAC'] }),
      /--authorization-config can not be specified when --authorization-mode/,
    );
  });
});
