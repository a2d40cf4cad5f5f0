import type { KubernetesObject } from '../../api/contract.ts';
import { quantityOf, type Amounts } from '../../api/core/resource-list.ts';
import type { Evaluator } from '../../api/quota/evaluator.ts';
import { isCountedBy } from '../../api/quota/scopes.ts';
import type { ResourceList, ResourceQuota } from '../../api/types/core.v1.ts';
import { Quantity } from '../../machinery/quantity.ts';

const zero = Quantity.of(0);

/** Adds what objects of one kind use of what a quota names to `used`; nothing used is zero. */
export function addUsage(
  used: Amounts,
  quota: ResourceQuota,
  names: readonly string[],
  evaluator: Evaluator,
  objects: Iterable<KubernetesObject>,
): void {
  for (const name of names) if (!used.has(name)) used.set(name, zero);
  for (const object of objects) {
    if (!isCountedBy(quota, names, evaluator, object)) continue;
    const usage = evaluator.usage(object);
    for (const name of names) {
      const amount = usage.get(name);
      if (amount !== undefined) used.set(name, used.get(name)?.add(amount) ?? amount);
    }
  }
}

/** Whether two lists name the same resources in the same amounts, however these are written. */
export function isSameUsage(a: ResourceList = {}, b: ResourceList = {}): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && quantityOf(a[name]).compare(quantityOf(b[name])) === 0)
  );
}

/** Whether some amount of `after` is more than before. */
export function isMore(after: ResourceList = {}, before: ResourceList = {}): boolean {
  return Object.entries(after).some(([name, amount]) => quantityOf(amount).compare(quantityOf(before[name])) > 0);
}
