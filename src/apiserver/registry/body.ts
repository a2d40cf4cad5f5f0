import type { ActionSubresource, KubernetesObject } from '../../api/contract.ts';
import { decode, DecodeError } from '../../api/schema/decode.ts';
import { parseJson } from '../../api/schema/json.ts';
import { readProtobuf } from '../../api/schema/protobuf/decode.ts';
import { openEnvelope, type Envelope } from '../../api/schema/protobuf/envelope.ts';
import { hasProtobuf } from '../../api/schema/protobuf/fields.ts';
import { ProtobufError } from '../../api/schema/protobuf/protobuf-error.ts';
import type { ObjectSchema } from '../../api/schema/schema.ts';
import { badRequest } from '../../machinery/status.ts';
import { limits, type Exchange } from '../contract.ts';
import { bodyFormat, protobufNotSupported } from '../http/negotiation.ts';
import type { FieldValidation } from './options.ts';
import { apiVersionOf } from './request.ts';
import { cannotHandle, checkType, notAnObject, notJson, summarize, unrecognized } from './body-errors.ts';

/** JSON or YAML as it came, with what is wrong about it though it can be read. */
export interface ParsedBody {
  readonly value: unknown;
  /** `duplicate field "spec.x"`, in the order of the text. */
  duplicates(): readonly string[];
  /** The same with the unknown fields at these paths, in the order of the text. Absent where the text has none. */
  problems?(unknown: readonly string[]): readonly string[];
  /** What an error shows of it. Absent where it did not come as a body. */
  summary?(): string;
}

/** Text that is neither JSON nor YAML. */
export interface UnreadableBody {
  readonly unreadable: string;
  readonly cause: unknown;
  summary(): string;
}

/** Bytes that can be read only by who knows what they should be. */
export interface ProtobufBody {
  readonly protobuf: Buffer;
}

export type RequestBody = ParsedBody | ProtobufBody | UnreadableBody;

/** Reads a request's body, and parses it where its format says how. Throws 400, 413, 415. Undefined for an empty body. */
export async function readRequestBody(exchange: Exchange): Promise<RequestBody | undefined> {
  const format = bodyFormat(exchange.header('content-type'));
  const bytes = await exchange.readBody(limits.bodyBytes);
  if (bytes.length === 0) return undefined;
  if (format === 'protobuf') return { protobuf: bytes };
  const summary = (): string => summarize(bytes);
  try {
    return Object.assign(await parse(bytes, format), { summary });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return { unreadable: format === 'json' ? notJson(message) : message, cause, summary };
  }
}

/** Reads a text that is no object, such as a patch. Throws 400. */
export async function parseBytes(bytes: Buffer, format: 'json' | 'yaml'): Promise<ParsedBody> {
  try {
    return await parse(bytes, format);
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error), error);
  }
}

async function parse(bytes: Buffer, format: 'json' | 'yaml'): Promise<ParsedBody> {
  if (format === 'json') return parseJson(bytes, { depth: limits.depth });
  const { parseYaml } = await import('../../api/schema/yaml.ts');
  return parseYaml(bytes, { depth: limits.depth });
}

/**
 * A body as plain JSON, whatever it came as. Of protobuf that says it is of another kind, nothing but its kind is read.
 * Throws 400 for bytes that are not what they should be, 415 for protobuf of a kind that has no message.
 */
export function parsedAs(body: RequestBody, kind: string, schema: ObjectSchema): ParsedBody {
  if ('unreadable' in body) throw unrecognized(kind, body.unreadable, body.summary(), body.cause);
  if (!('protobuf' in body)) return body;
  if (!hasProtobuf(schema)) throw protobufNotSupported();
  const { protobuf } = body;
  let envelope: Envelope;
  try {
    envelope = openEnvelope(protobuf);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw unrecognized(kind, error.message, summarize(protobuf), error);
  }
  const { apiVersion, raw } = envelope;
  const type = { kind: envelope.kind === '' ? kind : envelope.kind, apiVersion };
  if (type.kind !== kind) return { value: type, duplicates: () => [] };
  try {
    return { value: Object.assign(readProtobuf(schema, raw), type), duplicates: () => [] };
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    throw badRequest(cannotHandle({ kind, version }, kind, error.message), error);
  }
}

function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `kind` or `apiVersion` of an object; '' when it is not given. Throws 400 when it is no string. */
function typeField(object: Record<string, unknown>, field: string, kind: string, summary: () => string): string {
  const value = Object.hasOwn(object, field) ? object[field] : undefined;
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  const json = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  const reason = `json: cannot unmarshal ${json} into Go struct field .${field} of type string`;
  throw unrecognized(kind, notJson(reason), summary());
}

/** A kind that a body may be of, and the older versions in which it may come. */
type ExpectedKind = ActionSubresource<KubernetesObject>['body'];

function checkKind(object: Record<string, unknown>, expected: ExpectedKind, summary: () => string): void {
  const kind = typeField(object, 'kind', expected.kind, summary);
  const apiVersion = typeField(object, 'apiVersion', expected.kind, summary);
  if (kind === expected.kind && apiVersion === apiVersionOf(expected)) return;
  const { group, alsoVersions = [] } = expected;
  if (kind === expected.kind && alsoVersions.some((version) => apiVersion === apiVersionOf({ group, version }))) return;
  checkType({ kind, apiVersion }, expected, summary());
}

/**
 * Turns what a request sent into an object of a kind: known fields only, in their canonical form. What is unknown or duplicate
 * is refused, warned of, or passed over, as the client asked.
 * @param refuse Makes the error for strict refusals: requests and patches differ in it.
 */
export function decodeObject(
  exchange: Exchange,
  body: RequestBody,
  expected: ExpectedKind,
  schema: ObjectSchema,
  fieldValidation: FieldValidation,
  refuse: (message: string) => Error = (message) => badRequest(cannotHandle(expected, expected.kind, message)),
): KubernetesObject {
  const parsed = parsedAs(body, expected.kind, schema);
  const summary = (): string => parsed.summary?.() ?? '';
  const reason = notAnObject(parsed.value);
  if (reason !== undefined) throw unrecognized(expected.kind, reason, summary());
  // As Go does, null is taken for an object with nothing in it.
  const value = isJsonObject(parsed.value) ? parsed.value : {};
  checkKind(value, expected, summary);
  const unknown: string[] = [];
  const options =
    fieldValidation === 'Ignore' ? {} : { unknownFields: (path: string): void => void unknown.push(path) };
  let object: KubernetesObject;
  try {
    object = decode(schema, value, options) as KubernetesObject;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(cannotHandle(expected, expected.kind, error.message), error);
  }
  keepReset(value, object);
  // What a patch makes of an object is not what was sent.
  if (exchange.method !== 'PATCH') {
    exchange.audit?.requestObject({ kind: expected.kind, apiVersion: apiVersionOf(expected), ...object });
  }
  const problems = fieldValidation === 'Ignore' ? [] : problemsOf(parsed, unknown);
  if (problems.length > 0) {
    if (fieldValidation === 'Strict') throw refuse(`strict decoding error: ${problems.join(', ')}`);
    for (const problem of problems) exchange.addWarning(problem);
  }
  return object;
}

function problemsOf(parsed: ParsedBody, unknown: readonly string[]): readonly string[] {
  if (parsed.problems !== undefined) return parsed.problems(unknown);
  return [...parsed.duplicates(), ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`)];
}

/** An empty list of managed fields asks for them to be forgotten, which to decode would forget. */
function keepReset({ metadata }: Record<string, unknown>, object: KubernetesObject): void {
  const entries = isJsonObject(metadata) ? metadata['managedFields'] : undefined;
  if (Array.isArray(entries) && entries.length === 0 && object.metadata !== undefined) {
    object.metadata.managedFields = [];
  }
}
