// The program as its users meet it: its names, its flags, how it starts and ends, and who may come in.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run as runProgram } from '../support/run.ts';
import type { RunResult } from '../support/run.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';

const program = resolve(import.meta.dirname, '../../bin/kubets');
const run = (...args: readonly string[]): Promise<RunResult> => runProgram(program, args);

let directory: string;
before(async () => {
  directory = await temporaryDirectory();
});
after(() => removeDirectory(directory));

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A request without a client certificate. */
function ask(server: TestServer, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { ca } = server.config.tls;
    const call = request(`${server.url}${path}`, { ...(ca === undefined ? {} : { ca }), headers, agent: false });
    call.on('error', reject);
    call.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body });
      });
    });
    call.end();
  });
}

describe('commands', () => {
  test('are known by several names', async () => {
    const version = await run('version');
    assert.match(version.stdout, /^Kubernetes v1\.36\.\d+\+kubets\n$/);
    const link = join(directory, 'kube-apiserver');
    await symlink(program, link);
    assert.equal((await runProgram(link, ['--version'])).stdout, version.stdout);
    assert.equal((await run('kube-apiserver', '--version')).stdout, version.stdout);
  });

  test('are listed by help, and the nearest is named for one that is unknown', async () => {
    assert.match((await run('help')).stdout, /apiserver/);
    assert.equal((await run()).stdout, (await run('--help')).stdout);
    const unknown = await run('apisever');
    assert.equal(unknown.code, 1);
    assert.equal(unknown.stderr, 'kubets: unknown command "apisever": did you mean apiserver?\n');
  });
});

describe('a start that cannot be', () => {
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run('apiserver', '--data-dir', join(directory, 'refused'), ...args);
    assert.equal(code, 1, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /^kube-apiserver: [^\n]+\n$/);
    return stderr;
  };

  test('says which flag is wrong, and which was meant', async () => {
    assert.match(await refused('--secure-prot=1'), /unknown flag: --secure-prot \(did you mean --secure-port\?\)/);
    assert.match(await refused('--secure-port=x'), /invalid argument "x" for --secure-port: must be a whole number/);
    assert.match(await refused('--authorization-mode=ABAC'), /ABAC is not implemented yet/);
  });

  test('says that the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const flags = ['--bind-address=127.0.0.1', `--secure-port=${port}`];
    assert.match(
      await refused(...flags),
      new RegExp(`cannot listen on 127.0.0.1 port ${port}: another program listens`),
    );
    other.close();
  });

  test('says which file is wrong', async () => {
    const certificates = join(directory, 'bad');
    await mkdir(certificates);
    await writeFile(join(certificates, 'ca.crt'), 'nothing');
    const flags = ['--secure-port=0', `--cert-dir=${certificates}`];
    assert.match(await refused(...flags), /bad\/ca.crt holds no certificate in PEM form: put the right file/);
    assert.match(await refused('--secure-port=0', '--token-auth-file=/none'), /token file '\/none'.* cannot be read/);
    assert.match(await refused('--secure-port=0', '--client-ca-file=/none'), /\/none, named by --client-ca-file/);
  });

  test('says that the directory is in use, and leaves it alone', async (t) => {
    const server = await TestServer.start();
    t.after(() => server.stop());
    const client = server.client();
    t.after(() => client.transport.close());
    const flags = ['--secure-port=0', '--data-dir', join(server.directory, 'data')];
    const { code, stderr } = await run('apiserver', ...flags);
    assert.equal(code, 1);
    assert.match(stderr, /^kube-apiserver: [^\n]*another process[^\n]*\n$/);
    await client.get('/api/v1/namespaces/default');
  });
});

describe('a server', () => {
  let server: TestServer;
  before(async () => {
    const tokens = join(directory, 'tokens.csv');
    await writeFile(tokens, 'secret,jane,u1,"dev,system:masters"\nother,joe,u2\n');
    server = await TestServer.start({ args: ['--token-auth-file', tokens, '--authorization-mode=AlwaysDeny'] });
  });
  after(() => server?.stop());

  test('lets everybody know how it is, and nothing else', async () => {
    assert.deepEqual(await ask(server, '/readyz'), {
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      body: 'ok',
    });
    assert.match(
      (await ask(server, '/livez?verbose')).body,
      /^\[\+\]ping ok\n[^]*\[\+\]etcd ok\n[^]*livez check passed\n$/,
    );
    assert.equal((await ask(server, '/readyz/etcd')).body, 'ok');
    const version: unknown = JSON.parse((await ask(server, '/version')).body);
    assert.ok(typeof version === 'object' && version !== null && 'gitVersion' in version);
    for (const path of ['/', '/metrics', '/api', '/api/v1/pods']) {
      const { status, body } = await ask(server, path);
      assert.equal(status, 401, path);
      assert.equal((JSON.parse(body) as { message: string }).message, 'Unauthorized');
    }
  });

  test('knows bearer tokens, and refuses those it does not know', async () => {
    const bearer = (token: string): Promise<Answer> =>
      ask(server, '/api/v1/namespaces/default/pods', { authorization: `Bearer ${token}` });
    assert.equal((await bearer('secret')).status, 200);
    assert.equal((await bearer('wrong')).status, 401);
    const denied = await bearer('other');
    assert.equal(denied.status, 403);
    assert.equal(
      (JSON.parse(denied.body) as { message: string }).message,
      'pods is forbidden: User "joe" cannot list resource "pods" in API group "" in the namespace "default": Everything is forbidden.',
    );
  });

  test('measures what it does', async () => {
    await ask(server, '/api/v1/namespaces/default/configmaps', { authorization: 'Bearer secret' });
    const { contentType, body } = await ask(server, '/metrics', { authorization: 'Bearer secret' });
    assert.equal(contentType, 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(body, /^apiserver_request_total\{verb="LIST",[^}]*resource="configmaps",[^}]*code="200"\} 1$/m);
    assert.match(body, /^apiserver_storage_size_bytes\{[^}]*\} [1-9]/m);
    assert.match(
      body,
      /^etcd_request_duration_seconds_count\{operation="create",group="",resource="namespaces"\} [1-9]/m,
    );
    assert.match(body, /^etcd_requests_total\{operation="list",group="",resource="configmaps"\} 1$/m);
    assert.match(body, /^apiserver_resource_objects\{group="",resource="namespaces"\} [1-9]/m);
    // Nobody has asked for these.
    assert.match(body, /^apiserver_resource_objects\{group="node.k8s.io",resource="runtimeclasses"\} 0$/m);
    assert.match(body, /^process_resident_memory_bytes [1-9]/m);
  });
});

describe('the end', () => {
  let home: string;
  let server: TestServer | undefined;
  before(async () => {
    home = await temporaryDirectory();
  });
  after(async () => {
    await server?.kill();
    await removeDirectory(home);
  });
  const configMaps = '/api/v1/namespaces/default/configmaps';

  test('comes when it is asked for: watches end, and the next start goes on with the same certificates', async () => {
    server = await TestServer.start({ directory: home });
    const client = server.client();
    await client.request('POST', configMaps, { body: { metadata: { name: 'kept' } } });
    const watch = client.watch(configMaps);
    assert.equal((await watch.next()).value?.type, 'ADDED');
    const rest = watch.next();
    await server.stop();
    assert.equal((await rest).done, true);
    client.transport.close();

    const authority = await readFile(join(home, 'data', 'pki', 'ca.crt'), 'utf8');
    server = await TestServer.start({ directory: home, args: ['--shutdown-delay-duration=1h'] });
    assert.equal(await readFile(join(home, 'data', 'pki', 'ca.crt'), 'utf8'), authority);
    const later = server.client();
    await later.get(`${configMaps}/kept`);
    later.transport.close();
  });

  test('can be put off, while /readyz says that it is coming, and be had at once', async () => {
    assert.ok(server);
    server.signal('SIGTERM');
    let answer = await ask(server, '/readyz');
    while (answer.status === 200) answer = await ask(server, '/readyz');
    assert.match(answer.body, /\[-\]shutdown failed: reason withheld\nreadyz check failed\n$/);
    assert.equal((await ask(server, '/livez')).status, 200);
    server.signal('SIGTERM');
    assert.deepEqual(await server.exit, { code: 143, signal: null });
  });
});
