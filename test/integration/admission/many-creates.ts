import { connect, type ClientHttp2Session } from 'node:http2';
import type { ClientConfig } from '../../../src/client/client-config.ts';

export interface Answer {
  readonly status: number;
  readonly message: string;
}

/** So many connections keep each below the number of requests that a server takes at a time on one. */
const connections = 4;

/** Sends requests all at once, over few connections: a handshake for each would take longer than what is asked. */
export class ManyCreates {
  readonly #sessions: readonly ClientHttp2Session[];
  #next = 0;

  constructor({ server, tls, credentials }: ClientConfig) {
    const { certificate: cert, key } = credentials;
    this.#sessions = Array.from({ length: connections }, () =>
      connect(server, {
        ...(tls.ca === undefined ? {} : { ca: tls.ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      }),
    );
    // Each request is told of what it lost.
    for (const session of this.#sessions) session.on('error', () => {});
  }

  /** Posts every body at the same time. Rejects when a connection breaks. */
  post(path: string, bodies: readonly object[]): Promise<Answer[]> {
    return Promise.all(bodies.map((body) => this.#one(path, body)));
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }

  #one(path: string, body: object): Promise<Answer> {
    const session = this.#sessions[this.#next++ % this.#sessions.length];
    return new Promise((resolve, reject) => {
      if (session === undefined || session.closed) throw new Error('there is no connection');
      const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/json' });
      let status = 0;
      let text = '';
      stream.on('response', (headers) => (status = headers[':status'] ?? 0));
      stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      stream.on('end', () => {
        if (status === 0 || text === '') return;
        const { message = '' } = JSON.parse(text) as { readonly message?: string };
        resolve({ status, message });
      });
      stream.on('error', reject);
      // Comes in any case, and changes nothing after an answer.
      stream.on('close', () => reject(new Error('the connection broke')));
      stream.end(JSON.stringify(body));
    });
  }
}
