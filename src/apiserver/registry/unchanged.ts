import type { KubernetesObject } from '../../api/contract.ts';
import { deepEqual } from '../../machinery/deep-equal.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What objects of one resource need not say to be the same. */
const namesOfKind: ReadonlySet<string> = new Set(['kind', 'apiVersion']);
const namesOfVersion: ReadonlySet<string> = new Set(['resourceVersion']);
const none: ReadonlySet<string> = new Set();

/** Whether an object is as it was, whatever version it names and in whatever order its fields are. */
export function isUnchanged(object: KubernetesObject, old: KubernetesObject): boolean {
  return areSame(object as Fields, old as Fields, namesOfKind, (name) => (name === 'metadata' ? namesOfVersion : none));
}

function areSame(
  a: Fields,
  b: Fields,
  except: ReadonlySet<string>,
  inner: (name: string) => ReadonlySet<string>,
): boolean {
  for (const name of Object.keys(a)) {
    if (except.has(name)) continue;
    const mine = a[name];
    const other = Object.hasOwn(b, name) ? b[name] : undefined;
    const left = inner(name);
    const same = left.size === 0 ? deepEqual(mine, other) : areSame(fieldsOf(mine), fieldsOf(other), left, () => none);
    if (!same) return false;
  }
  for (const name of Object.keys(b)) {
    if (!except.has(name) && b[name] !== undefined && !Object.hasOwn(a, name)) return false;
  }
  return true;
}

function fieldsOf(value: unknown): Fields {
  return (value ?? {}) as Fields;
}
