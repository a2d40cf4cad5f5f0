import type { CounterSeries, MetricsRegistry } from '../../machinery/metrics.ts';
import { auditLevels, type AuditLevel } from './contract.ts';

/** What auditing counts, under upstream's names. */
export class AuditMetrics {
  readonly events: CounterSeries;
  readonly rejected: CounterSeries;
  readonly #levels: Readonly<Record<AuditLevel, CounterSeries>>;
  readonly #errors: (plugin: string) => CounterSeries;

  constructor(registry: MetricsRegistry) {
    this.events = registry
      .counter({
        name: 'apiserver_audit_event_total',
        help: 'Audit events that were made and given to the backends.',
      })
      .labels();
    this.rejected = registry
      .counter({
        name: 'apiserver_audit_requests_rejected_total',
        help: 'Requests that were refused because an audit backend failed.',
      })
      .labels();
    const levels = registry.counter({
      name: 'apiserver_audit_level_total',
      help: 'Requests by the level of the policy that they are audited at.',
      labelNames: ['level'],
    });
    const [none, metadata, request, both] = auditLevels.map((level) => levels.labels(level));
    if (none === undefined || metadata === undefined || request === undefined || both === undefined) {
      throw new Error('a level has no counter');
    }
    this.#levels = { None: none, Metadata: metadata, Request: request, RequestResponse: both };
    const errors = registry.counter({
      name: 'apiserver_audit_error_total',
      help: 'Audit events that were lost, by the plugin that lost them.',
      labelNames: ['plugin'],
    });
    this.#errors = (plugin) => errors.labels(plugin);
  }

  level(level: AuditLevel): void {
    this.#levels[level].inc();
  }

  lost(plugin: string, events: number): void {
    this.#errors(plugin).inc(events);
  }
}
