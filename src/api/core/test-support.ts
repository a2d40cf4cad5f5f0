/** For the tests of this folder: objects and requests as the API server makes them. */
import type { Cell, KubernetesObject, ResourceDefinition, StrategyContext, Subresource } from '../contract.ts';
import { decode } from '../schema/decode.ts';

/** 2026-01-02T03:04:05Z */
export const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
export const now = '2026-01-02T03:04:05Z';
/** Five minutes before now. */
export const created = '2026-01-02T02:59:05Z';

export const context: StrategyContext = { nowMs, user: { username: 'test', groups: [] } };

type Loose = KubernetesObject & Record<string, unknown>;

/** The object as decoding makes it. */
export function objectOf<T = Loose>(definition: ResourceDefinition, raw: object): T {
  return decode(definition.schema, raw) as T;
}

/** The object after the hooks that a creation runs. */
export function createdFrom<T = Loose>(definition: ResourceDefinition, raw: object): T {
  const object = objectOf<KubernetesObject>(definition, raw);
  definition.defaults?.(object);
  definition.prepareForCreate?.(object, context);
  return object as T;
}

/** The object after the hooks that an update runs. */
export function updatedFrom<T = Loose>(definition: ResourceDefinition, raw: object, old: object): T {
  const object = objectOf<KubernetesObject>(definition, raw);
  definition.defaults?.(object);
  definition.prepareForUpdate?.(object, objectOf<KubernetesObject>(definition, old), context);
  return object as T;
}

/** What a write through a view subresource would store. */
export function mergedFrom<T = Loose>(definition: ResourceDefinition, name: string, raw: object, stored: object): T {
  const view: Subresource<KubernetesObject> | undefined = definition.subresources[name];
  if (view?.shape !== 'view') throw new Error(`${definition.plural}/${name} is no view`);
  return view.merge(objectOf(definition, raw), objectOf(definition, stored), context) as T;
}

/** Cells by column. */
export function cellsOf(definition: ResourceDefinition, raw: object): Record<string, Cell> {
  const object = objectOf<KubernetesObject>(definition, raw);
  return Object.fromEntries((definition.columns ?? []).map((column) => [column.name, column.cell(object, { nowMs })]));
}

/** As JSON would carry it: for comparing without regard to absent fields. */
export function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
