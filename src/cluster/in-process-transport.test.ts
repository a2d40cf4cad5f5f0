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
