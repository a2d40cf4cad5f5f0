/**
 * Types from schemas: what the rules of a custom resource, and policies about objects with a schema, are checked
 * against, and how large values can be. A structural schema, as it stands in a CustomResourceDefinition, is a CelSchema.
 */
import type { CelField, CelTypeProvider, SizeEstimator } from './contract.ts';
import { escapeFieldName } from './escaping.ts';
import type { CelType, ListSemantics } from './types.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  stringType,
  timestampType,
} from './types.ts';

/** What is read of a schema; everything else in it does not matter here. */
export interface CelSchema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, CelSchema>>;
  readonly additionalProperties?: CelSchema | boolean;
  readonly items?: CelSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
}

/** The largest request that is accepted: nothing within an object is larger. */
const maxRequestSizeBytes = 3 * 1024 * 1024;

/** A type with what is known about its size. */
export interface SchemaType {
  readonly type: CelType;
  /** Characters, items or entries at most; 0 for what has no size of its own. */
  readonly maxElements: number;
  /** The fewest bytes that a value takes in JSON. */
  readonly minSerializedSize: number;
  readonly element?: SchemaType;
  readonly key?: SchemaType;
  readonly fields?: ReadonlyMap<string, SchemaField>;
}

interface SchemaField {
  readonly schema: SchemaType;
  readonly property: string;
}

function scalar(type: CelType, minSerializedSize: number, maxElements = 0): SchemaType {
  return { type, maxElements, minSerializedSize };
}

/** What the formats of texts are to CEL, with the fewest and the most bytes that they take. */
const formats: Readonly<Record<string, SchemaType>> = {
  duration: scalar(durationType, 3, 32),
  date: scalar(timestampType, 12, 12),
  'date-time': scalar(timestampType, 21, 32),
};

const plainKey = scalar(stringType, 2);

/** A character may take four bytes, and sizes are counted in bytes. */
const bytesPerCharacter = 4;

function bounded(limit: number | undefined, otherwise: number): number {
  return limit === undefined ? otherwise : Math.max(limit, 0);
}

function textType(schema: CelSchema): SchemaType {
  const known = schema.format === undefined ? undefined : formats[schema.format];
  if (known !== undefined) return known;
  const unbounded = maxRequestSizeBytes - 2;
  if (schema.format === 'byte') return scalar(bytesType, 2, bounded(schema.maxLength, unbounded));
  if (schema.maxLength !== undefined) return scalar(stringType, 2, bounded(schema.maxLength, 0) * bytesPerCharacter);
  if (schema.enum === undefined || schema.enum.length === 0) return scalar(stringType, 2, unbounded);
  const lengths = schema.enum.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0));
  return scalar(stringType, 2, Math.max(...lengths));
}

function semanticsOf(schema: CelSchema): ListSemantics | undefined {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return { kind: 'set' };
    case 'map':
      return { kind: 'map', keys: schema['x-kubernetes-list-map-keys'] ?? [] };
    default:
      return undefined;
  }
}

/** The fields that every object of the API has, whatever its schema says. */
const objectMeta: CelSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

function withObjectMeta(schema: CelSchema): CelSchema {
  const { properties = {} } = schema;
  const meta = properties['metadata'];
  const hasNames = meta?.properties?.['name'] !== undefined && meta.properties['generateName'] !== undefined;
  return {
    ...schema,
    properties: {
      ...properties,
      kind: { type: 'string' },
      apiVersion: { type: 'string' },
      metadata: hasNames ? meta : objectMeta,
    },
  };
}

/** Makes types, and keeps the object types by their names. */
class TypeMaker {
  readonly objects = new Map<string, SchemaType>();
  /** Schemas that are being made: one that contains itself has no fields there. */
  readonly #open = new Set<CelSchema>();

  /** Undefined for what expressions cannot see. */
  make(schema: CelSchema, name: string, isResource: boolean): SchemaType | undefined {
    if (this.#open.has(schema)) return this.#object({ type: 'object' }, name);
    this.#open.add(schema);
    const made = this.#make(schema, name, isResource);
    this.#open.delete(schema);
    return made;
  }

  #make(schema: CelSchema, name: string, isResource: boolean): SchemaType | undefined {
    if (schema['x-kubernetes-int-or-string'] === true) {
      const max = schema.maxLength;
      return scalar(dynType, 1, max === undefined ? maxRequestSizeBytes - 2 : Math.max(max, 0) * bytesPerCharacter);
    }
    switch (schema.type) {
      case 'array':
        return this.#list(schema, name);
      case 'object': {
        const { additionalProperties } = schema;
        if (typeof additionalProperties === 'object' && !isResource)
          return this.#map(schema, additionalProperties, name);
        return this.#object(isResource ? withObjectMeta(schema) : schema, name);
      }
      case 'string':
        return textType(schema);
      case 'boolean':
        return scalar(boolType, 4);
      case 'number':
        return scalar(doubleType, 1);
      case 'integer':
        return scalar(intType, 1);
      default:
        return undefined;
    }
  }

  #inner(schema: CelSchema, name: string): SchemaType | undefined {
    return this.make(schema, name, schema['x-kubernetes-embedded-resource'] === true);
  }

  #list(schema: CelSchema, name: string): SchemaType | undefined {
    const element = schema.items === undefined ? undefined : this.#inner(schema.items, `${name}.@idx`);
    if (element === undefined) return undefined;
    // Brackets around, and a comma after each.
    const fitting = Math.floor((maxRequestSizeBytes - 2) / (element.minSerializedSize + 1));
    return {
      type: listType(element.type, semanticsOf(schema)),
      maxElements: bounded(schema.maxItems, fitting),
      minSerializedSize: 2,
      element,
    };
  }

  #map(schema: CelSchema, values: CelSchema, name: string): SchemaType | undefined {
    const element = this.#inner(values, `${name}.@elem`);
    if (element === undefined) return undefined;
    // A key of two characters, quotes, a colon and a comma.
    const fitting = Math.floor((maxRequestSizeBytes - 2) / (element.minSerializedSize + 6));
    return {
      type: mapType(stringType, element.type),
      maxElements: bounded(schema.maxProperties, fitting),
      minSerializedSize: 2,
      element,
      key: plainKey,
    };
  }

  #object(schema: CelSchema, name: string): SchemaType {
    const fields = new Map<string, SchemaField>();
    const required = new Set(schema.required);
    let minSerializedSize = 2;
    for (const [property, inner] of Object.entries(schema.properties ?? {})) {
      const fieldName = escapeFieldName(property);
      const type = this.#inner(inner, `${name}.${fieldName ?? property}`);
      if (type === undefined) continue;
      if (fieldName !== undefined) fields.set(fieldName, { schema: type, property });
      if (!required.has(property) || inner.default !== undefined) continue;
      // Quotes, a colon and a comma.
      minSerializedSize += Buffer.byteLength(property) + type.minSerializedSize + 4;
    }
    const made: SchemaType = { type: objectType(name), maxElements: 0, minSerializedSize, fields };
    this.objects.set(name, made);
    return made;
  }
}

export interface SchemaTypes {
  /** The types of the variables that were asked for; undefined for those whose schema expressions cannot see. */
  readonly roots: ReadonlyMap<string, SchemaType>;
  readonly provider: CelTypeProvider;
  readonly estimateSize: SizeEstimator;
}

export interface SchemaRoot {
  readonly schema: CelSchema;
  /** The name of its type, which messages show. It must not be the name of a variable, which it would hide. */
  readonly typeName: string;
  /** A resource has `apiVersion`, `kind` and `metadata`, whatever its schema says. */
  readonly isResource?: boolean;
}

/** The part of a type that an element of a path leads to. */
function step(type: SchemaType, name: string): SchemaType | undefined {
  if (name === '@items' || name === '@values') return type.element;
  return name === '@keys' ? type.key : type.fields?.get(name)?.schema;
}

/** Types of variables from their schemas, by the variables' names. Throws a RangeError for a type named as a variable. */
export function schemaTypes(variables: Readonly<Record<string, SchemaRoot>>): SchemaTypes {
  const maker = new TypeMaker();
  const roots = new Map<string, SchemaType>();
  for (const [name, { schema, typeName, isResource = false }] of Object.entries(variables)) {
    if (Object.hasOwn(variables, typeName)) throw new RangeError(`a type cannot have the variable's name ${typeName}`);
    const type = maker.make(schema, typeName, isResource);
    if (type !== undefined) roots.set(name, type);
  }
  const fieldOf = (typeName: string, fieldName: string): CelField | undefined => {
    const fields = maker.objects.get(typeName)?.fields;
    // A reserved word may follow a point, where it can mean nothing else.
    const field = fields?.get(fieldName) ?? fields?.get(escapeFieldName(fieldName) ?? fieldName);
    return field === undefined ? undefined : { type: field.schema.type, property: field.property };
  };
  return {
    roots,
    provider: {
      hasType: (name) => maker.objects.has(name),
      field: fieldOf,
      fieldNames: (name) => maker.objects.get(name)?.fields?.keys() ?? [],
    },
    estimateSize([variable, ...path]) {
      let type = variable === undefined ? undefined : roots.get(variable);
      for (const name of path) type = type === undefined ? undefined : step(type, name);
      return type === undefined ? undefined : { min: 0, max: type.maxElements };
    },
  };
}

/**
 * How often data with this schema can be in an object at most, when nothing bounds the lists and maps that it lies in.
 */
export function maxCardinality(minSerializedSize: number): number {
  // Each is followed by a comma.
  return Math.floor(maxRequestSizeBytes / (minSerializedSize + 1));
}
