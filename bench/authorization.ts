// Who asks and whether they may: a client certificate and RBAC with 1,000 roles and 5,000 bindings, and access reviews,
// all within this process, through the server's own handler but for the network.
import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { assembleApiServer } from '../src/apiserver/assemble.ts';
import type { AssembledServer } from '../src/apiserver/assemble.ts';
import { AnonymousAuthenticator } from '../src/apiserver/authentication/anonymous.ts';
import { ClientCertificateAuthenticator } from '../src/apiserver/authentication/client-certificate.ts';
import { TrustBundle } from '../src/apiserver/authentication/trust-bundle.ts';
import { UnionAuthenticator } from '../src/apiserver/authentication/union.ts';
import { RbacAuthorizer } from '../src/apiserver/authorization/rbac/authorizer.ts';
import { serverUser } from '../src/apiserver/bootstrap.ts';
import { InternalExchange } from '../src/apiserver/http/internal.ts';
import { parseRequestInfo } from '../src/apiserver/http/request-info.ts';
import { parseApiServerOptions } from '../src/apiserver/options/options.ts';
import { realClock } from '../src/machinery/clock.ts';
import { Logger } from '../src/machinery/logging.ts';
import { systemRandom } from '../src/machinery/random.ts';
import { openMemoryStore } from '../src/store/memory/index.ts';
import type { Benchmark } from './contract.ts';
import { eachOf, Tally } from './load/measure.ts';
import { withTemporaryDirectory } from './temporary-directory.ts';

const sizes = { roles: 1000, bindings: 5000, namespaces: 200, users: 300, groups: 40 };
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const rbacGroup = 'rbac.authorization.k8s.io';
const concurrency = 32;

const roleOf = (i: number): object => ({
  metadata: { name: `role-${i}` },
  rules: Array.from({ length: 5 }, (_, j) => ({
    verbs: ['get', 'list', 'watch'],
    apiGroups: ['', 'apps'],
    resources: [`kind${(i * 7 + j) % 60}s`, 'pods/log'],
  })),
});
const namespaceOf = (i: number): string => `ns-${i % sizes.namespaces}`;
const isClusterWide = (i: number): boolean => i % 5 === 0;
const bindingOf = (i: number): object => ({
  metadata: { name: `binding-${i}` },
  roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: `role-${(i * 13) % sizes.roles}` },
  subjects: [
    { kind: 'User', apiGroup: rbacGroup, name: `user-${i % sizes.users}` },
    { kind: 'Group', apiGroup: rbacGroup, name: `group-${i % sizes.groups}` },
  ],
});
const userOf = (i: number): { username: string; groups: string[] } => ({
  username: `user-${i % sizes.users}`,
  groups: [`group-${i % sizes.groups}`, `group-${(i * 3) % sizes.groups}`, 'system:authenticated'],
});

async function post(server: AssembledServer, target: string, body: object): Promise<Buffer> {
  const exchange = new InternalExchange({
    method: 'POST',
    target,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  });
  await server.serveAs(serverUser, exchange);
  const { status, body: answer } = await exchange.response;
  if (status !== 201) throw new Error(`${target}: ${status} ${answer.toString('utf8')}`);
  return answer;
}

/** Microseconds per call; the first round only warms up. */
function microsecondsOf(count: number, call: (i: number) => void): number {
  for (let i = 0; i < count; i++) call(i);
  const startMs = performance.now();
  for (let i = 0; i < count; i++) call(i);
  return ((performance.now() - startMs) * 1000) / count;
}

/** The mere decision, on an index of its own. */
function measureDecision(count: number): number {
  const { index } = new RbacAuthorizer();
  for (let i = 0; i < sizes.roles; i++) {
    index.setRole('', `role-${i}`, (roleOf(i) as { rules: { verbs: string[] }[] }).rules);
  }
  for (let i = 0; i < sizes.bindings; i++) {
    const namespace = isClusterWide(i) ? '' : namespaceOf(i);
    const { roleRef, subjects } = bindingOf(i) as {
      roleRef: { kind: string; name: string };
      subjects: { kind: string; name: string }[];
    };
    index.setBinding(namespace, `binding-${i}`, { namespace, name: `binding-${i}`, roleRef, subjects });
  }
  const users = Array.from({ length: sizes.users }, (_, i) => userOf(i));
  const requests = Array.from({ length: 500 }, (_, i) =>
    parseRequestInfo('GET', `/api/v1/namespaces/${namespaceOf(i)}/kind${i % 80}s/x`, new URLSearchParams()),
  );
  return microsecondsOf(count, (i) => {
    const [user, request] = [users[i % sizes.users], requests[(i * 7) % 500]];
    if (user !== undefined && request !== undefined) index.decide(user, request);
  });
}

function measureCertificate(pki: string, count: number): number {
  const bundle = new TrustBundle(readFileSync(join(pki, 'ca.crt'), 'utf8'));
  const certificate = new X509Certificate(readFileSync(join(pki, 'apiserver-kubelet-client.crt')));
  const authenticator = new UnionAuthenticator(
    [new ClientCertificateAuthenticator({ bundle, clock: realClock })],
    new AnonymousAuthenticator([]),
  );
  const exchange = new InternalExchange({ method: 'GET', target: '/' });
  const connection = { clientCertificate: certificate.raw, remoteAddress: '', memory: new Map() };
  const asked = Object.assign(Object.create(exchange) as InternalExchange, { connection });
  return microsecondsOf(count, () => void authenticator.authenticate(asked));
}

export const benchmark: Benchmark = {
  name: 'authorization',
  run: (report, { isQuick }) =>
    withTemporaryDirectory(async (directory) => {
      const line = parseApiServerOptions(
        [`--data-dir=${directory}`, '--bind-address=127.0.0.1', '--secure-port=0', '--max-requests-inflight=0'],
        80,
      );
      if (line.action !== 'run') throw new Error('not a server to run');
      const server = await assembleApiServer(line.options, {
        clock: realClock,
        random: systemRandom,
        log: Logger.silent,
        openStore: () => openMemoryStore(),
        onFailure(error) {
          throw error;
        },
      });
      try {
        const certificateUs = measureCertificate(join(directory, 'pki'), isQuick ? 2000 : 100_000);
        const decisionUs = measureDecision(isQuick ? 2000 : 200_000);
        report('a client certificate', certificateUs, 'µs');
        report('a decision by RBAC', decisionUs, 'µs');
        report('both', certificateUs + decisionUs, 'µs');

        const tally = new Tally();
        const each = (to: number, work: (i: number) => Promise<unknown>): Promise<void> =>
          eachOf(tally, { from: 0, to }, concurrency, work);
        await each(sizes.namespaces, (i) => post(server, '/api/v1/namespaces', { metadata: { name: namespaceOf(i) } }));
        await each(sizes.roles, (i) => post(server, `${rbac}/clusterroles`, roleOf(i)));
        await each(sizes.bindings, (i) =>
          post(
            server,
            isClusterWide(i) ? `${rbac}/clusterrolebindings` : `${rbac}/namespaces/${namespaceOf(i)}/rolebindings`,
            bindingOf(i),
          ),
        );
        const review = (i: number): Promise<Buffer> => {
          const { username, groups } = userOf(i);
          const resourceAttributes = { namespace: namespaceOf(i), verb: 'get', resource: `kind${i % 80}s`, name: 'x' };
          const spec = { user: username, groups, resourceAttributes };
          return post(server, '/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec });
        };
        const count = isQuick ? 500 : 30_000;
        await each(count / 2, review);
        const startMs = performance.now();
        await each(count, review);
        report('SubjectAccessReviews', count / ((performance.now() - startMs) / 1000), '/s');
        if (tally.errors > 0) throw new Error(`${tally.errors} requests failed, the first: ${tally.firstError}`);
      } finally {
        await server.close();
      }
    }),
};
