import type { Lease, LeaseSpec } from '../api/types/coordination.v1.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { Random } from '../machinery/random.ts';
import { formatMicroTime } from '../machinery/time.ts';
import type { Client } from './client.ts';
import { leases } from './resources.ts';
import { hasReason } from './retry-on-conflict.ts';

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The Lease. */
  readonly namespace: string;
  readonly name: string;
  /** Who this is: `<host>_<uuid>`. */
  readonly identity: string;
  /** Upstream's defaults: 15 s, 10 s, 2 s. */
  readonly leaseDurationMs?: number;
  readonly renewDeadlineMs?: number;
  readonly retryPeriodMs?: number;
}

/** Upstream's: waits are longer than the retry period by up to 1.2 times it. */
const jitterFactor = 1.2;

/** Upstream's: so long after its end a Lease that is believed to be held means that something hangs. */
const staleGraceMs = 20_000;

/** A Lease as it was last seen to change, by our own clock: clocks of others are not trusted. */
interface Observed {
  readonly record: string;
  readonly atMs: number;
}

/**
 * At most one of many leads (client-go's `leaderelection`): whoever holds the Lease and renews it. A leader that cannot
 * renew it stops leading before another may take it.
 */
export class LeaderElector {
  readonly #options: Required<LeaderElectionOptions>;
  #observed: Observed | undefined;
  #isLeader = false;
  #renewedMs = 0;

  constructor(options: LeaderElectionOptions) {
    this.#options = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000, ...options };
    const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = this.#options;
    if (leaseDurationMs <= renewDeadlineMs) throw new RangeError('leaseDuration must be greater than renewDeadline');
    if (renewDeadlineMs <= jitterFactor * retryPeriodMs) {
      throw new RangeError('renewDeadline must be greater than retryPeriod*JitterFactor');
    }
  }

  get isLeader(): boolean {
    return this.#isLeader;
  }

  /** Throws when it believes that it leads, and its Lease has long run out: the process hangs, and should be restarted. */
  check(): void {
    const { clock, leaseDurationMs, name } = this.#options;
    if (!this.#isLeader || clock.monotonicMs() - this.#renewedMs <= leaseDurationMs + staleGraceMs) return;
    throw new Error(`failed election to renew leadership on lease ${name}`);
  }

  /**
   * Waits until it leads, and runs `lead`, whose signal aborts when the lease is lost or `signal` aborts. Resolves to
   * 'lost' in the first case: the process should end then, as upstream's do; to 'released' in the second, after the
   * Lease was given up.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<'lost' | 'released'> {
    const { clock, random, retryPeriodMs, log, identity, name, namespace } = this.#options;
    while (!signal.aborted && !(await this.#tryAcquireOrRenew(signal))) {
      await clock.sleep(retryPeriodMs * (1 + random.float() * jitterFactor), signal).catch(() => {});
    }
    if (signal.aborted) return 'released';
    log.info('Successfully acquired lease', { lock: `${namespace}/${name}`, identity });
    this.#isLeader = true;
    this.#renewedMs = clock.monotonicMs();
    const leading = new AbortController();
    const abort = (): void => leading.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const led = lead(leading.signal);
    // Awaited below: it may fail while the lease is being renewed.
    led.catch((error: unknown) => leading.abort(error));
    const isLost = await this.#renew(leading.signal);
    this.#isLeader = false;
    signal.removeEventListener('abort', abort);
    leading.abort(new Error('the lease was lost'));
    await led;
    if (isLost) return 'lost';
    await this.#release();
    return 'released';
  }

  /** Renews until the signal aborts (false) or the deadline passes without success (true). */
  async #renew(signal: AbortSignal): Promise<boolean> {
    const { clock, renewDeadlineMs, retryPeriodMs, log, name, namespace } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(retryPeriodMs, signal).catch(() => {});
      if (signal.aborted) return false;
      const giveUp = AbortSignal.any([
        signal,
        deadline(clock, this.#renewedMs + renewDeadlineMs - clock.monotonicMs()),
      ]);
      if (await this.#tryAcquireOrRenew(giveUp)) this.#renewedMs = clock.monotonicMs();
      else if (!signal.aborted && clock.monotonicMs() - this.#renewedMs >= renewDeadlineMs) {
        log.error('Failed to renew lease', undefined, { lease: `${namespace}/${name}` });
        return true;
      }
    }
    return false;
  }

  async #tryAcquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const { client, clock, namespace, name, identity, leaseDurationMs, log } = this.#options;
    const now = formatMicroTime(clock.now());
    const mine = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
      renewTime: now,
    } satisfies LeaseSpec;
    try {
      let lease: Lease;
      try {
        lease = await client.get(leases, namespace, name, signal);
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
        const spec = { ...mine, acquireTime: now, leaseTransitions: 0 };
        await client.create(leases, { metadata: { name, namespace }, spec }, { signal });
        return true;
      }
      const { spec = {} } = lease;
      this.#observe(spec);
      const holder = spec.holderIdentity ?? '';
      if (holder !== '' && holder !== identity && !this.#hasExpired(spec)) return false;
      const isTakeover = holder !== identity;
      const acquired = isTakeover
        ? { acquireTime: now, leaseTransitions: (spec.leaseTransitions ?? 0) + 1 }
        : { acquireTime: spec.acquireTime ?? now, leaseTransitions: spec.leaseTransitions ?? 0 };
      const updated = await client.update(leases, { ...lease, spec: { ...spec, ...mine, ...acquired } }, { signal });
      this.#observe(updated.spec ?? {});
      return true;
    } catch (error) {
      if (!signal.aborted) log.v(2)?.info('Trying for the lease failed', { lease: name, error: String(error) });
      return false;
    }
  }

  #observe({ holderIdentity, renewTime, acquireTime }: LeaseSpec): void {
    const record = JSON.stringify([holderIdentity, renewTime, acquireTime]);
    if (record !== this.#observed?.record) this.#observed = { record, atMs: this.#options.clock.monotonicMs() };
  }

  /** Whether the holder has not renewed for as long as it said that its lease lasts. */
  #hasExpired({ leaseDurationSeconds }: LeaseSpec): boolean {
    const { clock, leaseDurationMs } = this.#options;
    const durationMs = leaseDurationSeconds === undefined ? leaseDurationMs : leaseDurationSeconds * 1000;
    return clock.monotonicMs() - (this.#observed?.atMs ?? 0) >= durationMs;
  }

  /** Gives the Lease up, so that the next leader need not wait. */
  async #release(): Promise<void> {
    const { client, clock, namespace, name, identity, log } = this.#options;
    try {
      const lease = await client.get(leases, namespace, name);
      if (lease.spec?.holderIdentity !== identity) return;
      const now = formatMicroTime(clock.now());
      const { leaseTransitions = 0 } = lease.spec;
      const spec = { holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now, leaseTransitions };
      await client.update(leases, { ...lease, spec });
    } catch (error) {
      log.v(2)?.info('Failed to release the lease', { lease: name, error: String(error) });
    }
  }
}

function deadline(clock: Clock, delayMs: number): AbortSignal {
  const controller = new AbortController();
  clock.setTimeout(() => controller.abort(new Error('renew deadline exceeded')), Math.max(0, delayMs)).unref();
  return controller.signal;
}
