import type { FieldSchema, ObjectSchema, TypeSchema } from './schema.ts';

/**
 * Fills what the types declare as defaults (`+default` markers) into fields that are absent, in the structs and list
 * items that the object has; it makes no structs. Changes `object`. Like upstream's generated defaulters, it takes a
 * field that is no pointer for absent when it holds its zero value.
 */
export function applyDeclaredDefaults(schema: ObjectSchema, object: object): void {
  defaulter(schema).apply(object as Record<string, unknown>);
}

interface OwnDefault {
  readonly name: string;
  readonly pointer: boolean;
  readonly value: unknown;
}

interface Nested {
  readonly name: string;
  readonly apply: (value: unknown) => void;
}

class Defaulter {
  readonly #schema: ObjectSchema;
  #own: readonly OwnDefault[] | undefined;
  #nested: readonly Nested[] = [];

  constructor(schema: ObjectSchema) {
    this.#schema = schema;
  }

  apply(object: Record<string, unknown>): void {
    for (const { name, pointer, value } of this.#own ?? this.#link()) {
      const current = object[name];
      const absent =
        current === undefined ||
        current === null ||
        (!pointer && (current === '' || current === 0 || current === false));
      if (absent) object[name] = typeof value === 'object' ? structuredClone(value) : value;
    }
    for (const { name, apply } of this.#nested) {
      const child = object[name];
      if (typeof child === 'object' && child !== null) apply(child);
    }
  }

  #link(): readonly OwnDefault[] {
    this.#own = this.#schema.fields
      .filter(hasDefault)
      .map(({ name, pointer, default: value }) => ({ name, pointer, value }));
    this.#nested = this.#schema.fields.flatMap(({ name, type }) => {
      const apply = descend(type);
      return apply === undefined ? [] : [{ name, apply }];
    });
    return this.#own;
  }
}

/** A default equal to the zero value changes nothing of a field that is no pointer. */
function hasDefault(field: FieldSchema): boolean {
  if (field.default === undefined) return false;
  return field.pointer || (field.default !== '' && field.default !== 0 && field.default !== false);
}

/** How to set the defaults within a value of a type; undefined when no type within declares one. */
function descend(type: TypeSchema): ((value: unknown) => void) | undefined {
  switch (type.kind) {
    case 'object': {
      if (!declaresDefaults(type.schema)) return undefined;
      const inner = defaulter(type.schema);
      return (value) => inner.apply(value as Record<string, unknown>);
    }
    case 'list':
    case 'map': {
      const each = descend(type.of);
      if (each === undefined) return undefined;
      return (value) => {
        for (const item of Object.values(value as object)) if (typeof item === 'object' && item !== null) each(item);
      };
    }
    default:
      return undefined;
  }
}

const defaulters = new WeakMap<ObjectSchema, Defaulter>();

function defaulter(schema: ObjectSchema): Defaulter {
  let found = defaulters.get(schema);
  if (found === undefined) {
    found = new Defaulter(schema);
    defaulters.set(schema, found);
  }
  return found;
}

const declaring = new WeakMap<ObjectSchema, boolean>();

/** Whether the type or one that it may hold declares a default. */
function declaresDefaults(schema: ObjectSchema): boolean {
  const known = declaring.get(schema);
  if (known !== undefined) return known;
  const seen = new Set([schema]);
  for (const each of seen) {
    if (declaring.get(each) === true || each.fields.some(hasDefault)) {
      declaring.set(schema, true);
      return true;
    }
    for (const { type } of each.fields) {
      const inner = innermost(type);
      if (inner.kind === 'object' && declaring.get(inner.schema) !== false) seen.add(inner.schema);
    }
  }
  // None of the types that were reached declares one either.
  for (const each of seen) declaring.set(each, false);
  return false;
}

function innermost(type: TypeSchema): TypeSchema {
  return type.kind === 'list' || type.kind === 'map' ? innermost(type.of) : type;
}
