import type { Event } from '../../../api/types/core.v1.ts';
import type { Clock } from '../../../machinery/clock.ts';
import { TokenBucketRateLimiter } from '../../../machinery/rate-limiter.ts';
import { tooManyRequests } from '../../../machinery/status.ts';
import { SetupError } from '../../setup-error.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import { isOf } from './pod-requests.ts';

const keys = {
  Server: () => '',
  Namespace: ({ namespace }: Attributes) => namespace,
  User: ({ user }: Attributes) => user.username,
  SourceAndObject: ({ object }: Attributes) => {
    const { source, involvedObject } = object as Event;
    const { kind, namespace, name, uid, apiVersion } = involvedObject ?? {};
    return [source?.component, source?.host, kind, namespace, name, uid, apiVersion].join('');
  },
} as const satisfies Readonly<Record<string, (attributes: Attributes) => string>>;

type LimitType = keyof typeof keys;

export interface EventLimit {
  readonly type: LimitType;
  readonly qps: number;
  readonly burst: number;
  /** So many namespaces, users or sources are remembered. */
  readonly cacheSize: number;
}

const defaultCacheSize = 4096;

/** Reads an `eventratelimit.admission.k8s.io/v1alpha1 Configuration`. Throws SetupError. */
export function readEventLimits(document: unknown): EventLimit[] {
  const { limits } = (document ?? {}) as { readonly limits?: unknown };
  const refused = (why: string): SetupError => new SetupError(`the configuration of EventRateLimit: ${why}`);
  if (!Array.isArray(limits) || limits.length === 0) throw refused('limits: Required value: at least one is needed');
  return limits.map((item: Partial<EventLimit>, index) => {
    const { type, qps, burst, cacheSize = 0 } = item;
    if (type === undefined || !Object.hasOwn(keys, type)) {
      const known = Object.keys(keys).map((key) => `"${key}"`);
      throw refused(
        `limits[${index}].type: Unsupported value: "${String(type)}": supported values: ${known.join(', ')}`,
      );
    }
    for (const [field, value] of Object.entries({ qps, burst })) {
      if (!Number.isInteger(value) || Number(value) <= 0) throw refused(`limits[${index}].${field}: must be positive`);
    }
    if (!Number.isInteger(cacheSize) || cacheSize < 0)
      throw refused(`limits[${index}].cacheSize: must not be negative`);
    return { type, qps: Number(qps), burst: Number(burst), cacheSize: cacheSize === 0 ? defaultCacheSize : cacheSize };
  });
}

/** One limit, with a bucket for each of those that it is about. */
class Enforcer {
  readonly #limit: EventLimit;
  readonly #clock: Clock;
  /** In the order in which they were last asked. */
  readonly #buckets = new Map<string, TokenBucketRateLimiter<unknown>>();

  constructor(limit: EventLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** What is exceeded; undefined when nothing is. */
  refuse(attributes: Attributes): string | undefined {
    const { type, qps, burst, cacheSize } = this.#limit;
    const key = keys[type](attributes);
    const bucket = this.#buckets.get(key) ?? new TokenBucketRateLimiter(qps, burst, this.#clock);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > cacheSize) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket.tryTake() ? undefined : `limit reached on type ${type} for key ${key}`;
  }
}

/** Bounds how many Events are written. */
export class EventRateLimit implements AdmissionPlugin {
  readonly name = 'EventRateLimit';
  readonly #enforcers: readonly Enforcer[];

  constructor(limits: readonly EventLimit[], clock: Clock) {
    this.#enforcers = limits.map((limit) => new Enforcer(limit, clock));
  }

  handles(kind: RequestKind): boolean {
    const isWrite = kind.operation === 'CREATE' || kind.operation === 'UPDATE';
    return isOf(kind, '', 'events') && kind.subresource === '' && isWrite;
  }

  validate(attributes: Attributes): void {
    if (attributes.dryRun) return;
    // Each limit counts the event, whatever the others say.
    const refusals = this.#enforcers.map((enforcer) => enforcer.refuse(attributes)).filter((why) => why !== undefined);
    const [first] = refusals;
    if (first !== undefined) throw tooManyRequests(refusals.length === 1 ? first : `[${refusals.join(', ')}]`, 1);
  }
}
