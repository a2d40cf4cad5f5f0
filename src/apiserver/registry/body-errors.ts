/** What is said of a body that cannot be the object that a request needs: upstream's words, with what it shows of the body. */
import type { GroupVersionKind } from '../../api/contract.ts';
import { lookupType } from '../../api/schema/schema.ts';
import { quote } from '../../machinery/quote.ts';
import { badRequest, type StatusError } from '../../machinery/status.ts';
import { apiVersionOf } from './request.ts';

/** Bytes shown of a body that nobody understands. */
const summaryBytes = 30;
const openingBrace = '{'.charCodeAt(0);

/** The beginning of a body: JSON as it is, anything else in hexadecimal. */
export function summarize(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  const shown = bytes.toString(bytes[0] === openingBrace ? 'utf8' : 'hex', 0, summaryBytes);
  return bytes.length > summaryBytes ? `${shown} ...` : shown;
}

/** Of a body of which not even the kind is known. @param summary What is shown of it. */
export function unrecognized(kind: string, reason: string, summary: string, cause?: unknown): StatusError {
  const shown = summary === '' ? '' : ` (${summary})`;
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${reason}${shown}`, cause);
}

/** Of a request that needs a body and has none. */
export function noBody(kind: string): StatusError {
  return unrecognized(kind, notJson('unexpected end of JSON input'), summarize(Buffer.alloc(0)));
}

export function notJson(reason: string): string {
  return `couldn't get version/kind; json parse error: ${reason}`;
}

/** Of a body of a known kind that is not what it should be. */
export function cannotHandle(given: Omit<GroupVersionKind, 'group'>, kind: string, reason: string): string {
  return `${given.kind} in version ${quote(given.version)} cannot be handled as a ${kind}: ${reason}`;
}

/** How Go prints the type into which the kind is read. */
const typeStruct = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

/** Why a JSON value tells no kind; undefined for an object. */
export function notAnObject(value: unknown): string | undefined {
  if (typeof value === 'object' && !Array.isArray(value)) return undefined;
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return notJson(`json: cannot unmarshal ${kind} into Go value of type ${typeStruct}`);
}

/** Where upstream registers its kinds, as its errors name it. */
const scheme = 'pkg/api/legacyscheme/scheme.go:30';

function parseGroupVersion(apiVersion: string): { group: string; version: string } | undefined {
  const parts = apiVersion.split('/');
  if (parts.length > 2) return undefined;
  const [version = '', group = ''] = parts.toReversed();
  return { group, version };
}

/**
 * Refuses a body that says it is of another kind, or of another version than the path. Throws 400.
 * @param given `apiVersion` and `kind` as the body has them; '' where it has none.
 */
export function checkType(
  given: { readonly apiVersion: string; readonly kind: string },
  expected: GroupVersionKind,
  summary: string,
): void {
  const expectedVersion = apiVersionOf(expected);
  const apiVersion = given.apiVersion || expectedVersion;
  const kind = given.kind || expected.kind;
  if (apiVersion === expectedVersion && kind === expected.kind) return;
  const parsed = parseGroupVersion(apiVersion);
  if (parsed === undefined) {
    throw unrecognized(expected.kind, `unexpected GroupVersion string: ${apiVersion}`, summary);
  }
  const type = { kind, version: parsed.version };
  const isBuiltIn = lookupType(expected.group, expected.version, expected.kind) !== undefined;
  if (isBuiltIn && lookupType(parsed.group, parsed.version, kind) === undefined) {
    const reason = `no kind ${quote(kind)} is registered for version ${quote(apiVersion)} in scheme ${quote(scheme)}`;
    throw badRequest(cannotHandle(type, expected.kind, reason));
  }
  if (isBuiltIn && (kind !== expected.kind || parsed.group !== expected.group)) {
    const internal = `${packageOf(expected.group)}.${expected.kind}`;
    const reason = `converting (${parsed.version}.${kind}) to (${internal}): unknown conversion`;
    throw badRequest(cannotHandle(type, expected.kind, reason));
  }
  if (apiVersion !== expectedVersion) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expectedVersion})`,
    );
  }
  const mismatch = `the kind in the data (${kind}) does not match the expected kind (${expected.kind})`;
  throw badRequest(cannotHandle(type, expected.kind, mismatch));
}

/** The Go package of a group's internal types: `core`, `apps`, `rbac`. */
function packageOf(group: string): string {
  if (group === '' || group === 'events.k8s.io') return 'core';
  return group.split('.', 1)[0] ?? '';
}
