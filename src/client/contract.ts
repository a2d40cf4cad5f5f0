/** What a client stands on: a way to send a request to an API server, whatever carries it. */

export interface ApiRequest {
  readonly method: string;
  /** Path and query, percent-encoded: `/api/v1/pods?limit=1`. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Aborting ends the request, or the reading of its answer. */
  readonly signal?: AbortSignal | undefined;
}

export interface ApiResponse {
  readonly status: number;
  /** All values of a header, which is named in lower case. */
  header(name: string): readonly string[];
  /** The answer's bytes as they come. Must be read to its end, or left early (`break`, `return`), once. */
  readonly body: AsyncIterable<Buffer>;
}

/** Carries requests in one identity to one API server. */
export interface Transport {
  /** Resolves with the head of the answer. Rejects with a ConnectionError, or with the signal's reason. */
  send(request: ApiRequest): Promise<ApiResponse>;
  /** Ends idle connections; requests that run are cut. */
  close(): void;
}

/** The server was not reached, or the connection to it broke. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
}
