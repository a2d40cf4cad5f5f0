/** What API Priority and Fairness tells of itself, under upstream's names. */
import type { CounterSeries, GaugeSeries, HistogramSeries, MetricsRegistry } from '../../machinery/metrics.ts';

const secondsBuckets = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
const queueLengthBuckets = [0, 10, 25, 50, 100, 250, 500, 1000];

export type Rejection = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

/** The series of one schema's requests at one level. Keep it: finding them takes longer than counting. */
export interface FlowSeries {
  readonly dispatched: CounterSeries;
  readonly executing: GaugeSeries;
  readonly executingSeats: GaugeSeries;
  readonly executionSeconds: HistogramSeries;
  readonly waitedSeconds: HistogramSeries;
  readonly estimatedSeats: HistogramSeries;
  /** Of watches, until they have begun. */
  watchSeconds(): HistogramSeries;
  /** What only those need that wait. */
  queue(): QueueSeries;
  rejected(reason: Rejection): CounterSeries;
}

export interface QueueSeries {
  readonly requests: GaugeSeries;
  readonly seats: GaugeSeries;
  readonly lengths: HistogramSeries;
  /** Of what waited and was not served. */
  readonly vainSeconds: HistogramSeries;
  readonly notAccommodated: CounterSeries;
}

/** The limits and the demand of one level. */
export interface LevelSeries {
  readonly nominal: GaugeSeries;
  readonly lower: GaugeSeries;
  readonly upper: GaugeSeries;
  readonly current: GaugeSeries;
  readonly target: GaugeSeries;
  readonly demandHigh: GaugeSeries;
  readonly demandAverage: GaugeSeries;
  readonly demandDeviation: GaugeSeries;
  readonly demandSmoothed: GaugeSeries;
}

const flowLabels = ['priority_level', 'flow_schema'] as const;

export class FlowControlMetrics {
  readonly fairFraction: GaugeSeries;
  readonly #flow;
  readonly #level;

  constructor(registry: MetricsRegistry) {
    const name = (suffix: string): string => `apiserver_flowcontrol_${suffix}`;
    const counter = (suffix: string, help: string) =>
      registry.counter({ name: name(suffix), help, labelNames: flowLabels });
    const gauge = (suffix: string, help: string) =>
      registry.gauge({ name: name(suffix), help, labelNames: flowLabels });
    const histogram = (suffix: string, help: string, buckets: readonly number[]) =>
      registry.histogram({ name: name(suffix), help, labelNames: flowLabels, buckets });
    this.#flow = {
      rejected: registry.counter({
        name: name('rejected_requests_total'),
        help: 'Number of requests rejected by API Priority and Fairness subsystem',
        labelNames: [...flowLabels, 'reason'],
      }),
      dispatched: counter('dispatched_requests_total', 'Number of requests that were given their seats'),
      executing: gauge(
        'current_executing_requests',
        'Number of requests in their initial stage (WATCHes) or in any stage (others)',
      ),
      executingSeats: gauge('current_executing_seats', 'Seats of the requests that are being executed'),
      inQueue: gauge('current_inqueue_requests', 'Number of requests that wait in queues'),
      inQueueSeats: gauge('current_inqueue_seats', 'Seats that requests in queues wait for'),
      notAccommodated: counter(
        'request_dispatch_no_accommodation_total',
        'Number of times that the next request could not be dispatched for want of seats',
      ),
      queueLength: histogram(
        'request_queue_length_after_enqueue',
        'Length of the queue that each request finds, itself included',
        queueLengthBuckets,
      ),
      estimatedSeats: histogram(
        'work_estimated_seats',
        'Estimated seats of requests: the most of any stage',
        [1, 2, 4, 10],
      ),
      waited: registry.histogram({
        name: name('request_wait_duration_seconds'),
        help: 'Length of time a request spent waiting in its queue',
        labelNames: [...flowLabels, 'execute'],
        buckets: secondsBuckets,
      }),
      execution: registry.histogram({
        name: name('request_execution_seconds'),
        help: 'Duration of the initial stage (WATCHes) or of any stage (others) of execution',
        labelNames: [...flowLabels, 'type'],
        buckets: secondsBuckets,
      }),
    };
    const ofLevel = (suffix: string, help: string) =>
      registry.gauge({ name: name(suffix), help, labelNames: ['priority_level'] });
    this.#level = {
      nominal: ofLevel('nominal_limit_seats', 'Seats that the configuration gives to the level'),
      lower: ofLevel('lower_limit_seats', 'Seats that the level never lends'),
      upper: ofLevel('upper_limit_seats', 'The most seats that the level may have'),
      current: ofLevel('current_limit_seats', 'Seats that the level has at present'),
      target: ofLevel('target_seats', 'Seats that the level would have by its demand'),
      demandHigh: ofLevel('demand_seats_high_watermark', 'The most seats asked for in the last period'),
      demandAverage: ofLevel('demand_seats_average', 'Seats asked for in the last period, averaged over time'),
      demandDeviation: ofLevel('demand_seats_stdev', 'Standard deviation of the seats asked for in the last period'),
      demandSmoothed: ofLevel('demand_seats_smoothed', 'Seats asked for, smoothed over periods'),
    };
    this.fairFraction = registry
      .gauge({
        name: name('seat_fair_frac'),
        help: 'Fair fraction of server concurrency to give to each level',
        labelNames: [],
      })
      .labels();
  }

  flow(level: string, schema: string): FlowSeries {
    const families = this.#flow;
    const { waited, execution } = families;
    let queue: QueueSeries | undefined;
    return {
      dispatched: families.dispatched.labels(level, schema),
      executing: families.executing.labels(level, schema),
      executingSeats: families.executingSeats.labels(level, schema),
      estimatedSeats: families.estimatedSeats.labels(level, schema),
      waitedSeconds: waited.labels(level, schema, 'true'),
      executionSeconds: execution.labels(level, schema, 'regular'),
      watchSeconds: () => execution.labels(level, schema, 'watch'),
      rejected: (reason) => families.rejected.labels(level, schema, reason),
      queue: () =>
        (queue ??= {
          requests: families.inQueue.labels(level, schema),
          seats: families.inQueueSeats.labels(level, schema),
          lengths: families.queueLength.labels(level, schema),
          vainSeconds: waited.labels(level, schema, 'false'),
          notAccommodated: families.notAccommodated.labels(level, schema),
        }),
    };
  }

  level(level: string): LevelSeries {
    const { nominal, lower, upper, current, target } = this.#level;
    return {
      nominal: nominal.labels(level),
      lower: lower.labels(level),
      upper: upper.labels(level),
      current: current.labels(level),
      target: target.labels(level),
      demandHigh: this.#level.demandHigh.labels(level),
      demandAverage: this.#level.demandAverage.labels(level),
      demandDeviation: this.#level.demandDeviation.labels(level),
      demandSmoothed: this.#level.demandSmoothed.labels(level),
    };
  }

  forgetLevel(level: string): void {
    for (const family of Object.values(this.#level)) family.remove(level);
  }
}
