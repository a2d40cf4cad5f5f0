import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ClientConfigError } from './client-config.ts';
import { resolveKubeconfig, type KubeconfigOverrides } from './kubeconfig-context.ts';
import { loadKubeconfig } from './kubeconfig.ts';

let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  mkdirSync(join(directory, 'certs'));
  for (const name of ['ca.crt', 'user.crt', 'user.key']) writeFileSync(join(directory, 'certs', name), `the ${name}`);
  writeFileSync(join(directory, 'token'), ' from-file\n');
});
after(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** A kubeconfig with one context `c`, with these fields of its cluster, user and context. */
function one(cluster: string, user = '{}', context = '{ cluster: k, user: u }'): string {
  return `
apiVersion: v1
kind: Config
current-context: c
clusters: [{ name: k, cluster: ${cluster} }]
users: [{ name: u, user: ${user} }]
contexts: [{ name: c, context: ${context} }]
`;
}

async function resolve(
  content: string,
  overrides?: KubeconfigOverrides,
): Promise<ReturnType<typeof resolveKubeconfig>> {
  return resolveKubeconfig(await loadKubeconfig({ explicitPath: file('config', content) }), overrides);
}

async function refusal(content: string, overrides?: KubeconfigOverrides): Promise<string> {
  try {
    await resolve(content, overrides);
  } catch (error) {
    assert.ok(error instanceof ClientConfigError, String(error));
    return error.message;
  }
  throw new assert.AssertionError({ message: 'it was accepted' });
}

describe('which files are read', () => {
  const config = (context: string, server: string): string => `
current-context: ${context}
clusters: [{ name: ${context}, cluster: { server: "${server}" } }, { name: shared, cluster: { server: "${server}" } }]
contexts: [{ name: ${context}, context: { cluster: ${context} } }]
`;

  test('--kubeconfig alone, whatever the environment says; it must be there', async () => {
    const explicitPath = file('a', config('a', 'https://a'));
    const environment = { KUBECONFIG: file('b', config('b', 'https://b')) };
    assert.equal((await loadKubeconfig({ explicitPath, environment })).currentContext, 'a');
    await assert.rejects(loadKubeconfig({ explicitPath: join(directory, 'nowhere') }), {
      name: 'ClientConfigError',
      message: `stat ${join(directory, 'nowhere')}: no such file or directory`,
    });
  });

  test('those of $KUBECONFIG: the first to use a name wins, missing ones are passed over', async () => {
    const paths = [
      '',
      file('a', config('a', 'https://a')),
      join(directory, 'nowhere'),
      file('b', config('b', 'https://b')),
    ];
    const merged = await loadKubeconfig({ environment: { KUBECONFIG: paths.join(delimiter) } });
    assert.equal(merged.currentContext, 'a');
    assert.deepEqual([...merged.contexts.keys()].sort(), ['a', 'b']);
    assert.equal(merged.clusters.get('shared')?.server, 'https://a');
    assert.equal(resolveKubeconfig(merged, { context: 'b' }).server.href, 'https://b/');
  });

  test('~/.kube/config otherwise; without any, nothing is configured', async () => {
    mkdirSync(join(directory, '.kube'), { recursive: true });
    file('.kube/config', config('home', 'https://home'));
    assert.equal((await loadKubeconfig({ environment: {}, homeDirectory: directory })).currentContext, 'home');
    const empty = await loadKubeconfig({ environment: {}, homeDirectory: join(directory, 'nowhere') });
    assert.throws(
      () => resolveKubeconfig(empty),
      /^ClientConfigError: invalid configuration: no configuration has been provided/,
    );
  });
});

describe('what is read', () => {
  test('files relative to the kubeconfig', async () => {
    const { tls, credentials, server, namespace } = await resolve(
      one(
        '{ server: "https://h:1/base/", certificate-authority: certs/ca.crt, tls-server-name: kube }',
        '{ client-certificate: certs/user.crt, client-key: certs/user.key }',
      ),
    );
    assert.equal(server.href, 'https://h:1/base/');
    assert.equal(namespace, 'default');
    assert.deepEqual(tls, { insecureSkipVerify: false, ca: Buffer.from('the ca.crt'), serverName: 'kube' });
    assert.equal(credentials.certificate?.toString(), 'the user.crt');
    assert.equal(credentials.key?.toString(), 'the user.key');
  });

  test('data, which wins over files', async () => {
    const data = (text: string): string => Buffer.from(text).toString('base64');
    const { tls, credentials } = await resolve(
      one(
        `{ server: "https://h", certificate-authority: certs/ca.crt, certificate-authority-data: ${data('inline')} }`,
        `{ client-certificate-data: ${data('crt')}, client-key-data: ${data('key')}, client-key: nowhere }`,
      ),
    );
    assert.equal(tls.ca?.toString(), 'inline');
    assert.equal(credentials.certificate?.toString(), 'crt');
    assert.equal(credentials.key?.toString(), 'key');
  });

  test('tokens: a file is read anew and wins; the last that could be read stays', async () => {
    const inline = await resolve(one('{ server: "https://h" }', '{ token: secret }'));
    assert.equal(inline.credentials.token?.(), 'secret');
    const { credentials } = await resolve(one('{ server: "https://h" }', '{ token: secret, tokenFile: token }'));
    assert.equal(credentials.token?.(), 'from-file');
    writeFileSync(join(directory, 'token'), 'renewed');
    assert.equal(credentials.token?.(), 'renewed');
    rmSync(join(directory, 'token'));
    assert.equal(credentials.token?.(), 'renewed');
  });

  test('namespace and context, which an invocation may override', async () => {
    const content = one('{ server: "https://h" }', '{}', '{ cluster: k, namespace: there }');
    assert.equal((await resolve(content)).namespace, 'there');
    assert.equal((await resolve(content, { namespace: 'here' })).namespace, 'here');
  });

  test('impersonation', async () => {
    const { impersonate } = await resolve(
      one('{ server: "https://h" }', '{ as: jane, as-groups: [dev], as-user-extra: { scopes: [a, b] } }'),
    );
    assert.deepEqual(impersonate, { username: 'jane', groups: ['dev'], extra: { scopes: ['a', 'b'] } });
  });

  test('a bare host and port: with TLS where the configuration speaks of it', async () => {
    assert.equal((await resolve(one('{ server: "h:8080" }'))).server.href, 'http://h:8080/');
    const secure = await resolve(one('{ server: "h:8080", insecure-skip-tls-verify: true }'));
    assert.equal(secure.server.href, 'https://h:8080/');
    assert.equal(secure.tls.insecureSkipVerify, true);
  });

  test('JSON too, and fields that nobody knows', async () => {
    const { server } = await resolve(
      '{"kind":"Config","current-context":"c","preferences":{},"clusters":[{"name":"k","cluster":{"server":"https://h","x":1}}],"contexts":[{"name":"c","context":{"cluster":"k"}}]}',
    );
    assert.equal(server.hostname, 'h');
  });
});

describe('a refusal says what is wrong', () => {
  const ok = '{ server: "https://h" }';
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['not YAML', 'a: [', /^error loading config file ".*config": yaml: line/],
    ['not a mapping', '- a', /it is not a kubeconfig/],
    ['another kind', 'kind: Pod\napiVersion: v1', /no kind "Pod" is registered for version "v1"/],
    ['a list that is none', 'clusters: 5', /clusters must be a list/],
    ['no name', 'clusters: [{ cluster: {} }]', /clusters\[0\] must have a name/],
    ['a name twice', 'users: [{ name: a }, { name: a }]', /duplicate name "a" in list users/],
    ['a wrong type', one('{ server: [] }'), /clusters\[k\]\.cluster\.server must be a string/],
    ['an unknown current context', 'current-context: x', /context was not found for specified context: x/],
    ['no context', 'clusters: [{ name: k }]', /no context chosen/],
    ['an unknown cluster', one(ok, '{}', '{ cluster: x }'), /^cluster "x" does not exist$/],
    ['an unknown user', one(ok, '{}', '{ cluster: k, user: x }'), /^auth info "x" does not exist$/],
    ['no server', one('{ tls-server-name: x }'), /no server found for cluster "k"/],
    ['an empty cluster', one('{}'), /cluster has no server defined/],
    [
      'a server that is no URL',
      one('{ server: "https://a b" }'),
      /host must be a URL or a host:port pair: "https:\/\/a b"/,
    ],
    [
      'a file that is not there',
      one('{ server: "https://h", certificate-authority: nope }'),
      /unable to read certificate-authority .*nope for k due to ENOENT/,
    ],
    [
      'data that is not base64',
      one('{ server: "https://h", certificate-authority-data: "?" }'),
      /certificate-authority-data of k is not base64/,
    ],
    [
      'a certificate without its key',
      one(ok, '{ client-certificate: certs/user.crt }'),
      /client-key-data or client-key must be specified for u/,
    ],
    [
      'trust and no trust',
      one('{ server: "https://h", certificate-authority: certs/ca.crt, insecure-skip-tls-verify: true }'),
      /with the insecure flag is not allowed/,
    ],
    [
      'two ways to be somebody',
      one(ok, '{ token: t, username: me }'),
      /more than one authentication method found for u; found \[token basicAuth\]/,
    ],
    [
      'impersonation of nobody',
      one(ok, '{ as-groups: [a] }'),
      /requesting uid, groups or user-extra for u without impersonating a user/,
    ],
    [
      'a namespace that is no name',
      one(ok, '{}', '{ cluster: k, namespace: A_ }'),
      /namespace "A_" for context "c" does not conform/,
    ],
    ['what is not there yet', one(ok, '{ exec: { command: x } }'), /exec of user "u" is not implemented yet/],
  ];
  for (const [name, content, pattern] of cases) {
    test(name, async () => assert.match(await refusal(content), pattern));
  }

  test('all that is wrong at once', async () => {
    const message = await refusal(one('{ tls-server-name: x, certificate-authority: nope }', '{ as-uid: a }'));
    assert.match(message, /^invalid configuration: \[no server found .*, unable to read .*, requesting uid.*\]$/);
  });

  test('an unknown context that was asked for', async () => {
    assert.equal(await refusal(one(ok), { context: 'x' }), 'context "x" does not exist');
  });
});
