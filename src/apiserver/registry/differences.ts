import type { Difference } from '../../api/history.ts';
import { deepEqual } from '../../machinery/deep-equal.ts';

/** Enough for people to see what happened; a whole rewritten object is not a list of fields. */
const maxDifferences = 200;

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Differ with every write, and say of it only what the others say. */
const unshown: ReadonlySet<string> = new Set(['metadata.resourceVersion', 'metadata.managedFields']);

/** Fields that differ, in order of their paths, at most `maxDifferences`. Those that always do are left out. */
export function differences(from: object, to: object): Difference[] {
  const found: Difference[] = [];
  compare('', from, to, found);
  return found.slice(0, maxDifferences);
}

function compare(path: string, from: unknown, to: unknown, found: Difference[]): void {
  if (found.length > maxDifferences || unshown.has(path) || deepEqual(from, to)) return;
  if (isFields(from) && isFields(to)) {
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
      compare(path === '' ? key : `${path}.${key}`, own(from, key), own(to, key), found);
    }
  } else if (Array.isArray(from) && Array.isArray(to)) compareLists(path, from, to, found);
  else found.push({ path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
}

function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** What names the items of a list, when every one has it and no two the same. */
function naming(list: readonly unknown[]): ((item: unknown) => string) | undefined {
  for (const key of ['name', 'type', 'uid', 'key']) {
    const names = list.map((item) => (isFields(item) && typeof item[key] === 'string' ? item[key] : undefined));
    if (names.every((name) => name !== undefined) && new Set(names).size === names.length) {
      return (item) => String((item as Fields)[key]);
    }
  }
  return undefined;
}

function compareLists(path: string, from: readonly unknown[], to: readonly unknown[], found: Difference[]): void {
  const nameOf =
    naming([...from, ...to].length === 0 ? [] : from) && naming(to) ? (naming(from) ?? naming(to)) : undefined;
  if (nameOf === undefined) {
    for (let i = 0; i < Math.max(from.length, to.length); i++) compare(`${path}[${i}]`, from[i], to[i], found);
    return;
  }
  const before = new Map(from.map((item) => [nameOf(item), item]));
  const after = new Map(to.map((item) => [nameOf(item), item]));
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    compare(`${path}[${name}]`, before.get(name), after.get(name), found);
  }
}
