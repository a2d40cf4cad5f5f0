import type { Descriptions } from '../../api/schema/descriptions.ts';
import { allKinds, allSchemas, lookupType } from '../../api/schema/schema.ts';
import type { ResourceDefinition } from '../../api/contract.ts';
import type { PrintedKind, TypeNotes } from './schemas.ts';

function add(kinds: Map<string, PrintedKind[]>, name: string, kind: PrintedKind): void {
  const known = kinds.get(name);
  if (known === undefined) kinds.set(name, [kind]);
  else if (!known.some((one) => same(one, kind))) known.push(kind);
}

function same(a: PrintedKind, b: PrintedKind): boolean {
  return a.group === b.group && a.version === b.version && a.kind === b.kind;
}

/** Kinds that belong to every group and version. */
const everywhere = ['DeleteOptions', 'WatchEvent'];
/** Kinds that belong to none, and are printed under the core group. */
const nowhere = ['APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions', 'Status'];

function kindsOfTable(): Map<string, PrintedKind[]> {
  const served = new Set(allSchemas().map(({ name }) => name));
  const kinds = new Map<string, PrintedKind[]>();
  const places = new Map<string, { group: string; version: string }>();
  for (const { group, version, kind } of allKinds()) {
    const name = lookupType(group, version, kind)?.name;
    if (name === undefined || !served.has(name)) continue;
    add(kinds, name, { group, kind, version });
    if (group !== 'meta.k8s.io') places.set(`${group}/${version}`, { group, version });
  }
  for (const kind of nowhere) {
    const name = lookupType('', 'v1', kind)?.name;
    if (name !== undefined) kinds.set(name, [{ group: '', kind, version: 'v1' }]);
  }
  for (const kind of everywhere) {
    const name = lookupType('', 'v1', kind)?.name;
    if (name === undefined) continue;
    const all = [...places.values()].map(({ group, version }) => ({ group, kind, version }));
    kinds.set(name, all.sort(inOrder));
  }
  return kinds;
}

function inOrder(a: PrintedKind, b: PrintedKind): number {
  const left = `${a.group}/${a.version}`;
  const right = `${b.group}/${b.version}`;
  return left < right ? -1 : Number(left > right);
}

/** Notes on the types of the schema table and of the definitions that are served. */
export function typeNotes(descriptions: Descriptions, definitions: readonly ResourceDefinition[]): TypeNotes {
  const kinds = kindsOfTable();
  for (const { schema, group, version, kind, listKind } of definitions) {
    add(kinds, schema.name, { group, kind, version });
    const listName = lookupType(group, version, listKind)?.name;
    if (listName === undefined) {
      add(kinds, schema.name.slice(0, schema.name.lastIndexOf('.') + 1) + listKind, { group, kind: listKind, version });
    }
  }
  return {
    type: (name) => descriptions.get(name)?.description,
    field: (typeName, field) => {
      const fields = descriptions.get(typeName)?.fields;
      return fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined;
    },
    kinds: (name) => kinds.get(name) ?? [],
  };
}
