/** Providers of types that are made of simple parts. */
import type { CelField, CelTypeProvider } from './contract.ts';
import { fail } from './failure.ts';
import type { CelType } from './types.ts';

/** Object types by their names, with the types of their fields. */
export function fieldTypes(types: Readonly<Record<string, Readonly<Record<string, CelType>>>>): CelTypeProvider {
  const known = new Map(
    Object.entries(types).map(([name, fields]) => [
      name,
      new Map(Object.entries(fields).map(([field, type]): [string, CelField] => [field, { type }])),
    ]),
  );
  return {
    hasType: (name) => known.has(name),
    field: (typeName, fieldName) => known.get(typeName)?.get(fieldName),
    fieldNames: (typeName) => known.get(typeName)?.keys() ?? [],
  };
}

/** Asks the first provider that knows a type. */
export function combinedTypes(...providers: readonly CelTypeProvider[]): CelTypeProvider {
  const ofType = (name: string): CelTypeProvider | undefined => providers.find((one) => one.hasType(name));
  return {
    hasType: (name) => ofType(name) !== undefined,
    field: (typeName, fieldName) => ofType(typeName)?.field(typeName, fieldName),
    fieldNames: (typeName) => ofType(typeName)?.fieldNames?.(typeName) ?? [],
    create(typeName, fields) {
      const provider = ofType(typeName);
      if (provider?.create === undefined) return fail(`unknown type: ${typeName}`);
      return provider.create(typeName, fields);
    },
  };
}
