/** What kubelets would write about their Nodes, for tests of controllers that need no kubelets. */
import type { Node, NodeCondition, Pod } from '../api/types/core.v1.ts';
import { leases, nodes, pods } from '../client/resources.ts';
import type { Timer } from '../machinery/clock.ts';
import { formatMicroTime, formatTime } from '../machinery/time.ts';
import type { VirtualControlPlane } from './virtual-control-plane.ts';

const renewPeriodMs = 10_000;

/** A Node that says that it is ready, and renews its Lease, until it falls silent. */
export class ReportingNode {
  readonly name: string;
  readonly #plane: VirtualControlPlane;
  #renewing: Timer | undefined;

  private constructor(plane: VirtualControlPlane, name: string) {
    this.#plane = plane;
    this.name = name;
  }

  static async start(
    plane: VirtualControlPlane,
    name: string,
    labels: Readonly<Record<string, string>> = {},
  ): Promise<ReportingNode> {
    const node = new ReportingNode(plane, name);
    await plane.client.create(nodes, { metadata: { name, labels: { ...labels } }, spec: {} });
    await plane.client.create(leases, {
      metadata: { name, namespace: 'kube-node-lease' },
      spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: formatMicroTime(plane.clock.now()) },
    });
    await node.report({ Ready: 'True', MemoryPressure: 'False', DiskPressure: 'False', PIDPressure: 'False' });
    node.resume();
    return node;
  }

  /** Writes conditions into the Node's status, with a heartbeat. */
  async report(statuses: Readonly<Record<string, NodeCondition['status']>>): Promise<void> {
    const now = formatTime(this.#plane.clock.now());
    const conditions = Object.entries(statuses).map(([type, status]) => ({
      type,
      status,
      lastHeartbeatTime: now,
      lastTransitionTime: now,
      reason: `Kubelet${type}`,
      message: 'kubelet says so',
    }));
    const { client } = this.#plane;
    await client.patch(nodes, undefined, this.name, 'strategic', { status: { conditions } }, { subresource: 'status' });
  }

  /** Renews the Lease from now on. */
  resume(): void {
    this.#renewing ??= this.#plane.clock.setInterval(() => {
      const spec = { renewTime: formatMicroTime(this.#plane.clock.now()) };
      // The control plane may be on its way out.
      this.#plane.client.patch(leases, 'kube-node-lease', this.name, 'merge', { spec }).catch(() => {});
    }, renewPeriodMs);
  }

  /** Nothing is heard of the Node any more. */
  silence(): void {
    this.#renewing?.cancel();
    this.#renewing = undefined;
  }

  async current(): Promise<Node> {
    await this.#plane.settle();
    return this.#plane.client.get(nodes, undefined, this.name);
  }

  /** A Pod that runs on the Node and is ready. */
  async run(name: string, spec: Partial<Pod['spec']> = {}): Promise<Pod> {
    const { client, clock } = this.#plane;
    await client.create(pods, {
      metadata: { name, namespace: 'default' },
      spec: { nodeName: this.name, containers: [{ name: 'c', image: 'i' }], ...spec },
    });
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: formatTime(clock.now()) }];
    const status = { phase: 'Running', conditions };
    return client.patch(pods, 'default', name, 'strategic', { status }, { subresource: 'status' });
  }
}
