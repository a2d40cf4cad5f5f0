import type { FieldSchema, ObjectSchema, TypeSchema } from '../../api/schema/schema.ts';
import { type Json, type JsonMap, put } from './json.ts';
import { type Dialect, inlineForms, type LeafSchema, leafSchemas } from './leaf-schemas.ts';

/** A group, version and kind as `x-kubernetes-group-version-kind` prints it. */
export type PrintedKind = { readonly group: string; readonly kind: string; readonly version: string };

/** What documents say of types beyond their fields. */
export interface TypeNotes {
  /** The type's description. */
  type(name: string): string | undefined;
  field(typeName: string, field: string): string | undefined;
  /** The groups, versions and kinds under which the type is served. */
  kinds(name: string): readonly PrintedKind[];
}

const refPrefixes: Readonly<Record<Dialect, string>> = { v2: '#/definitions/', v3: '#/components/schemas/' };

/** The named schemas of one document: each that is referred to is added, with all that it refers to. */
export class SchemaSet {
  readonly dialect: Dialect;
  readonly #notes: TypeNotes;
  readonly #definitions = new Map<string, JsonMap>();
  #pending: ObjectSchema[] = [];

  constructor(dialect: Dialect, notes: TypeNotes) {
    this.dialect = dialect;
    this.#notes = notes;
  }

  /** A reference to a type of the schema table, which joins the set. */
  refer(schema: ObjectSchema): JsonMap {
    if (!this.#definitions.has(schema.name)) {
      this.#definitions.set(schema.name, {});
      this.#pending.push(schema);
    }
    return this.#reference(schema.name);
  }

  /** A reference to a leaf type, which joins the set. */
  referLeaf({ name, description, form }: LeafSchema): JsonMap {
    if (!this.#definitions.has(name)) {
      this.#definitions.set(name, {
        description: this.#notes.type(name) ?? description,
        ...form[this.dialect],
        ...this.#kindsOf(name),
      });
    }
    return this.#reference(name);
  }

  /** A reference to a schema that is no type of the table, such as the list of a custom resource. */
  referTo(name: string, define: () => JsonMap): JsonMap {
    if (!this.#definitions.has(name)) {
      this.#definitions.set(name, {});
      this.#definitions.set(name, { ...define(), ...this.#kindsOf(name) });
    }
    return this.#reference(name);
  }

  /** All of the set, in the order of their names. */
  definitions(): JsonMap {
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      this.#definitions.set(next.name, this.#object(next));
    }
    return Object.fromEntries([...this.#definitions].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  #reference(name: string): JsonMap {
    return { $ref: refPrefixes[this.dialect] + name };
  }

  #kindsOf(name: string): JsonMap {
    const kinds = this.#notes.kinds(name);
    return kinds.length === 0 ? {} : { 'x-kubernetes-group-version-kind': kinds };
  }

  #object(schema: ObjectSchema): JsonMap {
    const result: Record<string, Json> = {};
    put(result, 'description', this.#notes.type(schema.name));
    const properties: Record<string, Json> = {};
    const required: string[] = [];
    for (const field of schema.fields) {
      properties[field.name] = this.#property(schema, field);
      if (field.required) required.push(field.name);
    }
    if (schema.fields.length > 0) result['properties'] = properties;
    if (required.length > 0) result['required'] = required;
    result['type'] = 'object';
    if (schema.atomic) result['x-kubernetes-map-type'] = 'atomic';
    return { ...result, ...this.#kindsOf(schema.name) };
  }

  #property(owner: ObjectSchema, field: FieldSchema): JsonMap {
    const notes: Record<string, Json> = {};
    put(notes, 'description', this.#notes.field(owner.name, field.name) ?? this.#typeDescription(field.type));
    if (this.dialect === 'v3') put(notes, 'default', defaultOf(field));
    if (field.listMapKeys.length > 0) notes['x-kubernetes-list-map-keys'] = field.listMapKeys;
    put(notes, 'x-kubernetes-list-type', field.listType);
    put(notes, 'x-kubernetes-map-type', field.mapType ?? field.structType);
    put(notes, 'x-kubernetes-patch-merge-key', field.patchMergeKey);
    if (field.patchStrategies.length > 0) notes['x-kubernetes-patch-strategy'] = field.patchStrategies.join(',');
    return this.#annotate(this.#type(field.type), notes);
  }

  /** Where nothing is said of a field, what is said of its type says something of it. */
  #typeDescription(type: TypeSchema): string | undefined {
    return type.kind === 'object' ? this.#notes.type(type.schema.name) : undefined;
  }

  /** OpenAPI 3.0 ignores what stands beside a `$ref`, so there it is wrapped. */
  #annotate(type: JsonMap, notes: JsonMap): JsonMap {
    if (this.dialect === 'v2' || type['$ref'] === undefined || Object.keys(notes).length === 0) {
      return { ...notes, ...type };
    }
    return { allOf: [type], ...notes };
  }

  #type(type: TypeSchema): JsonMap {
    switch (type.kind) {
      case 'string':
        return type.closed && type.values.length > 0
          ? { type: 'string', enum: type.values.toSorted() }
          : { type: 'string' };
      case 'object':
        return this.refer(type.schema);
      case 'list':
        return { type: 'array', items: this.#item(type.of) };
      case 'map':
        return { type: 'object', additionalProperties: this.#item(type.of) };
      default: {
        const inline = inlineForms[type.kind as keyof typeof inlineForms];
        if (inline !== undefined) return inline;
        const leaf = leafSchemas[type.kind];
        if (leaf === undefined) throw new Error(`no schema for values of kind ${type.kind}`);
        return this.referLeaf(leaf);
      }
    }
  }

  /** An item of a list or a value of a map: there the zero value is the default. */
  #item(type: TypeSchema): JsonMap {
    const zero = this.dialect === 'v3' ? zeroOf(type) : undefined;
    return this.#annotate(this.#type(type), zero === undefined ? {} : { default: zero });
  }
}

/** What Go's JSON leaves in a field of that type when it is absent. Types that decode themselves have none. */
function zeroOf(type: TypeSchema): Json | undefined {
  switch (type.kind) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'object':
      return {};
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
    case 'float32':
    case 'float64':
      return 0;
    default:
      return undefined;
  }
}

/** As upstream's generator: a declared default, or the zero value of a field that is always printed. */
function defaultOf(field: FieldSchema): Json | undefined {
  if (field.default !== undefined) return field.default as Json;
  if (field.pointer) return undefined;
  if (field.type.kind === 'object') return {};
  return field.omitEmpty ? undefined : zeroOf(field.type);
}
