import type { Readable } from 'node:stream';
import { badRequest, requestEntityTooLarge, type StatusError } from '../../machinery/status.ts';

const empty = Buffer.alloc(0);

function tooLarge(limitBytes: number): StatusError {
  return requestEntityTooLarge(`limit is ${limitBytes}`);
}

/**
 * Reads a request's body to its end. Rejects with 413 beyond `limitBytes` (nothing more is kept; the rest is left to
 * flow away), with 400 when the client goes before the end.
 */
export function readBody(
  stream: Readable & { readonly aborted?: boolean },
  declaredLength: string | undefined,
  limitBytes: number,
): Promise<Buffer> {
  if (declaredLength !== undefined && Number(declaredLength) > limitBytes) {
    stream.resume();
    return Promise.reject(tooLarge(limitBytes));
  }
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let rest: Buffer[] | undefined;
    let length = 0;
    let done = false;
    stream.on('data', (piece: Buffer) => {
      if (done) return;
      length += piece.length;
      if (length > limitBytes) {
        done = true;
        reject(tooLarge(limitBytes));
      } else if (first === undefined) first = piece;
      else (rest ??= [first]).push(piece);
    });
    stream.on('end', () => {
      done = true;
      resolve(rest === undefined ? (first ?? empty) : Buffer.concat(rest, length));
    });
    const ended = (error?: Error): void => {
      if (done) return;
      done = true;
      reject(badRequest('the request body ended early', error));
    };
    stream.on('error', ended);
    stream.on('close', () => ended());
  });
}
