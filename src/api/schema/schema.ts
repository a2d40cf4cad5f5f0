/**
 * What the types of the Kubernetes API are made of, at run time: one view of the generated tables that strict decoding,
 * defaulting, patches, server-side apply, tables, OpenAPI and protobuf read. Types are linked when they are first asked
 * for; all objects here are shared and must not be changed.
 */
import configTable from './table-config.json' with { type: 'json' };
import apiTable from './table.json' with { type: 'json' };
import { SchemaTable } from './link.ts';
import type { EncodedTable } from './table.ts';

/** The type of a field's value, of a list's items or of a map's values. */
export type TypeSchema = StringSchema | ScalarSchema | JSONSchemaUnion | ObjectTypeSchema | ListSchema | MapSchema;

export interface StringSchema {
  readonly kind: 'string';
  /** Go's name of the type: `string`, `v1.RestartPolicy`. */
  readonly goType: string;
  /** Declared values, empty when there are none. */
  readonly values: readonly string[];
  /** Only the declared values are valid: OpenAPI prints them as an enum. */
  readonly closed: boolean;
}

/**
 * Types that are one value on the wire. `json` is any JSON value (apiextensions' JSON, cells of a table);
 * `rawExtension` is an embedded object kept as it came; the others say their form.
 */
export type ScalarKind =
  | 'bool'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'bytes'
  | 'time'
  | 'microTime'
  | 'duration'
  | 'quantity'
  | 'intOrString'
  | 'rawExtension'
  | 'fieldsV1'
  | 'json';

export interface ScalarSchema {
  readonly kind: ScalarKind;
  /** Go's name of the type: `int32`, `v1.Time`, `resource.Quantity`. */
  readonly goType: string;
}

/** A JSONSchemaProps or something simpler: a list of them, a boolean, a list of strings. */
export interface JSONSchemaUnion {
  readonly kind: 'schemaOrArray' | 'schemaOrBool' | 'schemaOrStringArray';
  readonly goType: string;
  readonly schema: ObjectSchema;
}

export interface ObjectTypeSchema {
  readonly kind: 'object';
  readonly goType: string;
  readonly schema: ObjectSchema;
}

export interface ListSchema {
  readonly kind: 'list';
  readonly goType: string;
  readonly of: TypeSchema;
  /** In protobuf a message of its own with one repeated field 1 (ExtraValue, Verbs), not a repeated field. */
  readonly protobufMessage: boolean;
}

/** A map with string keys. */
export interface MapSchema {
  readonly kind: 'map';
  readonly goType: string;
  readonly of: TypeSchema;
}

/** A struct. */
export interface ObjectSchema {
  /** As OpenAPI names it: `io.k8s.api.core.v1.PodSpec`. */
  readonly name: string;
  /** `PodSpec`. */
  readonly goName: string;
  /** With its package, as Go's errors print it: `v1.PodSpec`. */
  readonly goType: string;
  /** It has `kind` and `apiVersion` of its own. */
  readonly isKind: boolean;
  /** `+structType=atomic`: server-side apply replaces it as a whole. */
  readonly atomic: boolean;
  /** In the order in which Go prints them; inlined structs are flattened. */
  readonly fields: readonly FieldSchema[];
  field(name: string): FieldSchema | undefined;
}

export interface ProtobufField {
  readonly number: number;
  /** Numbers of the embedded messages around the field, outermost first: JSON inlines these, protobuf does not. */
  readonly embedded: readonly number[];
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes; of one element for a list. */
  readonly wireType: 0 | 1 | 2 | 5;
}

export type ListType = 'atomic' | 'set' | 'map';

export interface FieldSchema {
  /** The name in JSON. */
  readonly name: string;
  readonly type: TypeSchema;
  /** The Go field is a pointer: it tells an explicit zero value from none. */
  readonly pointer: boolean;
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
  /** OpenAPI lists it as required. */
  readonly required: boolean;
  /** Undefined when the field is not in the type's protobuf message. */
  readonly protobuf: ProtobufField | undefined;
  /** Of strategic merge patch: `merge`, `replace`, `retainKeys`; empty for the default. */
  readonly patchStrategies: readonly string[];
  readonly patchMergeKey: string | undefined;
  readonly listType: ListType | undefined;
  readonly listMapKeys: readonly string[];
  readonly mapType: 'atomic' | 'granular' | undefined;
  readonly structType: 'atomic' | 'granular' | undefined;
  /** The parsed value of `+default`; undefined when none is declared. */
  readonly default: unknown;
  readonly featureGates: readonly string[];
  /** Declarative validation markers, without their leading `+`. */
  readonly validation: readonly string[];
}

const tables: SchemaTable[] = [];
for (const table of [apiTable, configTable]) {
  tables.push(new SchemaTable(table as unknown as EncodedTable, lookupSchema));
}

/** Kinds that apimachinery registers with every group and version, and those that belong to none in particular. */
const sharedKinds: ReadonlySet<string> = new Set([
  'CreateOptions',
  'DeleteOptions',
  'GetOptions',
  'ListOptions',
  'PatchOptions',
  'UpdateOptions',
  'WatchEvent',
]);
const unversionedKinds: ReadonlySet<string> = new Set([
  'APIGroup',
  'APIGroupList',
  'APIResourceList',
  'APIVersions',
  'Status',
]);
const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1';
/** Kinds of meta.k8s.io that are served as v1beta1 too, with the same fields. */
const metaV1beta1Kinds: ReadonlySet<string> = new Set([
  'PartialObjectMetadata',
  'PartialObjectMetadataList',
  'Table',
  'TableOptions',
]);

/**
 * The type of a kind, or undefined when there is no such kind. The core group is `''`. Options kinds are found under
 * every group and version, as they are registered upstream.
 */
export function lookupType(group: string, version: string, kind: string): ObjectSchema | undefined {
  for (const table of tables) {
    const found = table.kind(group, version, kind);
    if (found !== undefined) return found;
  }
  const shared =
    sharedKinds.has(kind) ||
    (version === 'v1' && unversionedKinds.has(kind)) ||
    (group === 'meta.k8s.io' && version === 'v1beta1' && metaV1beta1Kinds.has(kind));
  return shared ? lookupSchema(`${metaPrefix}.${kind}`) : undefined;
}

/** The struct with an OpenAPI name such as `io.k8s.api.core.v1.PodSpec`. */
export function lookupSchema(name: string): ObjectSchema | undefined {
  for (const table of tables) {
    const found = table.schema(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every struct of the API groups, and with `config` of the configuration groups as well. Links them all. */
export function allSchemas({ config = false }: { readonly config?: boolean } = {}): ObjectSchema[] {
  return tables.slice(0, config ? 2 : 1).flatMap((table) => table.all());
}

/** Groups, versions and kinds that the tables know, those of the configuration groups included. */
export function allKinds(): Array<{ readonly group: string; readonly version: string; readonly kind: string }> {
  return tables.flatMap((table) => table.kinds());
}
