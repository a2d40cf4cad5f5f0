import type { ServerRunOptions } from './options/options.ts';

/** The server cannot listen where it should; the message says what to do. */
export class ListenError extends Error {
  override name = 'ListenError';
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there: end it, or choose another --secure-port (0 takes a free one)',
  EADDRNOTAVAIL: 'this machine does not have that address: choose another --bind-address',
  EACCES: 'this user may not: choose a --secure-port above 1023',
};

/** A socket's error in words of the flags; any other error as it is. */
export function listenError(error: unknown, { bindAddress, securePort }: ServerRunOptions): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen' || !('code' in error))
    return error;
  const remedy = remedies[String(error.code)] ?? error.message;
  return new ListenError(`cannot listen on ${bindAddress} port ${securePort}: ${remedy}`, { cause: error });
}
