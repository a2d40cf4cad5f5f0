import { once } from 'node:events';
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

  constructor({ server, tls, credentials }: ClientConfig) {
    const { certificate: cert, key } = credentials;
    this.#sessions = Array.from({ length: connections }, () =>
      connect(server, {
        ...(tls.ca === undefined ? {} : { ca: tls.ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      }),
    );
  }

  /** Posts every body at the same time. */
  post(path: string, bodies: readonly object[]): Promise<Answer[]> {
    return Promise.all(bodies.map((body, index) => this.#one(path, body, index)));
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }

  async #one(path: string, body: object, index: number): Promise<Answer> {
    const session = this.#sessions[index % this.#sessions.length];
    if (session === undefined) throw new Error('there is no connection');
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/json' });
    stream.end(JSON.stringify(body));
    const [headers] = (await once(stream, 'response')) as [{ readonly ':status'?: number }];
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece as Buffer);
    const { message = '' } = JSON.parse(Buffer.concat(pieces).toString('utf8')) as { readonly message?: string };
    return { status: headers[':status'] ?? 0, message };
  }
}
