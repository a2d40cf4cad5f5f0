// ResourceQuota over power cuts: what is used may be counted too high by requests that were cut off, never too low.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceQuota } from '../../../src/api/types/core.v1.ts';
import { removeDirectory, temporaryDirectory, TestServer } from '../../support/server.ts';
import { ManyCreates } from './many-creates.ts';

const hard = { 'count/configmaps': '100' };
const quotas = '/api/v1/namespaces/default/resourcequotas';
const configMaps = '/api/v1/namespaces/default/configmaps';

async function addQuota(server: TestServer): Promise<void> {
  const client = server.client();
  const quota = await client.request<object>('POST', quotas, { body: { metadata: { name: 'q' }, spec: { hard } } });
  const status = { hard, used: { 'count/configmaps': '0' } };
  await client.request('PUT', `${quotas}/q/status`, { body: { ...quota, status } });
  client.transport.close();
}

/** How many there are, and how many the quota says that there are. */
async function count(server: TestServer): Promise<{ made: number; used: number }> {
  const client = server.client();
  const { items } = await client.get<{ items: unknown[] }>(configMaps);
  const { status } = await client.get<ResourceQuota>(`${quotas}/q`);
  client.transport.close();
  return { made: items.length, used: Number(status?.used?.['count/configmaps']) };
}

/** Creates many at a time, and cuts the power when some have been answered. */
async function createAndCut(server: TestServer, prefix: string, answersBeforeCut: number): Promise<void> {
  const creates = new ManyCreates(server.config);
  let answers = 0;
  const enough = Promise.withResolvers<void>();
  const all = Array.from({ length: 300 }, (_, index) =>
    creates.post(configMaps, [{ metadata: { name: `${prefix}-${index}` } }]).then(() => {
      if (++answers >= answersBeforeCut) enough.resolve();
    }),
  );
  const settled = Promise.allSettled(all);
  await enough.promise;
  await server.kill();
  await settled;
  creates.close();
}

test('no power cut lets more through than there is', async () => {
  const directory = await temporaryDirectory();
  try {
    let server = await TestServer.start({ directory });
    await addQuota(server);
    for (const [round, answersBeforeCut] of [1, 20, 40].entries()) {
      await createAndCut(server, `r${round}`, answersBeforeCut);
      server = await TestServer.start({ directory });
      const { made, used } = await count(server);
      assert.ok(made <= used && used <= 100, `${made} made, ${used} used`);
    }
    const creates = new ManyCreates(server.config);
    await creates.post(
      configMaps,
      Array.from({ length: 200 }, (_, index) => ({ metadata: { name: `last-${index}` } })),
    );
    creates.close();
    const { made, used } = await count(server);
    assert.ok(made <= 100 && used === 100, `${made} made, ${used} used`);
    await server.stop();
  } finally {
    await removeDirectory(directory);
  }
});
