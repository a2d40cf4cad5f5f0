import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from '../../machinery/clock.ts';
import type { MetricsRegistry } from '../../machinery/metrics.ts';

/** How often a configuration was read again, under upstream's names. */
export class ReloadMetrics {
  readonly #clock: Clock;
  readonly #idHash = `sha256:${createHash('sha256').update(hostname()).digest('hex')}`;
  readonly #reloads;
  readonly #last;

  constructor(registry: MetricsRegistry, clock: Clock, subject: 'authentication' | 'authorization' = 'authorization') {
    this.#clock = clock;
    this.#reloads = registry.counter({
      name: `apiserver_${subject}_config_controller_automatic_reloads_total`,
      help: `Total number of automatic reloads of ${subject} configuration split by status and apiserver identity.`,
      labelNames: ['status', 'apiserver_id_hash'],
    });
    this.#last = registry.gauge({
      name: `apiserver_${subject}_config_controller_automatic_reload_last_timestamp_seconds`,
      help: `Timestamp of the last automatic reload of ${subject} configuration split by status and apiserver identity.`,
      labelNames: ['status', 'apiserver_id_hash'],
    });
  }

  /** Counts one reload; passes its error on. */
  async observe(reload: () => Promise<void>): Promise<void> {
    try {
      await reload();
      this.#count('success');
    } catch (error) {
      this.#count('failure');
      throw error;
    }
  }

  #count(status: 'success' | 'failure'): void {
    this.#reloads.labels(status, this.#idHash).inc();
    this.#last.labels(status, this.#idHash).set(this.#clock.now() / 1000);
  }
}
