import type { Cluster } from '../../src/cluster/cluster.ts';
import type { Client } from '../../src/client/client.ts';
import type { Random } from '../../src/machinery/random.ts';
import type { VirtualClock } from '../../src/machinery/virtual-clock.ts';
import type { FaultyNetwork } from './faulty-network.ts';
import type { Trace } from './trace.ts';

/** What steps work on and invariants look at. */
export interface World {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly clock: VirtualClock;
  readonly network: FaultyNetwork;
  readonly random: Random;
  readonly trace: Trace;
  readonly nodeNames: readonly string[];
  /** Machines without power. */
  readonly dead: Set<string>;
}

/** What must hold does not. */
export class Violation extends Error {
  override name = 'Violation';
}

const stepMs = 250;
const longestMs = 120_000;

/** Awaits what may need time, such as a request that is delayed. */
export async function whileTimePasses({ clock }: World, what: string, promise: Promise<unknown>): Promise<void> {
  const state: { isDone: boolean } = { isDone: false };
  const settled = promise.finally(() => (state.isDone = true));
  settled.catch(() => {});
  await clock.advance(0);
  for (let ms = 0; !state.isDone; ms += stepMs) {
    if (ms > longestMs) throw new Violation(`${what} takes more than ${longestMs / 1000} s`);
    await clock.advance(stepMs);
  }
  await settled;
}
