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

/** Without what a server makes again when a request has deleted it. */
function withoutOwn(path: string, items: unknown): unknown {
  if (path !== '/api/v1/services' || !Array.isArray(items)) return items;
  return items.filter(({ metadata }) => metadata.namespace !== 'default' || metadata.name !== 'kubernetes');
}

let server: TestServer | undefined;
after(() => server?.kill());

test(`${requests} random requests`, async (context) => {
  const seed = process.env['FUZZ_SEED'] ?? randomUUID();
  context.diagnostic(`FUZZ_SEED=${seed}`);
  const directory = await temporaryDirectory();
  server = await TestServer.start({ directory });
  const { statuses, everything } = await fuzz({ config: server.config, seed, requests });
  // Nearly right requests are what finds faults: enough of them must have got through.
  assert.ok((statuses.get(201) ?? 0) > requests / 100, 'too few objects were created');
  assert.ok((statuses.get(200) ?? 0) > requests / 20, 'too little was read and changed');
  await server.stop();
  server = await TestServer.start({ directory });
  const connection = new Http2Connection(server.config);
  const { definitions } = builtinCatalog();
  const again = await readEverything(connection, definitions);
  connection.close();
  for (const [path, items] of Object.entries(again)) {
    // The server itself publishes where it is now, makes again what every cluster has, and repairs addresses.
    if (!/\/(?:endpoints|endpointslices|servicecidrs|ipaddresses)$/.test(path))
      assert.deepEqual(withoutOwn(path, items), withoutOwn(path, everything[path]), path);
  }
  await server.stop();
  await removeDirectory(directory);
});
