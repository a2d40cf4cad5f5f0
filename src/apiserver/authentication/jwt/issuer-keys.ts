import type { KeyObject } from 'node:crypto';
import type { Clock, Timer } from '../../../machinery/clock.ts';
import { publicKeyOfJwk } from '../../../machinery/jwt/jwk.ts';
import type { Logger } from '../../../machinery/logging.ts';
import { quote } from '../../../machinery/quote.ts';

export interface IssuerKeysOptions {
  readonly issuer: string;
  /** Where the discovery document is, when not below the issuer. */
  readonly discoveryUrl: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Gets the JSON at a URL. */
  get(url: string): Promise<unknown>;
}

interface PublishedKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

/** How often an issuer is looked for that was not found yet. */
const retryMs = 10_000;
/** Tokens of unknown keys make the keys be fetched anew, but not more often than this. */
const minRefreshMs = 1000;
/** Keys that an issuer no longer publishes are believed for so long. */
const maxAgeMs = 60 * 60 * 1000;

/** The public keys of an issuer elsewhere: discovered, fetched, and fetched again when a token names a new one. */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #keySetUrl: string | undefined;
  #keys: readonly PublishedKey[] = [];
  #fetchedMs = -Infinity;
  #discovering: Promise<void> | undefined;
  #fetching: Promise<void> | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /** Begins to look for the issuer. Resolves when the first attempt is over, well or not. */
  start(): Promise<void> {
    return (this.#discovering ??= this.#discover());
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  get isReady(): boolean {
    return this.#keySetUrl !== undefined;
  }

  /** The first key of this name ('': of any) that `accepts` does. Rejects with an Error when keys cannot be fetched. */
  async find(keyId: string, accepts: (key: KeyObject) => boolean): Promise<boolean> {
    if (this.#hasMatch(keyId, accepts)) {
      if (this.#options.clock.monotonicMs() - this.#fetchedMs > maxAgeMs) this.#refreshInBackground();
      return true;
    }
    const isFresh = this.#options.clock.monotonicMs() - this.#fetchedMs < minRefreshMs;
    if (isFresh && this.#fetching === undefined) return false;
    await this.#fetch();
    return this.#hasMatch(keyId, accepts);
  }

  #hasMatch(keyId: string, accepts: (key: KeyObject) => boolean): boolean {
    return this.#keys.some((one) => (keyId === '' || one.keyId === keyId) && accepts(one.key));
  }

  async #discover(): Promise<void> {
    const { issuer, discoveryUrl, get, clock, log } = this.#options;
    try {
      const document = await get(discoveryUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
      const { issuer: named, jwks_uri: keySetUrl } = fieldsOf(document);
      if (named !== issuer) {
        throw new Error(
          `oidc: issuer did not match the issuer returned by provider, expected ${quote(issuer)} got ${quote(String(named))}`,
        );
      }
      if (typeof keySetUrl !== 'string' || URL.parse(keySetUrl)?.protocol !== 'https:') {
        throw new Error('oidc: the discovery document names no https jwks_uri');
      }
      this.#keySetUrl = keySetUrl;
    } catch (error) {
      if (this.#isStopped) return;
      log.error('oidc authenticator: initializing plugin', error, { issuer });
      this.#timer = clock
        .setTimeout(() => {
          this.#discovering = this.#discover();
        }, retryMs)
        .unref();
    }
  }

  /** Requests that come together share one fetch. */
  #fetch(): Promise<void> {
    return (this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = undefined;
    }));
  }

  async #fetchNow(): Promise<void> {
    const { clock, get } = this.#options;
    this.#fetchedMs = clock.monotonicMs();
    const { keys } = fieldsOf(await get(this.#keySetUrl ?? ''));
    if (!Array.isArray(keys)) throw new Error('the key set has no keys');
    this.#keys = keys.flatMap((jwk: unknown) => publicKeyOfJwk(jwk) ?? []);
  }

  #refreshInBackground(): void {
    const { log, issuer } = this.#options;
    this.#fetch().catch((error: unknown) =>
      log.error('The keys of an issuer cannot be fetched anew', error, { issuer }),
    );
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
