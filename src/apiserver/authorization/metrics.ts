/** What authorization decides and takes, under upstream's names. */
import type { Clock } from '../../machinery/clock.ts';
import type { CounterSeries, HistogramSeries, MetricsRegistry } from '../../machinery/metrics.ts';
import type { AuthorizationAttributes, Authorizer, Decision, RuleResolution } from '../contract.ts';
import type { UserInfo } from '../../api/contract.ts';

type Result = 'allowed' | 'denied' | 'no-opinion' | 'error';

/** Where one result is counted. */
interface ResultSeries {
  readonly attempts: CounterSeries;
  readonly durations: HistogramSeries;
}

export class AuthorizationMetrics {
  readonly #clock: Clock;
  readonly #decisions;
  readonly #results: Readonly<Record<Result, ResultSeries>>;

  constructor(registry: MetricsRegistry, clock: Clock) {
    this.#clock = clock;
    this.#decisions = registry.counter({
      name: 'apiserver_authorization_decisions_total',
      help: 'Total number of terminal decisions made by an authorizer split by authorizer type, name, and decision.',
      labelNames: ['type', 'name', 'decision'],
    });
    const attempts = registry.counter({
      name: 'authorization_attempts_total',
      help: 'Counter of authorization attempts broken down by result.',
      labelNames: ['result'],
    });
    const durations = registry.histogram({
      name: 'authorization_duration_seconds',
      help: 'Authorization duration in seconds broken out by result.',
      labelNames: ['result'],
      buckets: Array.from({ length: 15 }, (_, index) => 0.001 * 2 ** index),
    });
    const series = (result: Result): ResultSeries => ({
      attempts: attempts.labels(result),
      durations: durations.labels(result),
    });
    this.#results = {
      allowed: series('allowed'),
      denied: series('denied'),
      'no-opinion': series('no-opinion'),
      error: series('error'),
    };
  }

  /** The same authorizer, whose last words are counted. Type and name are as upstream calls them. */
  counted(authorizer: Authorizer, type: string, name: string): Authorizer {
    return new CountedAuthorizer(
      authorizer,
      this.#decisions.labels(type, name, 'allowed'),
      this.#decisions.labels(type, name, 'denied'),
    );
  }

  now(): number {
    return this.#clock.monotonicMs();
  }

  /** Counts what was decided about a request. */
  observe({ verdict, error }: Decision, startMs: number): void {
    const result =
      verdict === 'allow' ? 'allowed' : error !== undefined ? 'error' : verdict === 'deny' ? 'denied' : 'no-opinion';
    const { attempts, durations } = this.#results[result];
    attempts.inc();
    durations.observe((this.#clock.monotonicMs() - startMs) / 1000);
  }
}

class CountedAuthorizer implements Authorizer {
  readonly name: string;
  readonly #inner: Authorizer;
  readonly #allowed: CounterSeries;
  readonly #denied: CounterSeries;

  constructor(inner: Authorizer, allowed: CounterSeries, denied: CounterSeries) {
    this.name = inner.name;
    this.#inner = inner;
    this.#allowed = allowed;
    this.#denied = denied;
  }

  authorize(attributes: AuthorizationAttributes): Decision | Promise<Decision> {
    const decided = this.#inner.authorize(attributes);
    return decided instanceof Promise ? decided.then((one) => this.#count(one)) : this.#count(decided);
  }

  rulesFor(user: UserInfo, namespace: string): RuleResolution {
    return this.#inner.rulesFor?.(user, namespace) ?? nothing;
  }

  #count(decision: Decision): Decision {
    if (decision.verdict === 'allow') this.#allowed.inc();
    else if (decision.verdict === 'deny') this.#denied.inc();
    return decision;
  }
}

/** The rules of an authorizer that has none to list. */
export const nothing: RuleResolution = { resourceRules: [], nonResourceRules: [], incomplete: false, errors: [] };
