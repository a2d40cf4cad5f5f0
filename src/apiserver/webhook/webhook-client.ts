/** Asks a webhook: one JSON document there, one back. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '../../machinery/clock.ts';
import type { Random } from '../../machinery/random.ts';
import type { WebhookEndpoint } from './webhook-config.ts';

export interface WebhookClientOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** For one attempt. */
  readonly timeoutMs: number;
  /** After a failure that may pass; 1: no second attempt. */
  readonly maxAttempts: number;
  /** Before the second attempt. Default: half a second. */
  readonly firstDelayMs?: number;
}

/** The webhook gave no usable answer. The message holds nothing of what was sent. */
export class WebhookError extends Error {
  override name = 'WebhookError';
  /** HTTP's; undefined when there was no answer. */
  readonly status: number | undefined;

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status;
  }
}

/** An answer beyond this is none that a review could need. */
const maxAnswerBytes = 1024 * 1024;
/** Upstream's waits between attempts. */
const firstDelayMs = 500;
const delayFactor = 1.5;
const delayJitter = 0.2;
const transientStatuses: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** Keeps connections between questions. */
export class WebhookClient {
  readonly #endpoint: WebhookEndpoint;
  readonly #options: WebhookClientOptions;
  readonly #agent: HttpAgent;

  constructor(endpoint: WebhookEndpoint, options: WebhookClientOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
    const { ca, certificate, key, serverName, insecureSkipVerify } = endpoint;
    this.#agent =
      endpoint.url.protocol === 'http:'
        ? new HttpAgent({ keepAlive: true })
        : new HttpsAgent({
            keepAlive: true,
            rejectUnauthorized: !insecureSkipVerify,
            ...(ca === undefined ? {} : { ca }),
            ...(certificate === undefined || key === undefined ? {} : { cert: certificate, key }),
            ...(serverName === undefined ? {} : { servername: serverName }),
          });
  }

  /** The answer, which may be any JSON. Rejects with WebhookError. */
  async ask(question: object): Promise<unknown> {
    const body = Buffer.from(JSON.stringify(question), 'utf8');
    const { href } = this.#endpoint.url;
    return this.#retried(async () => {
      const { status, text } = await this.#once(body);
      try {
        return JSON.parse(text) as unknown;
      } catch (cause) {
        throw new WebhookError(`the webhook at ${href} answered with no JSON`, { status, cause });
      }
    });
  }

  /** Sends a JSON text; the answer is no matter as long as there is a good one. Rejects with WebhookError. */
  async tell(text: string): Promise<void> {
    const body = Buffer.from(text, 'utf8');
    await this.#retried(() => this.#once(body));
  }

  async #retried<T>(attemptOnce: () => Promise<T>): Promise<T> {
    const { maxAttempts, clock, random } = this.#options;
    let delayMs = this.#options.firstDelayMs ?? firstDelayMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptOnce();
      } catch (error) {
        const isTransient =
          error instanceof WebhookError && (error.status === undefined || transientStatuses.has(error.status));
        if (!isTransient || attempt >= maxAttempts) throw error;
      }
      await clock.sleep(delayMs * (1 + random.float() * delayJitter));
      delayMs *= delayFactor;
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #once(body: Buffer): Promise<{ readonly status: number; readonly text: string }> {
    let answer: { readonly status: number; readonly text: string };
    try {
      answer = await this.#send(body);
    } catch (error) {
      throw new WebhookError(`Post ${JSON.stringify(this.#endpoint.url.href)}: ${messageOf(error)}`, { cause: error });
    }
    const { status } = answer;
    if (status < 200 || status > 299) {
      throw new WebhookError(`the webhook at ${this.#endpoint.url.href} answered with status ${status}`, { status });
    }
    return answer;
  }

  #send(body: Buffer): Promise<{ status: number; text: string }> {
    const { url, authorization } = this.#endpoint;
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const credentials = authorization();
    return new Promise((resolve, reject) => {
      const request = send(url, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': 'kube-apiserver',
          'content-length': body.length,
          ...(credentials === undefined ? {} : { authorization: credentials }),
        },
      });
      const timer = this.#options.clock.setTimeout(
        () => request.destroy(new Error(`no answer in ${this.#options.timeoutMs} ms`)),
        this.#options.timeoutMs,
      );
      request.on('close', () => timer.cancel());
      request.on('error', reject);
      request.on('response', (response) => {
        readAll(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
      });
      request.end(body);
    });
  }
}

async function readAll(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > maxAnswerBytes) throw new Error(`the answer is longer than ${maxAnswerBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
