/** Requests as they stand, over HTTP/1.1 and HTTP/2: for tests of what a well-behaved client never sends or sees. */
import http2, { type ClientHttp2Session } from 'node:http2';
import https from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from '../../src/client/client-config.ts';

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  /** Goes away in the middle of a good answer that is silent for so long: a watch. */
  readonly leaveAfterMs?: number | undefined;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WireConnection {
  /** Rejects when there is no answer. */
  send(request: WireRequest): Promise<WireAnswer>;
  close(): void;
}

const timeoutMs = 30_000;

/** What a TLS connection needs of a client's configuration. */
export function tlsOptions({ tls: { ca }, credentials: { certificate, key } }: ClientConfig): ConnectionOptions {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
  };
}

/** Many requests at a time on one connection, which is opened anew when the server closed it. */
export class Http2Connection implements WireConnection {
  readonly #config: ClientConfig;
  #session: ClientHttp2Session | undefined;

  constructor(config: ClientConfig) {
    this.#config = config;
  }

  /** The connection, for what `send` does not do. */
  get session(): ClientHttp2Session {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      this.#session = http2.connect(this.#config.server, tlsOptions(this.#config) as http2.SecureClientSessionOptions);
      // Its requests fail, and say so.
      this.#session.on('error', () => {});
    }
    return this.#session;
  }

  send({ method, path, headers, body, leaveAfterMs }: WireRequest): Promise<WireAnswer> {
    const stream = this.session.request(
      { ...headers, ':method': method, ':path': path },
      { endStream: body === undefined },
    );
    return new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      let status = 0;
      let answered: WireAnswer['headers'] = {};
      const timer = setTimeout(() => {
        stream.destroy();
        reject(new Error(`nothing for ${timeoutMs} ms`));
      }, timeoutMs);
      stream.on('response', ({ ':status': code = 0, ...rest }) => {
        status = code;
        answered = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)]));
        if (leaveAfterMs !== undefined && status === 200) stream.setTimeout(leaveAfterMs, () => stream.close());
      });
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      stream.on('close', () => {
        clearTimeout(timer);
        if (status === 0) reject(new Error(`closed without an answer, code ${stream.rstCode}`));
        else resolve({ status, headers: answered, body: Buffer.concat(pieces) });
      });
      if (body !== undefined) stream.end(body);
    });
  }

  close(): void {
    this.#session?.destroy();
  }
}

/** One request at a time on each of a few kept connections. */
export class Http1Connection implements WireConnection {
  readonly #config: ClientConfig;
  readonly #agent: https.Agent;

  constructor(config: ClientConfig, maxSockets = 8) {
    this.#config = config;
    this.#agent = new https.Agent({ ...tlsOptions(config), keepAlive: true, maxSockets, ALPNProtocols: ['http/1.1'] });
  }

  send({ method, path, headers, body, leaveAfterMs }: WireRequest): Promise<WireAnswer> {
    const { hostname, port } = this.#config.server;
    return new Promise((resolve, reject) => {
      // Node sends a body of a GET or DELETE unframed: the server would take it for the next request.
      const framing = body === undefined ? {} : { 'content-length': body.length };
      const all = { ...framing, ...headers };
      const request = https.request({ agent: this.#agent, hostname, port, method, path, headers: all });
      request.setTimeout(timeoutMs, () => request.destroy(new Error(`nothing for ${timeoutMs} ms`)));
      request.on('error', reject);
      request.on('response', (response) => {
        const pieces: Buffer[] = [];
        const answer = (): void =>
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
            body: Buffer.concat(pieces),
          });
        let hasLeft = false;
        if (leaveAfterMs !== undefined && response.statusCode === 200) {
          request.setTimeout(leaveAfterMs, () => {
            hasLeft = true;
            response.destroy();
            answer();
          });
        }
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', answer);
        response.on('error', (error) => {
          if (!hasLeft) reject(error);
        });
      });
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
