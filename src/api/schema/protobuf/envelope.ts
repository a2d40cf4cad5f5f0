import { Buffer } from 'node:buffer';
import type { ObjectSchema } from '../schema.ts';
import { writeMessage } from './encode.ts';
import { ProtobufError } from './protobuf-error.ts';
import { Reader, wireTypes } from './reader.ts';
import { ReverseWriter } from './writer.ts';

/** What protobuf bodies begin with: `k8s` and the version of what follows, a `runtime.Unknown`. */
const magic = Buffer.from('k8s\0', 'latin1');

export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** A `runtime.Unknown`: an object's bytes and what they are of. */
export interface Envelope extends TypeMeta {
  /** The object's message. Not a copy. */
  readonly raw: Buffer;
}

const scratch = new ReverseWriter();
/** Of no content encoding and no content type, which are written though they are empty. */
const envelopeTail = Uint8Array.of(0x1a, 0, 0x22, 0);

/** Writes, before an object's message of `rawLength` bytes, all that comes before it in its envelope. */
function writeEnvelopeHead(writer: ReverseWriter, { apiVersion, kind }: TypeMeta, rawLength: number): void {
  writer.varint(rawLength);
  writer.byte(0x12);
  const end = writer.length;
  writer.string(kind);
  writer.byte(0x12);
  writer.string(apiVersion);
  writer.byte(0x0a);
  writer.varint(writer.length - end);
  writer.byte(0x0a);
  writer.raw(magic);
}

function writeEnveloped(writer: ReverseWriter, schema: ObjectSchema, type: TypeMeta, object: object): void {
  writer.raw(envelopeTail);
  const end = writer.length;
  writeMessage(writer, schema, object);
  writeEnvelopeHead(writer, type, writer.length - end);
}

/** An object as the body of a request or answer. `type` says what it is; the object's own kind is not looked at. */
export function encodeEnveloped(schema: ObjectSchema, type: TypeMeta, object: object): Buffer {
  scratch.reset();
  writeEnveloped(scratch, schema, type, object);
  return scratch.take();
}

/** A whole typed list as pieces of one body, from its metadata's and its items' messages. */
export function envelopeList(type: TypeMeta, metadata: Uint8Array, items: readonly Buffer[]): Buffer[] {
  const pieces: Buffer[] = [];
  let rawLength = 0;
  const add = (number: number, bytes: Uint8Array): void => {
    scratch.reset();
    scratch.bytes(bytes);
    scratch.byte(number * 8 + wireTypes.bytes);
    const piece = scratch.take();
    rawLength += piece.length;
    pieces.push(piece);
  };
  add(1, metadata);
  for (const item of items) add(2, item);
  scratch.reset();
  writeEnvelopeHead(scratch, type, rawLength);
  return [scratch.take(), ...pieces, Buffer.from(envelopeTail)];
}

/** One frame of a watch: its length in four bytes, then a `metav1.WatchEvent` around the object in its envelope. */
export function encodeWatchFrame(eventType: string, schema: ObjectSchema, type: TypeMeta, object: object): Buffer {
  scratch.reset();
  writeEnveloped(scratch, schema, type, object);
  // The object's bytes are a RawExtension's, which is a message of its own.
  scratch.varint(scratch.length);
  scratch.byte(0x0a);
  scratch.varint(scratch.length);
  scratch.byte(0x12);
  scratch.string(eventType);
  scratch.byte(0x0a);
  const { length } = scratch;
  for (let rest = length, i = 0; i < 4; i++, rest = Math.floor(rest / 256)) scratch.byte(rest % 256);
  return scratch.take();
}

/** Whether bytes are an object in its envelope. */
export function isEnveloped(bytes: Uint8Array): boolean {
  return bytes.length >= magic.length && magic.equals(bytes.subarray(0, magic.length));
}

/** Opens a body. Throws a {@link ProtobufError} in upstream's words. */
export function openEnvelope(bytes: Buffer): Envelope {
  if (bytes.length === 0) throw new ProtobufError('empty data');
  if (!isEnveloped(bytes)) {
    const prefix = `[${[...magic].join(' ')}]`;
    throw new ProtobufError(`provided data does not appear to be a protobuf message, expected prefix ${prefix}`);
  }
  if (bytes.length === magic.length) throw new ProtobufError('empty body');
  let type: TypeMeta = { apiVersion: '', kind: '' };
  let raw: Buffer = Buffer.alloc(0);
  readStringFields(bytes.subarray(magic.length), 'Unknown', (number, value) => {
    if (number === 1) type = readTypeMeta(value);
    else if (number === 2) raw = value;
  });
  return { ...type, raw };
}

function readTypeMeta(bytes: Buffer): TypeMeta {
  let apiVersion = '';
  let kind = '';
  readStringFields(bytes, 'TypeMeta', (number, value) => {
    if (number === 1) apiVersion = value.toString('utf8');
    else if (number === 2) kind = value.toString('utf8');
  });
  return { apiVersion, kind };
}

export interface WatchFrame {
  readonly type: string;
  /** The object in its envelope. */
  readonly object: Buffer;
}

/** Reads a `metav1.WatchEvent`, without the length before it. Throws a {@link ProtobufError}. */
export function readWatchEvent(bytes: Buffer): WatchFrame {
  let type = '';
  let object: Buffer = Buffer.alloc(0);
  readStringFields(bytes, 'WatchEvent', (number, value) => {
    if (number === 1) type = value.toString('utf8');
    else if (number === 2) {
      readStringFields(value, 'RawExtension', (inner, raw) => {
        if (inner === 1) object = raw;
      });
    }
  });
  return { type, object };
}

/** Reads a message whose fields are all strings, bytes or messages. */
function readStringFields(bytes: Buffer, goName: string, read: (number: number, value: Buffer) => void): void {
  const reader = new Reader(bytes);
  for (let number = reader.next(goName); number !== 0; number = reader.next(goName)) {
    if (reader.wireType === wireTypes.bytes) read(number, reader.slice());
    else reader.skip();
  }
}
