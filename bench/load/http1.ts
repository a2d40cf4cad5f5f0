import { Agent, request as httpsRequest } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { failure, headersOf } from './client.ts';
import type { LoadClient, LoadRequest } from './client.ts';
import type { Credentials } from './credentials.ts';

/** A connection for each request under way, kept alive; one more for each watch. */
export class Http1Client implements LoadClient {
  readonly #url: URL;
  readonly #agent: Agent;
  readonly #watchAgent: Agent;
  #watches: ClientRequest[] = [];

  constructor(url: URL, credentials: Credentials, concurrency: number) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: concurrency, ...credentials });
    this.#watchAgent = new Agent({ maxSockets: Infinity, ...credentials });
  }

  send(request: LoadRequest): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const sent = this.#open(request, this.#agent, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(pieces);
          const status = response.statusCode ?? 0;
          if (status < 300) resolve(body);
          else reject(failure(request, status, body));
        });
      });
      sent.on('error', reject);
      sent.end(request.body);
    });
  }

  watch(path: string, onData: (bytes: Buffer) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = { method: 'GET', path };
      const sent = this.#open(request, this.#watchAgent, (response) => {
        const status = response.statusCode ?? 0;
        response.on('data', onData);
        // Cutting a watch is how it ends here.
        response.on('error', () => {});
        if (status < 300) resolve();
        else reject(failure(request, status, Buffer.alloc(0)));
      });
      sent.on('error', reject);
      this.#watches.push(sent);
      sent.end();
    });
  }

  endWatches(): void {
    for (const watch of this.#watches) watch.destroy();
    this.#watches = [];
  }

  close(): void {
    this.endWatches();
    this.#agent.destroy();
    this.#watchAgent.destroy();
  }

  #open(request: LoadRequest, agent: Agent, onResponse: (response: IncomingMessage) => void): ClientRequest {
    const { hostname, port } = this.#url;
    const { method, path } = request;
    return httpsRequest({ hostname, port, method, path, agent, headers: headersOf(request) }, onResponse);
  }
}
