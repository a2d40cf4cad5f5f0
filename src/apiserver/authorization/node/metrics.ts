import type { Clock } from '../../../machinery/clock.ts';
import { exponentialBuckets, type HistogramSeries, type MetricsRegistry } from '../../../machinery/metrics.ts';

/** What happens to the graph, in upstream's words. */
export type GraphAction =
  | `${'Add' | 'Delete'}Pod`
  | `${'Add' | 'Delete'}PV`
  | `${'Add' | 'Delete'}VolumeAttachment`
  | `${'Add' | 'Delete'}ResourceSlice`;

/** How long the graph takes to change, under upstream's name. */
export class NodeAuthorizerMetrics {
  readonly #clock: Clock;
  readonly #series = new Map<GraphAction, HistogramSeries>();
  readonly #durations;

  constructor(registry: MetricsRegistry, clock: Clock) {
    this.#clock = clock;
    this.#durations = registry.histogram({
      name: 'node_authorizer_graph_actions_duration_seconds',
      help: 'Histogram of duration of graph actions in node authorizer.',
      labelNames: ['operation'],
      buckets: exponentialBuckets(0.0001, 2, 12),
    });
  }

  time(action: GraphAction, run: () => void): void {
    let series = this.#series.get(action);
    if (series === undefined) this.#series.set(action, (series = this.#durations.labels(action)));
    const startMs = this.#clock.monotonicMs();
    run();
    series.observe((this.#clock.monotonicMs() - startMs) / 1000);
  }
}
