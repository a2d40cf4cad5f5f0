import { DecodeError } from './decode-error.ts';
import { ExactInteger } from '../../machinery/exact-integer.ts';
import { scalarDecoder, zeroScalar } from './scalars.ts';
import type { Decoder } from './scalars.ts';
import type { FieldSchema, JSONSchemaUnion, ObjectSchema, TypeSchema } from './schema.ts';
import { Walk } from './walk.ts';

export { DecodeError } from './decode-error.ts';

export interface DecodeOptions {
  /** Called with the path of each field that the schema does not have (`spec.containers[0].foo`), at most 100 times. */
  readonly unknownFields?: (path: string) => void;
}

/**
 * Turns parsed JSON into a new object that is exactly what Go's decoding into the type and encoding again would print:
 * known fields in Go's order, nulls and empty values dropped or printed as the field's tag says, quantities and times in
 * canonical form, maps sorted. Throws a {@link DecodeError} for a value of the wrong type.
 *
 * Values of free form (RawExtension, apiextensions' JSON) are taken over as they are, not copied.
 */
export function decode(schema: ObjectSchema, raw: unknown, options: DecodeOptions = {}): Record<string, unknown> {
  return structDecoder(schema).decode(raw, new Walk(options.unknownFields), undefined);
}

/** What becomes of a field that is not there. */
const absence = { drop: 0, null: 1, zero: 2 } as const;
type Absence = (typeof absence)[keyof typeof absence];

/** Fields whose value is checked in place rather than through a closure: they are nearly all. */
const inlineKinds = { string: 0, bool: 1, other: 2 } as const;
type InlineKind = (typeof inlineKinds)[keyof typeof inlineKinds];

interface FieldDecoder {
  readonly name: string;
  readonly goType: string;
  readonly inline: InlineKind;
  readonly absence: Absence;
  /** An empty or zero value is left out. */
  readonly dropEmpty: boolean;
  readonly decode: Decoder;
  readonly zero: () => unknown;
}

/** Own property whatever the key: assigning to `__proto__` would change the prototype instead. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else target[key] = value;
}

const nothing: Readonly<Record<string, unknown>> = Object.freeze({});
/** Structs with more fields (only configuration has any) are walked field by field instead of by a bit mask. */
const maxMaskedFields = 64;

class StructDecoder {
  readonly #goName: string;
  readonly #goType: string;
  readonly #indexes = new Map<string, number>();
  readonly #fields: FieldDecoder[] = [];
  /** Bits of the fields that are printed even when they are absent. */
  #alwaysLow = 0;
  #alwaysHigh = 0;

  /** Makes plain objects with a family of hidden classes of their own, which is a fifth faster than `{}`. */
  readonly #Plain: new () => Record<string, unknown>;

  constructor(schema: ObjectSchema) {
    const Plain = function () {} as unknown as { new (): Record<string, unknown>; prototype: object };
    Plain.prototype = Object.prototype;
    this.#Plain = Plain;
    this.#goName = schema.goName;
    this.#goType = schema.goType;
  }

  /** Apart from the constructor because types refer to themselves. */
  link(schema: ObjectSchema): void {
    for (const [index, field] of schema.fields.entries()) {
      const decoder = fieldDecoder(field);
      this.#fields.push(decoder);
      this.#indexes.set(field.name, index);
      if (decoder.absence === absence.drop) continue;
      if (index < 32) this.#alwaysLow |= 1 << index;
      else this.#alwaysHigh |= 1 << (index - 32);
    }
  }

  decode(raw: unknown, walk: Walk, field: string | undefined): Record<string, unknown> {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw) || raw instanceof ExactInteger) {
      return walk.fail(raw, this.#goType, field);
    }
    const outerStruct = walk.struct;
    walk.struct = this.#goName;
    walk.enter();
    if (field !== undefined) walk.path.push(field);
    const out = this.#decodeFields(raw as Record<string, unknown>, walk);
    if (field !== undefined) walk.path.pop();
    walk.depth--;
    walk.struct = outerStruct;
    return out;
  }

  #decodeFields(raw: Record<string, unknown>, walk: Walk): Record<string, unknown> {
    const fields = this.#fields;
    const out = new this.#Plain();
    let low = this.#alwaysLow;
    let high = this.#alwaysHigh;
    for (const key in raw) {
      const index = this.#indexes.get(key);
      if (index === undefined) walk.unknown(key);
      else if (index < 32) low |= 1 << index;
      else high |= 1 << (index - 32);
    }
    if (fields.length > maxMaskedFields) {
      for (const field of fields) decodeField(out, field, raw[field.name], walk);
      return out;
    }
    while (low !== 0) {
      const field = fields[31 - Math.clz32(low & -low)];
      low &= low - 1;
      if (field !== undefined) decodeField(out, field, raw[field.name], walk);
    }
    while (high !== 0) {
      const field = fields[63 - Math.clz32(high & -high)];
      high &= high - 1;
      if (field !== undefined) decodeField(out, field, raw[field.name], walk);
    }
    return out;
  }
}

function decodeField(out: Record<string, unknown>, field: FieldDecoder, value: unknown, walk: Walk): void {
  if (value === undefined || value === null) {
    if (field.absence === absence.zero) out[field.name] = field.zero();
    else if (field.absence === absence.null) out[field.name] = null;
    return;
  }
  if (field.inline === inlineKinds.string) {
    if (typeof value !== 'string') walk.fail(value, field.goType, field.name);
    if (value !== '' || !field.dropEmpty) out[field.name] = value;
    return;
  }
  if (field.inline === inlineKinds.bool) {
    if (typeof value !== 'boolean') walk.fail(value, field.goType, field.name);
    if (value || !field.dropEmpty) out[field.name] = value;
    return;
  }
  const decoded = field.decode(value, walk, field.name);
  if (field.dropEmpty && isEmpty(decoded)) return;
  out[field.name] = decoded;
}

/** Go's idea of empty, for the kinds of values that can be dropped at all. */
function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object') return value === 0 || value === '' || value === false;
  if (value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return !(value instanceof ExactInteger);
}

const decoders = new WeakMap<ObjectSchema, StructDecoder>();

function structDecoder(schema: ObjectSchema): StructDecoder {
  let decoder = decoders.get(schema);
  if (decoder === undefined) {
    decoder = new StructDecoder(schema);
    decoders.set(schema, decoder);
    decoder.link(schema);
  }
  return decoder;
}

function fieldDecoder(field: FieldSchema): FieldDecoder {
  const { type } = field;
  return {
    name: field.name,
    goType: type.kind === 'object' ? '' : type.goType,
    inline: type.kind === 'string' ? inlineKinds.string : type.kind === 'bool' ? inlineKinds.bool : inlineKinds.other,
    absence: absenceOf(field),
    dropEmpty: field.omitEmpty && !field.pointer && !isStruct(type),
    decode: typeDecoder(type),
    zero: field.name === 'items' && type.kind === 'list' ? () => [] : zeroOf(type),
  };
}

/** Types that are structs in Go: `omitempty` means nothing to them. */
function isStruct(type: TypeSchema): boolean {
  switch (type.kind) {
    case 'object':
    case 'time':
    case 'microTime':
    case 'duration':
    case 'quantity':
    case 'intOrString':
    case 'rawExtension':
    case 'fieldsV1':
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return true;
    default:
      return false;
  }
}

function absenceOf(field: FieldSchema): Absence {
  if (field.pointer) return field.omitEmpty ? absence.drop : absence.null;
  if (field.omitZero) return absence.drop;
  return field.omitEmpty && !isStruct(field.type) ? absence.drop : absence.zero;
}

/** The zero value of a type as Go prints it: of an absent field, and of a null in a list or map. */
function zeroOf(type: TypeSchema): () => unknown {
  switch (type.kind) {
    case 'string':
      return () => '';
    case 'object': {
      const decoder = lazily(() => structDecoder(type.schema));
      return () => decoder().decode(nothing, new Walk(undefined), undefined);
    }
    case 'list':
    case 'map':
    case 'schemaOrArray':
    case 'schemaOrStringArray':
      return () => null;
    case 'schemaOrBool':
      return () => false;
    default: {
      const zero = zeroScalar(type.kind);
      return () => zero;
    }
  }
}

function lazily<T>(make: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= make();
    return value;
  };
}

function typeDecoder(type: TypeSchema): Decoder {
  switch (type.kind) {
    case 'string':
      return (value, walk, field) => (typeof value === 'string' ? value : walk.fail(value, type.goType, field));
    case 'object': {
      const decoder = lazily(() => structDecoder(type.schema));
      return (value, walk, field) => decoder().decode(value, walk, field);
    }
    case 'list':
      return type.of.kind === 'string'
        ? stringListDecoder(type.goType, type.of.goType)
        : listDecoder(type.goType, type.of);
    case 'map':
      return type.of.kind === 'string'
        ? stringMapDecoder(type.goType, type.of.goType)
        : mapDecoder(type.goType, type.of);
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return unionDecoder(type);
    default:
      return scalarDecoder(type.kind, type.goType);
  }
}

function stringListDecoder(goType: string, itemType: string): Decoder {
  return (value, walk, field) => {
    if (!Array.isArray(value)) return walk.fail(value, goType, field);
    let nulls = false;
    for (const item of value as unknown[]) {
      if (typeof item === 'string') continue;
      if (item !== null) walk.fail(item, itemType, field);
      nulls = true;
    }
    return nulls ? value.map((item: unknown) => item ?? '') : value.slice();
  };
}

function listDecoder(goType: string, of: TypeSchema): Decoder {
  const item = typeDecoder(of);
  const zero = zeroOf(of);
  return (value, walk, field) => {
    if (!Array.isArray(value)) return walk.fail(value, goType, field);
    const out: unknown[] = [];
    const { path } = walk;
    walk.enter();
    if (field !== undefined) path.push(field);
    for (let index = 0; index < value.length; index++) {
      const each: unknown = value[index];
      if (each === null || each === undefined) out.push(zero());
      else {
        path.push(index);
        out.push(item(each, walk, undefined));
        path.pop();
      }
    }
    if (field !== undefined) path.pop();
    walk.depth--;
    return out;
  };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactInteger);
}

function stringMapDecoder(goType: string, valueType: string): Decoder {
  return (value, walk, field) => {
    if (!isMap(value)) return walk.fail(value, goType, field);
    let plain = true;
    let last = '';
    for (const key in value) {
      const each = value[key];
      if (typeof each !== 'string') {
        if (each !== null) walk.fail(each, valueType, field);
        plain = false;
      }
      if (key < last) plain = false;
      last = key;
    }
    if (plain) return { ...value };
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(value).sort()) setOwn(out, key, value[key] ?? '');
    return out;
  };
}

function mapDecoder(goType: string, of: TypeSchema): Decoder {
  const item = typeDecoder(of);
  const zero = zeroOf(of);
  return (value, walk, field) => {
    if (!isMap(value)) return walk.fail(value, goType, field);
    const out: Record<string, unknown> = {};
    const { path } = walk;
    walk.enter();
    if (field !== undefined) path.push(field);
    for (const key of Object.keys(value).sort()) {
      const each = value[key];
      if (each === null || each === undefined) setOwn(out, key, zero());
      else {
        path.push({ key });
        setOwn(out, key, item(each, walk, undefined));
        path.pop();
      }
    }
    if (field !== undefined) path.pop();
    walk.depth--;
    return out;
  };
}

/** apiextensions' unions, whose unmarshallers look at the first character and are not strict about what is inside. */
function unionDecoder(type: JSONSchemaUnion): Decoder {
  const schema = lazily(() => structDecoder(type.schema));
  const list = type.kind === 'schemaOrStringArray' ? stringListDecoder('[]string', 'string') : undefined;
  return (value, walk, field) => {
    if (isMap(value)) return walk.quietly(() => schema().decode(value, walk, field));
    if (type.kind === 'schemaOrBool') {
      if (typeof value === 'boolean') return value;
      throw new DecodeError('boolean or JSON schema expected');
    }
    // Anything else is taken for neither, and printed as null.
    if (!Array.isArray(value)) return null;
    if (list !== undefined) return list(value, walk, field);
    return walk.quietly(() => value.map((each: unknown) => schema().decode(each ?? nothing, walk, field)));
  };
}
