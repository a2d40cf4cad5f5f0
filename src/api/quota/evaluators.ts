import type { Clock } from '../../machinery/clock.ts';
import { claims } from './claims.ts';
import type { CountedResource, Evaluator } from './evaluator.ts';
import { objectCounts } from './object-counts.ts';
import { podEvaluator } from './pods.ts';
import { resourceClaims } from './resource-claims.ts';
import { services } from './services.ts';

/** Kinds that nobody counts: they come and go by themselves. */
const ignored: ReadonlySet<string> = new Set(['events.', 'events.events.k8s.io']);

export function isIgnoredByQuota(kind: CountedResource): boolean {
  return ignored.has(keyOf(kind));
}

/** How objects of each kind are counted: some by what they use, all others by their number. */
export class Evaluators {
  readonly #byKind: Map<string, Evaluator>;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#byKind = new Map([
      ['pods.', podEvaluator(clock)],
      ['services.', services],
      ['persistentvolumeclaims.', claims],
      ['resourceclaims.resource.k8s.io', resourceClaims],
    ]);
  }

  of(kind: CountedResource): Evaluator {
    const key = keyOf(kind);
    let evaluator = this.#byKind.get(key);
    if (evaluator === undefined) this.#byKind.set(key, (evaluator = objectCounts(kind)));
    return evaluator;
  }
}

function keyOf({ group, resource }: CountedResource): string {
  return `${resource}.${group}`;
}
