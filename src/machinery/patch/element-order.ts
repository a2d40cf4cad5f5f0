import { goFormat, goType } from './go-format.ts';
import { isObject, type JsonObject } from './json.ts';
import { malformedPatch, type PatchError } from './patch-error.ts';
import { directiveMarker, setElementOrderPrefix } from './directives.ts';

/** What tells an item of a merged list apart: the value of its merge key, or the item itself in a list of scalars. */
export type Identify = (item: unknown) => unknown;

export function missingMergeKey(item: JsonObject, mergeKey: string): PatchError {
  return malformedPatch(`map: ${goFormat(item)} does not contain declared merge key: ${mergeKey}`);
}

/** Identifies items by their merge key, '' for lists of scalars. Throws a PatchError for an item without it. */
export function identifyBy(mergeKey: string): Identify {
  if (mergeKey === '') return (item) => item;
  return (item) => {
    if (!isObject(item)) {
      throw malformedPatch(`expected a map[string]interface {}, but received a ${goType(item)}`);
    }
    if (!Object.hasOwn(item, mergeKey)) throw missingMergeKey(item, mergeKey);
    return item[mergeKey];
  };
}

/** The first position of each identity. */
export function positions(list: readonly unknown[], identify: Identify): Map<unknown, number> {
  const found = new Map<unknown, number>();
  for (let index = 0; index < list.length; index++) {
    const identity = identify(list[index]);
    if (!found.has(identity)) found.set(identity, index);
  }
  return found;
}

/**
 * The order of a merged list: the items that `patchOrder` names stand in its order, the others in the order that
 * `liveOrder` has them; each of the others goes before the first of the former that it preceded in `liveOrder`.
 */
export function arrange(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  liveOrder: readonly unknown[],
  identify: Identify,
): readonly unknown[] {
  const inPatch = positions(patchOrder, identify);
  const inLive = positions(liveOrder, identify);
  const named: Placed[] = [];
  const others: Placed[] = [];
  for (const item of merged) {
    const identity = identify(item);
    const patchPosition = inPatch.get(identity);
    const livePosition = inLive.get(identity);
    if (patchPosition === undefined) others.push({ item, rank: livePosition, live: livePosition });
    else named.push({ item, rank: patchPosition, live: livePosition });
  }
  sortByRank(named);
  sortByRank(others);
  return interleave(others, named);
}

interface Placed {
  readonly item: unknown;
  /** Where its own order has it; undefined when nowhere, which leaves it where it stands. */
  readonly rank: number | undefined;
  readonly live: number | undefined;
}

function sortByRank(items: Placed[]): void {
  for (let index = 1; index < items.length; index++) {
    const before = items[index - 1]?.rank;
    const rank = items[index]?.rank;
    if (before !== undefined && rank !== undefined && rank < before) {
      items.sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity) || 0);
      return;
    }
  }
}

function interleave(left: readonly Placed[], right: readonly Placed[]): readonly unknown[] {
  const result: unknown[] = [];
  let next = 0;
  for (const { item, live } of right) {
    for (let other = left[next]; other !== undefined; other = left[next]) {
      if (other.live === undefined || live === undefined || other.live >= live) break;
      result.push(other.item);
      next++;
    }
    result.push(item);
  }
  for (; next < left.length; next++) result.push(left[next]?.item);
  return result;
}

/**
 * Refuses a patch whose list is ordered otherwise than its own `$setElementOrder`, or has an item that is not in it.
 * Items with a directive are not looked at.
 */
export function checkElementOrder(patchList: readonly unknown[], order: readonly unknown[], identify: Identify): void {
  if (patchList.length === 0 || order.length === 0) return;
  const items = patchList.filter((item) => !isObject(item) || !Object.hasOwn(item, directiveMarker));
  let next = 0;
  for (const item of order) {
    if (next < items.length && identify(items[next]) === identify(item)) next++;
  }
  if (next < items.length) {
    throw malformedPatch(
      `The order in patch list:\n${goFormat(patchList)}\n doesn't match ${setElementOrderPrefix} list:\n${goFormat(order)}\n`,
    );
  }
}
