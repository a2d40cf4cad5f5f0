/**
 * Turns OpenAPI documents into the protobuf messages of github.com/google/gnostic-models, which hold the same members
 * under numbers. A document is described by tables: for each member its number and how its value is written.
 */
import type { Json, JsonMap } from './json.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/** Writes a value as the field with that number. */
export type Form = (writer: ProtobufWriter, field: number, value: Json) => void;

/** A message's members: number and form. The number under `x-` is that of members which begin so. */
export type Members = Readonly<Record<string, readonly [field: number, form: Form]>>;

function isMap(value: Json): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entriesOf(value: Json): [string, Json][] {
  if (!isMap(value)) throw new TypeError(`an OpenAPI document has ${JSON.stringify(value)} where an object belongs`);
  return Object.entries(value);
}

export const string: Form = (writer, field, value) => writer.string(field, String(value));
export const bool: Form = (writer, field, value) => writer.bool(field, value === true);

/** A value of any kind is carried as YAML, of which JSON is a part. */
export const any: Form = (writer, field, value) => {
  writer.message(field, (inner) => inner.string(2, `${JSON.stringify(value)}\n`));
};

/** A repeated field. */
export function each(form: Form): Form {
  return (writer, field, value) => {
    for (const item of Array.isArray(value) ? (value as readonly Json[]) : [value]) form(writer, field, item);
  };
}

/** A message around one field. */
export function within(inner: number, form: Form): Form {
  return (writer, field, value) => writer.message(field, (message) => form(message, inner, value));
}

/** A map, as a repeated field of messages with the name in 1 and the value in 2. */
export function named(form: Form): Form {
  return (writer, field, value) => {
    for (const [name, item] of entriesOf(value)) namedItem(writer, field, name, item, form);
  };
}

function namedItem(writer: ProtobufWriter, field: number, name: string, value: Json, form: Form): void {
  writer.message(field, (message) => {
    message.string(1, name);
    form(message, 2, value);
  });
}

/** A message with the members of an object. Throws a TypeError for a member that the table does not have. */
export function message(members: () => Members): Form {
  return (writer, field, value) => writer.message(field, (inner) => writeMembers(inner, value, members()));
}

export function writeMembers(writer: ProtobufWriter, value: Json, members: Members): void {
  for (const [key, item] of entriesOf(value)) {
    const extension = key.startsWith('x-') ? members['x-'] : undefined;
    const known = Object.hasOwn(members, key) ? members[key] : undefined;
    if (extension !== undefined) namedItem(writer, extension[0], key, item, extension[1]);
    else if (known !== undefined) known[1](writer, known[0], item);
    else throw new TypeError(`no protobuf field for the member ${key} of an OpenAPI document`);
  }
}

/** Chooses the form by a look at the value. */
export function choose(select: (value: JsonMap) => Form): Form {
  return (writer, field, value) => {
    if (!isMap(value)) throw new TypeError('an OpenAPI document has a scalar where an object belongs');
    select(value)(writer, field, value);
  };
}
