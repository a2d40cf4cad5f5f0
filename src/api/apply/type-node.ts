/**
 * What server-side apply needs to know of a type: which values are owned as a whole, which by field, by key or by item.
 * Made from the schema table once for each type, as upstream makes it from OpenAPI.
 */
import type { FieldSchema, ObjectSchema, TypeSchema } from '../schema/schema.ts';
import type { JsonMap } from './json.ts';
import { fieldElement, type PathElement } from './path-element.ts';

export type TypeNode = ScalarNode | StructNode | MapNode | ListNode | DeducedNode;

/** One value. `untyped`: of any scalar kind. */
export interface ScalarNode {
  readonly kind: 'scalar';
  readonly atomic: true;
  readonly type: 'string' | 'numeric' | 'boolean' | 'untyped';
}

export interface StructField {
  readonly name: string;
  readonly element: PathElement;
  readonly node: TypeNode;
}

export interface StructNode {
  readonly kind: 'struct';
  /** Owned as a whole. */
  readonly atomic: boolean;
  /** In the order of their elements. */
  readonly fields: readonly StructField[];
  field(name: string): StructField | undefined;
  /** The declared fields that a value has, in the order of their elements. */
  fieldsIn(value: JsonMap): readonly StructField[];
  /** The type of fields that are not declared, which are owned as the entries of a map are. Absent: there are none. */
  readonly of?: TypeNode;
}

export interface MapNode {
  readonly kind: 'map';
  readonly atomic: boolean;
  readonly of: TypeNode;
}

/** A list that is not atomic is a set of its items, or has items that are known by some of their fields. */
export interface ListNode {
  readonly kind: 'list';
  readonly atomic: boolean;
  readonly of: TypeNode;
  /** Fields that tell the items apart, sorted, with the values that stand for absent ones; empty for a set. */
  readonly keys: readonly ListKey[];
}

export interface ListKey {
  readonly name: string;
  readonly default: unknown;
}

/** A value without a schema: its maps are owned by field, its lists as a whole. `atomic`: all of it as a whole. */
export interface DeducedNode {
  readonly kind: 'deduced';
  readonly atomic: boolean;
}

const text: ScalarNode = { kind: 'scalar', atomic: true, type: 'string' };
const numeric: ScalarNode = { kind: 'scalar', atomic: true, type: 'numeric' };
const boolean: ScalarNode = { kind: 'scalar', atomic: true, type: 'boolean' };
const untyped: ScalarNode = { kind: 'scalar', atomic: true, type: 'untyped' };
export const deduced: DeducedNode = { kind: 'deduced', atomic: false };
const embedded: DeducedNode = { kind: 'deduced', atomic: true };

/** Tells of itself in every object, and is nobody's. */
const unownedField = 'managedFields';

/** A text as V8 keeps the keys of objects: to use one that is put together would mean to look for that every time. */
function asKey(text: string): string {
  return Object.keys({ [text]: 0 })[0] ?? text;
}

/** Structs with more fields (none that is served has them) are looked through field by field. */
const maxMaskedFields = 64;

class LinkedStruct implements StructNode {
  readonly kind = 'struct';
  readonly atomic: boolean;
  readonly #schema: ObjectSchema;
  #fields: readonly StructField[] | undefined;
  #indexes: ReadonlyMap<string, number> | undefined;

  constructor(schema: ObjectSchema, atomic: boolean) {
    this.#schema = schema;
    this.atomic = atomic;
  }

  /** Linked when first asked for, because types refer to themselves. */
  get fields(): readonly StructField[] {
    this.#fields ??= this.#schema.fields
      .filter(({ name }) => name !== unownedField || this.#schema.goName !== 'ObjectMeta')
      .map((field) => ({ name: field.name, element: asKey(fieldElement(field.name)), node: nodeOfField(field) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#fields;
  }

  #index(): ReadonlyMap<string, number> {
    return (this.#indexes ??= new Map(this.fields.map(({ name }, index) => [name, index])));
  }

  field(name: string): StructField | undefined {
    const index = (this.#indexes ?? this.#index()).get(name);
    return index === undefined ? undefined : this.fields[index];
  }

  fieldsIn(value: JsonMap): readonly StructField[] {
    const indexes = this.#indexes ?? this.#index();
    const { fields } = this;
    if (fields.length > maxMaskedFields) return fields.filter(({ name }) => value[name] !== undefined);
    let low = 0;
    let high = 0;
    for (const name in value) {
      const index = indexes.get(name);
      if (index === undefined || value[name] === undefined) continue;
      if (index < 32) low |= 1 << index;
      else high |= 1 << (index - 32);
    }
    const found: StructField[] = [];
    for (; low !== 0; low &= low - 1) push(found, fields[31 - Math.clz32(low & -low)]);
    for (; high !== 0; high &= high - 1) push(found, fields[63 - Math.clz32(high & -high)]);
    return found;
  }
}

function push(found: StructField[], field: StructField | undefined): void {
  if (field !== undefined) found.push(field);
}

const granularStructs = new WeakMap<ObjectSchema, StructNode>();
const atomicStructs = new WeakMap<ObjectSchema, StructNode>();

/** The node of a struct. One object for each schema. */
export function typeNodeOf(schema: ObjectSchema, atomic: boolean = schema.atomic): StructNode {
  const nodes = atomic ? atomicStructs : granularStructs;
  let node = nodes.get(schema);
  if (node === undefined) nodes.set(schema, (node = new LinkedStruct(schema, atomic)));
  return node;
}

/** What a field says of its type goes before what the type says of itself. */
function nodeOfField(field: FieldSchema): TypeNode {
  const { type } = field;
  const said = field.structType ?? field.mapType;
  switch (type.kind) {
    case 'object':
      return typeNodeOf(type.schema, said === undefined ? type.schema.atomic : said === 'atomic');
    case 'map':
      return { kind: 'map', atomic: said === 'atomic', of: nodeOfType(type.of) };
    case 'list':
      return listNode(field, nodeOfType(type.of));
    default:
      return nodeOfType(type);
  }
}

/** Without a list type, what strategic merge patch does tells; without either, a list is atomic. */
function listNode(field: FieldSchema, of: TypeNode): ListNode {
  const merges = field.listType === undefined && field.patchStrategies.includes('merge');
  if (field.listType === 'set') return { kind: 'list', atomic: false, of, keys: [] };
  if (field.listType !== 'map' && !merges) return { kind: 'list', atomic: true, of, keys: [] };
  const names = merges ? (field.patchMergeKey === undefined ? [] : [field.patchMergeKey]) : field.listMapKeys;
  return { kind: 'list', atomic: false, of, keys: names.toSorted().map((name) => keyOf(field, name)) };
}

function keyOf({ type }: FieldSchema, name: string): ListKey {
  const of = type.kind === 'list' ? type.of : undefined;
  return { name, default: of?.kind === 'object' ? of.schema.field(name)?.default : undefined };
}

function nodeOfType(type: TypeSchema): TypeNode {
  switch (type.kind) {
    case 'object':
      return typeNodeOf(type.schema);
    case 'map':
      return { kind: 'map', atomic: false, of: nodeOfType(type.of) };
    case 'list':
      return { kind: 'list', atomic: true, of: nodeOfType(type.of), keys: [] };
    case 'string':
    case 'bytes':
    case 'time':
    case 'microTime':
    case 'duration':
      return text;
    case 'bool':
      return boolean;
    case 'quantity':
    case 'intOrString':
      return untyped;
    case 'rawExtension':
      return embedded;
    case 'fieldsV1':
    case 'json':
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return deduced;
    default:
      return numeric;
  }
}

/** The type of a field of a struct, or of an entry of what has no schema. */
export function typeOfField(node: StructNode | DeducedNode, name: string): TypeNode {
  return node.kind === 'struct' ? (node.field(name)?.node ?? node.of ?? deduced) : deduced;
}
