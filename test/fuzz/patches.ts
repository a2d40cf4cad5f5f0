import type { Chooser } from './choose.ts';
import { mutate, randomKey, randomValue } from './json.ts';

const pointers = [
  '',
  '/',
  '/metadata',
  '/metadata/name',
  '/metadata/labels',
  '/metadata/labels/a',
  '/metadata/annotations/a~1b',
  '/metadata/finalizers',
  '/metadata/finalizers/-',
  '/metadata/uid',
  '/metadata/resourceVersion',
  '/spec',
  '/spec/containers/0',
  '/spec/containers/0/image',
  '/spec/containers/-',
  '/spec/replicas',
  '/spec/template/spec/containers',
  '/status',
  '/data',
  '/data/a',
  '/kind',
  '/apiVersion',
  '/a/b/c',
  '/metadata/labels/~2',
  'a',
  '/0',
  '/-1',
  '/01',
  '/__proto__/x',
  '/constructor',
];
const operations = ['add', 'remove', 'replace', 'move', 'copy', 'test', 'none', ''];

/** A JSON Patch (RFC 6902), mostly one that could apply. */
export function randomJsonPatch(choose: Chooser): unknown {
  if (choose.chance(0.05)) return randomValue(choose);
  return choose.times(6, () => ({
    op: choose.pick(operations),
    path: choose.pick(pointers),
    ...(choose.chance(0.4) ? { from: choose.pick(pointers) } : {}),
    ...(choose.chance(0.8) ? { value: randomValue(choose, 3) } : {}),
  }));
}

/** A part of an object, changed: what a merge patch looks like. */
export function randomMergePatch(choose: Chooser, object: object): unknown {
  if (choose.chance(0.1)) return randomValue(choose);
  const patch = Object.fromEntries(Object.entries(structuredClone(object)).filter(() => choose.chance(0.5)));
  mutate(choose, patch);
  return patch;
}

/** A merge patch with the directives of strategic merge strewn in. */
export function randomStrategicPatch(choose: Chooser, object: object): unknown {
  const patch = randomMergePatch(choose, object);
  strew(choose, patch);
  return patch;
}

function strew(choose: Chooser, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value)) strew(choose, inner);
  if (Array.isArray(value)) {
    if (choose.chance(0.2)) value.push({ $patch: choose.pick(['replace', 'delete', 'merge', 'x', 1]), name: 'c' });
    return;
  }
  const fields = value as Record<string, unknown>;
  const name = choose.pick([...Object.keys(fields), randomKey(choose)]);
  if (choose.chance(0.1)) fields['$patch'] = choose.pick(['replace', 'delete', 'merge', 'x', 1, null]);
  if (choose.chance(0.1)) fields['$retainKeys'] = choose.pick([[name], [], ['x', 'x'], [1], 'x', null]);
  if (choose.chance(0.1))
    fields[`$setElementOrder/${name}`] = choose.pick([[{ name: 'c' }], ['a'], [], [null], {}, null]);
  if (choose.chance(0.1)) fields[`$deleteFromPrimitiveList/${name}`] = choose.pick([['a'], [{}], [], 'a', null]);
}
