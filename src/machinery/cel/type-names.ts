/** Types that expressions can name. */
import type { CelType } from './types.ts';
import { dynType, listType, mapType, optionalType, runtimeTypeName } from './types.ts';

/** The names of types that every environment has. */
export function standardTypeNames(others: readonly CelType[]): ReadonlyMap<string, CelType> {
  const names = new Map<string, CelType>();
  const kinds = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'null', 'timestamp', 'duration'] as const;
  for (const kind of kinds) names.set(runtimeTypeName({ kind }), { kind });
  names.set('list', listType(dynType));
  names.set('map', mapType(dynType, dynType));
  names.set('type', { kind: 'type' });
  names.set('optional_type', optionalType(dynType));
  for (const type of others) names.set(runtimeTypeName(type), type);
  return names;
}
