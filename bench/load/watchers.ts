import { configMapsPath } from './objects.ts';
import { timed } from './measure.ts';
import type { Tally, Target } from './measure.ts';
import type { Plan, Slice } from './phases.ts';

const mergePatch = 'application/merge-patch+json';
/** What changes say, and watchers look for: when they were sent. */
const stamp = Buffer.from('"t":"');
const quote = '"'.charCodeAt(0);
/** A change that takes longer than this to reach a watcher counts as lost. */
const patienceMs = 20_000;

/** Finds the times of sending in a stream of events, whose pieces may end anywhere. */
function stampReader(onStamp: (sentMs: number) => void): (bytes: Buffer) => void {
  let rest: Buffer | undefined;
  return (bytes) => {
    const all = rest === undefined ? bytes : Buffer.concat([rest, bytes]);
    let end = 0;
    for (let at = all.indexOf(stamp); at >= 0; at = all.indexOf(stamp, end)) {
      const close = all.indexOf(quote, at + stamp.length);
      if (close < 0) break;
      onStamp(Number(all.toString('latin1', at + stamp.length, close)));
      end = close;
    }
    // A stamp may begin in this piece and end in the next; it is short.
    const line = all.lastIndexOf(10);
    rest = line === all.length - 1 ? undefined : all.subarray(Math.max(end, line + 1));
  };
}

/** Changes ConfigMaps one after the other, while watchers listen; counts the events that reach them. */
export async function fanOut(target: Target, tally: Tally, plan: Plan, { of }: Slice): Promise<void> {
  const { client } = target;
  const changes = Math.ceil(plan.changes / of);
  const expected = changes * plan.watchers;
  const list = JSON.parse(
    (await client.send({ method: 'GET', path: `${configMapsPath}?limit=1` })).toString('utf8'),
  ) as {
    metadata: { resourceVersion: string };
  };
  const { resourceVersion } = list.metadata;
  let received = 0;
  const all = Promise.withResolvers<void>();
  const onStamp = (sentMs: number): void => {
    tally.latenciesMs.push(performance.now() - sentMs);
    if (++received === expected) all.resolve();
  };
  const path = `${configMapsPath}?watch=1&resourceVersion=${resourceVersion}`;
  await Promise.all(Array.from({ length: plan.watchers }, () => client.watch(path, stampReader(onStamp))));
  await timed(target, tally, async () => {
    for (let i = 0; i < changes; i++) {
      const body = JSON.stringify({ data: { t: String(performance.now()) } });
      await client.send({ method: 'PATCH', path: `${configMapsPath}/load-${i}`, body, contentType: mergePatch });
    }
    const timer = setTimeout(() => all.resolve(), patienceMs);
    await all.promise;
    clearTimeout(timer);
  });
  client.endWatches();
  tally.done += received;
  if (received < expected) {
    tally.errors += expected - received;
    tally.firstError ||= `${expected - received} events were lost`;
  }
}
