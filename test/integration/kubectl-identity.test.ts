// Real kubectls on who one is: tokens, impersonation, whoami.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseJws } from '../../src/machinery/jwt/jws.ts';
import { forEachKubectl } from '../support/kubectl-session.ts';
import { KubectlRunner } from '../support/kubectl.ts';
import type { Kubectl } from '../support/kubectl.ts';

/** Older ones have none of these commands. */
const knowingWhoAmI = (kubectls: readonly Kubectl[]): readonly Kubectl[] => kubectls.filter(({ minor }) => minor >= 28);

await forEachKubectl((session) => {
  const { kubectl, run, namespace } = session;
  const authn = 'authentication.kubernetes.io';

  /** kubectl with a token in place of the administrator's certificate. */
  const withToken = async (token: string): Promise<KubectlRunner> => {
    const { server } = session;
    const kubeconfig = join(server.directory, `token-${kubectl.minor}.yaml`);
    await writeFile(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [
          {
            name: 'c',
            cluster: { server: server.url, 'certificate-authority-data': server.config.tls.ca?.toString('base64') },
          },
        ],
        users: [{ name: 'u', user: { token } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace } }],
        'current-context': 'c',
      }),
    );
    return new KubectlRunner(kubectl, kubeconfig, server.directory);
  };

  test('create token, for a time, an audience, an object; and auth whoami with it', async () => {
    await run(['create', 'serviceaccount', 'builder', '-n', namespace]);
    const plain = (await run(['create', 'token', 'builder', '-n', namespace])).trim();
    const seconds = ({ claims: { exp, iat } = {} }: { claims?: Record<string, unknown> } = {}): number =>
      Number(exp) - Number(iat);
    assert.equal(seconds(parseJws(plain)), 3600);
    const bob = await withToken(plain);
    const who = JSON.parse(await bob.run(['auth', 'whoami', '-o', 'json'])) as {
      metadata: { creationTimestamp: string };
      status: { userInfo: { username: string; groups: string[]; extra: Record<string, string[]> } };
    };
    assert.ok(Math.abs(Date.parse(who.metadata.creationTimestamp) - Date.now()) < 60_000);
    assert.equal(who.status.userInfo.username, `system:serviceaccount:${namespace}:builder`);
    assert.deepEqual(who.status.userInfo.extra, {
      [`${authn}/credential-id`]: [`JTI=${String(parseJws(plain)?.claims['jti'])}`],
    });
    assert.match(await bob.run(['auth', 'whoami']), new RegExp(`Username +system:serviceaccount:${namespace}:builder`));

    await run(['create', 'secret', 'generic', 'holder', '-n', namespace]);
    const args = ['--duration=20m', '--audience=vault', '--bound-object-kind=Secret', '--bound-object-name=holder'];
    const bound = parseJws((await run(['create', 'token', 'builder', '-n', namespace, ...args])).trim());
    assert.equal(seconds(bound), 1200);
    assert.deepEqual(bound?.claims['aud'], ['vault']);
    const own = bound?.claims['kubernetes.io'] as { secret: { name: string } };
    assert.equal(own.secret.name, 'holder');
  });

  test('a token that is refused is told of as kubectl tells it', async () => {
    const nobody = await withToken('nonsense');
    const { code, stderr } = await nobody.try(['get', 'pods']);
    assert.notEqual(code, 0);
    assert.match(stderr, /You must be logged in to the server/);
    const short = await session.try(['create', 'token', 'builder', '-n', namespace, '--duration=1m']);
    assert.match(short.stderr, /may not specify a duration less than 10 minutes/);
    const absent = await session.try(['create', 'token', 'nobody', '-n', namespace]);
    assert.match(absent.stderr, /serviceaccounts "nobody" not found/);
  });

  test('--as, --as-group and --as-uid', async () => {
    const as = ['--as=jane', '--as-group=dev', '--as-group=ops', '--as-uid=u1'];
    const { status } = JSON.parse(await run(['auth', 'whoami', '-o', 'json', ...as])) as { status: object };
    assert.deepEqual(status, {
      userInfo: { username: 'jane', uid: 'u1', groups: ['dev', 'ops', 'system:authenticated'] },
    });
  });
}, knowingWhoAmI);
