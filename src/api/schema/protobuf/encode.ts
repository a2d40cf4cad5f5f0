import { Buffer } from 'node:buffer';
import { parseDuration } from '../../../machinery/duration.ts';
import { ExactInteger } from '../../../machinery/exact-integer.ts';
import type { FieldSchema, JSONSchemaUnion, ListSchema, MapSchema, ObjectSchema, TypeSchema } from '../schema.ts';
import { isRepeated, messageOf, tagBytes, wireTypeOf } from './fields.ts';
import type { Message } from './fields.ts';
import { ProtobufEncodeError } from './protobuf-error.ts';
import { wireTypes } from './reader.ts';
import { microTimeToTimestamp, timeToTimestamp } from './timestamps.ts';
import type { Timestamp } from './timestamps.ts';
import { ReverseWriter } from './writer.ts';

/** Shared, because encoding neither waits nor calls itself from the outside. */
const scratch = new ReverseWriter();

/**
 * The protobuf message of an object in JSON form, as upstream's generated code marshals it: fields by number, what is
 * not a pointer always there, maps sorted. Throws a {@link ProtobufEncodeError} for a value of the wrong type.
 */
export function encodeProtobuf(schema: ObjectSchema, object: object): Buffer {
  scratch.reset();
  writeMessage(scratch, schema, object);
  return scratch.take();
}

/** Writes an object's message, without a length before it. */
export function writeMessage(writer: ReverseWriter, schema: ObjectSchema, object: object): void {
  encoderOf(schema).write(writer, object as Record<string, unknown>);
}

/** Writes a value without its tag; undefined and null are the type's zero value. */
type ValueWriter = (writer: ReverseWriter, value: unknown) => void;

interface MemberEncoder {
  readonly name: string;
  /** The member shows its fields as the object's own. */
  readonly isEmbedded: boolean;
  /** What is written, with its tag, when there is no value. */
  readonly absent: Uint8Array | undefined;
  /** Writes tags too. Only called with a value that is there. */
  readonly write: (writer: ReverseWriter, value: unknown) => void;
}

class MessageEncoder {
  readonly #goName: string;
  /** The last one first. */
  readonly #members: MemberEncoder[] = [];

  constructor(goName: string) {
    this.#goName = goName;
  }

  /** Apart from the constructor because types refer to themselves. */
  link(message: Message): void {
    for (const member of message.members) {
      const encoder =
        'field' in member
          ? fieldEncoder(member.field, member.number, `${message.goName}.${member.field.name}`)
          : embeddedEncoder(member.embedded, member.number);
      this.#members.unshift(encoder);
    }
  }

  write(writer: ReverseWriter, object: Record<string, unknown>): void {
    if (typeof object !== 'object') throw wrongType(this.#goName, 'an object', object);
    const members = this.#members;
    for (let i = 0; i < members.length; i++) {
      const member = members[i];
      if (member === undefined) break;
      const value = member.isEmbedded ? object : object[member.name];
      if (value !== undefined && value !== null) member.write(writer, value);
      else if (member.absent !== undefined) writer.raw(member.absent);
    }
  }
}

function wrongType(where: string, expected: string, value: unknown): ProtobufEncodeError {
  return new ProtobufEncodeError(`${where}: expected ${expected}, got ${value === null ? 'null' : typeof value}`);
}

const encoders = new WeakMap<ObjectSchema, MessageEncoder>();

function encoderOf(schema: ObjectSchema): MessageEncoder {
  let encoder = encoders.get(schema);
  if (encoder === undefined) {
    encoder = new MessageEncoder(schema.goName);
    encoders.set(schema, encoder);
    encoder.link(messageOf(schema));
  }
  return encoder;
}

const nothing: Record<string, unknown> = {};

function embeddedEncoder(message: Message, number: number): MemberEncoder {
  const encoder = new MessageEncoder(message.goName);
  encoder.link(message);
  const tag = tagBytes(number, wireTypes.bytes);
  return {
    name: '',
    isEmbedded: true,
    absent: undefined,
    write: (writer, object) => {
      const end = writer.length;
      encoder.write(writer, object as Record<string, unknown>);
      writer.varint(writer.length - end);
      writer.raw(tag);
    },
  };
}

function fieldEncoder(field: FieldSchema, number: number, where: string): MemberEncoder {
  const { type } = field;
  const tag = tagBytes(number, field.protobuf?.wireType ?? wireTypes.bytes);
  const head = { name: field.name, isEmbedded: false };
  if (type.kind === 'map') return { ...head, absent: undefined, write: mapWriter(type, tag, where) };
  if (type.kind === 'list' && isRepeated(type)) {
    return { ...head, absent: undefined, write: listWriter(type, tag, where) };
  }
  const write = valueWriter(type, where);
  const tagged: ValueWriter = (writer, value) => {
    write(writer, value);
    writer.raw(tag);
  };
  // What is a slice in Go tells nothing from something, as a pointer does.
  const isOptional = field.pointer || type.kind === 'bytes' || type.kind === 'list';
  return { ...head, absent: isOptional ? undefined : zeroBytes(tagged), write: tagged };
}

/** Made when a type is first used, with a writer of its own: the shared one is in the middle of an object then. */
function zeroBytes(write: ValueWriter): Uint8Array {
  const writer = new ReverseWriter(64);
  write(writer, undefined);
  return writer.take();
}

function listWriter({ of }: ListSchema, tag: Uint8Array, where: string): ValueWriter {
  const write = valueWriter(of, where);
  return (writer, value) => {
    if (!Array.isArray(value)) throw wrongType(where, 'a list', value);
    for (let i = value.length - 1; i >= 0; i--) {
      write(writer, value[i]);
      writer.raw(tag);
    }
  };
}

const keyTag = 0x0a;
const mapValueNumber = 2;

function mapWriter({ of }: MapSchema, tag: Uint8Array, where: string): ValueWriter {
  const write = valueWriter(of, where);
  const valueTag = tagBytes(mapValueNumber, wireTypeOf(of));
  const mayBeNil = of.kind === 'bytes';
  return (writer, value) => {
    if (typeof value !== 'object' || Array.isArray(value)) throw wrongType(where, 'a map', value);
    const map = value as Record<string, unknown>;
    const keys = sortedKeys(map);
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i] ?? '';
      const end = writer.length;
      const each = map[key];
      if (!mayBeNil || (each !== null && each !== undefined)) {
        write(writer, each);
        writer.raw(valueTag);
      }
      writer.string(key);
      writer.byte(keyTag);
      writer.varint(writer.length - end);
      writer.raw(tag);
    }
  };
}

/** In the order of their bytes in UTF-8, as Go sorts. Mostly they are in it already. */
function sortedKeys(map: Record<string, unknown>): string[] {
  const keys = Object.keys(map);
  for (let i = 1; i < keys.length; i++) {
    if ((keys[i - 1] ?? '') < (keys[i] ?? '')) continue;
    keys.sort();
    break;
  }
  // UTF-16 and UTF-8 disagree on the order of surrogates and what comes after them.
  return keys.some((key) => /[\ud800-\uffff]/.test(key)) ? keys.sort(compareUtf8) : keys;
}

function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Writes what `write` writes as a message: with its length before it. */
function lengthBefore(write: ValueWriter): ValueWriter {
  return (writer, value) => {
    const end = writer.length;
    write(writer, value);
    writer.varint(writer.length - end);
  };
}

function valueWriter(type: TypeSchema, where: string): ValueWriter {
  switch (type.kind) {
    case 'string':
      return (writer, value) => writer.string(textOf(value, where));
    case 'bool':
      return (writer, value) => writer.byte(value === true ? 1 : 0);
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
      return (writer, value) => writeInteger(writer, value, where);
    case 'float64':
      return (writer, value) => writer.float64(numberOf(value, where));
    case 'float32':
      return (writer, value) => writer.float32(numberOf(value, where));
    case 'bytes':
      return (writer, value) => writer.bytes(Buffer.from(textOf(value, where), 'base64'));
    case 'time':
      return timestampWriter(timeToTimestamp, where);
    case 'microTime':
      return timestampWriter(microTimeToTimestamp, where);
    case 'duration':
      return lengthBefore((writer, value) => {
        writer.signedVarint(value === undefined || value === null ? 0 : parseDuration(textOf(value, where)));
        writer.byte(0x08);
      });
    case 'quantity':
      return lengthBefore((writer, value) => {
        writer.string(value === undefined || value === null ? '0' : textOf(value, where));
        writer.byte(0x0a);
      });
    case 'intOrString':
      return lengthBefore((writer, value) => writeIntOrString(writer, value, where));
    case 'rawExtension':
    case 'fieldsV1':
    case 'json':
      return lengthBefore((writer, value) => {
        if (value === undefined || value === null) return;
        writer.bytes(Buffer.from(JSON.stringify(value), 'utf8'));
        writer.byte(0x0a);
      });
    case 'object': {
      let encoder: MessageEncoder | undefined;
      return lengthBefore((writer, value) => {
        encoder ??= encoderOf(type.schema);
        encoder.write(writer, (value ?? nothing) as Record<string, unknown>);
      });
    }
    case 'list': {
      // A message whose first field repeats.
      const items = listWriter(type, tagBytes(1, wireTypeOf(type.of)), where);
      return lengthBefore((writer, value) => {
        if (value !== undefined && value !== null) items(writer, value);
      });
    }
    case 'map':
      throw new ProtobufEncodeError(`${where}: protobuf has no maps within maps or lists`);
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return unionWriter(type, where);
    default:
      return type satisfies never;
  }
}

function textOf(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  throw wrongType(where, 'a string', value);
}

function numberOf(value: unknown, where: string): number {
  if (typeof value === 'number') return value;
  if (value === undefined || value === null) return 0;
  if (value instanceof ExactInteger) return Number(value);
  throw wrongType(where, 'a number', value);
}

function writeInteger(writer: ReverseWriter, value: unknown, where: string): void {
  if (value instanceof ExactInteger) {
    writer.signedVarint(value.toBigInt());
    return;
  }
  const number = numberOf(value, where);
  if (!Number.isInteger(number)) throw wrongType(where, 'an integer', value);
  writer.signedVarint(Number.isSafeInteger(number) ? number : BigInt(number));
}

function timestampWriter(read: (text: string) => Timestamp | undefined, where: string): ValueWriter {
  return lengthBefore((writer, value) => {
    const text = textOf(value, where);
    if (text === '') return;
    const timestamp = read(text);
    if (timestamp === undefined) return;
    writer.varint(timestamp.nanos);
    writer.byte(0x10);
    writer.signedVarint(timestamp.seconds);
    writer.byte(0x08);
  });
}

const intOrStringTypes = { int: 0, string: 1 } as const;

function writeIntOrString(writer: ReverseWriter, value: unknown, where: string): void {
  const isText = typeof value === 'string';
  writer.string(isText ? value : '');
  writer.byte(0x1a);
  if (isText) writer.byte(0);
  else writeInteger(writer, value, where);
  writer.byte(0x10);
  writer.byte(isText ? intOrStringTypes.string : intOrStringTypes.int);
  writer.byte(0x08);
}

const unionSchemaNumber = { schemaOrArray: 1, schemaOrBool: 2, schemaOrStringArray: 1 } as const;
const listTag = Uint8Array.of(0x12);

/** apiextensions' unions: a schema, or something else beside it. */
function unionWriter(type: JSONSchemaUnion, where: string): ValueWriter {
  const write = valueWriter({ kind: 'object', goType: type.schema.goType, schema: type.schema }, where);
  const schemaTag = tagBytes(unionSchemaNumber[type.kind], wireTypes.bytes);
  const isText = type.kind === 'schemaOrStringArray';
  return lengthBefore((writer, value) => {
    if (Array.isArray(value)) {
      for (let i = value.length - 1; i >= 0; i--) {
        if (isText) writer.string(textOf(value[i], where));
        else write(writer, value[i]);
        writer.raw(listTag);
      }
      return;
    }
    const isSchema = typeof value === 'object' && value !== null;
    if (isSchema) {
      write(writer, value);
      writer.raw(schemaTag);
    }
    if (type.kind !== 'schemaOrBool') return;
    // A schema allows what it describes.
    writer.byte(isSchema || value === true ? 1 : 0);
    writer.byte(0x08);
  });
}
