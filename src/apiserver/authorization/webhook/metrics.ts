import type { Clock } from '../../../machinery/clock.ts';
import type { MetricsRegistry } from '../../../machinery/metrics.ts';

export type WebhookResult = 'success' | 'timeout' | 'error';

/** What asking webhooks takes, under upstream's names. */
export class WebhookMetrics {
  readonly #clock: Clock;
  readonly #evaluations;
  readonly #durations;
  readonly #failedOpen;
  readonly #conditionErrors;
  readonly #exclusions;
  readonly #conditionSeconds;

  constructor(registry: MetricsRegistry, clock: Clock) {
    this.#clock = clock;
    this.#evaluations = registry.counter({
      name: 'apiserver_authorization_webhook_evaluations_total',
      help: 'Round-trips to authorization webhooks.',
      labelNames: ['name', 'result'],
    });
    this.#durations = registry.histogram({
      name: 'apiserver_authorization_webhook_duration_seconds',
      help: 'Request latency in seconds.',
      labelNames: ['name', 'result'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    });
    this.#failedOpen = registry.counter({
      name: 'apiserver_authorization_webhook_evaluations_fail_open_total',
      help: 'NoOpinion results due to webhook timeout or error.',
      labelNames: ['name', 'result'],
    });
    this.#conditionErrors = registry.counter({
      name: 'apiserver_authorization_match_condition_evaluation_errors_total',
      help: 'Total number of errors when an authorization webhook encounters a match condition error split by authorizer type and name.',
      labelNames: ['type', 'name'],
    });
    this.#exclusions = registry.counter({
      name: 'apiserver_authorization_match_condition_exclusions_total',
      help: 'Total number of exclusions when an authorization webhook is skipped because match conditions exclude it.',
      labelNames: ['type', 'name'],
    });
    this.#conditionSeconds = registry.histogram({
      name: 'apiserver_authorization_match_condition_evaluation_seconds',
      help: 'Authorization match condition evaluation time in seconds, split by authorizer type and name.',
      labelNames: ['type', 'name'],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25],
    });
  }

  now(): number {
    return this.#clock.monotonicMs();
  }

  asked(name: string, result: WebhookResult, startMs: number): void {
    this.#evaluations.labels(name, result).inc();
    this.#durations.labels(name, result).observe((this.#clock.monotonicMs() - startMs) / 1000);
  }

  failedOpen(name: string, result: WebhookResult): void {
    this.#failedOpen.labels(name, result).inc();
  }

  matched(name: string, outcome: 'matches' | 'excluded' | 'error', startMs: number): void {
    this.#conditionSeconds.labels('Webhook', name).observe((this.#clock.monotonicMs() - startMs) / 1000);
    if (outcome === 'excluded') this.#exclusions.labels('Webhook', name).inc();
    else if (outcome === 'error') this.#conditionErrors.labels('Webhook', name).inc();
  }
}
