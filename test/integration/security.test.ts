// docs/security.md, line by line: what is said to hold does, and what is left to the operator can be asked for.
import assert from 'node:assert/strict';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { defaultMaxSizeMebibytes } from '../../src/apiserver/audit/setup.ts';
import { parseApiServerOptions } from '../../src/apiserver/options/options.ts';
import { controllerDefinitions } from '../../src/controllers/catalog.ts';
import { parseControllerManagerCommandLine } from '../../src/controllers/command-line.ts';
import { httpsAnswer } from '../support/https-request.ts';
import { nameOf, pkiPair } from '../support/identity.ts';
import { TestServer } from '../support/server.ts';

interface Row {
  readonly id: string;
  readonly state: string;
  readonly how: string;
}

const page = await readFile(join(import.meta.dirname, '../../docs/security.md'), 'utf8');
const rows: readonly Row[] = [...page.matchAll(/^\| ([\d.]+(?: – [\d.]+)?) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$/gm)].map(
  ([, id = '', state = '', how = '']) => ({ id, state, how }),
);
const columns = 100;

let server: TestServer;
before(async () => {
  server = await TestServer.start({ serviceAccounts: true });
});
after(() => server?.stop());

function defaults(): Extract<ReturnType<typeof parseApiServerOptions>, { action: 'run' }>['options'] {
  const line = parseApiServerOptions([], columns);
  assert.ok(line.action === 'run');
  return line.options;
}

function managerFlags(): Record<string, unknown> {
  const line = parseControllerManagerCommandLine([], columns, controllerDefinitions);
  assert.ok(line.action === 'run');
  return line.flags;
}

/** Everything below a directory, with itself. */
async function pathsOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true });
  return [directory, ...entries.map((entry) => join(directory, entry))];
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

async function belongsToUs(path: string): Promise<void> {
  for (const one of await pathsOf(path)) assert.equal((await stat(one)).uid, process.getuid?.(), one);
}

const data = (): string => join(server.directory, 'data');
const pki = (): string => join(data(), 'pki');

/** Ports that the server's process listens on. */
async function listeningPorts(): Promise<Set<number>> {
  const inodes = new Set<string>();
  for (const fd of await readdir(`/proc/${server.pid}/fd`)) {
    const target = await readlink(`/proc/${server.pid}/fd/${fd}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  const ports = new Set<number>();
  for (const table of ['tcp', 'tcp6']) {
    const lines = (await readFile(`/proc/${server.pid}/net/${table}`, 'utf8').catch(() => '')).split('\n').slice(1);
    for (const line of lines) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (state === '0A' && inodes.has(inode)) ports.add(Number.parseInt(local.split(':')[1] ?? '', 16));
    }
  }
  return ports;
}

async function listensOnce(): Promise<void> {
  if (process.platform === 'linux') assert.deepEqual([...(await listeningPorts())], [Number(new URL(server.url).port)]);
}

/** The suite that a client with these options gets; undefined when there is none in common. */
function negotiated(options: tls.ConnectionOptions): Promise<string | undefined> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve) => {
    const socket = tls.connect({ host: hostname, port: Number(port), rejectUnauthorized: false, ...options }, () => {
      resolve(socket.getCipher().name);
      socket.destroy();
    });
    socket.on('error', () => resolve(undefined));
  });
}

function isRefused(parse: () => unknown, message: RegExp): void {
  assert.throws(parse, message);
}

async function withoutCredentials(path: string): Promise<number> {
  return (await httpsAnswer(server, { path })).status;
}

async function noProfiles(): Promise<void> {
  const certificate = await pkiPair(server, 'admin');
  assert.equal((await httpsAnswer(server, { path: '/debug/pprof/profile', certificate })).status, 404);
}

/** One for each row that says "holds" or "does not apply". */
const checks: Readonly<Record<string, () => void | Promise<void>>> = {
  '1.1.1 – 1.1.10': async () => {
    const written = (await pathsOf(server.directory)).filter((path) => /\.ya?ml$|\.conflist$|manifests/.test(path));
    assert.deepEqual(written, []);
  },
  '1.1.11': async () => {
    assert.equal(await modeOf(data()), 0o700);
    for (const path of await pathsOf(join(data(), 'store'))) {
      assert.equal(await modeOf(path), (await stat(path)).isDirectory() ? 0o700 : 0o600, path);
    }
  },
  '1.1.12': () => belongsToUs(data()),
  '1.1.13': async () => assert.equal(await modeOf(server.kubeconfig), 0o600),
  '1.1.14': async () => assert.equal((await stat(server.kubeconfig)).uid, process.getuid?.()),
  '1.1.15 – 1.1.18': async () =>
    assert.deepEqual(
      (await pathsOf(server.directory)).filter((path) => path.endsWith('.conf')),
      [],
    ),
  '1.1.19': async () => {
    await belongsToUs(pki());
    assert.equal(await modeOf(pki()), 0o700);
  },
  '1.1.20': async () => {
    const certificates = (await pathsOf(pki())).filter((path) => path.endsWith('.crt'));
    assert.ok(certificates.length >= 5);
    for (const path of certificates) assert.equal((await modeOf(path)) & ~0o644, 0, path);
  },
  '1.1.21': async () => {
    const keys = (await pathsOf(pki())).filter((path) => path.endsWith('.key'));
    assert.ok(keys.length >= 5);
    for (const path of keys) assert.equal(await modeOf(path), 0o600, path);
  },
  '1.2.1': async () => {
    assert.equal(defaults().anonymousAuth, false);
    for (const path of ['/', '/api', '/metrics', '/openapi/v2', '/api/v1/namespaces', '/livezz']) {
      assert.equal(await withoutCredentials(path), 401, path);
    }
    for (const path of ['/readyz', '/livez', '/healthz', '/version']) {
      assert.equal(await withoutCredentials(path), 200, path);
    }
  },
  '1.2.2': async () => {
    assert.equal(defaults().tokenAuthFile, undefined);
    assert.equal(await nameOf(server, { token: 'token' }), '401');
  },
  '1.2.4': () => isRefused(() => parseApiServerOptions(['--kubelet-client-certificate=c'], columns), /not implemented/),
  '1.2.5': () =>
    isRefused(() => parseApiServerOptions(['--kubelet-certificate-authority=c'], columns), /not implemented/),
  '1.2.6': () => assert.ok(!defaults().authorization.modes.includes('AlwaysAllow')),
  '1.2.7': () => assert.ok(defaults().authorization.modes.includes('Node')),
  '1.2.8': () => assert.ok(defaults().authorization.modes.includes('RBAC')),
  '1.2.10': () => assert.ok(!defaults().admission.plugins.includes('AlwaysAdmit')),
  '1.2.12': async () => {
    assert.ok(defaults().admission.plugins.includes('ServiceAccount'));
    const refused = await httpsAnswer(server, {
      method: 'POST',
      path: '/api/v1/namespaces/kube-public/pods',
      certificate: await pkiPair(server, 'admin'),
      body: { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    });
    assert.equal(refused.status, 403);
    assert.match(refused.text, /error looking up service account/);
  },
  '1.2.13': () => assert.ok(defaults().admission.plugins.includes('NamespaceLifecycle')),
  '1.2.14': () => assert.ok(defaults().admission.plugins.includes('NodeRestriction')),
  '1.2.15': async () => {
    isRefused(() => parseApiServerOptions(['--profiling=true'], columns), /not implemented/);
    await noProfiles();
  },
  '1.2.19': () => assert.equal(defaultMaxSizeMebibytes, 100),
  '1.2.20': () => assert.equal(defaults().requestTimeoutMs, 60_000),
  '1.2.21': () => assert.equal(defaults().authentication.serviceAccounts.lookup, true),
  '1.2.22': async () => {
    const certificate = await pkiPair(server, 'admin');
    const { json } = await httpsAnswer(server, { path: '/openid/v1/jwks', certificate });
    assert.equal((json as { keys: unknown[] }).keys.length, 1);
  },
  '1.2.23': listensOnce,
  '1.2.24': async () => {
    const { port } = new URL(server.url);
    // The helper believes the cluster's authority alone.
    assert.equal(await withoutCredentials('/readyz'), 200);
    const plain = await new Promise<string>((resolve) => {
      const request = http.get({ host: '127.0.0.1', port, path: '/readyz', agent: false }, ({ statusCode }) =>
        resolve(String(statusCode)),
      );
      request.on('error', ({ message }) => resolve(message));
    });
    assert.doesNotMatch(plain, /^[23]/);
  },
  '1.2.25': async () => {
    assert.equal(await nameOf(server, { certificate: await pkiPair(server, 'admin') }), 'kubernetes-admin');
    assert.equal(
      await nameOf(server, { certificate: await pkiPair(server, 'front-proxy-client') }),
      '401',
      'of another authority',
    );
  },
  '1.2.26': listensOnce,
  '1.2.29': async () => {
    const strong =
      /^(?:TLS_(?:AES_128_GCM_SHA256|AES_256_GCM_SHA384|CHACHA20_POLY1305_SHA256)|ECDHE-(?:ECDSA|RSA)-(?:AES(?:128-GCM-SHA256|256-GCM-SHA384|128-SHA|256-SHA)|CHACHA20-POLY1305))$/;
    const accepted = new Set<string>();
    for (const cipher of tls.getCiphers().map((name) => name.toUpperCase())) {
      if (cipher.startsWith('TLS_')) continue;
      const got = await negotiated({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: `${cipher}:@SECLEVEL=0` });
      if (got !== undefined) accepted.add(got);
    }
    assert.ok(accepted.size >= 3, [...accepted].join());
    for (const cipher of accepted) assert.match(cipher, strong);
    assert.match((await negotiated({})) ?? '', strong);
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    assert.equal(await negotiated(old), undefined);
  },
  '1.2.30': () => assert.equal(defaults().authentication.serviceAccounts.extendExpiration, false),
  '1.3.1': () => assert.equal(managerFlags()['terminated-pod-gc-threshold'], 12_500),
  '1.3.2': () =>
    isRefused(
      () => parseControllerManagerCommandLine(['--profiling=true'], columns, controllerDefinitions),
      /not implemented/,
    ),
  '1.3.3': () => assert.equal(managerFlags()['use-service-account-credentials'], true),
  '1.3.6': () => assert.equal(managerFlags()['feature-gates'], undefined),
  '1.3.7': () => assert.equal(managerFlags()['bind-address'], '127.0.0.1'),
  '2.1 – 2.7': listensOnce,
  '3.1.3': () => assert.equal(defaults().authentication.bootstrapTokens, false),
};

describe('docs/security.md', () => {
  test('has a check for each line, and a line for each check', () => {
    assert.ok(rows.length >= 50, `${rows.length} lines`);
    assert.deepEqual(new Set(rows.map(({ state }) => state)), new Set(['holds', 'operator', 'does not apply']));
    const checked = rows.filter(({ state }) => state !== 'operator').map(({ id }) => id);
    assert.deepEqual(checked.toSorted(), Object.keys(checks).toSorted());
  });

  for (const { id, state, how } of rows) {
    test(`${id} ${state}`, async () => {
      const check = checks[id];
      if (check !== undefined) return check();
      const flags = [...how.matchAll(/`--([a-z-]+)`/g)].map(([, flag = '']) => flag);
      const [, other = id] = /^as ([\d.]+)/.exec(how) ?? [];
      if (flags.length === 0) {
        assert.ok(rows.some((row) => row.id === other && row.id !== id));
        return;
      }
      const help = id.startsWith('1.3.')
        ? parseControllerManagerCommandLine(['--help'], columns, controllerDefinitions)
        : parseApiServerOptions(['--help'], columns);
      assert.ok(help.action === 'help');
      for (const flag of flags) assert.match(help.text, new RegExp(`--${flag}\\b`), flag);
    });
  }
});
