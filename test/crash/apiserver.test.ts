// Kills the API server at random moments under load. What it acknowledged must be there afterwards, whole, and so must
// the history of it. CRASH_ROUNDS sets how often (default 10); `npm run crash` does it 200 times.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import { seededRandom, type Random } from '../../src/machinery/random.ts';
import { removeDirectory, temporaryDirectory, TestServer, type Exit } from '../support/server.ts';
import { path, Writer, type Acknowledged, type ConfigMap } from './apiserver-load.ts';

const rounds = Number(process.env['CRASH_ROUNDS'] ?? 10);
const seed = process.env['CRASH_SEED'] ?? String(Date.now());
const writerCount = 16;
/** The load lasts for less than this before the kill. */
const maxLoadMs = 600;
/** In one of so many rounds the server is killed once more, while it starts. */
const roundsPerStartKill = 4;
const maxStartMs = 600;

interface List {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly ConfigMap[];
}

async function killWhileStarting(directory: string, random: Random): Promise<void> {
  const abort = AbortSignal.timeout(random.int(maxStartMs));
  await TestServer.start({ directory, signal: abort }).then(
    (server) => server.kill(),
    (error: unknown) => assert.ok(abort.aborted, String(error)),
  );
}

/** All changes since a version, up to another, must lead from one state to the other, with every acknowledged write. */
async function checkHistory(
  client: RestClient,
  from: List,
  to: List,
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  const state = new Map(from.items.map((item) => [item.metadata.name, item]));
  const events = new Map<number, string>();
  const last = Number(to.metadata.resourceVersion);
  const query = { resourceVersion: from.metadata.resourceVersion, allowWatchBookmarks: true, timeoutSeconds: 1 };
  for await (const { type, object } of client.watch<ConfigMap>(path, { query })) {
    const revision = Number(object.metadata.resourceVersion);
    if (type === 'BOOKMARK') continue;
    if (revision > last) break;
    events.set(revision, `${type} ${object.metadata.name}`);
    if (type === 'DELETED') state.delete(object.metadata.name);
    else state.set(object.metadata.name, object);
    if (revision === last) break;
  }
  for (const { revision, name, type } of acknowledged) assert.equal(events.get(revision), `${type} ${name}`);
  const items = [...state.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  assert.deepEqual(
    items.map(({ metadata, data }) => ({ metadata, data })),
    to.items.map(({ metadata, data }) => ({ metadata, data })),
  );
}

describe('an API server that is killed', { timeout: 120_000 + rounds * 10_000 }, () => {
  const random = seededRandom(seed);
  const writers = Array.from({ length: writerCount }, (_, id) => new Writer(id, seededRandom(`${seed}/${id}`)));
  let server: TestServer | undefined;
  after(() => server?.kill());

  /** Compares what is stored now with what is known, and with what was stored before the last round. */
  async function check(client: RestClient, before: List | undefined): Promise<List> {
    const now = await client.get<List>(path);
    const acknowledged = writers.flatMap((writer) => writer.acknowledged);
    for (const { revision } of acknowledged) {
      assert.ok(Number(now.metadata.resourceVersion) >= revision, `revision ${revision} is gone`);
    }
    if (before !== undefined) await checkHistory(client, before, now, acknowledged);
    const actual = new Map(now.items.map((item) => [item.metadata.name, item]));
    for (const writer of writers) writer.check(actual);
    return now;
  }

  it(`has everything it acknowledged, ${rounds} times (CRASH_SEED=${seed})`, async (test) => {
    const directory = await temporaryDirectory();
    let writes = 0;
    let before: List | undefined;
    for (let round = 0; round < rounds; round++) {
      if (round > 0 && round % roundsPerStartKill === 0) await killWhileStarting(directory, random);
      server = await TestServer.start({ directory });
      const client = server.client();
      before = await check(client, before);
      const { signal: kill, exit } = await underLoad(server, client);
      assert.equal(exit.signal, kill, `the server ended by itself:\n${server.log}`);
      writes += writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
    }
    server = await TestServer.start({ directory });
    const client = server.client();
    await check(client, before);
    client.transport.close();
    await server.stop();
    await removeDirectory(directory);
    assert.ok(writes > rounds * 10, `only ${writes} writes were acknowledged`);
    test.diagnostic(`${writes} writes acknowledged in ${rounds} rounds`);
  });

  /** Lets all writers write for a while, and kills the server. */
  async function underLoad(running: TestServer, client: RestClient): Promise<{ signal: NodeJS.Signals; exit: Exit }> {
    const signal = 'SIGKILL';
    const writing = Promise.all(writers.map((writer) => writer.run(client)));
    setTimeout(() => running.signal(signal), random.int(maxLoadMs));
    const [exit] = await Promise.all([running.exit, writing]);
    client.transport.close();
    return { signal, exit };
  }
});
