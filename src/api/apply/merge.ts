import { deepEqual } from '../../machinery/deep-equal.ts';
import { isEmptyContainer, isMap, ownValue, setOwn, type JsonMap } from './json.ts';
import { haveSameKeys, indexItems, type IndexedItems } from './list-items.ts';
import type { PathElement } from './path-element.ts';
import { deduced, typeOfField, type ListNode, type TypeNode } from './type-node.ts';

/**
 * The live object with an applied one laid over it: leaves as applied, items and entries of both. Nothing is removed.
 * What does not change is taken over, not copied; the live object itself is returned when nothing changes.
 */
export function merge(node: TypeNode, live: JsonMap, applied: JsonMap): JsonMap {
  return mergeValues(node, live, applied) as JsonMap;
}

function mergeValues(node: TypeNode, live: unknown, applied: unknown): unknown {
  if (applied === undefined || live === applied) return live;
  if (live === undefined) return applied;
  if (node.atomic || (isEmptyContainer(live) && isEmptyContainer(applied))) {
    return deepEqual(live, applied) ? live : applied;
  }
  switch (node.kind) {
    case 'struct':
      return mergeMaps((name) => typeOfField(node, name), live, applied);
    case 'map':
      return mergeMaps(() => node.of, live, applied);
    case 'list':
      return mergeLists(node, live, applied);
    case 'deduced':
      return isMap(live) && isMap(applied)
        ? mergeMaps(() => deduced, live, applied)
        : deepEqual(live, applied)
          ? live
          : applied;
    default:
      return applied;
  }
}

function mergeMaps(typeOf: (name: string) => TypeNode, live: unknown, applied: unknown): unknown {
  if (!isMap(applied)) return live;
  if (!isMap(live)) return applied;
  let out: JsonMap | undefined;
  for (const name of Object.keys(applied)) {
    const mine = ownValue(live, name);
    const merged = mergeValues(typeOf(name), mine, applied[name]);
    if (merged === mine) continue;
    out ??= { ...live };
    setOwn(out, name, merged);
  }
  return out ?? live;
}

function mergeLists(node: ListNode, live: unknown, applied: unknown): unknown {
  if (!Array.isArray(applied) || applied.length === 0) return live;
  const items: readonly unknown[] = Array.isArray(live) ? live : [];
  if (haveSameKeys(node, items, applied)) {
    const merged = items.map((item, i) => mergeValues(node.of, item, applied[i]));
    return merged.every((item, i) => item === items[i]) ? live : merged;
  }
  const merged = mergeItems(node, indexItems(node, items), indexItems(node, applied));
  return merged.length === items.length && merged.every((item, i) => item === items[i]) ? live : merged;
}

/** In the order of the applied list, in which the items that only the live one has keep their places. */
function mergeItems(node: ListNode, live: IndexedItems, applied: IndexedItems): unknown[] {
  const out: unknown[] = [];
  const left = [...live.keys()];
  const right = [...applied.keys()];
  const shared = right.filter((element) => live.has(element));
  let nextShared = 0;
  const take = (element: PathElement): void => {
    const mine = live.get(element);
    const theirs = applied.get(element);
    // Items of one name that only the live list has stay as they are; an applied one takes the place of all of them.
    if (theirs === undefined) out.push(...(mine ?? []));
    else out.push(mine?.length === 1 ? mergeValues(node.of, mine[0], theirs[0]) : theirs[0]);
  };
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const mine = left[l];
    const theirs = right[r];
    if (mine !== undefined && theirs !== undefined) {
      if (mine === theirs) {
        take(mine);
        l++;
        r++;
        nextShared++;
        continue;
      }
      if (applied.has(mine) && mine !== shared[nextShared]) {
        // Its place is where the applied list has it.
        l++;
        continue;
      }
    }
    if (mine !== undefined && !applied.has(mine)) {
      take(mine);
      l++;
    } else if (theirs !== undefined) {
      take(theirs);
      r++;
      if (theirs === shared[nextShared]) nextShared++;
    } else l++;
  }
  return out;
}
