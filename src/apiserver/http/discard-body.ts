import type { IncomingMessage } from 'node:http';

/**
 * So much of a body that nobody wants is read away. More than the largest body that is taken, so that a client that
 * sends a little too much still hears why it was refused.
 */
const maxDiscardedBytes = 8 * 1024 * 1024;

/** Whether a request announces a body (RFC 9112, section 6). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Reads away what is left of a body that the answer does not wait for. Closing a connection on input that was not read
 * resets it (RFC 9112, section 9.6), and the client may lose the answer; what stays would be taken for the next request.
 * @param done Told once, whether the end was reached: not when there is too much of it, or the client went away.
 */
export function discardBody(request: IncomingMessage, done: (isComplete: boolean) => void): void {
  let discardedBytes = 0;
  let isDone = false;
  const finish = (): void => {
    if (isDone) return;
    isDone = true;
    done(request.complete);
  };
  request.on('data', (piece: Buffer) => {
    discardedBytes += piece.length;
    if (discardedBytes > maxDiscardedBytes) finish();
  });
  request.on('end', finish);
  request.on('error', finish);
  request.on('close', finish);
}
