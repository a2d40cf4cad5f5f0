/** What admission takes, under upstream's names. */
import type { HistogramSeries, MetricsRegistry } from '../../machinery/metrics.ts';
import type { Operation } from './contract.ts';

export type Phase = 'admit' | 'validate';

/** Where one sort of decision is counted. */
export interface DecisionSeries {
  readonly accepted: HistogramSeries;
  readonly rejected: HistogramSeries;
}

const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

export class AdmissionMetrics {
  readonly #steps;
  readonly #controllers;

  constructor(registry: MetricsRegistry) {
    this.#steps = registry.histogram({
      name: 'apiserver_admission_step_admission_duration_seconds',
      help: 'Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).',
      labelNames: ['type', 'operation', 'rejected'],
      buckets,
    });
    this.#controllers = registry.histogram({
      name: 'apiserver_admission_controller_admission_duration_seconds',
      help: 'Admission controller latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
      labelNames: ['name', 'type', 'operation', 'rejected'],
      buckets,
    });
  }

  /** Keep what this returns. */
  phase(phase: Phase, operation: Operation): DecisionSeries {
    return {
      accepted: this.#steps.labels(phase, operation, 'false'),
      rejected: this.#steps.labels(phase, operation, 'true'),
    };
  }

  /** Keep what this returns. */
  plugin(name: string, phase: Phase, operation: Operation): DecisionSeries {
    return {
      accepted: this.#controllers.labels(name, phase, operation, 'false'),
      rejected: this.#controllers.labels(name, phase, operation, 'true'),
    };
  }
}
