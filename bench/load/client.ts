/** How load reaches a server: one interface over HTTP/1.1 and HTTP/2. */

export interface LoadRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

export interface LoadClient {
  /** Resolves with the answer's body. Rejects unless the status is below 300. */
  send(request: LoadRequest): Promise<Buffer>;
  /** Opens a watch; `onData` gets the answer's bytes as they come. Resolves when the server has begun to answer. */
  watch(path: string, onData: (bytes: Buffer) => void): Promise<void>;
  /** Cuts the watches. */
  endWatches(): void;
  /** Cuts everything. */
  close(): void;
}

export function failure({ method, path }: LoadRequest, status: number, body: Buffer): Error {
  return new Error(`${method} ${path}: ${status} ${body.toString('utf8', 0, 300)}`);
}

export function headersOf({ body, contentType = 'application/json' }: LoadRequest): Record<string, string | number> {
  const accept = { accept: 'application/json' };
  return body === undefined
    ? accept
    : { ...accept, 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
}
