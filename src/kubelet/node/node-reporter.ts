import type { Node, NodeStatus } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import { nodes } from '../../client/resources.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logging.ts';
import type { Random } from '../../machinery/random.ts';
import { formatTime } from '../../machinery/time.ts';
import type { Runtime, RuntimeImage, RuntimeStatus } from '../contract.ts';
import { messageOf } from '../pods/start-failure.ts';
import { statusPatch } from '../status/status-patch.ts';
import { leaseRenewMs, nodeStatusReportMs, nodeStatusUpdateMs, type Machine } from './contract.ts';
import { NodeLease } from './node-lease.ts';
import { registerNode } from './node-registration.ts';
import { generateNodeStatus, isNewNodeStatus } from './node-status.ts';

export interface NodeReporterOptions {
  readonly client: Client;
  readonly machine: Machine;
  readonly runtime: Runtime;
  readonly events: EventRecorder;
  readonly clock: Clock;
  /** For what repeats: many kubelets of one process share its timers. */
  readonly timers: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Upstream's: how registration backs off, and how much the lease's renewals are spread. */
const minRetryMs = 200;
const maxRetryMs = 7000;
const leaseJitter = 0.04;
const nothingKnown: RuntimeStatus = { conditions: [] };

/** Upstream's events when a condition of the node changes. */
const eventReasons: Readonly<Record<string, readonly [isTrue: string, isFalse: string]>> = {
  Ready: ['NodeReady', 'NodeNotReady'],
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
};

/** Registers the node, keeps its status up to date and its Lease alive. */
export class NodeReporter {
  readonly #options: NodeReporterOptions;
  readonly #lease: NodeLease;
  /** As the API has it, as far as we know. */
  #node: Node | undefined;
  #reportedMs = -Infinity;

  constructor(options: NodeReporterOptions) {
    const { client, clock, machine } = options;
    this.#options = options;
    this.#lease = new NodeLease(client, clock, machine.nodeName);
  }

  /** Resolves with the node's object as soon as there is one. Rejects only with the signal's reason. */
  async register(signal: AbortSignal): Promise<Node> {
    const { client, clock, machine, log } = this.#options;
    for (let delayMs = minRetryMs; ; delayMs = Math.min(delayMs * 2, maxRetryMs)) {
      try {
        const status = await this.#generate({});
        this.#node = await registerNode(client, machine, status, signal);
        this.#tell({}, status);
        this.#reportedMs = clock.monotonicMs();
        if (isNewNodeStatus(this.#node.status ?? {}, status)) await this.report(signal);
        return this.#node;
      } catch (error) {
        signal.throwIfAborted();
        log.v(2)?.info('The node could not be registered', { node: machine.nodeName, error: String(error) });
        await clock.sleep(delayMs, signal);
      }
    }
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#renewLease(signal), this.#reportStatus(signal)]);
  }

  /** Tells of the node as the API has it now. */
  observe(node: Node): void {
    this.#node = node;
  }

  get node(): Node | undefined {
    return this.#node;
  }

  async #renewLease(signal: AbortSignal): Promise<void> {
    const { timers, random, log, machine } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#lease.renew(this.#node, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.v(2)?.info('The lease could not be renewed', { node: machine.nodeName, error: String(error) });
      }
      await timers.sleep(leaseRenewMs * (1 + leaseJitter * random.float()), signal).catch(() => {});
    }
  }

  async #reportStatus(signal: AbortSignal): Promise<void> {
    const { timers, log, machine } = this.#options;
    while (!signal.aborted) {
      await timers.sleep(nodeStatusUpdateMs, signal).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.report(signal);
      } catch (error) {
        if (signal.aborted) return;
        log.v(2)?.info('The status could not be reported', { node: machine.nodeName, error: String(error) });
      }
    }
  }

  /** Writes the status when it is new, or when it was last written long ago. */
  async report(signal: AbortSignal): Promise<void> {
    const { client, clock, machine } = this.#options;
    const old = this.#node?.status ?? {};
    const status = await this.#generate(old);
    const isDue = clock.monotonicMs() - this.#reportedMs >= nodeStatusReportMs;
    if (!isDue && !isNewNodeStatus(comparable(old), comparable(status))) return;
    const patch = statusPatch(comparable(old), status);
    if (patch === undefined) return;
    const body = { status: patch };
    const options = { subresource: 'status', signal };
    this.#node = await client.patch(nodes, undefined, machine.nodeName, 'strategic', body, options);
    this.#reportedMs = clock.monotonicMs();
    this.#tell(old, status);
  }

  async #generate(old: NodeStatus): Promise<NodeStatus> {
    const { machine, runtime, clock } = this.#options;
    let known = nothingKnown;
    let images: readonly RuntimeImage[] = [];
    let runtimeError: string | undefined;
    try {
      [known, images] = await Promise.all([runtime.status(), runtime.listImages()]);
    } catch (error) {
      runtimeError = messageOf(error);
    }
    return generateNodeStatus({ machine, runtime: known, runtimeError, images, old, now: formatTime(clock.now()) });
  }

  #tell(old: NodeStatus, fresh: NodeStatus): void {
    const { events, machine } = this.#options;
    for (const { type, status } of fresh.conditions ?? []) {
      const reasons = eventReasons[type];
      if (reasons === undefined || old.conditions?.find((each) => each.type === type)?.status === status) continue;
      const reason = status === 'True' ? reasons[0] : reasons[1];
      // Upstream's reference bears the name as uid, so that the event outlives the object.
      const reference = { kind: 'Node', apiVersion: 'v1', name: machine.nodeName, uid: machine.nodeName };
      events.eventOf(reference, 'Normal', reason, `Node ${machine.nodeName} status is now: ${reason}`);
    }
  }
}

/** The fields that the kubelet writes, in one order. */
function comparable(status: NodeStatus): NodeStatus {
  const { addresses, allocatable, capacity, conditions, daemonEndpoints, images, nodeInfo } = status;
  return {
    ...(addresses === undefined ? {} : { addresses }),
    ...(allocatable === undefined ? {} : { allocatable }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(conditions === undefined ? {} : { conditions }),
    ...(daemonEndpoints === undefined ? {} : { daemonEndpoints }),
    ...(images === undefined ? {} : { images }),
    ...(nodeInfo === undefined ? {} : { nodeInfo }),
  };
}
