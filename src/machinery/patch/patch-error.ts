import { StatusError } from '../status.ts';

/** What the API says of a patch that is well formed but cannot be applied; it keeps the details to itself. */
const unprocessableMessage = 'the server rejected our request due to an error in our request';

/**
 * A patch that was refused: a Status for the client, with `detail` saying which part of the patch was at fault (for logs
 * and for callers that apply patches of their own).
 */
export class PatchError extends StatusError {
  override name = 'PatchError';
  readonly detail: string;

  constructor(
    code: number,
    reason: 'BadRequest' | 'Invalid' | 'RequestEntityTooLarge',
    message: string,
    detail: string,
  ) {
    super(code, reason, message, reason === 'Invalid' ? { details: {} } : {});
    this.detail = detail;
  }
}

/** 400: what was sent is not a patch of its kind. */
export function malformedPatch(message: string): PatchError {
  return new PatchError(400, 'BadRequest', message, message);
}

/** 422: the patch does not fit the object. The client sees only upstream's general sentence. */
export function unprocessablePatch(detail: string): PatchError {
  return new PatchError(422, 'Invalid', unprocessableMessage, detail);
}

/** 413: more operations than are allowed. */
export function oversizedPatch(detail: string): PatchError {
  return new PatchError(413, 'RequestEntityTooLarge', `Request entity is too large: ${detail}`, detail);
}
