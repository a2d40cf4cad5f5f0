import type { KubernetesObject } from '../../api/contract.ts';
import type { Amounts } from '../../api/core/resource-list.ts';
import type { CountedResource } from '../../api/quota/evaluator.ts';
import { Evaluators } from '../../api/quota/evaluators.ts';
import type { ResourceList, ResourceQuota } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { namespaceIndex } from '../../client/indexer.ts';
import type { Informer, InformerHandlers } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { resourceQuotas } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { kindCountedAs } from './counted-kinds.ts';
import { CountedObjects } from './counted-objects.ts';
import { addUsage, isMore, isSameUsage } from './usage.ts';

/** Upstream's: how often it is looked for kinds that were not served. */
const discoveryPeriodMs = 30_000;
/** What is charged to a quota is created a moment later: until it is seen, a count that says less proves nothing. */
const chargeSettlesMs = 1_000;

/** Counts what each quota's namespace uses: what is used less, admission does not see. */
export class ResourceQuotaController implements Controller {
  readonly #context: ControllerContext;
  readonly #quotas: Informer<ResourceQuota>;
  readonly #objects: CountedObjects;
  readonly #evaluators: Evaluators;
  readonly #loop: ReconcileLoop;
  /** When admission last charged a quota, on the monotonic clock. */
  readonly #chargedAtMs = new Map<string, number>();
  /** What this controller last said is used: to see that is no charge. */
  readonly #written = new Map<string, ResourceList>();
  #signal: AbortSignal = new AbortController().signal;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#evaluators = new Evaluators(context.clock);
    this.#objects = new CountedObjects(context, (kind) => this.#handlersOf(kind));
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('resource_quota_controller_resource_changes'),
      workers: context.options.concurrentSyncs.resourceQuota,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#quotas = context.informers.of(resourceQuotas);
    const enqueue = (quota: ResourceQuota): void => this.#loop.enqueue(keyOf(quota), quota.metadata.resourceVersion);
    this.#quotas.addHandlers({
      added: enqueue,
      updated: (quota, old) => {
        const key = keyOf(quota);
        const isOwn = isSameUsage(quota.status?.used, this.#written.get(key));
        if (!isOwn && isMore(quota.status?.used, old.status?.used)) {
          this.#chargedAtMs.set(key, context.clock.monotonicMs());
        }
        if (!semanticDeepEqual(quota.spec, old.spec)) enqueue(quota);
      },
      deleted: (quota) => {
        this.#chargedAtMs.delete(keyOf(quota));
        this.#written.delete(keyOf(quota));
      },
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    await this.#quotas.synced;
    await Promise.all([this.#loop.run(signal), this.#recountAll(signal)]);
    await this.#objects.ended();
  }

  async #recountAll(signal: AbortSignal): Promise<void> {
    const { clock, options } = this.#context;
    while (!signal.aborted) {
      await clock.sleep(options.resourceQuotaSyncPeriodMs, signal).catch(() => {});
      for (const quota of this.#quotas.lister.values()) this.#loop.enqueue(keyOf(quota));
    }
  }

  /** What is gone, or uses less, gives back to the quotas of its namespace. */
  #handlersOf(kind: CountedResource): InformerHandlers<KubernetesObject> {
    const evaluator = this.#evaluators.of(kind);
    const recount = ({ metadata }: KubernetesObject): void => {
      for (const quota of this.#quotasOf(metadata?.namespace)) {
        if (!Object.keys(quota.spec?.hard ?? {}).some((name) => evaluator.counts(name))) continue;
        this.#loop.enqueue(keyOf(quota), metadata?.resourceVersion);
      }
    };
    return {
      updated: (object, old) => {
        if (this.#quotasOf(object.metadata?.namespace).length === 0) return;
        const [now, before] = [evaluator.usage(object), evaluator.usage(old)];
        const isSame =
          now.size === before.size && [...now].every(([name, amount]) => before.get(name)?.compare(amount) === 0);
        if (!isSame) recount(object);
      },
      deleted: recount,
    };
  }

  #quotasOf(namespace = ''): readonly ResourceQuota[] {
    return this.#quotas.lister.byIndex(namespaceIndex, namespace);
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const quota = this.#quotas.lister.get(key);
    if (quota === undefined) return;
    const used = await this.#count(key, quota);
    // What could not be counted stays as it was.
    const hard = quota.spec?.hard ?? {};
    const kept = Object.entries(quota.status?.used ?? {}).filter(([name]) => Object.hasOwn(hard, name));
    const counted = [...used].map(([name, amount]): [string, string] => [name, amount.toString()]);
    const after: ResourceList = Object.fromEntries([...new Map([...kept, ...counted])].sort());
    const { status } = quota;
    if (isSameUsage(after, status?.used) && isSameUsage(hard, status?.hard) && status?.hard !== undefined) return;
    const leftMs = (this.#chargedAtMs.get(key) ?? -Infinity) + chargeSettlesMs - this.#context.clock.monotonicMs();
    if (leftMs > 0 && isMore(status?.used, after)) {
      this.#loop.enqueueAfter(key, leftMs);
      return;
    }
    this.#written.set(key, after);
    try {
      await client.updateStatus(resourceQuotas, { ...quota, status: { hard, used: after } });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }

  async #count(key: string, quota: ResourceQuota): Promise<Amounts> {
    const used: Amounts = new Map();
    for (const [kind, names] of this.#kindsOf(quota)) {
      const informer = await this.#objects.of(kind, this.#signal);
      if (informer === undefined || !(await this.#hasSynced(informer))) {
        this.#loop.enqueueAfter(key, discoveryPeriodMs);
      } else {
        const objects = informer.lister.byIndex(namespaceIndex, quota.metadata.namespace ?? '');
        addUsage(used, quota, names, this.#evaluators.of(kind), objects);
      }
    }
    return used;
  }

  /** Waits for what is there to be known. False when that takes long: the kind may be gone again. */
  async #hasSynced(informer: Informer<KubernetesObject>): Promise<boolean> {
    if (informer.hasSynced) return true;
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#signal]);
    const isLate = this.#context.clock.sleep(discoveryPeriodMs, signal).catch(() => {});
    await Promise.race([informer.synced, isLate]);
    stop.abort();
    return informer.hasSynced;
  }

  /** The kinds of objects that a quota counts, each with what it names of them. */
  #kindsOf({ spec }: ResourceQuota): Iterable<[CountedResource, string[]]> {
    const byKind = new Map<string, [CountedResource, string[]]>();
    for (const name of Object.keys(spec?.hard ?? {})) {
      const kind = kindCountedAs(name, (one, counted) => this.#evaluators.of(one).counts(counted));
      if (kind === undefined) continue;
      const key = `${kind.resource}.${kind.group}`;
      const known = byKind.get(key);
      if (known === undefined) byKind.set(key, [kind, [name]]);
      else known[1].push(name);
    }
    return byKind.values();
  }
}
