import type { Pod } from '../api/types/core.v1.ts';
import {
  maxNodeScore,
  type ClusterEvent,
  type CycleState,
  type EnabledPlugin,
  type Plugin,
  type Rejection,
  type Snapshot,
} from './contract.ts';
import type { NodeInfo } from './node-info.ts';

export interface PluginRejection {
  readonly plugin: string;
  readonly rejection: Rejection;
}

/** What filtering came to. */
export interface Feasibility {
  readonly feasible: readonly NodeInfo[];
  readonly rejected: ReadonlyMap<string, Rejection>;
  readonly rejectedBy: ReadonlySet<string>;
  /** What refused the Pod before nodes were looked at. */
  readonly general: Rejection | undefined;
}

/** Upstream's numbers: of so few nodes all are looked at, of more a share that falls with their number. */
const minFeasible = 100;
const minPercentage = 5;

function enoughFeasible(nodeCount: number, percentage: number): number {
  if (nodeCount < minFeasible || percentage >= 100) return nodeCount;
  const share = percentage > 0 ? percentage : Math.max(minPercentage, 50 - Math.floor(nodeCount / 125));
  return Math.max(minFeasible, Math.floor((nodeCount * share) / 100));
}

/** Calls the plugins of a profile at the extension points. */
export class Framework {
  readonly #plugins: readonly EnabledPlugin[];
  readonly #percentageOfNodesToScore: number;
  readonly #byName: ReadonlyMap<string, Plugin>;
  /** Where the next search begins, so that every node has its turn. */
  #nextStart = 0;

  /** @param percentageOfNodesToScore 0: chosen by the number of nodes. */
  constructor(plugins: readonly EnabledPlugin[], percentageOfNodesToScore = 0) {
    this.#plugins = plugins;
    this.#percentageOfNodesToScore = percentageOfNodesToScore;
    this.#byName = new Map(plugins.map(({ plugin }) => [plugin.name, plugin]));
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#byName.keys());
  }

  preEnqueue(pod: Pod): PluginRejection | undefined {
    for (const { plugin } of this.#plugins) {
      const rejection = plugin.preEnqueue?.(pod);
      if (rejection !== undefined) return { plugin: plugin.name, rejection };
    }
    return undefined;
  }

  mayHelp(event: ClusterEvent, pod: Pod, plugins: ReadonlySet<string>): boolean {
    for (const name of plugins) if (this.#byName.get(name)?.mayHelp?.(event, pod) === true) return true;
    return false;
  }

  /** Those nodes on which the Pod could run: enough of them, beginning where the last search ended. */
  findFeasible(state: CycleState, pod: Pod, snapshot: Snapshot): Feasibility {
    let only: ReadonlySet<string> | undefined;
    for (const { plugin } of this.#plugins) {
      const result = plugin.preFilter?.(state, pod, snapshot);
      if (result === undefined) continue;
      if (result === 'skip') state.skipFilter.add(plugin.name);
      else if ('code' in result) {
        return { feasible: [], rejected: new Map(), rejectedBy: new Set([plugin.name]), general: result };
      } else only = only === undefined ? result : new Set([...only].filter((name) => result.has(name)));
    }
    const { nodes } = snapshot;
    const candidates = only === undefined ? nodes : nodes.filter(({ name }) => only.has(name));
    const filters = this.#plugins
      .map(({ plugin }) => plugin)
      .filter(({ filter, name }) => filter !== undefined && !state.skipFilter.has(name));
    const enough = enoughFeasible(candidates.length, this.#percentageOfNodesToScore);
    const feasible: NodeInfo[] = [];
    const rejected = new Map<string, Rejection>();
    const rejectedBy = new Set<string>();
    let looked = 0;
    for (; looked < candidates.length && feasible.length < enough; looked++) {
      const node = candidates[(this.#nextStart + looked) % candidates.length];
      if (node === undefined) continue;
      const refusal = refusalOf(filters, state, pod, node);
      if (refusal === undefined) feasible.push(node);
      else {
        rejected.set(node.name, refusal.rejection);
        rejectedBy.add(refusal.plugin);
      }
    }
    this.#nextStart = candidates.length === 0 ? 0 : (this.#nextStart + looked) % candidates.length;
    return { feasible, rejected, rejectedBy, general: undefined };
  }

  postFilter(state: CycleState, pod: Pod, rejected: ReadonlyMap<string, Rejection>): string | undefined {
    for (const { plugin } of this.#plugins) {
      const advice = plugin.postFilter?.(state, pod, rejected);
      if (advice !== undefined) return advice;
    }
    return undefined;
  }

  /** The sum of the plugins' weighted scores, by node. */
  score(state: CycleState, pod: Pod, nodes: readonly NodeInfo[]): Float64Array {
    const total = new Float64Array(nodes.length);
    for (const { plugin, weight } of this.#plugins) {
      if (plugin.score === undefined || weight === 0) continue;
      if (plugin.preScore?.(state, pod, nodes) === 'skip') continue;
      const scores = new Float64Array(nodes.length);
      for (const [i, node] of nodes.entries()) scores[i] = plugin.score(state, pod, node);
      plugin.normalize?.(state, pod, scores);
      for (let i = 0; i < scores.length; i++) {
        const score = scores[i] ?? 0;
        if (score < 0 || score > maxNodeScore) throw new Error(`plugin ${plugin.name} scored a node with ${score}`);
        total[i] = (total[i] ?? 0) + weight * score;
      }
    }
    return total;
  }

  reserve(state: CycleState, pod: Pod, nodeName: string): PluginRejection | undefined {
    for (const { plugin } of this.#plugins) {
      const rejection = plugin.reserve?.(state, pod, nodeName);
      if (rejection === undefined) continue;
      this.unreserve(state, pod, nodeName);
      return { plugin: plugin.name, rejection };
    }
    return undefined;
  }

  unreserve(state: CycleState, pod: Pod, nodeName: string): void {
    for (const { plugin } of this.#plugins.toReversed()) plugin.unreserve?.(state, pod, nodeName);
  }

  async preBind(
    state: CycleState,
    pod: Pod,
    nodeName: string,
    signal: AbortSignal,
  ): Promise<PluginRejection | undefined> {
    for (const { plugin } of this.#plugins) {
      const rejection = await plugin.preBind?.(state, pod, nodeName, signal);
      if (rejection !== undefined) return { plugin: plugin.name, rejection };
    }
    return undefined;
  }

  async bind(state: CycleState, pod: Pod, nodeName: string): Promise<void> {
    for (const { plugin } of this.#plugins) {
      if (await plugin.bind?.(state, pod, nodeName)) {
        for (const after of this.#plugins) after.plugin.postBind?.(state, pod, nodeName);
        return;
      }
    }
    throw new Error('no plugin of the profile binds Pods');
  }
}

function refusalOf(
  filters: readonly Plugin[],
  state: CycleState,
  pod: Pod,
  node: NodeInfo,
): PluginRejection | undefined {
  for (const plugin of filters) {
    const rejection = plugin.filter?.(state, pod, node);
    if (rejection !== undefined) return { plugin: plugin.name, rejection };
  }
  return undefined;
}

/** Stretches scores so that the highest is 100; reversed: the highest is 0. */
export function normalizeScores(scores: Float64Array, isReversed = false): void {
  let max = 0;
  for (const score of scores) max = Math.max(max, score);
  for (let i = 0; i < scores.length; i++) {
    const score = max === 0 ? 0 : Math.floor((maxNodeScore * (scores[i] ?? 0)) / max);
    scores[i] = isReversed ? maxNodeScore - score : score;
  }
}
