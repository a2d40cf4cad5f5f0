import type { Clock } from '../../machinery/clock.ts';
import type { GaugeSeries, MetricsRegistry } from '../../machinery/metrics.ts';
import type { ControllerManagerOptions } from '../options.ts';
import { RateLimitedQueue } from './rate-limited-queue.ts';
import { taintRate, zoneStateOf, type ZoneState } from './zone-state.ts';

export interface ZonesOptions {
  readonly clock: Clock;
  readonly options: ControllerManagerOptions;
  readonly metrics: MetricsRegistry;
  /** All zones are ill: no Node is to be evicted any more. */
  onAllIll(): Promise<void>;
  /** Some zone is well again: Nodes have their grace period anew. */
  onRecovery(): void;
}

/** How the zones of a cluster fare, and how fast Nodes of each are tainted. */
export class Zones {
  readonly #options: ZonesOptions;
  readonly #states = new Map<string, ZoneState>();
  readonly #queues = new Map<string, RateLimitedQueue>();
  readonly #gauges: readonly [health: Gauge, size: Gauge, unhealthy: Gauge];

  constructor(options: ZonesOptions) {
    this.#options = options;
    const gauge = (name: string, help: string): Gauge =>
      options.metrics.gauge({ name: `node_collector_${name}`, help, labelNames: ['zone'] as const });
    this.#gauges = [
      gauge('zone_health', 'The percentage of healthy nodes of a zone.'),
      gauge('zone_size', 'How many nodes a zone has.'),
      gauge('unhealthy_nodes_in_zone', 'How many nodes of a zone are not ready.'),
    ];
  }

  /** The Nodes of a zone that wait to be tainted. */
  queueOf(zone: string): RateLimitedQueue {
    let queue = this.#queues.get(zone);
    if (queue === undefined) {
      queue = new RateLimitedQueue(this.#options.options.nodeEvictionRate, this.#options.clock);
      this.#queues.set(zone, queue);
    }
    return queue;
  }

  get queues(): IterableIterator<RateLimitedQueue> {
    return this.#queues.values();
  }

  /** @param readyByZone Of each Node that counts, whether it is ready. */
  async update(readyByZone: ReadonlyMap<string, readonly boolean[]>): Promise<void> {
    const { options, onAllIll, onRecovery } = this.#options;
    const states = new Map<string, ZoneState>();
    for (const [zone, ready] of readyByZone) {
      states.set(zone, zoneStateOf(ready, options.unhealthyZoneThreshold));
      this.#record(zone, ready);
      if (!this.#states.has(zone)) this.#states.set(zone, 'Initial');
    }
    for (const zone of this.#states.keys()) if (!states.has(zone)) this.#states.delete(zone);
    const areAllIll = [...states.values()].every((state) => state === 'FullDisruption');
    const wereAllIll = [...this.#states.values()].every((state) => state === 'FullDisruption');
    if (areAllIll && wereAllIll) return;
    if (areAllIll) {
      await onAllIll();
      for (const zone of this.#states.keys()) {
        this.queueOf(zone).setRate(0);
        this.#states.set(zone, 'FullDisruption');
      }
      return;
    }
    if (wereAllIll) onRecovery();
    for (const [zone, state] of states) {
      if (this.#states.get(zone) === state && !wereAllIll) continue;
      this.queueOf(zone).setRate(taintRate(state, readyByZone.get(zone)?.length ?? 0, options));
      this.#states.set(zone, state);
    }
  }

  #record(zone: string, ready: readonly boolean[]): void {
    const [health, size, unhealthy] = this.#gauges;
    const well = ready.filter(Boolean).length;
    health.labels(zone).set((100 * well) / ready.length);
    size.labels(zone).set(ready.length);
    unhealthy.labels(zone).set(ready.length - well);
  }
}

interface Gauge {
  labels(zone: string): GaugeSeries;
}
