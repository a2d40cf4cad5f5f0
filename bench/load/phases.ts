/** What load does, phase by phase. Each phase finds what the ones before it made. */
import { configMap, configMapsPath, namespace, pod, podsPath, podStatusPatch } from './objects.ts';
import { eachOf, timed } from './measure.ts';
import type { Tally, Target } from './measure.ts';
import { fanOut } from './watchers.ts';

export interface Plan {
  /** Pods, and ConfigMaps. */
  readonly count: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly watchers: number;
  /** Changes that each watcher hears of. */
  readonly changes: number;
}

/** Which part of a phase: phases run in slices, so that servers take turns. */
export interface Slice {
  readonly index: number;
  readonly of: number;
}

export interface Phase {
  readonly name: string;
  run(target: Target, tally: Tally, plan: Plan, slice: Slice): Promise<void>;
}

const strategicPatch = 'application/strategic-merge-patch+json';
/** Lists of each kind, over all slices. */
const lists = 12;
/** Spreads neighbours over the whole range, as clients' requests are. */
const stride = 7919;

function part(total: number, { index, of }: Slice): { from: number; to: number } {
  return { from: Math.floor((total * index) / of), to: Math.floor((total * (index + 1)) / of) };
}

/** A phase of one request for each of the plan's objects. */
function requests(name: string, send: (target: Target, index: number, plan: Plan) => Promise<unknown>): Phase {
  return {
    name,
    run: (target, tally, plan, slice) =>
      timed(target, tally, () =>
        eachOf(tally, part(plan.count, slice), plan.concurrency, (index) => send(target, index, plan)),
      ),
  };
}

/** A phase of some lists, one after the other. */
function listing(name: string, pathOf: (plan: Plan) => string): Phase {
  return {
    name,
    run: (target, tally, plan, slice) =>
      timed(target, tally, () =>
        eachOf(tally, part(lists, slice), 1, async () => {
          tally.bytes = (await target.client.send({ method: 'GET', path: pathOf(plan) })).length;
        }),
      ),
  };
}

export const phases: readonly Phase[] = [
  requests('create Pod', ({ client }, i) => client.send({ method: 'POST', path: podsPath, body: pod(`load-${i}`, i) })),
  requests('create ConfigMap', ({ client }, i) =>
    client.send({ method: 'POST', path: configMapsPath, body: configMap(`load-${i}`) }),
  ),
  requests('get Pod', ({ client }, i, { count }) =>
    client.send({ method: 'GET', path: `${podsPath}/load-${(i * stride) % count}` }),
  ),
  listing('list all Pods', () => podsPath),
  listing('list by label', () => `${podsPath}?labelSelector=shard%3D7`),
  listing('list page of 500', () => `${podsPath}?limit=500`),
  requests('strategic patch of Pod status', ({ client }, i) =>
    client.send({
      method: 'PATCH',
      path: `${podsPath}/load-${i}/status`,
      body: podStatusPatch,
      contentType: strategicPatch,
    }),
  ),
  { name: 'watch fan-out', run: fanOut },
  requests('delete Pod', ({ client }, i) =>
    client.send({ method: 'DELETE', path: `${podsPath}/load-${i}?gracePeriodSeconds=0` }),
  ),
];

/** Makes the namespace, and does a little of everything, so that no phase pays for the first use of the client. */
export async function warmUp({ client }: Target, count: number): Promise<void> {
  await client.send({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: JSON.stringify({ metadata: { name: namespace } }),
  });
  for (let i = 0; i < count; i++) {
    const path = `${podsPath}/warm-${i}`;
    const mapPath = `${configMapsPath}/warm-${i}`;
    await client.send({ method: 'POST', path: podsPath, body: pod(`warm-${i}`, i) });
    await client.send({ method: 'POST', path: configMapsPath, body: configMap(`warm-${i}`) });
    await client.send({ method: 'GET', path });
    await client.send({ method: 'PATCH', path: `${path}/status`, body: podStatusPatch, contentType: strategicPatch });
    await client.send({ method: 'DELETE', path: `${path}?gracePeriodSeconds=0` });
    await client.send({ method: 'DELETE', path: mapPath });
  }
}
