import { explainSyntax } from '../../api/schema/json-syntax.ts';
import { badRequest, expired } from '../../machinery/status.ts';
import { textOf } from '../../store/contract.ts';

/** Where a paginated list goes on: upstream's token, readable by nobody but the server. */
export interface ContinueToken {
  readonly v: 'meta.k8s.io/v1';
  /** The revision of the first page; -1: the newest, because the first page's is no longer there. */
  readonly rv: number;
  /** The key after which to go on, without the resource's prefix. */
  readonly start: string;
}

/** @param key The key after which to go on, without the resource's prefix. */
export function encodeToken(revision: number, key: string): string {
  const token: ContinueToken = { v: 'meta.k8s.io/v1', rv: revision, start: textOf(key) };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** Throws 400 for what is no token. */
export function decodeToken(text: string): ContinueToken {
  try {
    const token = parseToken(Buffer.from(text, 'base64url'));
    if (token.v !== 'meta.k8s.io/v1') throw new Error(`its version is ${String(token.v)}`);
    const { rv, start } = token;
    if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv < -1 || rv === 0)
      throw new Error('its revision is not valid');
    if (typeof start !== 'string' || start === '' || start.includes('../')) throw new Error('its key is not valid');
    return { v: token.v, rv, start };
  } catch (error) {
    throw badRequest(
      `invalid continue token: continue key is not valid: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

function parseToken(bytes: Buffer): Partial<ContinueToken> {
  try {
    return JSON.parse(bytes.toString('utf8')) as Partial<ContinueToken>;
  } catch {
    throw explainSyntax(bytes.toString('latin1'));
  }
}

/** The error for a token whose revision is compacted: it has a token to go on with at the newest. */
export function expiredToken(start: string): Error {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
    'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
    'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
    'deleted between the time the first chunk was returned and now may show up in the list.';
  const token: ContinueToken = { v: 'meta.k8s.io/v1', rv: -1, start };
  return expired(message, Buffer.from(JSON.stringify(token)).toString('base64url'));
}
