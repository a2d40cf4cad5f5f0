import type { TokenRequest } from '../api/types/authentication.v1.ts';
import type { Clock, Timer } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { Client } from './client.ts';
import { serviceAccounts } from './resources.ts';
import { hasReason } from './retry-on-conflict.ts';

/** Upstream asks for an hour and renews when a fifth of it is left. */
const expirationSeconds = 3600;
const renewAfter = 0.8;
const retryMs = 10_000;

/**
 * The token of a service account, kept fresh: how a controller acts in its own name while its process has another. The
 * account is created when it is missing.
 */
export class ServiceAccountToken {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #namespace: string;
  readonly #name: string;
  #token = '';
  #timer: Timer | undefined;

  private constructor(client: Client, clock: Clock, log: Logger, namespace: string, name: string) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
    this.#namespace = namespace;
    this.#name = name;
  }

  /** Resolves when there is a first token. Throws what the server answers. */
  static async start(
    client: Client,
    { clock, log, namespace, name }: { clock: Clock; log: Logger; namespace: string; name: string },
  ): Promise<ServiceAccountToken> {
    const token = new ServiceAccountToken(client, clock, log, namespace, name);
    await token.#ensureAccount();
    await token.#renew();
    return token;
  }

  get value(): string {
    return this.#token;
  }

  stop(): void {
    this.#timer?.cancel();
  }

  async #ensureAccount(): Promise<void> {
    const metadata = { namespace: this.#namespace, name: this.#name };
    try {
      await this.#client.get(serviceAccounts, this.#namespace, this.#name);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      await this.#client.create(serviceAccounts, { metadata }).catch((refusal: unknown) => {
        if (!hasReason(refusal, 'AlreadyExists')) throw refusal;
      });
    }
  }

  async #renew(): Promise<void> {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [], expirationSeconds },
    };
    const { status } = await this.#client.createSubresource<TokenRequest>(
      serviceAccounts,
      this.#namespace,
      this.#name,
      'token',
      body,
    );
    if (status === undefined) throw new Error(`the token of ${this.#namespace}/${this.#name} came without a status`);
    this.#token = status.token ?? '';
    const lastsMs = Date.parse(status.expirationTimestamp ?? '') - this.#clock.now();
    this.#renewAfter(lastsMs * renewAfter);
  }

  #renewAfter(delayMs: number): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#renew().catch((error: unknown) => {
        this.#log.error('A service account’s token could not be renewed', error, { name: this.#name });
        this.#renewAfter(retryMs);
      });
    }, delayMs);
    this.#timer.unref();
  }
}
