import { setTimeout } from 'node:timers/promises';
import { Cluster } from '../../src/cluster/cluster.ts';
import { seededRandom } from '../../src/machinery/random.ts';
import { VirtualClock } from '../../src/machinery/virtual-clock.ts';
import { FaultyNetwork, noFaults } from './faulty-network.ts';
import { checkAlways } from './invariants.ts';
import { checkNodePorts, nodePortRange } from './node-ports.ts';
import { unrest } from './rest.ts';
import { createNamespaces, mendAll, takeStep } from './steps.ts';
import { Trace } from './trace.ts';
import { Violation, type World } from './world.ts';

export interface SimulationOptions {
  readonly seed: string;
  readonly steps: number;
}

export interface SimulationResult {
  /** Of all that components wrote and users did: the same for the same seed and number of steps. */
  readonly digest: string;
  readonly lines: readonly string[];
}

const nodeCount = 3;
const longestStepMs = 20_000;
/** Back-offs and evictions are over by then. */
const minutesToRest = 25;
const quietMs = 10 * 60_000;
/** What nodes write in order to be seen. */
const heartbeat = /^(PUT|PATCH) \/(apis\/coordination\.k8s\.io\/v1\/namespaces\/kube-node-lease|api\/v1\/nodes)\//;
const shownSteps = 40;

/** How a run that failed is run again. */
export function replay({ seed, steps }: SimulationOptions): string {
  return `node test/simulation/run.ts --seed ${seed} --steps ${steps}`;
}

/** One life of a cluster, from a seed. Throws when something does not hold, with how to see it again. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, steps } = options;
  const random = seededRandom(`${seed}/users`);
  let network: FaultyNetwork | undefined;
  let trace: Trace | undefined;
  const cluster = await Cluster.start({
    nodes: nodeCount,
    clock: 'virtual',
    seed,
    // The cluster's own authority is a new one each time.
    controllerOptions: { rootCA: 'an authority of the simulation' },
    flags: [`--service-node-port-range=${nodePortRange}`],
    transport: (transport, user, clock) => {
      trace ??= new Trace(clock);
      network ??= new FaultyNetwork({ clock, trace, random: seededRandom(`${seed}/network`) });
      return network.wrap(transport, user);
    },
  });
  const { client, clock } = cluster;
  if (!(clock instanceof VirtualClock) || network === undefined || trace === undefined) {
    throw new Error('the cluster has no virtual clock or no clients');
  }
  const nodeNames = Array.from({ length: nodeCount }, (_, index) => `node-${index}`);
  const world: World = { cluster, client, clock, network, random, trace, nodeNames, dead: new Set() };
  try {
    await live(world, steps);
  } catch (error) {
    network.rates = noFaults;
    await stopFailed(world);
    throw new Violation(report(options, trace, error), { cause: error });
  }
  await cluster.stop();
  return { digest: trace.digest, lines: trace.lines };
}

/** What failed may wait for time, or for ever: it is given up after a while. */
async function stopFailed({ cluster, clock }: World): Promise<void> {
  const state: { isDone: boolean } = { isDone: false };
  const stopping = cluster.stop().finally(() => (state.isDone = true));
  // Why it failed is known already.
  stopping.catch(() => {});
  for (let round = 0; round < 500 && !state.isDone; round++) {
    await clock.advance(250);
    await setTimeout(1);
  }
}

async function live(world: World, steps: number): Promise<void> {
  const { clock, random, trace } = world;
  await clock.advance(0);
  await createNamespaces(world);
  for (let step = 0; step < steps; step++) {
    trace.add(`step ${step}: ${await takeStep(world)}`);
    await clock.advance(random.int(longestStepMs));
    await checkAlways(world);
  }
  await mendAll(world);
  trace.add('step: all is mended');
  await comeToRest(world);
  await keepQuiet(world);
  await checkNodePorts(world);
}

async function comeToRest(world: World): Promise<void> {
  let left: string[] = [];
  for (let minute = 0; minute < minutesToRest; minute++) {
    await world.clock.advance(60_000);
    await checkAlways(world);
    left = await unrest(world);
    if (left.length === 0) return;
  }
  throw new Violation(`after ${minutesToRest} minutes the cluster is not at rest:\n  ${left.join('\n  ')}`);
}

/** Series of events are looked through every six minutes, and written when they have been over for six. */
const lastWordsMs = 12 * 60_000;

async function keepQuiet(world: World): Promise<void> {
  const { clock, network } = world;
  await clock.advance(lastWordsMs);
  network.writes.clear();
  await clock.advance(quietMs);
  const writes = [...network.writes].flatMap(([user, all]) =>
    all.filter((what) => !heartbeat.test(what)).map((what) => `${user} ${what}`),
  );
  if (writes.length > 0) throw new Violation(`at rest there were writes:\n  ${writes.slice(0, 20).join('\n  ')}`);
  const left = await unrest(world);
  if (left.length > 0) throw new Violation(`the cluster left its rest:\n  ${left.join('\n  ')}`);
}

function report(options: SimulationOptions, trace: Trace, error: unknown): string {
  const what = error instanceof Violation ? error.message : error instanceof Error ? error.stack : String(error);
  return `${what}\nSee it again: ${replay(options)}\nThe last steps:\n  ${trace.steps(shownSteps).join('\n  ')}`;
}
