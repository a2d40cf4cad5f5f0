/**
 * The format of the generated tables `table.json` (API groups) and `table-config.json` (components' configuration).
 * Entries refer to one another by index. Types and fields are lines of words: a table of strings parses in a third of
 * the time that nested arrays take, and only the types in use are ever split into their words.
 *
 * A type expression is one word: `[]X` a list, `{}X` a map with string keys, `#n` the type with index n of this table,
 * `@name` the type with that OpenAPI name in the other table, `$n` the alias with index n, and else the kind of a leaf
 * (`string`, `int32`, `quantity` …). `schemaOrBool:#n` and its like name the JSONSchemaProps they may hold.
 */
export interface EncodedTable {
  readonly packages: readonly EncodedPackage[];
  readonly aliases: readonly EncodedAlias[];
  readonly details: readonly FieldDetails[];
  /** `name type flags protobufNumber`, then the index of the details where there are any. */
  readonly fields: readonly string[];
  /** `goName flags`, then the indexes of the fields; the types of the first package first, and so on. */
  readonly types: readonly string[];
}

/** OpenAPI prefix (`io.k8s.api.core.v1`), version (also the Go package's name), API groups, number of types. */
export type EncodedPackage = [openapi: string, version: string, groups: string[], types: number];

/** Go name (`v1.Protocol`), what it names, its declared values, {@link aliasFlags}. */
export type EncodedAlias = [goName: string, type: string, values?: string[], flags?: number];

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
/** `closed`: no other value is valid. `protobufMessage`: a list that is a message of its own in protobuf. */
export const aliasFlags = { closed: 1, protobufMessage: 2 } as const;
