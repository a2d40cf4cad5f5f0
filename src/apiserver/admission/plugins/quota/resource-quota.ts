import type { ResourceQuota as ResourceQuotaObject } from '../../../../api/types/core.v1.ts';
import type { Clock } from '../../../../machinery/clock.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../../contract.ts';
import type { Lister } from '../../lister.ts';
import { claims } from './claims.ts';
import type { Evaluator } from './evaluator.ts';
import { Ledger } from './ledger.ts';
import type { LimitedResource } from './limited-resources.ts';
import { objectCounts } from './object-counts.ts';
import { podEvaluator } from './pods.ts';
import { resourceClaims } from './resource-claims.ts';
import { services } from './services.ts';

/** Kinds that nobody counts: they come and go by themselves. */
const ignored: ReadonlySet<string> = new Set(['events.', 'events.events.k8s.io']);

export interface ResourceQuotaOptions {
  readonly quotas: Lister<ResourceQuotaObject>;
  readonly clock: Pick<Clock, 'now'>;
  readonly limited: readonly LimitedResource[];
}

/** Keeps what a namespace uses within its ResourceQuotas. */
export class ResourceQuota implements AdmissionPlugin {
  readonly name = 'ResourceQuota';
  readonly #quotas: Lister<ResourceQuotaObject>;
  readonly #isLimited: boolean;
  readonly #ledger: Ledger;
  readonly #evaluators: Map<string, Evaluator>;

  constructor({ quotas, clock, limited }: ResourceQuotaOptions) {
    this.#quotas = quotas;
    this.#isLimited = limited.length > 0;
    this.#ledger = new Ledger(quotas, limited);
    this.#evaluators = new Map([
      ['pods.', podEvaluator(clock)],
      ['services.', services],
      ['persistentvolumeclaims.', claims],
      ['resourceclaims.resource.k8s.io', resourceClaims],
    ]);
  }

  handles(kind: RequestKind): boolean {
    return kind.namespaced && !ignored.has(keyOf(kind)) && this.#evaluatorOf(kind).handles(kind);
  }

  prepare(): Promise<void> | undefined {
    return this.#quotas.load();
  }

  validate(attributes: Attributes): void | Promise<void> {
    const { requestKind, namespace, operation, object } = attributes;
    if (!this.#isLimited && this.#quotas.isEmptyIn(namespace)) return;
    const { registry, definition, cache } = attributes.request;
    const name = object?.metadata?.name ?? '';
    // What is there already will be refused for that: nothing is to be paid for it.
    if (operation === 'CREATE' && cache.get(registry.keyFor(definition, namespace, name)) !== undefined) return;
    return this.#ledger.charge(attributes, this.#evaluatorOf(requestKind));
  }

  #evaluatorOf(kind: RequestKind): Evaluator {
    const key = keyOf(kind);
    let evaluator = this.#evaluators.get(key);
    if (evaluator === undefined) this.#evaluators.set(key, (evaluator = objectCounts(kind)));
    return evaluator;
  }
}

function keyOf({ group, resource }: RequestKind): string {
  return `${resource}.${group}`;
}
