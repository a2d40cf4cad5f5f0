// `kubets history` as its users run it.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import { run as runProgram, type RunResult } from '../support/run.ts';
import { TestServer } from '../support/server.ts';

const program = resolve(import.meta.dirname, '../../bin/kubets');
const deployments = '/apis/apps/v1/namespaces/default/deployments';

let server: TestServer;
let client: RestClient;
/** Versions after each step of the story. */
const versions: string[] = [];

function history(...args: readonly string[]): Promise<RunResult> {
  return runProgram(program, ['history', ...args], { env: { KUBECONFIG: server.kubeconfig } });
}

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await history(...args);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  return stdout;
}

async function step(method: string, path: string, body?: object): Promise<void> {
  const contentType = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
  const { metadata } = await client.request<{ metadata: { resourceVersion: string } }>(method, path, {
    contentType,
    ...(body === undefined ? {} : { body }),
  });
  versions.push(metadata.resourceVersion);
}

before(async () => {
  server = await TestServer.start();
  client = server.client('storyteller/2.0 (linux)');
  const labels = { app: 'web' };
  const spec = {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'i:1' }] } },
  };
  await step('POST', deployments, { metadata: { name: 'web' }, spec });
  await step('PATCH', `${deployments}/web/scale`, { spec: { replicas: 3 } });
  await step('PATCH', `${deployments}/web`, {
    spec: { template: { spec: { containers: [{ name: 'app', image: 'i:2' }] } } },
  });
  await step('POST', deployments, { metadata: { name: 'other' }, spec });
});
after(async () => {
  client?.transport.close();
  await server?.stop();
});

test('tells who changed what, under any name of the kind', async () => {
  const text = await output('deployment', 'web');
  for (const args of [['deploy/web'], ['Deployment.apps', 'web'], ['deployments.v1.apps', 'web', '-n', 'default']]) {
    const again = await output(...args);
    assert.equal(again.replace(/^\S+ ago/gm, ''), text.replace(/^\S+ ago/gm, ''));
  }
  const [third, second, first] = text.split('\n\n');
  const heading = (type: string, version: string | undefined, verb: string): RegExp =>
    new RegExp(
      `^\\d+s ago {3}\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ {3}revision ${version} {3}${type} by kubernetes-admin with storyteller/2\\.0 \\(${verb}\\)`,
    );
  assert.match(third ?? '', heading('changed', versions[2], 'patch'));
  assert.match(third ?? '', /\n {2}spec\.template\.spec\.containers\[app\]\.image: "i:1" → "i:2"/);
  assert.match(second ?? '', heading('changed', versions[1], 'patch scale'));
  assert.match(second ?? '', /\n {2}spec\.replicas: 1 → 3/);
  assert.match(first ?? '', heading('created', versions[0], 'create'));
});

test('as many as are wanted, and as data', async () => {
  assert.match(
    await output('deploy', 'web', '--limit=1'),
    /revision \d+ (?!.*revision)[\s\S]*There are older revisions: --limit 0 shows all/,
  );
  const whole = JSON.parse(await output('deploy', 'web', '-o', 'json', '--limit=0')) as {
    kind: string;
    items: object[];
  };
  assert.equal(whole.kind, 'ObjectHistory');
  assert.equal(whole.items.length, 3);
  assert.match(await output('deploy', 'web', '-o', 'yaml'), /^kind: ObjectHistory$/m);
});

test('shows an object and a list as they were', async () => {
  const [created = '', , changed = ''] = versions;
  const then = JSON.parse(await output('deploy', 'web', '--at', created, '-o', 'json')) as {
    spec: { replicas: number };
  };
  assert.equal(then.spec.replicas, 1);
  assert.match(await output('deploy', 'web', '--at', changed), /^ {2}replicas: 3$/m);
  const table = await output('deploy', '--at', changed);
  assert.match(table, /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/3 .*\n$/);
  assert.match(
    await output('deploy', '--at', '0s', '-A', '-o', 'wide'),
    /^NAMESPACE .* SELECTOR\ndefault +other .*\ndefault +web /,
  );
  assert.equal(await output('deploy', '--at', '100h'), 'No resources found at 100h.\n');
});

test('tells of an object that is gone', async () => {
  await client.request('POST', '/api/v1/namespaces', { body: { metadata: { name: 'short' } } });
  await client.request('POST', '/api/v1/namespaces/short/configmaps', {
    body: { metadata: { name: 'gone' }, data: { a: 'b' } },
  });
  await client.request('DELETE', '/api/v1/namespaces/short/configmaps/gone');
  const text = await output('cm', 'gone', '-n', 'short');
  assert.match(text, /deleted by kubernetes-admin with storyteller\/2\.0 \(delete\)[\s\S]*created by/);
});

test('fails with upstream’s words', async () => {
  const refused = async (message: RegExp, ...args: readonly string[]): Promise<void> => {
    const { code, stdout, stderr } = await history(...args);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  };
  await refused(/^Error from server \(NotFound\): pods "none" not found\n$/, 'pod', 'none');
  await refused(/^error: the server doesn't have a resource type "widgets"\n$/, 'widgets', 'a');
  await refused(/^Error from server \(BadRequest\): at=x is no moment/, 'pods', '--at', 'x');
  await refused(/^Error from server \(Timeout\): Too large resource version: 999999/, 'pods', '--at', '999999');
  await refused(/^error: context "x" does not exist\n$/, 'pod', 'a', '--context', 'x');
  await refused(/^error: stat .*nowhere: no such file or directory\n$/, 'pod', 'a', '--kubeconfig', '/nowhere');
  await refused(/^error: unknown flag: --attt/, 'pod', 'a', '--attt');
});
