/** Simulated nodes on a virtual clock, and Pods bound to them by hand: for tests of the kubelet. */
import type { Binding, Event, Pod, PodSpec } from '../api/types/core.v1.ts';
import { bindings, events, pods } from '../client/resources.ts';
import { SimulatedNodes, type SimulatedNodesOptions } from '../kubelet/simulated-nodes.ts';
import { Logger } from '../machinery/logging.ts';
import { seededRandom } from '../machinery/random.ts';
import { adminUser, nodeUser } from './users.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

export class TestNodes {
  readonly plane: VirtualControlPlane;
  readonly simulated: SimulatedNodes;

  private constructor(plane: VirtualControlPlane, simulated: SimulatedNodes) {
    this.plane = plane;
    this.simulated = simulated;
  }

  static async start(options: Partial<SimulatedNodesOptions> = {}): Promise<TestNodes> {
    const plane = await VirtualControlPlane.start({
      controllers: [],
      flags: ['--disable-admission-plugins=ServiceAccount'],
    });
    return new TestNodes(plane, await startOn(plane, options));
  }

  async stop(): Promise<void> {
    await this.simulated.stop();
    await this.plane.stop();
  }

  /** Creates a Pod and binds it to a node. Without containers it gets one named `web`. */
  async run(
    name: string,
    spec: Partial<PodSpec> = {},
    metadata: Partial<Pod['metadata']> = {},
    node = 'node-0',
  ): Promise<void> {
    const { client } = this.plane;
    await client.create(pods, {
      metadata: { name, namespace: 'default', ...metadata },
      spec: { containers: [{ name: 'web', image: 'web:1' }], ...spec },
    });
    await this.bind(name, node);
  }

  async bind(name: string, node = 'node-0'): Promise<void> {
    const binding: Binding = { metadata: { name, namespace: 'default' }, target: { kind: 'Node', name: node } };
    await this.plane.client.createSubresource(pods, 'default', name, 'binding', { ...binding, ...kindOfBinding });
    await this.plane.settle();
  }

  /** Lets time pass. */
  advance(seconds: number): Promise<void> {
    return this.plane.clock.advance(seconds * 1000);
  }

  async pod(name: string): Promise<Pod> {
    await this.plane.settle();
    return this.plane.client.get(pods, 'default', name);
  }

  async exists(name: string): Promise<boolean> {
    await this.plane.settle();
    const { items } = await this.plane.client.list(pods, 'default', { fieldSelector: `metadata.name=${name}` });
    return items.length > 0;
  }

  /** `reason: message` of a Pod's events, in the order of their names. */
  async eventsOf(name: string): Promise<string[]> {
    await this.plane.settle();
    const { items } = await this.plane.client.list(events, 'default', { fieldSelector: `involvedObject.name=${name}` });
    return items.toSorted(byName).map(({ reason, message }) => `${reason}: ${message}`);
  }
}

const kindOfBinding = { apiVersion: 'v1', kind: bindings.kind } as const;

function byName(a: Event, b: Event): number {
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

async function startOn(plane: VirtualControlPlane, options: Partial<SimulatedNodesOptions>): Promise<SimulatedNodes> {
  const starting = SimulatedNodes.start({
    count: 1,
    clientFor: (node) => plane.server.clientAs(nodeUser(node), 'kubelet'),
    sharedClient: plane.server.clientAs(adminUser, 'kubelet'),
    clock: plane.clock,
    random: seededRandom('nodes'),
    log: Logger.silent,
    podCIDR: '10.244.0.0/16',
    ...options,
  });
  await plane.settle();
  return starting;
}
