import { createHash } from 'node:crypto';
import type { UserInfo } from '../../src/api/contract.ts';
import { ConnectionError, type ApiRequest, type ApiResponse, type Transport } from '../../src/client/contract.ts';
import type { Clock } from '../../src/machinery/clock.ts';
import type { Random } from '../../src/machinery/random.ts';
import { StatusError } from '../../src/machinery/status.ts';
import type { Trace } from './trace.ts';

/** How likely it is that a request meets a fault; the network is whole when all are 0. */
export interface FaultRates {
  readonly failure: number;
  readonly delay: number;
}

export const noFaults: FaultRates = { failure: 0, delay: 0 };
const longestDelayMs = 5000;
const failures = ['refused', 'lost', 'unavailable'] as const;
const unavailable = new StatusError(503, 'ServiceUnavailable', 'the simulation says so').toStatus();

export interface FaultyNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: Trace;
}

/** What lies between the components and the API server: it fails when it is told to, by chance from the seed. */
export class FaultyNetwork {
  rates: FaultRates = noFaults;
  /** Writes that reached the server and were taken, by user name. */
  readonly writes = new Map<string, string[]>();
  readonly #options: FaultyNetworkOptions;
  readonly #partitioned = new Set<string>();
  readonly #watches = new Set<{ readonly user: string; readonly cut: AbortController }>();

  constructor(options: FaultyNetworkOptions) {
    this.#options = options;
  }

  wrap(transport: Transport, { username }: UserInfo): Transport {
    return {
      send: (request) => this.#send(transport, username, request),
      close: () => transport.close(),
    };
  }

  /** Nothing of the user's passes until it is healed. */
  partition(username: string): void {
    this.#partitioned.add(username);
    for (const { user, cut } of this.#watches) if (user === username) cut.abort(broken('partition'));
  }

  heal(username: string): void {
    this.#partitioned.delete(username);
  }

  get partitioned(): ReadonlySet<string> {
    return this.#partitioned;
  }

  /** Breaks about one in so many open watches. */
  dropWatches(oneIn: number): void {
    for (const { cut } of this.#watches) if (this.#options.random.int(oneIn) === 0) cut.abort(broken('dropped'));
  }

  async #send(transport: Transport, user: string, request: ApiRequest): Promise<ApiResponse> {
    const { clock, random, trace } = this.#options;
    const { failure, delay } = this.rates;
    if (delay > 0 && random.float() < delay) await clock.sleep(random.int(longestDelayMs), request.signal);
    if (this.#partitioned.has(user)) throw broken('partition');
    const isWatch = request.path.includes('watch=true');
    const fault = failure > 0 && random.float() < failure ? failures[random.int(failures.length)] : undefined;
    const { method, path, body } = request;
    if (method !== 'GET') trace.add(`${user} ${method} ${path} ${hashOf(body)} ${fault ?? ''}`);
    if (fault === 'refused') throw broken('refused');
    if (fault === 'unavailable') return statusResponse();
    if (isWatch && fault === undefined) return this.#watch(transport, user, request);
    const response = await transport.send(request);
    if (method !== 'GET' && response.status < 300) this.#count(user, `${method} ${path}`);
    if (fault !== 'lost') return response;
    // The server has done it; its answer is lost on the way.
    for await (const piece of response.body) if (piece.length === 0) break;
    throw broken('lost');
  }

  async #watch(transport: Transport, user: string, request: ApiRequest): Promise<ApiResponse> {
    const cut = new AbortController();
    const { signal } = request;
    const abort = (): void => cut.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const watch = { user, cut };
    this.#watches.add(watch);
    cut.signal.addEventListener('abort', () => {
      this.#watches.delete(watch);
      signal?.removeEventListener('abort', abort);
    });
    return transport.send({ ...request, signal: cut.signal });
  }

  #count(user: string, what: string): void {
    const known = this.writes.get(user);
    if (known === undefined) this.writes.set(user, [what]);
    else known.push(what);
  }
}

function broken(why: string): ConnectionError {
  return new ConnectionError(`the simulation broke the connection: ${why}`);
}

function hashOf(body: Uint8Array | undefined): string {
  return body === undefined ? '-' : createHash('sha256').update(body).digest('hex').slice(0, 12);
}

function statusResponse(): ApiResponse {
  const bytes = Buffer.from(JSON.stringify(unavailable));
  return {
    status: 503,
    header: () => [],
    body: (async function* () {
      yield bytes;
    })(),
  };
}
