import type { DaemonSet } from '../../api/types/apps.v1.ts';
import type { Node, Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import { keyOf } from '../../client/resource.ts';
import { daemonSets } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { isNamespaceTerminating, type PodControl } from '../pods/pod-control.ts';
import { slowStartBatch } from '../slow-start.ts';
import { templateFor, type PodsByNode } from './daemon-pod.ts';
import type { Eligibility } from './eligibility.ts';
import type { FailedPodBackoff } from '../pods/failed-pod-backoff.ts';
import { actionsOn } from './node-pods.ts';
import { nextStep, type UpdateStep } from './rolling-update.ts';

/** In one round no more Pods than this are created, and no more deleted: upstream's BurstReplicas. */
const maxBurst = 250;

export interface RoundOptions {
  readonly set: DaemonSet;
  /** Of the newest revision. */
  readonly hash: string;
  readonly nodes: readonly { readonly node: Node; readonly eligibility: Eligibility }[];
  readonly pods: PodsByNode;
  readonly nowMs: number;
  readonly client: Client;
  readonly podControl: PodControl<DaemonSet>;
  readonly recorder: EventRecorder;
  readonly backoff: FailedPodBackoff;
  /** Told what the server answered to each write of a Pod. */
  wrote(answer: object): void;
  /** Asks for another round, when a failed Pod may be replaced. */
  again(delayMs: number): void;
}

/** One round of bringing the Pods of a set to their desired state. */
export class Round {
  readonly #options: RoundOptions;

  constructor(options: RoundOptions) {
    this.#options = options;
  }

  /** First every node gets as many Pods as it should have; then they are brought to the newest revision. */
  async run(): Promise<void> {
    const step = this.#manage();
    if (step.deletes.length > 0 || step.createsOn.length > 0) {
      await this.#apply(step);
      return;
    }
    const { set, hash, nodes, pods, nowMs } = this.#options;
    if (set.spec.updateStrategy?.type !== 'RollingUpdate') return;
    const eligible = nodes.flatMap(({ node, eligibility }) =>
      eligibility === 'run' ? (node.metadata.name ?? []) : [],
    );
    await this.#apply(nextStep({ set, hash, eligible, pods, nowMs }));
  }

  #manage(): UpdateStep {
    const { set, hash, nodes, pods, nowMs } = this.#options;
    const deletes: Pod[] = [];
    const createsOn: string[] = [];
    const existing = new Set<string>();
    for (const { node, eligibility } of nodes) {
      const { name = '' } = node.metadata;
      existing.add(name);
      const actions = actionsOn({ set, hash, eligibility, pods: pods.get(name), nowMs });
      if (actions.creates) createsOn.push(name);
      const failed = actions.failed.filter((pod) => this.#mayReplace(pod, name));
      for (const pod of actions.succeeded) {
        const found = `Found succeeded daemon pod ${keyOf(pod)} on node ${name}, will try to delete it`;
        this.#tell('Normal', 'SucceededDaemonPod', found);
      }
      deletes.push(...failed, ...actions.succeeded, ...actions.deletes);
    }
    // A Pod for a node that is gone is never scheduled, and nobody else takes it away.
    for (const [name, lost] of pods) {
      if (existing.has(name)) continue;
      deletes.push(...lost.filter(({ metadata, spec }) => !spec.nodeName && metadata.deletionTimestamp === undefined));
    }
    return { deletes, createsOn };
  }

  #mayReplace(failed: Pod, nodeName: string): boolean {
    const { set, backoff, again } = this.#options;
    const waitMs = backoff.take(`${set.metadata.uid ?? ''}/${set.status?.observedGeneration ?? 0}/${nodeName}`);
    if (waitMs > 0) {
      again(waitMs);
      return false;
    }
    const found = `Found failed daemon pod ${keyOf(failed)} on node ${nodeName}, will try to kill it`;
    this.#tell('Warning', 'FailedDaemonPod', found);
    return true;
  }

  #tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { recorder, set } = this.#options;
    recorder.event(daemonSets, set, type, reason, message);
  }

  async #apply({ deletes, createsOn }: UpdateStep): Promise<void> {
    const { error } = await slowStartBatch(Math.min(createsOn.length, maxBurst), 1, (index) =>
      this.#create(createsOn[index] ?? ''),
    );
    const results = await Promise.allSettled(deletes.slice(0, maxBurst).map((pod) => this.#delete(pod)));
    if (error !== undefined) throw error;
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #create(nodeName: string): Promise<void> {
    const { set, hash, client, podControl, wrote } = this.#options;
    try {
      wrote(await podControl.createFromTemplate(client, templateFor(set, hash, nodeName), set));
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  }

  async #delete(pod: Pod): Promise<void> {
    const { set, client, podControl, wrote } = this.#options;
    try {
      wrote(await podControl.delete(client, pod, set));
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}
