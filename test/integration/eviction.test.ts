// Evictions and the budgets that restrain them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import { StatusError } from '../../src/machinery/status.ts';
import { TestServer } from '../support/server.ts';

interface Budget {
  readonly status: {
    readonly disruptionsAllowed: number;
    readonly disruptedPods?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
  };
}

let server: TestServer;
let client: RestClient;
let namespaces = 0;

before(async () => {
  server = await TestServer.start();
  client = server.client();
});
after(async () => {
  client?.transport.close();
  await server?.stop();
});

const mergePatch = 'application/merge-patch+json';

/** A namespace with Pods that run, assigned to no node, so that they go at once; and a budget that selects them. */
class Room {
  readonly core: string;
  readonly budgets: string;

  private constructor(name: string) {
    this.core = `/api/v1/namespaces/${name}`;
    this.budgets = `/apis/policy/v1/namespaces/${name}/poddisruptionbudgets`;
  }

  static async make(): Promise<Room> {
    const name = `eviction-${++namespaces}`;
    await client.request('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
    return new Room(name);
  }

  async addPod(name: string, ready: boolean): Promise<void> {
    await client.request('POST', `${this.core}/pods`, {
      body: {
        metadata: { name, labels: { app: 'x' } },
        spec: { containers: [{ name: 'c', image: 'registry.example/c:1' }] },
      },
    });
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
    await this.#setStatus(`${this.core}/pods/${name}`, { phase: 'Running', conditions });
  }

  async addBudget(name: string, status: object, spec: object = {}): Promise<void> {
    const selector = { matchLabels: { app: 'x' } };
    await client.request('POST', this.budgets, { body: { metadata: { name }, spec: { selector, ...spec } } });
    await this.#setStatus(`${this.budgets}/${name}`, { observedGeneration: 1, expectedPods: 2, ...status });
  }

  evict(pod: string, query: Readonly<Record<string, string>> = {}): Promise<{ status: string; code?: number }> {
    return client.request('POST', `${this.core}/pods/${pod}/eviction`, { query, body: { metadata: { name: pod } } });
  }

  /** Why an eviction was refused. */
  async refusal(pod: string): Promise<string> {
    const error = await this.evict(pod).then(
      () => assert.fail(`${pod} was evicted`),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof StatusError, String(error));
    const [cause] = error.details?.causes ?? [];
    return `${error.code} ${cause?.reason}: ${cause?.message}`;
  }

  async isGone(pod: string): Promise<boolean> {
    const { items } = await client.get<{
      items: readonly { metadata: { name: string; deletionTimestamp?: string } }[];
    }>(`${this.core}/pods`);
    const found = items.find(({ metadata }) => metadata.name === pod);
    return found === undefined || found.metadata.deletionTimestamp !== undefined;
  }

  async #setStatus(path: string, status: object): Promise<void> {
    await client.request('PATCH', `${path}/status`, { contentType: mergePatch, body: { status } });
  }
}

test('a budget allows as many evictions as it says, and keeps count', async () => {
  const room = await Room.make();
  await room.addPod('a', true);
  await room.addPod('b', true);
  await room.addBudget('pdb', { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 });
  await room.evict('a', { dryRun: 'All' });
  assert.equal(await room.isGone('a'), false);
  assert.equal((await room.evict('a')).status, 'Success');
  assert.equal(await room.isGone('a'), true);
  const { status } = await client.get<Budget>(`${room.budgets}/pdb`);
  assert.equal(status.disruptionsAllowed, 0);
  assert.deepEqual(Object.keys(status.disruptedPods ?? {}), ['a']);
  assert.equal(status.conditions?.[0]?.reason, 'InsufficientPods');
  assert.match(
    await room.refusal('b'),
    /^429 DisruptionBudget: The disruption budget pdb does not allow evicting pods/,
  );
  assert.equal(await room.isGone('b'), false);
});

test('concurrent evictions never exceed a budget', async () => {
  const room = await Room.make();
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  await Promise.all(names.map((name) => room.addPod(name, true)));
  await room.addBudget('pdb', { disruptionsAllowed: 2, currentHealthy: 2, desiredHealthy: 4 });
  const outcomes = await Promise.allSettled(names.map((name) => room.evict(name)));
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 2);
});

test('a budget that its controller has not seen allows nothing', async () => {
  const room = await Room.make();
  await room.addPod('a', true);
  await room.addBudget('pdb', { observedGeneration: 0, disruptionsAllowed: 1 });
  assert.equal(
    await room.refusal('a'),
    '429 DisruptionBudget: The disruption budget pdb is still being processed by the server.',
  );
});

test('a Pod that is not ready may go where enough others are, or where the budget says so', async () => {
  const guarded = await Room.make();
  await guarded.addPod('a', false);
  await guarded.addBudget('pdb', { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1 });
  assert.equal(
    await guarded.refusal('a'),
    '429 DisruptionBudget: The disruption budget pdb needs 1 healthy pods and has 0 currently',
  );
  const healthy = await Room.make();
  await healthy.addPod('a', false);
  await healthy.addBudget('pdb', { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 });
  await healthy.evict('a');
  assert.equal(await healthy.isGone('a'), true);
  const lenient = await Room.make();
  await lenient.addPod('a', false);
  await lenient.addBudget('pdb', { disruptionsAllowed: 0 }, { unhealthyPodEvictionPolicy: 'AlwaysAllow' });
  await lenient.evict('a');
  assert.equal(await lenient.isGone('a'), true);
});

test('a Pod with two budgets is not evicted, and the answer is a Status of failure', async () => {
  const room = await Room.make();
  await room.addPod('a', true);
  await room.addBudget('one', { disruptionsAllowed: 1 });
  await room.addBudget('two', { disruptionsAllowed: 1 });
  const { status, code } = await room.evict('a');
  assert.deepEqual({ status, code }, { status: 'Failure', code: 500 });
  assert.equal(await room.isGone('a'), false);
});
