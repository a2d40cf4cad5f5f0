import { semanticDeepEqual } from '../../machinery/deep-equal.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Lists of Pods' and nodes' status that are merged by a key (`patchMergeKey`); all others are replaced as a whole. */
const mergeKeys: Readonly<Record<string, string>> = {
  conditions: 'type',
  podIPs: 'ip',
  hostIPs: 'ip',
};

/** The strategic merge patch that makes one status of the other; undefined when they are the same. */
export function statusPatch(from: object, to: object): Fields | undefined {
  const patch: Record<string, unknown> = {};
  const [before, after] = [from as Fields, to as Fields];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, fresh] = [before[name], after[name]];
    if (semanticDeepEqual(old, fresh)) continue;
    const mergeKey = mergeKeys[name];
    if (fresh === undefined || fresh === null) patch[name] = null;
    else if (mergeKey !== undefined && Array.isArray(old) && Array.isArray(fresh)) {
      patch[`$setElementOrder/${name}`] = (fresh as Fields[]).map((item) => ({ [mergeKey]: item[mergeKey] }));
      patch[name] = listPatch(old as Fields[], fresh as Fields[], mergeKey);
    } else if (isMap(old) && isMap(fresh)) patch[name] = mapPatch(old, fresh);
    else patch[name] = fresh;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listPatch(old: readonly Fields[], fresh: readonly Fields[], mergeKey: string): Fields[] {
  const patch: Fields[] = [];
  for (const item of fresh) {
    const before = old.find((candidate) => candidate[mergeKey] === item[mergeKey]);
    if (before === undefined) patch.push(item);
    else if (!semanticDeepEqual(before, item)) patch.push({ ...mapPatch(before, item), [mergeKey]: item[mergeKey] });
  }
  for (const item of old) {
    if (fresh.some((candidate) => candidate[mergeKey] === item[mergeKey])) continue;
    patch.push({ $patch: 'delete', [mergeKey]: item[mergeKey] });
  }
  return patch;
}

function mapPatch(old: Fields, fresh: Fields): Fields {
  const patch: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
    if (!semanticDeepEqual(old[name], fresh[name])) patch[name] = fresh[name] ?? null;
  }
  return patch;
}
