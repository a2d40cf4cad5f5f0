/** Lists as sets: `sets.contains`, `sets.equivalent`, `sets.intersects`. */
import type { Library } from '../declarations.ts';
import { global, list } from '../declarations.ts';
import { equals } from '../equality.ts';
import { boolType, paramType } from '../types.ts';
import type { CelValue } from '../values.ts';

const listOfT = list(paramType('T'));

function includes(items: readonly CelValue[], wanted: CelValue): boolean {
  return items.some((item) => equals(item, wanted));
}

function containsAll(items: readonly CelValue[], wanted: readonly CelValue[]): boolean {
  return wanted.every((one) => includes(items, one));
}

export const setLibrary: Library = {
  'sets.contains': [global('list_sets_contains_list', [listOfT, listOfT], boolType, containsAll)],
  'sets.equivalent': [
    global('list_sets_equivalent_list', [listOfT, listOfT], boolType, (a, b) => containsAll(a, b) && containsAll(b, a)),
  ],
  'sets.intersects': [
    global('list_sets_intersects_list', [listOfT, listOfT], boolType, (a, b) => a.some((one) => includes(b, one))),
  ],
};
