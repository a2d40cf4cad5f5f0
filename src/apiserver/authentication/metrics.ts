/** Authentication's metrics, under upstream's names and labels. */
import { hash } from 'node:crypto';
import type { Clock } from '../../machinery/clock.ts';
import { exponentialBuckets } from '../../machinery/metrics.ts';
import type { CounterSeries, GaugeSeries, HistogramSeries, MetricsRegistry } from '../../machinery/metrics.ts';

export interface ServiceAccountMetrics {
  readonly staleTokens: CounterSeries;
  readonly validTokens: CounterSeries;
  readonly legacyTokens: CounterSeries;
  readonly automaticTokens: CounterSeries;
  readonly manualTokens: CounterSeries;
  readonly invalidatedTokens: CounterSeries;
}

export type AttemptResult = 'success' | 'failure' | 'error';

/** Upstream keeps these names apart; whoever else there is, is counted together. */
const namedUsers = new Set(['admin', 'client', 'kube_proxy', 'kubelet', 'system:serviceaccount:kube-system:default']);
const hourSeconds = 3600;
const daySeconds = 24 * hourSeconds;

/** Of tokens of issuers elsewhere; issuers are told apart without being named. */
export class JwtMetrics {
  readonly #latencies;

  constructor(registry: MetricsRegistry) {
    this.#latencies = registry.histogram({
      name: 'apiserver_authentication_jwt_authenticator_latency_seconds',
      help: 'Latency of jwt authentication operations in seconds. This is the time spent authenticating a token for cache miss only (i.e. when the token is not found in the cache).',
      labelNames: ['jwt_issuer_hash', 'result'],
      buckets: exponentialBuckets(0.001, 2, 15),
    });
  }

  observe(issuer: string, result: 'success' | 'failure', durationMs: number): void {
    this.#latencies.labels(`sha256:${hash('sha256', issuer, 'hex')}`, result).observe(durationMs / 1000);
  }
}

/** What the cache of tokens counts. */
export class TokenCacheMetrics {
  readonly #requests: Readonly<Record<'hit' | 'miss', CounterSeries>>;
  readonly #fetches: Readonly<Record<'ok' | 'error', CounterSeries>>;
  readonly #active: Readonly<Record<'in_flight' | 'blocked', GaugeSeries>>;

  constructor(registry: MetricsRegistry) {
    const labelNames = ['status'] as const;
    const requests = registry.counter({
      name: 'authentication_token_cache_request_total',
      help: 'Requests to the cache of tokens, by whether the answer was there.',
      labelNames,
    });
    this.#requests = { hit: requests.labels('hit'), miss: requests.labels('miss') };
    const fetches = registry.counter({
      name: 'authentication_token_cache_fetch_total',
      help: 'Tokens that had to be found out about, by how that ended.',
      labelNames,
    });
    this.#fetches = { ok: fetches.labels('ok'), error: fetches.labels('error') };
    const active = registry.gauge({
      name: 'authentication_token_cache_active_fetch_count',
      help: 'Tokens that are being found out about, and requests that wait for one that is already.',
      labelNames,
    });
    this.#active = { in_flight: active.labels('in_flight'), blocked: active.labels('blocked') };
  }

  request(isHit: boolean): void {
    this.#requests[isHit ? 'hit' : 'miss'].inc();
  }

  /** What is returned is called once, with how it ended. */
  beginFetch(): (isOk: boolean) => void {
    this.#active.in_flight.inc();
    return (isOk) => {
      this.#active.in_flight.dec();
      this.#fetches[isOk ? 'ok' : 'error'].inc();
    };
  }

  wait(by: 1 | -1): void {
    this.#active.blocked.inc(by);
  }
}

export class AuthenticationMetrics {
  readonly serviceAccounts: ServiceAccountMetrics;
  readonly #clock: Clock;
  readonly #users;
  readonly #byUser = new Map<string, CounterSeries>();
  readonly #results: Readonly<Record<AttemptResult, { attempts: CounterSeries; durations: HistogramSeries }>>;
  readonly tokenCache: TokenCacheMetrics;
  readonly #certificateExpiration: HistogramSeries;

  constructor(registry: MetricsRegistry, clock: Clock) {
    this.#clock = clock;
    this.#users = registry.counter({
      name: 'authenticated_user_requests',
      help: 'Counter of authenticated requests broken out by username.',
      labelNames: ['username'],
    });
    const attempts = registry.counter({
      name: 'authentication_attempts',
      help: 'Counter of authenticated attempts.',
      labelNames: ['result'],
    });
    const durations = registry.histogram({
      name: 'authentication_duration_seconds',
      help: 'Authentication duration in seconds broken out by result.',
      labelNames: ['result'],
      buckets: exponentialBuckets(0.001, 2, 15),
    });
    const resultOf = (result: AttemptResult): { attempts: CounterSeries; durations: HistogramSeries } => ({
      attempts: attempts.labels(result),
      durations: durations.labels(result),
    });
    this.#results = { success: resultOf('success'), failure: resultOf('failure'), error: resultOf('error') };
    this.tokenCache = new TokenCacheMetrics(registry);
    this.#certificateExpiration = registry
      .histogram({
        name: 'apiserver_client_certificate_expiration_seconds',
        help: 'Distribution of the remaining lifetime on the certificate used to authenticate a request.',
        buckets: [
          0,
          ...[0.5, 1, 2, 6, 12].map((hours) => hours * hourSeconds),
          ...[1, 2, 4, 7, 30, 90, 180, 365].map((days) => days * daySeconds),
        ],
      })
      .labels();
    const counter = (name: string, help: string): CounterSeries => registry.counter({ name, help }).labels();
    this.serviceAccounts = {
      staleTokens: counter(
        'serviceaccount_stale_tokens_total',
        'Cumulative stale projected service account tokens used',
      ),
      validTokens: counter(
        'serviceaccount_valid_tokens_total',
        'Cumulative valid projected service account tokens used',
      ),
      legacyTokens: counter('serviceaccount_legacy_tokens_total', 'Cumulative legacy service account tokens used'),
      automaticTokens: counter(
        'serviceaccount_legacy_auto_token_uses_total',
        'Cumulative auto-generated legacy tokens used',
      ),
      manualTokens: counter(
        'serviceaccount_legacy_manual_token_uses_total',
        'Cumulative manually created legacy tokens used',
      ),
      invalidatedTokens: counter(
        'serviceaccount_invalid_legacy_auto_token_uses_total',
        'Cumulative invalid auto-generated legacy tokens used',
      ),
    };
  }

  /** Now, for `attempt`. */
  start(): number {
    return this.#clock.monotonicMs();
  }

  attempt(result: AttemptResult, startMs: number, username = ''): void {
    const { attempts, durations } = this.#results[result];
    attempts.inc();
    durations.observe((this.#clock.monotonicMs() - startMs) / 1000);
    if (result === 'success') this.#seriesOf(username).inc();
  }

  certificateUsed(remainingMs: number): void {
    this.#certificateExpiration.observe(remainingMs / 1000);
  }

  #seriesOf(username: string): CounterSeries {
    const label = namedUsers.has(username) ? username : username.includes('@') ? 'email_id' : 'other';
    let series = this.#byUser.get(label);
    if (series === undefined) this.#byUser.set(label, (series = this.#users.labels(label)));
    return series;
  }
}
