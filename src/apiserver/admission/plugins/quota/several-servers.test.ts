// Several API servers over one store, each with its own view of the quota.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceQuota as ResourceQuotaObject } from '../../../../api/types/core.v1.ts';
import { realClock } from '../../../../machinery/clock.ts';
import { StatusError } from '../../../../machinery/status.ts';
import type { Store } from '../../../../store/contract.ts';
import { openMemoryStore } from '../../../../store/memory/index.ts';
import { Lister } from '../../lister.ts';
import { TestRegistry } from '../../test-registry.ts';
import { ResourceQuota } from './resource-quota.ts';

function startServer(store: Store): TestRegistry {
  return new TestRegistry(store, (registry) => [
    new ResourceQuota({ quotas: new Lister(registry, '', 'resourcequotas'), clock: realClock, limited: [] }),
  ]);
}

/** A quota that its controller has counted. */
async function addQuota({ registry }: TestRegistry, hard: number): Promise<string> {
  const quotas = new Lister<ResourceQuotaObject>(registry, '', 'resourcequotas');
  await quotas.load();
  const key = registry.keyFor(quotas.definition, 'ns', 'q');
  const amounts = { hard: { 'count/configmaps': String(hard) }, used: { 'count/configmaps': '0' } };
  const object = { metadata: { name: 'q', namespace: 'ns', uid: 'u' }, spec: {}, status: amounts };
  await registry.store.txn({
    compare: [],
    success: [{ type: 'put', put: { key, value: quotas.cache.form.encode(object) } }],
  });
  await registry.feed.catchUp();
  return key;
}

test('three servers together let no more through than one would', async () => {
  const store = await openMemoryStore();
  const servers = [startServer(store), startServer(store), startServer(store)];
  try {
    const [first] = servers;
    assert.ok(first !== undefined);
    const key = await addQuota(first, 50);
    const answers = await Promise.allSettled(
      Array.from({ length: 300 }, (_, index) =>
        servers[index % servers.length]?.create('', 'configmaps', 'ns', { metadata: { name: `c${index}` } }),
      ),
    );
    let created = 0;
    for (const answer of answers) {
      if (answer.status === 'fulfilled') created++;
      else assert.ok(answer.reason instanceof StatusError && answer.reason.code === 403, String(answer.reason));
    }
    assert.equal(created, 50);
    const { kvs } = await store.range({ key });
    const stored = JSON.parse(Buffer.from(kvs[0]?.value ?? []).toString('utf8')) as ResourceQuotaObject;
    assert.deepEqual(stored.status?.used, { 'count/configmaps': '50' });
  } finally {
    for (const server of servers) server.stop();
    await store.close();
  }
});
