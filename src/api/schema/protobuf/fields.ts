import type { FieldSchema, ObjectSchema, TypeSchema } from '../schema.ts';
import { wireTypes } from './reader.ts';

/** A message of the wire: the fields of a struct, or of one embedded in it. */
export interface Message {
  /** Go's name of the struct. */
  readonly goName: string;
  /** By ascending number. */
  readonly members: readonly Member[];
}

export type Member = PlainMember | EmbeddedMember;

export interface PlainMember {
  readonly number: number;
  readonly field: FieldSchema;
}

/** A message whose fields JSON shows among those of the one around it. */
export interface EmbeddedMember {
  readonly number: number;
  readonly embedded: Message;
}

/** The messages that a struct is on the wire: what JSON shows flat, nested again. */
export function messageOf(schema: ObjectSchema): Message {
  return nest(schema.goName, schema.fields, 0);
}

function nest(goName: string, fields: readonly FieldSchema[], depth: number): Message {
  const members: Member[] = [];
  const embedded = new Map<number, FieldSchema[]>();
  for (const field of fields) {
    const { protobuf } = field;
    if (protobuf === undefined) continue;
    const outer = protobuf.embedded[depth];
    if (outer === undefined) members.push({ number: protobuf.number, field });
    else {
      const inner = embedded.get(outer);
      if (inner === undefined) embedded.set(outer, [field]);
      else inner.push(field);
    }
  }
  for (const [number, inner] of embedded) members.push({ number, embedded: nest(goName, inner, depth + 1) });
  return { goName, members: members.sort((a, b) => a.number - b.number) };
}

/** Whether a type has a message at all: tables, components' configuration and custom resources have none. */
export function hasProtobuf(schema: ObjectSchema): boolean {
  let known = answers.get(schema);
  if (known === undefined) {
    known = schema.fields.some((field) => field.protobuf !== undefined);
    answers.set(schema, known);
  }
  return known;
}

const answers = new WeakMap<ObjectSchema, boolean>();

/** A list that repeats its field, in contrast to one that is a message of its own. */
export function isRepeated(type: TypeSchema): boolean {
  return type.kind === 'list' && !type.protobufMessage;
}

/** A tag as it stands before a value: one byte, or more for numbers above 15. */
export function tagBytes(number: number, wireType: number): Uint8Array {
  const bytes: number[] = [];
  let rest = number * 8 + wireType;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** How a value of a type stands on the wire. */
export function wireTypeOf(type: TypeSchema): number {
  switch (type.kind) {
    case 'bool':
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
      return wireTypes.varint;
    case 'float64':
      return wireTypes.fixed64;
    case 'float32':
      return wireTypes.fixed32;
    default:
      return wireTypes.bytes;
  }
}
