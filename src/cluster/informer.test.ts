// Informers over the transport within the process and over HTTPS: the same promises.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { ConfigMap } from '../api/types/core.v1.ts';
import { Client } from '../client/client.ts';
import { HttpsTransport } from '../client/https-transport.ts';
import { Informer } from '../client/informer.ts';
import { resolveKubeconfig } from '../client/kubeconfig-context.ts';
import { loadKubeconfig } from '../client/kubeconfig.ts';
import { configMaps } from '../client/resources.ts';
import { realClock } from '../machinery/clock.ts';
import { Logger } from '../machinery/logging.ts';
import { seededRandom } from '../machinery/random.ts';
import { eventually } from '../../test/support/eventually.ts';
import { EmbeddedApiServer } from './embedded-api-server.ts';

const world = { clock: realClock, random: seededRandom('informers'), log: Logger.silent };
const admin = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };

let server: EmbeddedApiServer;
let viaHttps: Client;
before(async () => {
  server = await EmbeddedApiServer.start(world);
  const config = resolveKubeconfig(await loadKubeconfig({ explicitPath: server.kubeconfig }));
  viaHttps = Client.over(new HttpsTransport(config), { userAgent: 'test/https' });
});
after(async () => {
  viaHttps?.rest.transport.close();
  await server?.close();
});

const transports: Readonly<Record<string, () => Client>> = {
  'in the process': () => server.clientAs(admin, 'test/in-process'),
  'over HTTPS': () => viaHttps,
};

function configMap(namespace: string, name: string, value: string): ConfigMap {
  return { metadata: { namespace, name }, data: { value } };
}

for (const [transport, clientOf] of Object.entries(transports)) {
  describe(transport, () => {
    test('an informer follows random writes, and its handlers see every object come, change and go', async () => {
      const client = clientOf();
      const random = seededRandom(transport);
      const known = new Map<string, string>();
      const model = new Map<string, string>();
      for (const name of ['p', 'q']) {
        await client.create(configMaps, configMap('default', name, '0'));
        model.set(name, '0');
      }
      const stop = new AbortController();
      const informer = new Informer({ ...world, client, resource: configMaps, namespace: 'default' });
      informer.addHandlers({
        added: ({ metadata: { name = '' }, data }) => {
          assert.ok(!known.has(name));
          known.set(name, data?.['value'] ?? '');
        },
        updated: ({ metadata: { name = '' }, data }, old) => {
          assert.equal(known.get(name), old.data?.['value']);
          known.set(name, data?.['value'] ?? '');
        },
        deleted: ({ metadata: { name = '' } }) => assert.ok(known.delete(name)),
      });
      const running = informer.run(stop.signal);
      await informer.synced;
      assert.deepEqual(known, model);
      for (let step = 1; step <= 60; step++) {
        const name = `n${random.int(8)}`;
        if (!model.has(name)) {
          await client.create(configMaps, configMap('default', name, String(step)));
          model.set(name, String(step));
        } else if (random.int(2) === 0) {
          await client.patch(configMaps, 'default', name, 'merge', { data: { value: String(step) } });
          model.set(name, String(step));
        } else {
          await client.delete(configMaps, 'default', name);
          model.delete(name);
        }
      }
      await eventually('the informer knows all', () => isDeepStrictEqual(known, model));
      assert.deepEqual(
        new Set([...informer.lister.values()].map(({ metadata }) => metadata.name)),
        new Set(model.keys()),
      );
      stop.abort();
      await running;
      await Promise.all([...model.keys()].map((name) => client.delete(configMaps, 'default', name)));
    });

    test('an update on a stale revision is a conflict, with upstream’s words', async () => {
      const client = clientOf();
      const created = await client.create(configMaps, configMap('default', 'stale', '1'));
      await client.patch(configMaps, 'default', 'stale', 'merge', { data: { value: '2' } });
      await assert.rejects(client.update(configMaps, created), { reason: 'Conflict', code: 409 });
      await client.delete(configMaps, 'default', 'stale');
    });

    test('leaving a watch early and aborting it both end it', async () => {
      const client = clientOf();
      const stop = new AbortController();
      await client.create(configMaps, configMap('default', 'left', '1'));
      const query = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true };
      for await (const { type } of client.watch(configMaps, 'default', query, stop.signal)) {
        assert.equal(type, 'ADDED');
        break;
      }
      const endless = (async () => {
        for await (const { object } of client.watch(configMaps, 'default', query, stop.signal)) {
          if (object.metadata.name === undefined) continue;
          stop.abort(new Error('enough'));
        }
      })();
      await assert.rejects(endless, /enough/);
      await client.delete(configMaps, 'default', 'left');
    });
  });
}
