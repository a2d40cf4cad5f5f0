import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CIDR } from '../../machinery/cidr.ts';
import { systemRandom } from '../../machinery/random.ts';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { certificatePem, issueCertificate } from '../../machinery/x509/certificate.ts';
import { loadCredentials, servingNamesOf } from './credentials.ts';
import type { CredentialOptions } from './credentials.ts';
import { PkiError } from './pki-directory.ts';
import { ensurePki } from './pki.ts';
import type { Pki } from './pki.ts';

const startMs = Date.UTC(2026, 3, 1);
const dayMs = 24 * 60 * 60 * 1000;
const directories: string[] = [];
after(async () => {
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});
async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kubets-pki-'));
  directories.push(directory);
  return directory;
}
const names = ['kubernetes', 'localhost', '127.0.0.1'];
const ensure = (directory: string, days = 0, servingNames: readonly string[] = names): Promise<Pki> =>
  ensurePki({
    directory,
    servingNames,
    clock: new VirtualClock({ startMs: startMs + days * dayMs }),
    random: systemRandom,
  });
const read = (directory: string, file: string): Promise<string> => readFile(join(directory, file), 'utf8');
const refusal =
  (...texts: readonly string[]) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof PkiError, String(error));
    for (const text of texts) assert.ok(error.message.includes(text), `${error.message} lacks ${text}`);
    return true;
  };

describe('a first start', () => {
  test("makes kubeadm's files, secrets readable by the owner alone", async () => {
    const directory = join(await freshDirectory(), 'data', 'pki');
    await ensure(directory);
    const files = (await readdir(directory)).sort();
    const pairs = ['admin', 'apiserver', 'apiserver-kubelet-client', 'ca', 'front-proxy-ca', 'front-proxy-client'];
    assert.deepEqual(files, [...pairs.flatMap((name) => [`${name}.crt`, `${name}.key`]), 'sa.key', 'sa.pub'].sort());
    for (const file of files) {
      const { mode } = await stat(join(directory, file));
      assert.equal(mode & 0o777, file.endsWith('.key') ? 0o600 : 0o644, file);
    }
  });

  const noOpenssl = spawnSync('openssl', ['version']).error === undefined ? false : 'there is no openssl here';
  test('makes certificates that OpenSSL accepts for their purpose', { skip: noOpenssl }, async () => {
    const directory = await freshDirectory();
    const pki = await ensure(directory);
    const verify = (ca: string, leaf: string, purpose: string): string => {
      const at = String(startMs / 1000);
      const files = ['-CAfile', join(directory, ca), join(directory, leaf)];
      const run = spawnSync('openssl', ['verify', '-attime', at, '-x509_strict', '-purpose', purpose, ...files]);
      return run.stdout.toString() + run.stderr.toString();
    };
    assert.match(verify('ca.crt', 'apiserver.crt', 'sslserver'), /OK/);
    assert.match(verify('ca.crt', 'admin.crt', 'sslclient'), /OK/);
    assert.match(verify('ca.crt', 'apiserver-kubelet-client.crt', 'sslclient'), /OK/);
    assert.match(verify('front-proxy-ca.crt', 'front-proxy-client.crt', 'sslclient'), /OK/);
    const admin = new X509Certificate(pki.admin.certificate);
    assert.equal(admin.subject, 'O=system:masters\nCN=kubernetes-admin');
    assert.equal(admin.validToDate.getTime(), startMs + 365 * dayMs);
    assert.equal(new X509Certificate(pki.ca).validToDate.getTime(), startMs + 3650 * dayMs);
    assert.equal(
      createPublicKey(pki.serviceAccount.privateKey).export({ type: 'spki', format: 'pem' }),
      pki.serviceAccount.publicKey,
    );
  });

  test('done by several processes at once leaves one consistent set', async () => {
    const directory = await freshDirectory();
    await Promise.all([ensure(directory), ensure(directory), ensure(directory)]);
    const before = await ensure(directory);
    assert.deepEqual(await ensure(directory), before);
    assert.ok((await readdir(directory)).every((file) => !file.endsWith('.tmp')));
  });

  test('cut short after any file is finished by the next one', async () => {
    const directory = await freshDirectory();
    const { ca } = await ensure(directory);
    for (const file of await readdir(directory)) {
      // A key is always on disk before its certificate; keys of leaves may be lost and made again with them.
      if (file === 'ca.key' || file === 'front-proxy-ca.key') continue;
      if (file.endsWith('.key') && file !== 'sa.key') await rm(join(directory, file.replace('.key', '.crt')));
      if (file === 'sa.key') await rm(join(directory, 'sa.pub'), { force: true });
      await rm(join(directory, file), { force: true });
      const pki = await ensure(directory);
      assert.deepEqual(await ensure(directory), pki, file);
      assert.ok(new X509Certificate(pki.admin.certificate).verify(new X509Certificate(ca).publicKey), file);
    }
  });
});

describe('a later start', () => {
  test('changes nothing while certificates have more than 30 days left', async () => {
    const directory = await freshDirectory();
    const first = await ensure(directory);
    assert.deepEqual(await ensure(directory, 365 - 31), first);
  });

  test('issues certificates anew in the last 30 days and after, with the same keys', async () => {
    for (const days of [365 - 29, 400]) {
      const directory = await freshDirectory();
      const first = await ensure(directory);
      const second = await ensure(directory, days);
      assert.equal(second.ca, first.ca);
      assert.equal(second.admin.key, first.admin.key);
      assert.notEqual(second.admin.certificate, first.admin.certificate);
      assert.ok(
        new X509Certificate(second.admin.certificate).validToDate.getTime() > startMs + days * dayMs + 364 * dayMs,
      );
    }
  });

  test('never issues beyond the end of the authority', async () => {
    const directory = await freshDirectory();
    const { ca } = await ensure(directory);
    const { admin } = await ensure(directory, 3650 - 100);
    assert.equal(new X509Certificate(admin.certificate).validTo, new X509Certificate(ca).validTo);
  });

  test('issues the server certificate anew for a new name, and only that', async () => {
    const directory = await freshDirectory();
    const first = await ensure(directory);
    const second = await ensure(directory, 1, [...names, 'api.example.org', '192.0.2.7']);
    assert.equal(second.admin.certificate, first.admin.certificate);
    const serving = new X509Certificate(second.apiserver?.certificate ?? '');
    assert.equal(serving.checkIP('192.0.2.7'), '192.0.2.7');
    assert.equal(serving.checkHost('api.example.org'), 'api.example.org');
    // Fewer names than it has are no reason.
    assert.deepEqual(await ensure(directory, 2), second);
  });

  test('uses the certificates of an external authority without its key', async () => {
    const directory = await freshDirectory();
    const first = await ensure(directory);
    await rm(join(directory, 'ca.key'));
    await rm(join(directory, 'front-proxy-ca.key'));
    assert.deepEqual(await ensure(directory, 340), first);
    await assert.rejects(ensure(directory, 366), refusal('ca.key', 'is not there', 'must be issued'));
  });
});

describe('what is wrong is refused with the file and the remedy', () => {
  const cases: readonly {
    name: string;
    spoil: (directory: string) => Promise<void>;
    days?: number;
    texts: string[];
  }[] = [
    {
      name: 'a certificate of another key',
      spoil: async (directory) => writeFile(join(directory, 'admin.key'), await read(directory, 'apiserver.key')),
      texts: ['admin.crt', 'admin.key', 'do not belong together', 'remove both'],
    },
    {
      name: 'a certificate of another authority',
      spoil: async (directory) => {
        for (const kind of ['crt', 'key']) {
          await writeFile(join(directory, `admin.${kind}`), await read(directory, `front-proxy-client.${kind}`));
        }
      },
      texts: ['admin.crt', 'was not signed by', 'ca.crt', 'remove it'],
    },
    {
      name: 'an authority of another key',
      spoil: async (directory) => writeFile(join(directory, 'ca.key'), await read(directory, 'sa.key')),
      texts: ['ca.crt', 'ca.key', 'do not belong together'],
    },
    {
      name: 'an authority that is none',
      spoil: async (directory) => writeFile(join(directory, 'ca.crt'), await read(directory, 'admin.crt')),
      texts: ['ca.crt', 'is not the certificate of an authority'],
    },
    { name: 'an expired authority', spoil: async () => {}, days: 3651, texts: ['ca.crt', 'expired on 2036-03-29'] },
    {
      name: 'a clock before the certificates',
      spoil: async () => {},
      days: -1,
      texts: ['ca.crt', 'valid only from', 'set the clock'],
    },
    {
      name: 'a file without a certificate',
      spoil: (directory) => writeFile(join(directory, 'apiserver.crt'), 'nothing\n'),
      texts: ['apiserver.crt', 'holds no certificate', 'remove it'],
    },
    {
      name: 'a broken certificate',
      spoil: async (directory) =>
        writeFile(
          join(directory, 'apiserver.crt'),
          (await read(directory, 'apiserver.crt')).replace(/^MI.{8}/m, 'AAAAAAAAAA'),
        ),
      texts: ['apiserver.crt', 'cannot be read', 'remove it'],
    },
    {
      name: 'a broken key',
      spoil: (directory) => writeFile(join(directory, 'sa.key'), '-----BEGIN EC PRIVATE KEY-----\nAAAA\n'),
      texts: ['sa.key', 'holds no private key', 'remove it'],
    },
    {
      name: 'a public key of another private key',
      spoil: (directory) => rm(join(directory, 'sa.key')),
      texts: ['sa.pub', 'is not the public half of', 'remove'],
    },
    {
      name: 'a directory in place of a file',
      spoil: async (directory) => {
        await rm(join(directory, 'ca.crt'));
        await ensure(join(directory, 'ca.crt'));
      },
      texts: ['ca.crt', 'cannot be read', 'EISDIR'],
    },
  ];
  for (const { name, spoil, days, texts } of cases) {
    test(name, async () => {
      const directory = await freshDirectory();
      await ensure(directory);
      await spoil(directory);
      await assert.rejects(ensure(directory, days), refusal(directory, ...texts));
    });
  }
});

describe('credentials', () => {
  const optionsFor = (certDirectory: string): CredentialOptions => ({
    certDirectory,
    tlsFiles: undefined,
    clientCaFile: undefined,
    servingNames: names,
    clock: new VirtualClock({ startMs }),
    random: systemRandom,
  });

  test('come from the PKI when no flag names a file', async () => {
    const credentials = await loadCredentials(optionsFor(await freshDirectory()));
    assert.equal(credentials.clientCa, credentials.pki.ca);
    assert.equal(credentials.servingCa, credentials.pki.ca);
    assert.equal(credentials.admin, credentials.pki.admin);
    assert.equal(credentials.serving, credentials.pki.apiserver);
  });

  test('come from the files that flags name; no admin for an authority that is not ours', async () => {
    const [ours, theirs] = [await freshDirectory(), await freshDirectory()];
    const foreign = await ensure(theirs);
    const options = {
      ...optionsFor(ours),
      tlsFiles: { certificate: join(theirs, 'apiserver.crt'), key: join(theirs, 'apiserver.key') },
      clientCaFile: join(theirs, 'ca.crt'),
    };
    const credentials = await loadCredentials(options);
    assert.deepEqual(credentials.serving, foreign.apiserver);
    assert.equal(credentials.clientCa, foreign.ca);
    assert.equal(credentials.servingCa, foreign.apiserver?.certificate);
    assert.equal(credentials.admin, undefined);
    assert.ok(!(await readdir(ours)).includes('apiserver.crt'));
    const bundle = join(theirs, 'bundle.crt');
    await writeFile(bundle, foreign.ca + credentials.pki.ca);
    assert.deepEqual((await loadCredentials({ ...options, clientCaFile: bundle })).admin, credentials.pki.admin);
  });

  test('are refused when a named file is missing, expired or of another key', async () => {
    const directory = await freshDirectory();
    const pki = await ensure(directory);
    const file = (name: string): string => join(directory, name);
    const options = optionsFor(directory);
    const tls = (certificate: string, key: string): CredentialOptions => ({
      ...options,
      tlsFiles: { certificate: file(certificate), key: file(key) },
    });
    await assert.rejects(loadCredentials(tls('none.crt', 'apiserver.key')), refusal('none.crt', '--tls-cert-file'));
    await assert.rejects(loadCredentials(tls('apiserver.crt', 'none')), refusal('none', '--tls-private-key-file'));
    await assert.rejects(loadCredentials(tls('apiserver.crt', 'sa.key')), refusal('do not belong together'));
    await assert.rejects(
      loadCredentials({ ...options, clientCaFile: file('none') }),
      refusal('none', '--client-ca-file', 'is not there'),
    );
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const expired = issueCertificate(
      {
        subject: { commonName: 'old', organizations: [] },
        publicKey,
        notBeforeMs: startMs - 2 * dayMs,
        notAfterMs: startMs - dayMs,
        purpose: ['serverAuth'],
      },
      { certificate: new X509Certificate(pki.ca).raw, key: privateKey },
      systemRandom,
    );
    await writeFile(file('old.crt'), certificatePem(expired));
    await writeFile(file('old.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await assert.rejects(loadCredentials(tls('old.crt', 'old.key')), refusal('old.crt', 'expired on 2026-03-31'));
  });

  test(
    'are refused when the user may not read them',
    { skip: process.getuid?.() === 0 ? 'root reads all' : false },
    async () => {
      const directory = await freshDirectory();
      await ensure(directory);
      await chmod(join(directory, 'ca.key'), 0);
      await assert.rejects(ensure(directory), refusal('ca.key', 'cannot be read', 'the right to read'));
    },
  );
});

test("the server's names are kubeadm's and its own addresses, each once", () => {
  const range = CIDR.parse('10.96.0.0/12');
  assert.ok(range !== undefined);
  const server = { hostName: 'node-1', addresses: ['0.0.0.0', '192.0.2.1', '127.0.0.1'], serviceRanges: [range] };
  assert.deepEqual(servingNamesOf(server), [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    'node-1',
    'localhost',
    '127.0.0.1',
    '::1',
    '10.96.0.1',
    '192.0.2.1',
  ]);
});
