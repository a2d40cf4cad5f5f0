/** Tokens that others know about: issuers elsewhere, and a webhook. Loaded only where one is configured. */
import { readWebhookConfig } from '../webhook/webhook-config.ts';
import { WebhookClient } from '../webhook/webhook-client.ts';
import type { Surroundings } from '../assemble.ts';
import type { TokenAuthenticator } from './contract.ts';
import type { AuthenticationOptions } from './options.ts';
import { TokenCache } from './token-cache.ts';
import { WebhookTokenAuthenticator } from './webhook-tokens.ts';

export interface RemoteTokens {
  readonly authenticators: readonly TokenAuthenticator[];
  stop(): void;
}

/** Upstream's bounds on one question to the token webhook, and how often it is asked. */
const webhookTimeoutMs = 10_000;
const webhookAttempts = 5;

/** Throws SetupError for a file that is wrong. */
export function loadRemoteTokens(options: AuthenticationOptions, world: Surroundings): RemoteTokens {
  const stops: (() => void)[] = [];
  const authenticators: TokenAuthenticator[] = [];
  if (options.webhook !== undefined) {
    const { configFile, version, cacheTtlMs } = options.webhook;
    const endpoint = readWebhookConfig(configFile, '--authentication-token-webhook-config-file');
    const client = new WebhookClient(endpoint, {
      clock: world.clock,
      random: world.random,
      timeoutMs: webhookTimeoutMs,
      maxAttempts: webhookAttempts,
    });
    stops.push(() => client.close());
    const tokens = new WebhookTokenAuthenticator({ client, version, apiAudiences: options.apiAudiences });
    authenticators.push(cacheTtlMs > 0 ? cached(tokens, cacheTtlMs, options.apiAudiences, world) : tokens);
  }
  return {
    authenticators,
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** Keeps for as long that the webhook knows a token as that it does not; never that it could not be asked. */
function cached(
  tokens: TokenAuthenticator,
  ttlMs: number,
  usualAudiences: readonly string[],
  { clock }: Surroundings,
): TokenAuthenticator {
  return new TokenCache(tokens, { clock, usualAudiences, successTtlMs: ttlMs, failureTtlMs: ttlMs });
}
