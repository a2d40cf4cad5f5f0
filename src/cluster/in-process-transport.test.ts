import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '../client/resources.ts';
import { realClock } from '../machinery/clock.ts';
import { Logger } from '../machinery/logging.ts';
import { seededRandom } from '../machinery/random.ts';
import { EmbeddedApiServer } from './embedded-api-server.ts';
import { adminUser } from './users.ts';

test('a list that is sent in many pieces arrives as it was sent', async () => {
  const random = seededRandom('transport');
  const server = await EmbeddedApiServer.start({ clock: realClock, random, log: Logger.silent });
  try {
    const client = server.clientAs(adminUser, 'test');
    const names = Array.from({ length: 100 }, (_, index) => `map-${String(index).padStart(3, '0')}`);
    for (const name of names) {
      await client.create(configMaps, { metadata: { name, namespace: 'default' }, data: { text: name.repeat(3000) } });
    }
    const { items } = await client.list(configMaps, 'default', { fieldSelector: 'metadata.name!=other' });
    const ours = items.filter(({ metadata }) => metadata.name?.startsWith('map-'));
    assert.deepEqual(
      ours.map(({ metadata, data }) => [metadata.name, data?.['text']]),
      names.map((name) => [name, name.repeat(3000)]),
    );
  } finally {
    await server.close();
  }
});

test('a watch that is left unread for long tells everything once it is read', async () => {
  const random = seededRandom('slow watch');
  const server = await EmbeddedApiServer.start({ clock: realClock, random, log: Logger.silent });
  try {
    const client = server.clientAs(adminUser, 'test');
    const watch = client.watch(configMaps, 'default', { resourceVersion: '0', fieldSelector: 'metadata.name=big' });
    await client.create(configMaps, { metadata: { name: 'big', namespace: 'default' }, data: { count: '0' } });
    await watch.next();
    const changes = 20;
    for (let count = 1; count <= changes; count++) {
      const data = { count: String(count), text: 'x'.repeat(500_000) };
      await client.patch(configMaps, 'default', 'big', 'merge', { data });
    }
    const seen: (string | undefined)[] = [];
    for await (const { object } of watch) if (seen.push(object.data?.['count']) === changes) break;
    assert.deepEqual(
      seen,
      Array.from({ length: changes }, (_, index) => String(index + 1)),
    );
  } finally {
    await server.close();
  }
});
