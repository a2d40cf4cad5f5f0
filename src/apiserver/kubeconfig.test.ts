import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { load } from 'js-yaml';
import { writeKubeconfig } from './kubeconfig.ts';
import type { KubeconfigContents } from './kubeconfig.ts';

const contents: KubeconfigContents = {
  server: 'https://[::1]:6443',
  certificateAuthority: 'CA\n',
  user: { name: 'kubernetes-admin', certificate: 'CERTIFICATE\n', key: 'KEY\n' },
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a kubeconfig', () => {
  let directory = '';
  let path = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kubets-kubeconfig-'));
    path = join(directory, 'new', 'admin.conf');
    await writeKubeconfig(path, { ...contents, server: 'https://old' });
    await writeKubeconfig(path, contents);
  });
  after(() => rm(directory, { recursive: true }));

  test('holds the server, its authority and the user', async () => {
    assert.deepEqual(load(await readFile(path, 'utf8')), {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'kubernetes',
          cluster: { server: 'https://[::1]:6443', 'certificate-authority-data': base64('CA\n') },
        },
      ],
      users: [
        {
          name: 'kubernetes-admin',
          user: { 'client-certificate-data': base64('CERTIFICATE\n'), 'client-key-data': base64('KEY\n') },
        },
      ],
      contexts: [{ name: 'kubernetes-admin@kubernetes', context: { cluster: 'kubernetes', user: 'kubernetes-admin' } }],
      'current-context': 'kubernetes-admin@kubernetes',
    });
  });

  test('is for its owner alone, and leaves nothing beside it', async () => {
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(directory, 'new')), ['admin.conf']);
  });

  const noKubectl =
    spawnSync('kubectl', ['version', '--client']).error === undefined ? false : 'there is no kubectl here';
  test('is one that kubectl reads', { skip: noKubectl }, () => {
    const run = spawnSync('kubectl', ['--kubeconfig', path, 'config', 'view', '--raw', '-o', 'json'], {
      timeout: 30_000,
    });
    const view: unknown = JSON.parse(run.stdout.toString());
    assert.ok(typeof view === 'object' && view !== null && 'users' in view && Array.isArray(view.users));
    assert.deepEqual(view.users[0], {
      name: 'kubernetes-admin',
      user: { 'client-certificate-data': base64('CERTIFICATE\n'), 'client-key-data': base64('KEY\n') },
    });
  });
});
