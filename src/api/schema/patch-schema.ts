import type { PatchField, PatchSchema } from '../../machinery/patch/schema.ts';
import type { FieldSchema, ObjectSchema, TypeSchema } from './schema.ts';

const adapters = new WeakMap<ObjectSchema, PatchSchema>();

/** What a strategic merge patch must know of a type. Made once for each type. */
export function patchSchemaOf(schema: ObjectSchema): PatchSchema {
  let adapter = adapters.get(schema);
  if (adapter === undefined) {
    adapter = new StructPatchSchema(schema);
    adapters.set(schema, adapter);
  }
  return adapter;
}

class StructPatchSchema implements PatchSchema {
  readonly name: string;
  readonly #schema: ObjectSchema;
  readonly #fields = new Map<string, PatchField>();

  constructor(schema: ObjectSchema) {
    this.name = schema.goName;
    this.#schema = schema;
  }

  field(name: string): PatchField | undefined {
    let field = this.#fields.get(name);
    if (field === undefined) {
      const declared = this.#schema.field(name);
      if (declared === undefined) return undefined;
      field = adaptField(declared);
      this.#fields.set(name, field);
    }
    return field;
  }
}

/** The values of a map, whatever the key. */
class MapPatchSchema implements PatchSchema {
  readonly #values: PatchField;

  constructor(values: TypeSchema) {
    this.#values = adaptType(values, []);
  }
  field(): PatchField {
    return this.#values;
  }
}

function adaptField(field: FieldSchema): PatchField {
  const adapted = adaptType(field.type, field.patchStrategies);
  return field.patchMergeKey === undefined ? adapted : { ...adapted, mergeKey: field.patchMergeKey };
}

function adaptType(type: TypeSchema, strategies: readonly string[]): PatchField {
  switch (type.kind) {
    case 'object':
      return { kind: 'map', strategies, schema: patchSchemaOf(type.schema) };
    case 'list':
      return { kind: 'list', strategies, ...schemaOfItems(type.of) };
    case 'map':
      return { kind: 'map', strategies, ...(isScalar(type.of) ? {} : { schema: new MapPatchSchema(type.of) }) };
    default:
      return { kind: isScalar(type) ? 'scalar' : 'map', strategies };
  }
}

function schemaOfItems(type: TypeSchema): { schema?: PatchSchema } {
  return type.kind === 'object' ? { schema: patchSchemaOf(type.schema) } : {};
}

/** Free-form JSON is not: maps in it are merged. */
function isScalar(type: TypeSchema): boolean {
  switch (type.kind) {
    case 'object':
    case 'list':
    case 'map':
    case 'rawExtension':
    case 'fieldsV1':
    case 'json':
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return false;
    default:
      return true;
  }
}
