/**
 * The format of the generated tables `table.json` (API groups) and `table-config.json` (components' configuration).
 * Types, fields and aliases are arrays and refer to one another by index, so that a table is small and quick to parse.
 *
 * A type expression is a string: `[]X` a list, `{}X` a map with string keys, `#n` the type with index n of this table,
 * `@name` the type with that OpenAPI name in the other table, `$n` the alias with index n, and else the kind of a leaf
 * (`string`, `int32`, `quantity` …). `schemaOrBool:#n` and its like name the JSONSchemaProps they may hold.
 */
export interface EncodedTable {
  readonly packages: readonly EncodedPackage[];
  readonly aliases: readonly EncodedAlias[];
  readonly fields: readonly EncodedField[];
  readonly types: readonly EncodedType[];
}

/** OpenAPI prefix (`io.k8s.api.core.v1`), version (also the Go package's name), API groups. */
export type EncodedPackage = [openapi: string, version: string, groups: string[]];

/** Go name (`v1.Protocol`), what it names, its declared values, flags: 1 no other value is valid, 2 a protobuf message. */
export type EncodedAlias = [goName: string, type: string, values?: string[], flags?: number];

export type EncodedField = [name: string, type: string, flags: number, protobuf: number, details?: FieldDetails];

export type EncodedType = [package_: number, goName: string, fields: number[], flags?: number];

export interface FieldDetails {
  embedded?: number[];
  listType?: string;
  listMapKeys?: string[];
  mapType?: string;
  structType?: string;
  /** Comma-separated, as in Go's struct tag. */
  patchStrategy?: string;
  patchMergeKey?: string;
  default?: unknown;
  featureGates?: string[];
  validation?: string[];
}

export const fieldFlags = { pointer: 1, omitEmpty: 2, omitZero: 4, required: 8 } as const;
export const typeFlags = { kind: 1, atomic: 2 } as const;
export const aliasFlags = { closed: 1, protobufMessage: 2 } as const;
