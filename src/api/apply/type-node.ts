/**
 * What server-side apply needs to know of a type: which values are owned as a whole, which by field, by key or by item.
 * Made from the schema table once for each type, as upstream makes it from OpenAPI.
 */
import type { FieldSchema, ObjectSchema, TypeSchema } from '../schema/schema.ts';
import { isEmpty, leaf, type FieldSet } from './field-set.ts';
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

/** What of a set is below a field; undefined: nothing. */
export type PartOfField = (type: TypeNode, value: unknown) => FieldSet | undefined;

export interface StructNode {
  readonly kind: 'struct';
  /** Owned as a whole. */
  readonly atomic: boolean;
  /** In the order of their elements. */
  readonly fields: readonly StructField[];
  field(name: string): StructField | undefined;
  /**
   * Gathers what is made of each declared field that a value has into a node of a set; undefined when that is nothing.
   * @param self Whether the node is a member itself.
   */
  gather(value: JsonMap, partOf: PartOfField, self: boolean): FieldSet | undefined;
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

const self = '.';

/** Structs with more fields (none that is served has them) are looked through field by field. */
const maxMaskedFields = 64;

/** A struct of known fields. */
export class StructType implements StructNode {
  readonly kind = 'struct';
  readonly atomic: boolean;
  readonly of?: TypeNode;
  readonly #link: () => Iterable<readonly [name: string, type: TypeNode]>;
  #fields: readonly StructField[] | undefined;
  #indexes: ReadonlyMap<string, number> | undefined;
  /** Makes plain objects with a family of hidden classes of their own, which takes half as long as to fill `{}`. */
  readonly #Plain: new () => Record<PathElement, FieldSet>;

  /**
   * @param link The fields. Called when they are first asked for, because types refer to themselves.
   * @param of The type of any other field; undefined: there are no others.
   */
  constructor(atomic: boolean, link: () => Iterable<readonly [name: string, type: TypeNode]>, of?: TypeNode) {
    this.atomic = atomic;
    this.#link = link;
    if (of !== undefined) this.of = of;
    const Plain = function () {} as unknown as { new (): Record<PathElement, FieldSet>; prototype: object };
    Plain.prototype = Object.prototype;
    this.#Plain = Plain;
  }

  get fields(): readonly StructField[] {
    this.#fields ??= Array.from(this.#link(), ([name, node]) => ({
      name,
      element: asKey(fieldElement(name)),
      node,
    })).sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#fields;
  }

  #index(): ReadonlyMap<string, number> {
    return (this.#indexes ??= new Map(this.fields.map(({ name }, index) => [name, index])));
  }

  field(name: string): StructField | undefined {
    const index = (this.#indexes ?? this.#index()).get(name);
    return index === undefined ? undefined : this.fields[index];
  }

  gather(value: JsonMap, partOf: PartOfField, isMember: boolean): FieldSet | undefined {
    const indexes = this.#indexes ?? this.#index();
    const { fields } = this;
    const out = new this.#Plain();
    if (isMember) out[self] = leaf;
    if (fields.length > maxMaskedFields) {
      for (const field of fields) gatherField(out, field, value, partOf);
      return isEmpty(out) ? undefined : out;
    }
    // Two masks put the fields into their order without sorting them.
    let low = 0;
    let high = 0;
    for (const name in value) {
      const index = indexes.get(name);
      if (index === undefined) continue;
      if (index < 32) low |= 1 << index;
      else high |= 1 << (index - 32);
    }
    for (; low !== 0; low &= low - 1) gatherField(out, fields[31 - Math.clz32(low & -low)], value, partOf);
    for (; high !== 0; high &= high - 1) gatherField(out, fields[63 - Math.clz32(high & -high)], value, partOf);
    return isEmpty(out) ? undefined : out;
  }
}

function gatherField(
  out: Record<PathElement, FieldSet>,
  field: StructField | undefined,
  value: JsonMap,
  partOf: PartOfField,
): void {
  if (field === undefined) return;
  const inner = value[field.name];
  const part = inner === undefined ? undefined : partOf(field.node, inner);
  if (part !== undefined) out[field.element] = part;
}

/** A text as V8 keeps the keys of objects: to use one that is put together would mean to look for that every time. */
function asKey(text: string): string {
  return Object.keys({ [text]: 0 })[0] ?? text;
}

const granularStructs = new WeakMap<ObjectSchema, StructNode>();
const atomicStructs = new WeakMap<ObjectSchema, StructNode>();

/** The node of a struct. One object for each schema. */
export function typeNodeOf(schema: ObjectSchema, atomic: boolean = schema.atomic): StructNode {
  const nodes = atomic ? atomicStructs : granularStructs;
  let node = nodes.get(schema);
  if (node === undefined) nodes.set(schema, (node = new StructType(atomic, () => fieldsOf(schema))));
  return node;
}

function fieldsOf(schema: ObjectSchema): Array<readonly [string, TypeNode]> {
  return schema.fields
    .filter(({ name }) => name !== unownedField || schema.goName !== 'ObjectMeta')
    .map((field) => [field.name, nodeOfField(field)] as const);
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
