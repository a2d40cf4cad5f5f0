import type { CounterSeries, MetricsRegistry } from '../../machinery/metrics.ts';
import type { TransformationObserver } from './transformers.ts';

/** What encryption counts, under upstream's names. */
export class EncryptionMetrics {
  readonly observe: TransformationObserver;
  readonly cacheMisses: CounterSeries;
  readonly #reloads: (isFailed: boolean) => CounterSeries;

  constructor(registry: MetricsRegistry) {
    const operations = registry.counter({
      name: 'apiserver_storage_transformation_operations_total',
      help: 'Values that were transformed on their way into or out of the store.',
      labelNames: ['status', 'transformation_type', 'transformer_prefix'],
    });
    this.observe = (to, provider, isFailed) => operations.labels(isFailed ? 'Unknown' : 'OK', to, provider).inc();
    this.cacheMisses = registry
      .counter({
        name: 'apiserver_storage_envelope_transformation_cache_misses_total',
        help: 'Keys that were not at hand and that a KMS plugin was asked for.',
      })
      .labels();
    const reloads = registry.counter({
      name: 'apiserver_encryption_config_controller_automatic_reloads_total',
      help: 'How often another encryption configuration was put to use, or was of no use.',
      labelNames: ['status'],
    });
    this.#reloads = (isFailed) => reloads.labels(isFailed ? 'failure' : 'success');
  }

  reload(isFailed: boolean): void {
    this.#reloads(isFailed).inc();
  }
}
