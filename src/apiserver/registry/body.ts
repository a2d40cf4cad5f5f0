import type { GroupVersionKind, KubernetesObject } from '../../api/contract.ts';
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

/** JSON or YAML as it came, with what is wrong about it though it can be read. */
export interface ParsedBody {
  readonly value: unknown;
  /** `duplicate field "spec.x"`, in the order of the text. */
  duplicates(): readonly string[];
}

/** Bytes that can be read only by who knows what they should be. */
export interface ProtobufBody {
  readonly protobuf: Buffer;
}

export type RequestBody = ParsedBody | ProtobufBody;

/** Reads a request's body, and parses it where its format says how. Throws 400, 413, 415. Undefined for an empty body. */
export async function readRequestBody(exchange: Exchange): Promise<RequestBody | undefined> {
  const format = bodyFormat(exchange.header('content-type'));
  const bytes = await exchange.readBody(limits.bodyBytes);
  if (bytes.length === 0) return undefined;
  return format === 'protobuf' ? { protobuf: bytes } : parseBytes(bytes, format);
}

export async function parseBytes(bytes: Buffer, format: 'json' | 'yaml'): Promise<ParsedBody> {
  try {
    if (format === 'json') return parseJson(bytes, { depth: limits.depth });
    const { parseYaml } = await import('../../api/schema/yaml.ts');
    return parseYaml(bytes, { depth: limits.depth });
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error), error);
  }
}

/** Bytes shown of a body that nobody understands. */
const summaryBytes = 30;

/**
 * A body as plain JSON, whatever it came as. Of protobuf that says it is of another kind, nothing but its kind is read.
 * Throws 400 for bytes that are not what they should be, 415 for protobuf of a kind that has no message.
 */
export function parsedAs(body: RequestBody, kind: string, schema: ObjectSchema): ParsedBody {
  if (!('protobuf' in body)) return body;
  if (!hasProtobuf(schema)) throw protobufNotSupported();
  const { protobuf } = body;
  let envelope: Envelope;
  try {
    envelope = openEnvelope(protobuf);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    const summary = protobuf.toString('hex', 0, summaryBytes) + (protobuf.length > summaryBytes ? ' ...' : '');
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): ${error.message} (${summary})`,
      error,
    );
  }
  const { apiVersion, raw } = envelope;
  const type = { kind: envelope.kind === '' ? kind : envelope.kind, apiVersion };
  if (type.kind !== kind) return { value: type, duplicates: () => [] };
  try {
    return { value: Object.assign(readProtobuf(schema, raw), type), duplicates: () => [] };
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    throw badRequest(
      `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${error.message}`,
      error,
    );
  }
}

function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `kind` or `apiVersion` of an object; undefined when it is not given. Throws 400 when it is no string. */
function typeField(object: Record<string, unknown>, field: string, expected: GroupVersionKind): string | undefined {
  const value = Object.hasOwn(object, field) ? object[field] : undefined;
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  const json = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  throw badRequest(
    `the object provided is unrecognized (must be of type ${expected.kind}): couldn't get version/kind; ` +
      `json parse error: json: cannot unmarshal ${json} into Go struct field .${field} of type string`,
  );
}

function checkKind(object: Record<string, unknown>, expected: GroupVersionKind): void {
  const apiVersion = apiVersionOf(expected);
  const kind = typeField(object, 'kind', expected) ?? expected.kind;
  const given = typeField(object, 'apiVersion', expected) ?? apiVersion;
  if (given !== apiVersion) {
    throw badRequest(`the API version in the data (${given}) does not match the expected API version (${apiVersion})`);
  }
  if (kind !== expected.kind) {
    throw badRequest(
      `${kind} in version "${expected.version}" cannot be handled as a ${expected.kind}: ` +
        `the kind in the data (${kind}) does not match the expected kind (${expected.kind})`,
    );
  }
}

/**
 * Turns what a request sent into an object of a kind: known fields only, in their canonical form. What is unknown or duplicate
 * is refused, warned of, or passed over, as the client asked.
 * @param refuse Makes the error for strict refusals: requests and patches differ in it.
 */
export function decodeObject(
  exchange: Exchange,
  body: RequestBody,
  expected: GroupVersionKind,
  schema: ObjectSchema,
  fieldValidation: FieldValidation,
  refuse: (message: string) => Error = (message) =>
    badRequest(`${expected.kind} in version "${expected.version}" cannot be handled as a ${expected.kind}: ${message}`),
): KubernetesObject {
  const { value, duplicates } = parsedAs(body, expected.kind, schema);
  if (!isJsonObject(value)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${expected.kind}): couldn't get version/kind; ` +
        'json parse error: the body is not a JSON object',
    );
  }
  checkKind(value, expected);
  const problems: string[] = fieldValidation === 'Ignore' ? [] : [...duplicates()];
  const options =
    fieldValidation === 'Ignore'
      ? {}
      : { unknownFields: (path: string): void => void problems.push(`unknown field ${JSON.stringify(path)}`) };
  let object: KubernetesObject;
  try {
    object = decode(schema, value, options) as KubernetesObject;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(
      `${expected.kind} in version "${expected.version}" cannot be handled as a ${expected.kind}: ${error.message}`,
      error,
    );
  }
  keepReset(value, object);
  if (problems.length > 0) {
    if (fieldValidation === 'Strict') throw refuse(`strict decoding error: ${problems.join(', ')}`);
    for (const problem of problems) exchange.addWarning(problem);
  }
  return object;
}

/** An empty list of managed fields asks for them to be forgotten, which to decode would forget. */
function keepReset({ metadata }: Record<string, unknown>, object: KubernetesObject): void {
  const entries = isJsonObject(metadata) ? metadata['managedFields'] : undefined;
  if (Array.isArray(entries) && entries.length === 0 && object.metadata !== undefined) {
    object.metadata.managedFields = [];
  }
}
