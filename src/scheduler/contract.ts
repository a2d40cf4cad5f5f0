/**
 * What a scheduler plugin may be: upstream's extension points
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/). A plugin implements those that it
 * has something to say to; the framework calls them in the order of the profile. What a plugin refuses with is a
 * Rejection; what it throws is an error, after which the Pod is tried again.
 */
import type { KubernetesObject } from '../api/contract.ts';
import type { Pod } from '../api/types/core.v1.ts';
import type { NodeInfo } from './node-info.ts';

export interface Rejection {
  /**
   * `Unschedulable`: evicting Pods might help. `UnschedulableAndUnresolvable`: it would not. `Pending`: the Pod waits
   * for something that does not depend on the cluster's state.
   */
  readonly code: 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Pending';
  /** For people; nodes that are refused for the same reason are counted together. */
  readonly reasons: readonly string[];
}

/** What one attempt to schedule one Pod remembers between extension points, by plugin. */
export class CycleState {
  readonly #data = new Map<object, unknown>();
  /** Plugins that have nothing to filter or score for this Pod. */
  readonly skipFilter = new Set<string>();
  readonly skipScore = new Set<string>();

  read<T>(plugin: object): T | undefined {
    return this.#data.get(plugin) as T | undefined;
  }

  write(plugin: object, data: unknown): void {
    this.#data.set(plugin, data);
  }
}

/** All nodes, as they are during one attempt. */
export interface Snapshot {
  readonly nodes: readonly NodeInfo[];
  get(name: string): NodeInfo | undefined;
}

/** A change in the cluster that may make a Pod schedulable. `object` is what it is now, or was when it went. */
export interface ClusterEvent {
  readonly resource: 'Node' | 'Pod' | 'PersistentVolume' | 'PersistentVolumeClaim' | 'StorageClass' | 'CSINode';
  readonly action: 'Add' | 'Update' | 'Delete';
  readonly object: KubernetesObject;
  /** Before an update. */
  readonly old?: KubernetesObject;
}

export interface Plugin {
  /** Upstream's name. */
  readonly name: string;
  /** Whether an event may lift what this plugin refused the Pod for (upstream's queueing hints). Absent: none does. */
  mayHelp?(event: ClusterEvent, pod: Pod): boolean;
  /** Before the Pod may enter the queue. */
  preEnqueue?(pod: Pod): Rejection | undefined;
  /** Once for the Pod, before its nodes are looked at. 'skip': it has nothing to filter. A set: only these nodes. */
  preFilter?(state: CycleState, pod: Pod, snapshot: Snapshot): Rejection | 'skip' | ReadonlySet<string> | undefined;
  filter?(state: CycleState, pod: Pod, node: NodeInfo): Rejection | undefined;
  /** When no node is left: what could be done about it. Undefined: nothing. */
  postFilter?(state: CycleState, pod: Pod, rejected: ReadonlyMap<string, Rejection>): string | undefined;
  /** 'skip': it has nothing to score. */
  preScore?(state: CycleState, pod: Pod, nodes: readonly NodeInfo[]): 'skip' | undefined;
  /** From 0 to 100, or whatever `normalize` brings there. */
  score?(state: CycleState, pod: Pod, node: NodeInfo): number;
  /** Changes the scores of all nodes in place. */
  normalize?(state: CycleState, pod: Pod, scores: Float64Array): void;
  reserve?(state: CycleState, pod: Pod, nodeName: string): Rejection | undefined;
  /** Undoes `reserve`; called for every plugin, also for those whose turn did not come. */
  unreserve?(state: CycleState, pod: Pod, nodeName: string): void;
  /** Waits for what the Pod needs on its node. A rejection sends it back. */
  preBind?(state: CycleState, pod: Pod, nodeName: string, signal: AbortSignal): Promise<Rejection | undefined>;
  /** True: the Pod is bound, no other plugin needs to. */
  bind?(state: CycleState, pod: Pod, nodeName: string): Promise<boolean>;
  postBind?(state: CycleState, pod: Pod, nodeName: string): void;
}

/** A plugin, and how much its score counts. */
export interface EnabledPlugin {
  readonly plugin: Plugin;
  readonly weight: number;
}

export const maxNodeScore = 100;

export function unschedulable(...reasons: readonly string[]): Rejection {
  return { code: 'Unschedulable', reasons };
}

export function unresolvable(...reasons: readonly string[]): Rejection {
  return { code: 'UnschedulableAndUnresolvable', reasons };
}
