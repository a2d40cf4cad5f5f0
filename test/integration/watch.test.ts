// Watches over HTTP/1.1, HTTP/2 and WebSocket: every change once, in order, whoever reads slowly or goes and comes back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import { stillServer, TestServer } from '../support/server.ts';
import {
  openWatch,
  transports,
  type WatchedEvent,
  type WatchedObject,
  type WatchStream,
} from '../support/watch-streams.ts';

let server: TestServer;
let client: RestClient;

before(async () => {
  server = await TestServer.start({ args: stillServer });
  client = server.client();
});
after(async () => {
  client?.transport.close();
  await server?.stop();
});

let namespaces = 0;

/** A namespace of one's own, and what may be done to ConfigMaps in it. */
async function newNamespace(): Promise<{
  readonly path: string;
  create(name: string, fields?: object): Promise<WatchedObject>;
  change(name: string, patch: object): Promise<WatchedObject>;
  remove(name: string): Promise<unknown>;
  list(): Promise<{ metadata: { resourceVersion: string }; items: WatchedObject[] }>;
}> {
  const namespace = `watch-${++namespaces}`;
  await client.request('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  return {
    path,
    create: (name, { ...fields } = {}) => {
      const { metadata = {}, ...rest } = fields as { metadata?: object };
      return client.request('POST', path, { body: { metadata: { name, ...metadata }, ...rest } });
    },
    change: (name, body) =>
      client.request('PATCH', `${path}/${name}`, { contentType: 'application/merge-patch+json', body }),
    remove: (name) => client.request('DELETE', `${path}/${name}`),
    list: () => client.get(path),
  };
}

function summary({ type, object }: WatchedEvent): string {
  return `${type} ${object.metadata.name}`;
}

function versionOf({ object }: WatchedEvent): number {
  return Number(object.metadata.resourceVersion);
}

for (const transport of transports) {
  describe(`over ${transport}`, () => {
    const open = (path: string, headers?: Readonly<Record<string, string>>): Promise<WatchStream> =>
      openWatch(server.config, transport, path, headers);

    test('from a version on: what was created, changed and deleted, whole', async () => {
      const { path, create, change, remove, list } = await newNamespace();
      await create('before');
      const { metadata } = await list();
      const watch = await open(`${path}?watch=true&resourceVersion=${metadata.resourceVersion}`);
      const created = await create('a', { data: { x: '1' } });
      const changed = await change('a', { data: { x: '2' } });
      await remove('a');
      const events = await watch.take(3);
      assert.deepEqual(
        events.map(({ type }) => type),
        ['ADDED', 'MODIFIED', 'DELETED'],
      );
      assert.deepEqual(events[0]?.object, created);
      assert.deepEqual(events[1]?.object, changed);
      const { metadata: last, ...rest } = events[2]?.object ?? created;
      const { metadata: known, ...expected } = changed;
      assert.deepEqual(rest, expected);
      assert.deepEqual({ ...last, resourceVersion: '' }, { ...known, resourceVersion: '' });
      // A deletion is a change: its version is one to resume from.
      assert.ok(Number(last.resourceVersion) > Number(known.resourceVersion));
      watch.leave();
    });

    test('without a version: first what is there', async () => {
      const { path, create } = await newNamespace();
      await create('a');
      await create('b');
      for (const version of ['', '&resourceVersion=0']) {
        const watch = await open(`${path}?watch=1${version}`);
        assert.deepEqual((await watch.take(2)).map(summary), ['ADDED a', 'ADDED b']);
        watch.leave();
      }
    });

    test('sendInitialEvents: what is there, then a bookmark that says so, then what comes', async () => {
      const { path, create } = await newNamespace();
      await create('a');
      await create('b');
      const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
      const watch = await open(`${path}?${query}`);
      await create('c');
      const [a, b, bookmark, c] = await watch.take(4);
      assert.ok(a && b && bookmark && c);
      assert.deepEqual([a, b, c].map(summary), ['ADDED a', 'ADDED b', 'ADDED c']);
      assert.equal(bookmark.type, 'BOOKMARK');
      assert.equal(bookmark.object.kind, 'ConfigMap');
      assert.equal(bookmark.object.apiVersion, 'v1');
      assert.deepEqual(bookmark.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
      assert.ok(versionOf(bookmark) >= versionOf(b) && versionOf(bookmark) < versionOf(c));
      watch.leave();
      const resumed = await open(`${path}?watch=1&resourceVersion=${versionOf(bookmark)}`);
      assert.equal(summary(await resumed.next()), 'ADDED c');
      resumed.leave();
    });

    test('a selector’s objects come and go as they match', async () => {
      const { path, create, change, remove, list } = await newNamespace();
      const { metadata } = await list();
      const watch = await open(`${path}?watch=1&labelSelector=color%3Dred&resourceVersion=${metadata.resourceVersion}`);
      await create('a', { metadata: { labels: { color: 'blue' } } });
      await create('b', { metadata: { labels: { color: 'red' } } });
      await change('a', { metadata: { labels: { color: 'red' } } });
      await change('a', { data: { x: '1' } });
      await change('a', { metadata: { labels: { color: 'green' } } });
      await change('a', { data: { x: '2' } });
      await remove('a');
      await remove('b');
      const events = await watch.take(5);
      assert.deepEqual(events.map(summary), ['ADDED b', 'ADDED a', 'MODIFIED a', 'DELETED a', 'DELETED b']);
      // What leaves a selection is shown as it was when it last belonged to it, at the version at which it left.
      assert.deepEqual(events[3]?.object.metadata.labels, { color: 'red' });
      assert.deepEqual(
        events.map(versionOf),
        events.map(versionOf).toSorted((x, y) => x - y),
      );
      watch.leave();
    });

    test('field selectors, one object, and the older path', async () => {
      const { path, create, list } = await newNamespace();
      const { metadata } = await list();
      const version = `resourceVersion=${metadata.resourceVersion}`;
      const watches = await Promise.all(
        [
          `${path}?watch=1&${version}&fieldSelector=metadata.name%3Db`,
          `${path}/b?watch=1&${version}`,
          path.replace('/api/v1/', '/api/v1/watch/') + `/b?${version}`,
        ].map((one) => open(one)),
      );
      const whole = await open(path.replace('/api/v1/', '/api/v1/watch/') + `?${version}`);
      for (const name of ['a', 'b', 'c']) await create(name);
      assert.deepEqual((await whole.take(3)).map(summary), ['ADDED a', 'ADDED b', 'ADDED c']);
      for (const watch of watches) {
        assert.equal(summary(await watch.next()), 'ADDED b');
        watch.leave();
      }
      whole.leave();
    });

    test('ends by itself, and well, when its time is up', async () => {
      const { path, create } = await newNamespace();
      await create('a');
      const startedMs = performance.now();
      const watch = await open(`${path}?watch=1&timeoutSeconds=1`);
      const events = await watch.toEnd();
      assert.deepEqual(events.map(summary), ['ADDED a']);
      const tookMs = performance.now() - startedMs;
      assert.ok(tookMs > 900 && tookMs < 10_000, `it took ${tookMs} ms`);
    });

    test('as a table, and as metadata alone', async () => {
      const { path, create } = await newNamespace();
      await create('a', { data: { x: '1' } });
      const table = await open(`${path}?watch=1`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
      const { type, object } = await table.next();
      assert.equal(type, 'ADDED');
      assert.equal(object.kind, 'Table');
      assert.equal(object.apiVersion, 'meta.k8s.io/v1');
      const { columnDefinitions, rows } = object as unknown as {
        columnDefinitions: { name: string }[];
        rows: { cells: unknown[]; object: WatchedObject }[];
      };
      assert.deepEqual(
        columnDefinitions.map(({ name }) => name),
        ['Name', 'Data', 'Age'],
      );
      assert.deepEqual(
        rows.map(({ cells }) => cells.slice(0, 2)),
        [['a', 1]],
      );
      assert.equal(rows[0]?.object.kind, 'PartialObjectMetadata');
      await create('b');
      const later = (await table.next()).object as unknown as { columnDefinitions: unknown; rows: object[] };
      assert.equal(later.columnDefinitions, null, 'columns are told once');
      assert.equal(later.rows.length, 1);
      // Who comes later is told, too, though others have been sent the same event already.
      const second = await open(`${path}?watch=1`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
      const told: unknown[] = [];
      for (let i = 0; i < 2; i++) told.push((await second.next()).object['columnDefinitions']);
      assert.ok(Array.isArray(told[0]));
      assert.equal(told[1], null);
      table.leave();
      second.leave();
      const partial = await open(`${path}?watch=1`, {
        accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
      });
      const event = await partial.next();
      assert.equal(event.object.kind, 'PartialObjectMetadata');
      assert.equal(event.object.metadata.name, 'a');
      assert.equal(event.object['data'], undefined);
      partial.leave();
    });

    test('loses nothing when its client comes back again and again', async () => {
      const { path, create, change, list } = await newNamespace();
      let version = (await list()).metadata.resourceVersion;
      const count = 150;
      const writing = (async (): Promise<void> => {
        for (let i = 0; i < count; i++) {
          await create(`o-${i}`);
          await change(`o-${i}`, { data: { x: 'y' } });
        }
      })();
      const seen: string[] = [];
      while (seen.length < 2 * count) {
        const watch = await open(`${path}?watch=1&resourceVersion=${version}`);
        // Goes in the middle of things, after another number of events each time.
        for (let take = 1 + ((seen.length * 7) % 23); take > 0 && seen.length < 2 * count; take--) {
          const event = await watch.next();
          seen.push(summary(event));
          version = event.object.metadata.resourceVersion;
        }
        watch.leave();
      }
      await writing;
      const expected = Array.from({ length: count }, (_, i) => [`ADDED o-${i}`, `MODIFIED o-${i}`]).flat();
      assert.deepEqual(seen, expected);
    });

    test('a client that does not read holds nobody up and loses nothing', async () => {
      const { path, create, change, list } = await newNamespace();
      await create('a');
      const { metadata } = await list();
      const slow = await open(`${path}?watch=1&resourceVersion=${metadata.resourceVersion}`);
      slow.pause();
      const data = 'x'.repeat(20_000);
      const count = 400;
      const versions: string[] = [];
      for (let i = 0; i < count; i++) {
        const object = await change('a', { data: { i: String(i), data } });
        versions.push(object.metadata.resourceVersion);
      }
      slow.resume();
      const events = await slow.take(count);
      assert.deepEqual(
        events.map(({ object }) => object.metadata.resourceVersion),
        versions,
      );
      slow.leave();
    });

    test('is refused with a Status', async () => {
      const { path } = await newNamespace();
      const refused = async (query: string): Promise<string> => {
        const watch = await open(`${path}?watch=1&${query}`).catch((error: unknown) => String(error));
        assert.equal(typeof watch, 'string', `${query} was accepted`);
        return String(watch);
      };
      assert.match(await refused('labelSelector=%3D%3D'), /status 400.*found '==', expected: !, identifier/);
      assert.match(await refused('fieldSelector=spec.x%3Dy'), /status 400.*spec\.x.* is not a known field selector/);
      assert.match(await refused('resourceVersion=x'), /status 4(?:00|22).*Invalid value: \\"x\\"/);
      assert.match(await refused('sendInitialEvents=true'), /status 422.*resourceVersionMatch/);
      assert.match(await refused('resourceVersionMatch=Exact'), /status 422.*resourceVersionMatch is forbidden/);
      const unknown = await open('/api/v1/widgets?watch=1').catch((error: unknown) => String(error));
      assert.match(String(unknown), /status 404.*the server could not find the requested resource/);
    });
  });
}

test('many watchers see the same bytes of one change', async () => {
  const { path, create, list } = await newNamespace();
  const { metadata } = await list();
  const watches = await Promise.all(
    transports.flatMap((transport) =>
      Array.from({ length: 20 }, () =>
        openWatch(server.config, transport, `${path}?watch=1&resourceVersion=${metadata.resourceVersion}`),
      ),
    ),
  );
  const objects = [await create('a', { data: { x: 'é' } }), await create('b')];
  for (const watch of watches) {
    assert.deepEqual(
      (await watch.take(2)).map(({ object }) => object),
      objects,
    );
    watch.leave();
  }
});
