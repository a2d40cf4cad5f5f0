import { StatusError } from '../machinery/status.ts';

/** A command line that asks for what cannot be; the message says what would be right. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** What a command prints of an error: upstream's form for what the server refused. */
export function errorText(error: unknown): string {
  if (error instanceof StatusError) {
    return error.reason === ''
      ? `Error from server: ${error.message}`
      : `Error from server (${error.reason}): ${error.message}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  // Upstream's sentences about connections stand without a prefix.
  return /^(?:The connection to|Unable to connect to) /.test(message) ? message : `error: ${message}`;
}
