import { addAmounts, type Amounts } from '../../../../api/core/resource-list.ts';
import type { ResourceQuota } from '../../../../api/types/core.v1.ts';
import { conflict, objectModified } from '../../../../machinery/status.ts';
import { noteOf } from '../../../registry/provenance.ts';
import type { CachedObject } from '../../../watch/cached-object.ts';
import type { Attributes } from '../../contract.ts';
import type { Lister } from '../../lister.ts';
import { checkRequest, type RunningQuota } from './check-request.ts';
import type { Evaluator } from '../../../../api/quota/evaluator.ts';
import type { LimitedResource } from './limited-resources.ts';

/** A request that waits to be charged. */
interface Waiter {
  readonly attributes: Attributes;
  readonly evaluator: Evaluator;
  resolve(): void;
  reject(error: unknown): void;
}

/** Rounds against others that write the same quotas: other servers, and whoever recounts. */
const maxAttempts = 10;

/**
 * Charges requests to the quotas of their namespace, in the order in which they come. What is used is written, on the
 * condition that the quota is as it was read, before any of the requests goes on: so however many come at a time, to
 * however many servers, no more is let through than there is. Those that come while a quota is being written are charged
 * together with the next write.
 */
export class Ledger {
  readonly #quotas: Lister<ResourceQuota>;
  readonly #limited: readonly LimitedResource[];
  /** By namespace; there while its requests are worked on. */
  readonly #waiting = new Map<string, Waiter[]>();

  constructor(quotas: Lister<ResourceQuota>, limited: readonly LimitedResource[]) {
    this.#quotas = quotas;
    this.#limited = limited;
  }

  /** Resolves when the request is paid for; rejects with 403 when it cannot be. */
  charge(attributes: Attributes, evaluator: Evaluator): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = { attributes, evaluator, resolve, reject };
      const { namespace } = attributes;
      const waiting = this.#waiting.get(namespace);
      if (waiting !== undefined) waiting.push(waiter);
      else {
        this.#waiting.set(namespace, [waiter]);
        void this.#work(namespace);
      }
    });
  }

  async #work(namespace: string): Promise<void> {
    // What comes in the same turn is charged together.
    await Promise.resolve();
    for (;;) {
      const waiters = this.#waiting.get(namespace) ?? [];
      if (waiters.length === 0) break;
      this.#waiting.set(namespace, []);
      try {
        await this.#charge(namespace, waiters);
      } catch (error) {
        for (const waiter of waiters) waiter.reject(error);
      }
    }
    this.#waiting.delete(namespace);
  }

  async #charge(namespace: string, waiters: readonly Waiter[]): Promise<void> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      await this.#quotas.catchUp();
      const records = this.#quotas.records(namespace);
      const quotas = records.map((record) => running(this.#quotas.parse(record)));
      const [charged, refused] = this.#check(quotas, waiters);
      if (await this.#write(records, quotas, charged)) {
        for (const { resolve } of charged) resolve();
        for (const [{ reject }, error] of refused) reject(error);
        return;
      }
    }
    throw conflict({ group: '', resource: 'resourcequotas' }, '', objectModified);
  }

  #check(quotas: readonly RunningQuota[], waiters: readonly Waiter[]): [Waiter[], [Waiter, unknown][]] {
    const charged: Waiter[] = [];
    const refused: [Waiter, unknown][] = [];
    for (const waiter of waiters) {
      // A dry run is told what would be, and leaves no trace.
      const own = waiter.attributes.dryRun ? quotas.map((quota) => ({ ...quota })) : quotas;
      try {
        checkRequest(own, waiter.attributes, waiter.evaluator, this.#limited);
        charged.push(waiter);
      } catch (error) {
        refused.push([waiter, error]);
      }
    }
    return [charged, refused];
  }

  /** Writes all quotas of which more is used, in one transaction. False when one of them is not as it was read. */
  async #write(
    records: readonly CachedObject[],
    quotas: readonly RunningQuota[],
    [first]: readonly Waiter[],
  ): Promise<boolean> {
    const changed = records.flatMap((record, index) => {
      const quota = quotas[index];
      return quota === undefined || quota.used === usedOf.get(quota.quota) ? [] : [{ record, quota }];
    });
    if (changed.length === 0 || first === undefined) return true;
    const { registry, exchange, user } = first.attributes.request;
    const { form } = this.#quotas.cache;
    const response = await registry.store.txn({
      compare: changed.map(({ record }) => ({
        key: record.key,
        target: 'mod',
        result: 'equal',
        operand: record.revision,
      })),
      success: changed.map(({ record, quota }) => ({
        type: 'put',
        put: { key: record.key, value: form.encode(withUsed(quota)) },
      })),
      note: noteOf(exchange, user, 'update status'),
    });
    return response.succeeded;
  }
}

/** What was used when a quota was read. */
const usedOf = new WeakMap<ResourceQuota, Amounts>();

function running(quota: ResourceQuota): RunningQuota {
  let used = usedOf.get(quota);
  if (used === undefined) {
    used = new Map();
    addAmounts(used, quota.status?.used);
    usedOf.set(quota, used);
  }
  return { quota, used };
}

function withUsed({ quota, used }: RunningQuota): ResourceQuota {
  const printed = Object.fromEntries(
    [...used].map(([name, amount]): [string, string] => [name, amount.toString()]).sort(),
  );
  return { ...quota, status: { ...quota.status, used: printed } };
}
