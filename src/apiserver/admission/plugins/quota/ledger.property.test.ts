// Whatever comes in whatever order and at the same time: what is let through is what a naive count lets through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { quantityOf } from '../../../../api/core/resource-list.ts';
import type { ResourceQuota as ResourceQuotaObject } from '../../../../api/types/core.v1.ts';
import { realClock } from '../../../../machinery/clock.ts';
import { StatusError } from '../../../../machinery/status.ts';
import { openMemoryStore } from '../../../../store/memory/index.ts';
import { Lister } from '../../lister.ts';
import { TestRegistry } from '../../test-registry.ts';
import { ResourceQuota } from './resource-quota.ts';

interface Wanted {
  readonly cpu: number;
  readonly priorityClassName: '' | 'high';
}

interface Limits {
  readonly pods: number;
  readonly cpu: number;
  /** Of Pods of the class `high`. */
  readonly highPods: number;
}

const wanted = fc.record({ cpu: fc.integer({ min: 0, max: 5 }), priorityClassName: fc.constantFrom('', 'high') });
const limits = fc.record({
  pods: fc.integer({ min: 0, max: 12 }),
  cpu: fc.integer({ min: 0, max: 30 }),
  highPods: fc.integer({ min: 0, max: 6 }),
});

/** Waves of Pods, each of which comes at the same time. */
const waves = fc.array(fc.array(wanted, { maxLength: 8 }), { maxLength: 4 }) as fc.Arbitrary<Wanted[][]>;

class NaiveCount {
  readonly #limits: Limits;
  pods = 0;
  cpu = 0;
  highPods = 0;

  constructor(hard: Limits) {
    this.#limits = hard;
  }

  take({ cpu, priorityClassName }: Wanted): boolean {
    const isHigh = priorityClassName === 'high';
    if (this.pods + 1 > this.#limits.pods || (cpu > 0 && this.cpu + cpu > this.#limits.cpu)) return false;
    if (isHigh && this.highPods + 1 > this.#limits.highPods) return false;
    this.pods++;
    this.cpu += cpu;
    if (isHigh) this.highPods++;
    return true;
  }
}

function quota(name: string, hard: Readonly<Record<string, string>>, spec: object = {}): ResourceQuotaObject {
  const used = Object.fromEntries(Object.keys(hard).map((resource) => [resource, '0']));
  return { metadata: { name, namespace: 'ns', uid: name }, spec, status: { hard, used } };
}

async function run(hard: Limits, sequence: readonly (readonly Wanted[])[]): Promise<void> {
  const store = await openMemoryStore();
  const world = new TestRegistry(store, (registry) => [
    new ResourceQuota({ quotas: new Lister(registry, '', 'resourcequotas'), clock: realClock, limited: [] }),
  ]);
  const { registry } = world;
  try {
    const quotas = new Lister<ResourceQuotaObject>(registry, '', 'resourcequotas');
    await quotas.load();
    const scopeSelector = { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] };
    const objects = [
      quota('all', { pods: String(hard.pods), 'requests.cpu': String(hard.cpu) }),
      quota('high', { pods: String(hard.highPods) }, { scopeSelector }),
    ];
    for (const object of objects) {
      const key = registry.keyFor(quotas.definition, 'ns', object.metadata.name ?? '');
      const value = quotas.cache.form.encode(object);
      await store.txn({ compare: [], success: [{ type: 'put', put: { key, value } }] });
    }
    const naive = new NaiveCount(hard);
    let serial = 0;
    for (const wave of sequence) {
      const expected = wave.map((one) => naive.take(one));
      const answers = await Promise.allSettled(
        wave.map(({ cpu, priorityClassName }) => {
          const resources = { requests: { cpu: String(cpu) } };
          const containers = [{ name: 'c', image: 'registry.example/c:1', resources }];
          const spec = { containers, ...(priorityClassName === '' ? {} : { priorityClassName }) };
          const pod = { metadata: { name: `p${++serial}` }, spec };
          return world.create('', 'pods', 'ns', pod);
        }),
      );
      for (const answer of answers) {
        const isQuotas =
          answer.status === 'fulfilled' || (answer.reason instanceof StatusError && answer.reason.code === 403);
        assert.ok(isQuotas, answer.status === 'rejected' ? String(answer.reason) : '');
      }
      assert.deepEqual(
        answers.map(({ status }) => status === 'fulfilled'),
        expected,
      );
    }
    await registry.feed.catchUp();
    const usedOf = (name: string, resource: string): number =>
      quantityOf(quotas.get('ns', name)?.status?.used?.[resource]).toNumber();
    assert.deepEqual(
      [usedOf('all', 'pods'), usedOf('all', 'requests.cpu'), usedOf('high', 'pods')],
      [naive.pods, naive.cpu, naive.highPods],
    );
  } finally {
    world.stop();
    await store.close();
  }
}

test('what is let through, and what is counted, is what a naive count says', async () => {
  await fc.assert(fc.asyncProperty(limits, waves, run), { numRuns: 60 });
});
