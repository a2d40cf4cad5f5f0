import type { Amounts } from '../core/resource-list.ts';
import { countName, one, type CountedResource, type Evaluator } from './evaluator.ts';

/** Resources that quotas named without `count/` before that was there. */
const aliases: ReadonlySet<string> = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']);

/** Counts objects of any kind: `count/deployments.apps`. */
export function objectCounts(kind: CountedResource): Evaluator {
  const names = [countName(kind)];
  if (kind.group === '' && aliases.has(kind.resource)) names.push(kind.resource);
  return {
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    counts: (resource) => names.includes(resource),
    usage: (): Amounts => new Map(names.map((name) => [name, one])),
    isInScope: () => false,
  };
}
