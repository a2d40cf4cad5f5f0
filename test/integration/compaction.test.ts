// What a server tells clients that ask for history it no longer keeps.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import { eventually } from '../support/eventually.ts';
import { TestServer } from '../support/server.ts';
import { openWatch, transports } from '../support/watch-streams.ts';

interface List {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: { readonly metadata: { readonly name: string } }[];
}

const path = '/api/v1/namespaces/default/configmaps';
let server: TestServer;
let client: RestClient;
/** The version and the continue token of a list that was read before its history went. */
let version: string;
let token: string | undefined;

before(async () => {
  server = await TestServer.start({ args: ['--etcd-compaction-interval=1s', '--history-revisions=10'] });
  client = server.client();
  for (const name of ['a', 'b', 'c']) await client.request('POST', path, { body: { metadata: { name } } });
  const { metadata } = await client.get<List>(path, { query: { limit: 1 } });
  version = metadata.resourceVersion;
  token = metadata.continue;
  let revisions = 0;
  await eventually(
    'the history is compacted',
    async () => {
      await client.request('PATCH', `${path}/a`, {
        contentType: 'application/merge-patch+json',
        body: { data: { i: String(++revisions) } },
      });
      const { oldestRevision } = await client.get<{ oldestRevision: string }>(`${path}/a`, {
        query: { history: true, limit: 1 },
      });
      return Number(oldestRevision) > Number(version);
    },
    60_000,
  );
});
after(async () => {
  client?.transport.close();
  await server?.stop();
});

for (const transport of transports) {
  test(`a watch over ${transport} from a version that is gone: 410`, async () => {
    const watch = await openWatch(server.config, transport, `${path}?watch=1&resourceVersion=${version}`).catch(
      (error: unknown) => String(error),
    );
    // Upstream may also tell it as an event of the watch; clients know both.
    const text = typeof watch === 'string' ? watch : JSON.stringify(await watch.next());
    assert.match(text, /too old resource version: \d+ \(\d+\)/);
    assert.match(text, /"reason":"Expired"/);
    assert.match(text, /"code":410/);
  });
}

test('a list at a version that is gone: 410', async () => {
  await assert.rejects(client.get(path, { query: { resourceVersion: version, resourceVersionMatch: 'Exact' } }), {
    code: 410,
    reason: 'Expired',
    message: 'The resourceVersion for the provided list is too old.',
  });
});

test('the next page of a list that is gone: 410 with a token to go on with, inconsistently', async () => {
  const refusal = await client.get(path, { query: { limit: 1, continue: token } }).catch((error: unknown) => error);
  assert.ok(refusal instanceof Error && 'continueToken' in refusal && 'code' in refusal);
  assert.equal(refusal.code, 410);
  assert.match(refusal.message, /^The provided continue parameter is too old to display a consistent list result\./);
  const rest = await client.get<List>(path, { query: { continue: String(refusal.continueToken) } });
  assert.deepEqual(
    rest.items.map(({ metadata }) => metadata.name),
    ['b', 'c'],
  );
});

test('a moment that is gone: 410', async () => {
  await assert.rejects(client.get(`${path}/a`, { query: { at: version } }), { code: 410, reason: 'Expired' });
});

test('an object’s history ends where the server’s does', async () => {
  const history = await client.get<{
    oldestRevision: string;
    items: { type: string; revision: string; changes: object[] }[];
  }>(`${path}/a`, { query: { history: true, limit: 500 } });
  const oldest = history.items.at(-1);
  assert.equal(oldest?.type, 'changed');
  assert.deepEqual(oldest?.changes, []);
  assert.ok(history.items.slice(0, -1).every(({ changes }) => changes.length > 0));
});
