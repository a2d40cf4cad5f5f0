import type { FieldError } from './field-error.ts';
import { quote } from './quote.ts';

/** Reasons of a Status, as upstream's `metav1.StatusReason`. */
export type StatusReason =
  | ''
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'ServerTimeout'
  | 'StoreReadError'
  | 'Timeout'
  | 'TooManyRequests'
  | 'BadRequest'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'InternalError'
  | 'Expired'
  | 'ServiceUnavailable';

/** One cause in `details.causes`; `reason` is a `metav1.CauseType` such as FieldValueRequired. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The kind, or for most errors the resource's plural name, as upstream fills it. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** A `v1.Status` object as it goes over the wire. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: StatusReason;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** Names a resource in an error: its plural and its API group ('' for core). */
export interface QualifiedResource {
  readonly group: string;
  readonly resource: string;
}

/** `pods`, `deployments.apps`: how upstream prints a resource in a message. */
export function qualifiedName({ group, resource }: QualifiedResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** The one error class of the API: a Kubernetes Status with, where there is one, the error that caused it. */
export class StatusError extends Error {
  override name = 'StatusError';
  readonly code: number;
  readonly reason: StatusReason;
  readonly details: StatusDetails | undefined;
  /** Set on a 410 from a list: a token to go on with at a newer revision (KEP-365). */
  readonly continueToken: string | undefined;

  constructor(
    code: number,
    reason: StatusReason,
    message: string,
    options: { details?: StatusDetails; cause?: unknown; continueToken?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.reason = reason;
    this.details = options.details;
    this.continueToken = options.continueToken;
  }

  /** The error that a `Status` from a server stands for. */
  static fromStatus(status: Status): StatusError {
    const { continue: continueToken } = status.metadata;
    return new StatusError(status.code ?? 500, status.reason ?? '', status.message ?? '', {
      ...(status.details === undefined ? {} : { details: status.details }),
      ...(continueToken === undefined ? {} : { continueToken }),
    });
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

function retryAfter(retryAfterSeconds: number): StatusDetails {
  return retryAfterSeconds === 0 ? {} : { retryAfterSeconds };
}

function about({ group, resource }: QualifiedResource, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(resource === '' ? {} : { kind: resource }),
  };
}

export function notFound(resource: QualifiedResource, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualifiedName(resource)} ${quote(name)} not found`, {
    details: about(resource, name),
  });
}

/** A path that no handler serves. */
export function pathNotFound(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', { details: {} });
}

export function alreadyExists(resource: QualifiedResource, name: string): StatusError {
  return new StatusError(409, 'AlreadyExists', `${qualifiedName(resource)} ${quote(name)} already exists`, {
    details: about(resource, name),
  });
}

/** Every name that was tried for an object with `generateName` was taken. */
export function generateNameConflict(
  resource: QualifiedResource,
  name: string,
  retryAfterSeconds: number,
): StatusError {
  const message = `${qualifiedName(resource)} ${quote(name)} already exists, the server was not able to generate a unique name for the object`;
  return new StatusError(409, 'AlreadyExists', message, {
    details: { ...about(resource, name), ...retryAfter(retryAfterSeconds) },
  });
}

export function conflict(resource: QualifiedResource, name: string, why: string): StatusError {
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedName(resource)} ${quote(name)}: ${why}`,
    { details: about(resource, name) },
  );
}

/** A server-side apply that would take over fields of other managers; one cause for each field. */
export function applyConflict(causes: readonly StatusCause[], message: string): StatusError {
  return new StatusError(409, 'Conflict', message, { details: { causes } });
}

/** The text of the conflict that a stale `resourceVersion` meets. */
export const objectModified =
  'the object has been modified; please apply your changes to the latest version and try again';

export function badRequest(message: string, cause?: unknown): StatusError {
  return new StatusError(400, 'BadRequest', message, cause === undefined ? {} : { cause });
}

export function unauthorized(message = 'Unauthorized'): StatusError {
  return new StatusError(401, 'Unauthorized', message);
}

export function forbidden(resource: QualifiedResource, name: string, why: string): StatusError {
  const subject = [
    ...(resource.resource === '' && resource.group === '' ? [] : [qualifiedName(resource)]),
    ...(name === '' ? [] : [quote(name)]),
  ].join(' ');
  const message = subject === '' ? `forbidden: ${why}` : `${subject} is forbidden: ${why}`;
  return new StatusError(403, 'Forbidden', message, { details: about(resource, name) });
}

export function gone(message: string): StatusError {
  return new StatusError(410, 'Gone', message);
}

/** A resource version or continue token that history no longer reaches. */
export function expired(message: string, continueToken?: string): StatusError {
  return new StatusError(410, 'Expired', message, continueToken === undefined ? {} : { continueToken });
}

/** A method that a path does not have: what routing answers, which knows of no resource. */
export function methodNotAllowed(): StatusError {
  return new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {
    details: {},
  });
}

export function methodNotSupported(resource: QualifiedResource, action: string): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    `${action} is not supported on resources of kind ${quote(qualifiedName(resource))}`,
    { details: about(resource, '') },
  );
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  return new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

export function requestEntityTooLarge(message: string): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);
}

export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError(429, 'TooManyRequests', message, { details: retryAfter(retryAfterSeconds) });
}

export function serviceUnavailable(message: string): StatusError {
  return new StatusError(503, 'ServiceUnavailable', message);
}

/** The request did not end in time; the operation may still complete. */
export function gatewayTimeout(message: string, retryAfterSeconds = 0): StatusError {
  return new StatusError(504, 'Timeout', `Timeout: ${message}`, { details: retryAfter(retryAfterSeconds) });
}

/** A fault that passes: the client should try again. `operation` is the verb. */
export function serverTimeout(resource: QualifiedResource, operation: string, retryAfterSeconds = 0): StatusError {
  return new StatusError(
    500,
    'ServerTimeout',
    `The ${operation} operation against ${qualifiedName(resource)} could not be completed at this time, please try again.`,
    { details: { ...about(resource, operation), ...retryAfter(retryAfterSeconds) } },
  );
}

export function internalError(cause: unknown): StatusError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, {
    details: { causes: [{ message }] },
    cause,
  });
}

/** Functionality that kubets does not have yet: always said, never pretended. */
export function notImplemented(message: string): StatusError {
  return new StatusError(501, '', message);
}

/** Refuses an object for what its fields hold; all errors at once, as `apierrors.NewInvalid` prints them. */
export function invalid(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const qualified = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const texts = [...new Set(errors.map(String))];
  const joined = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const message =
    texts.length === 0 ? `${qualified} ${quote(name)} is invalid` : `${qualified} ${quote(name)} is invalid: ${joined}`;
  return new StatusError(422, 'Invalid', message, {
    details: {
      ...(name === '' ? {} : { name }),
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.kind,
      ...(errors.length === 0
        ? {}
        : { causes: errors.map((error) => ({ reason: error.type, message: error.body(), field: error.field })) }),
    },
  });
}
