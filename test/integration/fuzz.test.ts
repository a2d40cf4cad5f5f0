// Random requests make no 500 and no crash, and what they leave is read by the next server. `npm run fuzz` sends more.
import { randomUUID } from 'node:crypto';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { builtinCatalog } from '../../src/api/catalog.ts';
import { readEverything } from '../fuzz/everything.ts';
import { fuzz } from '../fuzz/fuzz.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../support/server.ts';
import { Http2Connection } from '../support/wire.ts';

const requests = 5000;

/** The items of each list, without those of these names: what a server has made it makes again, or puts right. */
function without(own: Lists, lists: Lists): Lists {
  const kept: Record<string, readonly Item[]> = {};
  for (const [path, items] of Object.entries(lists)) {
    // The server itself publishes where it is now, and repairs addresses.
    if (/\/(?:endpoints|endpointslices|servicecidrs|ipaddresses)$/.test(path)) continue;
    const names = new Set((own[path] ?? []).map(keyOf));
    kept[path] = items.filter((item) => !names.has(keyOf(item)));
  }
  return kept;
}

interface Item {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}
type Lists = Readonly<Record<string, readonly Item[]>>;

function keyOf({ metadata }: Item): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

async function readAll(server: TestServer): Promise<Lists> {
  const connection = new Http2Connection(server.config);
  const { definitions } = builtinCatalog();
  const lists = (await readEverything(connection, definitions)) as Lists;
  connection.close();
  return lists;
}

let server: TestServer | undefined;
after(() => server?.kill());

test(`${requests} random requests`, async (context) => {
  const seed = process.env['FUZZ_SEED'] ?? randomUUID();
  context.diagnostic(`FUZZ_SEED=${seed}`);
  const directory = await temporaryDirectory();
  server = await TestServer.start({ directory });
  const own = await readAll(server);
  const { statuses, everything } = await fuzz({ config: server.config, seed, requests });
  // Nearly right requests are what finds faults: enough of them must have got through.
  assert.ok((statuses.get(201) ?? 0) > requests / 100, 'too few objects were created');
  assert.ok((statuses.get(200) ?? 0) > requests / 20, 'too little was read and changed');
  await server.stop();
  server = await TestServer.start({ directory });
  assert.deepEqual(without(own, await readAll(server)), without(own, everything as Lists));
  await server.stop();
  await removeDirectory(directory);
});
