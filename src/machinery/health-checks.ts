/** Whether the server lives and may be sent requests (https://kubernetes.io/docs/reference/using-api/health-checks/). */
import { quote } from './quote.ts';

/** An endpoint; `/healthz` is the older name of the other two together. */
export type HealthEndpoint = 'healthz' | 'livez' | 'readyz';
export const healthEndpoints: readonly HealthEndpoint[] = ['healthz', 'livez', 'readyz'];

/** Throws, or rejects with, what is wrong. It must answer in bounded time. */
export type HealthCheck = () => void | Promise<void>;

export interface HealthResponse {
  readonly status: 200 | 500;
  readonly contentType: 'text/plain; charset=utf-8';
  readonly body: string;
}

export interface HealthChecksOptions {
  /** Told what failed, in full: clients only learn the names. */
  readonly onFailure: (endpoint: HealthEndpoint, name: string, error: unknown) => void;
}

/** All checks of one server, in the order in which they were added. */
export class HealthChecks {
  readonly #checks: Readonly<Record<HealthEndpoint, Map<string, HealthCheck>>> = {
    healthz: new Map(),
    livez: new Map(),
    readyz: new Map(),
  };
  readonly #options: HealthChecksOptions;

  constructor(options: HealthChecksOptions) {
    this.#options = options;
    this.add(healthEndpoints, 'ping', () => {});
  }

  /** Names are upstream's: `etcd`, `poststarthook/…`. Throws when one of the endpoints has a check of this name. */
  add(endpoints: readonly HealthEndpoint[], name: string, check: HealthCheck): void {
    for (const endpoint of endpoints) {
      if (this.#checks[endpoint].has(name)) throw new Error(`/${endpoint} has two checks with the name ${name}`);
      this.#checks[endpoint].set(name, check);
    }
  }

  /** Whether every check of an endpoint passes now. */
  async passes(endpoint: HealthEndpoint): Promise<boolean> {
    return (await this.#respondToAll(endpoint, new URLSearchParams())).status === 200;
  }

  /** Answers `/readyz`, `/readyz/etcd` and the like; undefined for a path that is none of these. Never rejects. */
  async respond(path: string, query: URLSearchParams): Promise<HealthResponse | undefined> {
    const [, endpointName = '', ...rest] = path.split('/');
    const endpoint = healthEndpoints.find((known) => known === endpointName);
    if (endpoint === undefined) return undefined;
    const name = rest.join('/');
    if (name === '') return this.#respondToAll(endpoint, query);
    const check = this.#checks[endpoint].get(name);
    if (check === undefined) return undefined;
    const failure = await outcomeOf(check);
    if (failure === undefined) return text(200, 'ok');
    this.#options.onFailure(endpoint, name, failure.error);
    const reason = failure.error instanceof Error ? failure.error.message : String(failure.error);
    return text(500, `internal server error: ${reason}\n`);
  }

  async #respondToAll(endpoint: HealthEndpoint, query: URLSearchParams): Promise<HealthResponse> {
    const excluded = new Set(query.getAll('exclude'));
    const lines: string[] = [];
    let hasFailed = false;
    for (const [name, check] of this.#checks[endpoint]) {
      if (excluded.delete(name)) {
        lines.push(`[+]${name} excluded: ok`);
        continue;
      }
      const failure = await outcomeOf(check);
      if (failure === undefined) {
        lines.push(`[+]${name} ok`);
        continue;
      }
      hasFailed = true;
      // The endpoint is open to everybody: the reason is for the log.
      lines.push(`[-]${name} failed: reason withheld`);
      this.#options.onFailure(endpoint, name, failure.error);
    }
    if (excluded.size > 0) {
      const names = [...excluded].sort().map(quote).join(',');
      lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
    }
    if (hasFailed) return text(500, `${[...lines, `${endpoint} check failed`].join('\n')}\n`);
    return query.has('verbose') ? text(200, `${[...lines, `${endpoint} check passed`].join('\n')}\n`) : text(200, 'ok');
  }
}

/** What a check fails with; undefined when it passes. */
async function outcomeOf(check: HealthCheck): Promise<{ readonly error: unknown } | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return { error };
  }
}

function text(status: 200 | 500, body: string): HealthResponse {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
