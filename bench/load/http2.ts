import { connect } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { failure, headersOf } from './client.ts';
import type { LoadClient, LoadRequest } from './client.ts';
import type { Credentials } from './credentials.ts';

/** Requests that share a session: clients multiplex, and several clients are at work at once. */
const requestsPerSession = 8;
const windowBytes = 8 * 1024 * 1024;

/** Some sessions, as several Go clients would have, and streams on them in turn. */
export class Http2Client implements LoadClient {
  readonly #sessions: ClientHttp2Session[];
  #watches: ClientHttp2Stream[] = [];
  #next = 0;

  constructor(url: URL, credentials: Credentials, concurrency: number) {
    this.#sessions = Array.from({ length: Math.ceil(concurrency / requestsPerSession) }, () => {
      const session = connect(url, { ...credentials, settings: { initialWindowSize: windowBytes } });
      session.on('connect', () => session.setLocalWindowSize(windowBytes));
      // The requests on a session that breaks fail with it.
      session.on('error', () => {});
      return session;
    });
  }

  send(request: LoadRequest): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const stream = this.#open(request);
      const pieces: Buffer[] = [];
      let status = 0;
      stream.on('response', (headers) => (status = Number(headers[':status'])));
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('error', reject);
      stream.on('end', () => {
        const body = Buffer.concat(pieces);
        if (status > 0 && status < 300) resolve(body);
        else reject(failure(request, status, body));
      });
      stream.end(request.body);
    });
  }

  watch(path: string, onData: (bytes: Buffer) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = { method: 'GET', path };
      const stream = this.#open(request);
      this.#watches.push(stream);
      stream.on('data', onData);
      stream.on('error', reject);
      stream.on('response', (headers) => {
        const status = Number(headers[':status']);
        if (status < 300) resolve();
        else reject(failure(request, status, Buffer.alloc(0)));
      });
      stream.end();
    });
  }

  endWatches(): void {
    for (const watch of this.#watches) watch.close();
    this.#watches = [];
  }

  close(): void {
    this.endWatches();
    for (const session of this.#sessions) session.destroy();
  }

  #open(request: LoadRequest): ClientHttp2Stream {
    const session = this.#sessions[this.#next++ % this.#sessions.length];
    if (session === undefined) throw new Error('a client needs at least one session');
    return session.request({ ':method': request.method, ':path': request.path, ...headersOf(request) });
  }
}
