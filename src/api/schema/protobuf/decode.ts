import { Buffer } from 'node:buffer';
import { formatDuration } from '../../../machinery/duration.ts';
import { decode, setOwn } from '../decode.ts';
import { toBigInt } from '../../../machinery/exact-integer.ts';
import type { ExactInteger } from '../../../machinery/exact-integer.ts';
import { parseJson } from '../json.ts';
import type { FieldSchema, JSONSchemaUnion, ListSchema, MapSchema, ObjectSchema, TypeSchema } from '../schema.ts';
import { maxDepth } from '../walk.ts';
import { messageOf, wireTypeOf } from './fields.ts';
import type { Message } from './fields.ts';
import { ProtobufError } from './protobuf-error.ts';
import { Reader, wireTypes } from './reader.ts';
import { timestampToMicroTime, timestampToTime } from './timestamps.ts';
import type { Timestamp } from './timestamps.ts';

/**
 * The object that a protobuf message of a type is, as `decode` makes it from the object's JSON. Fields that the type
 * does not have are passed over, as upstream does. Throws a {@link ProtobufError} for bytes that are no such message, and
 * a DecodeError for values that their types cannot take.
 */
export function decodeProtobuf(schema: ObjectSchema, bytes: Uint8Array): Record<string, unknown> {
  return decode(schema, readProtobuf(schema, bytes));
}

/**
 * A protobuf message as JSON would have it, not yet brought into the form that `decode` gives it: fields in the order in
 * which they came, some of them empty.
 */
export function readProtobuf(schema: ObjectSchema, bytes: Uint8Array): Record<string, unknown> {
  return decoderOf(schema).read(new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
}

/** Reads a value whose tag has been read; `before` is what the same field said before, if it came already. */
type ValueReader = (reader: Reader, before: unknown) => unknown;

type FieldReader = (reader: Reader, object: Record<string, unknown>) => void;

interface FieldDecoder {
  /** Empty: the fields of the message are the object's own. */
  readonly name: string;
  readonly wireType: number;
  /** Several numbers may stand in one field, without tags. */
  readonly isPackable: boolean;
  readonly read: FieldReader;
}

class MessageDecoder {
  readonly #goName: string;
  /** By number. */
  readonly #fields: Array<FieldDecoder | undefined> = [];
  /** Makes plain objects with a family of hidden classes of their own, as `decode` does. */
  readonly #Plain: new () => Record<string, unknown>;

  constructor(goName: string) {
    const Plain = function () {} as unknown as { new (): Record<string, unknown>; prototype: object };
    Plain.prototype = Object.prototype;
    this.#Plain = Plain;
    this.#goName = goName;
  }

  /** Apart from the constructor because types refer to themselves. */
  link(message: Message): void {
    for (const member of message.members) {
      while (this.#fields.length <= member.number) this.#fields.push(undefined);
      this.#fields[member.number] = 'field' in member ? fieldDecoder(member.field) : embeddedDecoder(member.embedded);
    }
  }

  /** A message that the reader is about to enter; `before` is an earlier part of it. */
  readNested(reader: Reader, before: unknown): Record<string, unknown> {
    const outerEnd = reader.enter();
    const object = this.read(reader, before as Record<string, unknown> | undefined);
    reader.leave(outerEnd);
    return object;
  }

  /** Reads to the end of the message that the reader is in. */
  read(reader: Reader, object: Record<string, unknown> = new this.#Plain()): Record<string, unknown> {
    const fields = this.#fields;
    for (let number = reader.next(this.#goName); number !== 0; number = reader.next(this.#goName)) {
      const field = number < fields.length ? fields[number] : undefined;
      if (field === undefined) reader.skip();
      else {
        if (reader.wireType !== field.wireType && !(field.isPackable && reader.wireType === wireTypes.bytes)) {
          reader.expect(field.wireType, field.name);
        }
        field.read(reader, object);
      }
    }
    return object;
  }
}

const decoders = new WeakMap<ObjectSchema, MessageDecoder>();

function decoderOf(schema: ObjectSchema): MessageDecoder {
  let decoder = decoders.get(schema);
  if (decoder === undefined) {
    decoder = new MessageDecoder(schema.goName);
    decoders.set(schema, decoder);
    decoder.link(messageOf(schema));
  }
  return decoder;
}

function embeddedDecoder(message: Message): FieldDecoder {
  const decoder = new MessageDecoder(message.goName);
  decoder.link(message);
  return {
    name: '',
    wireType: wireTypes.bytes,
    isPackable: false,
    read: (reader, object) => void decoder.readNested(reader, object),
  };
}

function fieldDecoder(field: FieldSchema): FieldDecoder {
  const { name, type } = field;
  const wireType = field.protobuf?.wireType ?? wireTypes.bytes;
  const head = { name, wireType, isPackable: false };
  if (type.kind === 'map') return { ...head, read: mapReader(name, type) };
  if (type.kind === 'list' && !type.protobufMessage) {
    return { ...head, isPackable: wireType !== wireTypes.bytes, read: listReader(name, type) };
  }
  const read = valueReader(type);
  const zero = zeroOf(field);
  return {
    ...head,
    read: (reader, object) => {
      const before = object[name];
      const value = read(reader, before);
      // Nearly every message says of many fields that they are empty.
      if (value !== zero || before !== undefined) object[name] = value;
    },
  };
}

/** The value that is as good as none. */
function zeroOf({ type, pointer, omitEmpty }: FieldSchema): unknown {
  if (pointer || !omitEmpty) return undefined;
  switch (type.kind) {
    case 'string':
      return '';
    case 'bool':
      return false;
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

function listReader(name: string, { of }: ListSchema): FieldReader {
  const item = valueReader(of);
  const mayBePacked = wireTypeOf(of) !== wireTypes.bytes;
  return (reader, object) => {
    const list = (object[name] ??= []) as unknown[];
    if (!mayBePacked || reader.wireType !== wireTypes.bytes) {
      list.push(item(reader, undefined));
      return;
    }
    const outerEnd = reader.enter();
    while (reader.at < reader.end) list.push(item(reader, undefined));
    reader.leave(outerEnd);
  };
}

function mapReader(name: string, { of }: MapSchema): FieldReader {
  const value = valueReader(of);
  const valueWireType = wireTypeOf(of);
  const absent = absentMapValue(of);
  return (reader, object) => {
    const map = (object[name] ??= {}) as Record<string, unknown>;
    let key = '';
    let read: unknown;
    const outerEnd = reader.enter();
    for (let number = reader.next(name); number !== 0; number = reader.next(name)) {
      if (number > 2) reader.skip();
      else {
        reader.expect(number === 1 ? wireTypes.bytes : valueWireType, name);
        if (number === 1) key = reader.string();
        else read = value(reader, undefined);
      }
    }
    reader.leave(outerEnd);
    setOwn(map, key, read ?? absent());
  };
}

/** What Go makes of an entry that has a key alone. */
function absentMapValue(type: TypeSchema): () => unknown {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return () => '';
    case 'list':
      return () => [];
    default:
      return () => null;
  }
}

function valueReader(type: TypeSchema): ValueReader {
  switch (type.kind) {
    case 'string':
      return (reader) => reader.string();
    case 'bool':
      return (reader) => reader.varint() !== 0;
    case 'int32':
      return (reader) => reader.int32();
    case 'int64':
      return (reader) => reader.int64();
    case 'uint32':
      return (reader) => reader.uint32();
    case 'uint64':
      return (reader) => reader.uint64();
    case 'float64':
      return (reader) => finite(reader.float64());
    case 'float32':
      return (reader) => finite(reader.float32());
    case 'bytes':
      return (reader) => reader.slice().toString('base64');
    case 'time':
      return (reader) => readTimestamp(reader, timestampToTime);
    case 'microTime':
      return (reader) => readTimestamp(reader, timestampToMicroTime);
    case 'duration':
      return readDuration;
    case 'quantity':
      return readQuantity;
    case 'intOrString':
      return readIntOrString;
    case 'rawExtension':
    case 'fieldsV1':
    case 'json':
      return readJson;
    case 'object': {
      let decoder: MessageDecoder | undefined;
      return (reader, before) => {
        decoder ??= decoderOf(type.schema);
        return decoder.readNested(reader, before);
      };
    }
    case 'list': {
      const item = valueReader(type.of);
      const itemWireType = wireTypeOf(type.of);
      return (reader, before) => {
        const list = (before ?? []) as unknown[];
        readFields(reader, type.goType, (number) => {
          if (number !== 1) return false;
          reader.expect(itemWireType, 'Items');
          list.push(item(reader, undefined));
          return true;
        });
        return list;
      };
    }
    case 'map':
      return () => {
        throw new ProtobufError('proto: a map within a map or list has no message');
      };
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return unionReader(type);
    default:
      return type satisfies never;
  }
}

/** JSON, in which the API is told, has no others. */
function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new ProtobufError(`json: unsupported value: ${value}`);
}

/** Reads a small message of the protocol's own; a field for which `read` returns false is passed over. */
function readFields(reader: Reader, goName: string, read: (number: number) => boolean): void {
  const outerEnd = reader.enter();
  for (let number = reader.next(goName); number !== 0; number = reader.next(goName)) {
    if (!read(number)) reader.skip();
  }
  reader.leave(outerEnd);
}

function readTimestamp(reader: Reader, format: (timestamp: Timestamp) => string): string | null {
  let seconds = 0;
  let nanos = 0;
  let isEmpty = true;
  const outerEnd = reader.enter();
  for (let number = reader.next('Timestamp'); number !== 0; number = reader.next('Timestamp')) {
    isEmpty = false;
    if (number <= 2) reader.expect(wireTypes.varint, number === 1 ? 'Seconds' : 'Nanos');
    if (number === 1) seconds = Number(reader.int64());
    else if (number === 2) nanos = reader.int32();
    else reader.skip();
  }
  reader.leave(outerEnd);
  // Without any bytes it is Go's zero time; with some it is a moment, if only that of 1970.
  return isEmpty ? null : format({ seconds, nanos });
}

const readDuration: ValueReader = (reader) => {
  let nanos: number | ExactInteger = 0;
  readFields(reader, 'Duration', (number) => {
    if (number === 1) {
      reader.expect(wireTypes.varint, 'Duration');
      nanos = reader.int64();
    }
    return number === 1;
  });
  return formatDuration(toBigInt(nanos));
};

const readQuantity: ValueReader = (reader) => {
  let text = '0';
  const outerEnd = reader.enter();
  for (let number = reader.next('Quantity'); number !== 0; number = reader.next('Quantity')) {
    if (number === 1) {
      reader.expect(wireTypes.bytes, 'String_');
      text = reader.string();
    } else reader.skip();
  }
  reader.leave(outerEnd);
  return text;
};

const intOrStringFields = ['', 'Type', 'IntVal', 'StrVal'];

const readIntOrString: ValueReader = (reader) => {
  let type: number | ExactInteger = 0;
  let intVal = 0;
  let strVal = '';
  readFields(reader, 'IntOrString', (number) => {
    if (number <= 3) reader.expect(number === 3 ? wireTypes.bytes : wireTypes.varint, intOrStringFields[number] ?? '');
    if (number === 1) type = reader.int64();
    else if (number === 2) intVal = reader.int32();
    else if (number === 3) strVal = reader.string();
    return number <= 3;
  });
  if (type === 0) return intVal;
  if (type === 1) return strVal;
  throw new ProtobufError('impossible IntOrString.Type');
};

const readJson: ValueReader = (reader) => {
  let raw: Buffer | undefined;
  readFields(reader, 'RawExtension', (number) => {
    if (number === 1) {
      reader.expect(wireTypes.bytes, 'Raw');
      raw = reader.slice();
    }
    return number === 1;
  });
  if (raw === undefined) return null;
  try {
    return parseJson(raw, { depth: maxDepth }).value;
  } catch (error) {
    throw new ProtobufError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

function unionReader(type: JSONSchemaUnion): ValueReader {
  const read = valueReader({ kind: 'object', goType: type.schema.goType, schema: type.schema });
  const isBool = type.kind === 'schemaOrBool';
  const isText = type.kind === 'schemaOrStringArray';
  return (reader) => {
    let schema: unknown;
    let allows = false;
    const list: unknown[] = [];
    readFields(reader, type.goType, (number) => {
      if (number <= 2) reader.expect(isBool && number === 1 ? wireTypes.varint : wireTypes.bytes, 'Schema');
      if (number === (isBool ? 2 : 1)) schema = read(reader, schema);
      else if (number === 1) allows = reader.varint() !== 0;
      else if (number === 2) list.push(isText ? reader.string() : read(reader, undefined));
      else return false;
      return true;
    });
    if (isBool) return schema ?? allows;
    return list.length > 0 ? list : (schema ?? null);
  };
}
