/** Tokens that others know about: issuers elsewhere, and a webhook. Loaded only where one is configured. */
import { readFileSync } from 'node:fs';
import type { AnonymousAuthConfig, AuthenticationConfiguration } from '../../api/types/apiserver-config.v1.ts';
import { deepEqual } from '../../machinery/deep-equal.ts';
import { jwsAlgorithms } from '../../machinery/jwt/algorithms.ts';
import { ReloadMetrics } from '../authorization/reload-metrics.ts';
import { SetupError } from '../setup-error.ts';
import { WebhookClient } from '../webhook/webhook-client.ts';
import { readWebhookConfig } from '../webhook/webhook-config.ts';
import { AudienceAgnosticTokens } from './audiences.ts';
import type { TokenAuthenticator } from './contract.ts';
import { parseConfiguration } from './jwt/configuration-file.ts';
import { JwtAuthenticators } from './jwt/jwt-authenticators.ts';
import { authenticatorOfFlags } from './jwt/oidc-flags.ts';
import { validateConfiguration } from './jwt/validation.ts';
import type { IssuerSpec } from './jwt/validation.ts';
import { JwtMetrics } from './metrics.ts';
import type { AuthenticationOptions } from './options.ts';
import type { AuthenticationWorld } from './setup.ts';
import { TokenCache } from './token-cache.ts';
import type { FileWatch } from './watched-file.ts';
import { WebhookTokenAuthenticator } from './webhook-tokens.ts';

export interface RemoteTokens {
  readonly authenticators: readonly TokenAuthenticator[];
  /** Where anonymous requests are let in, when the configuration file says it. */
  readonly anonymous: AnonymousAuthConfig | undefined;
  stop(): void;
}

/** Upstream's bounds on one question to the token webhook, and how often it is asked. */
const webhookTimeoutMs = 10_000;
const webhookAttempts = 5;

/** Throws SetupError for a file that is wrong. */
export function loadRemoteTokens(
  options: AuthenticationOptions,
  world: AuthenticationWorld,
  watch: FileWatch,
): RemoteTokens {
  const jwt = loadJwt(options, world, watch);
  const webhook = options.webhook === undefined ? undefined : loadWebhook(options, options.webhook, world);
  return {
    authenticators: [
      ...(jwt === undefined ? [] : [new AudienceAgnosticTokens(options.apiAudiences, jwt.tokens, 'jwt')]),
      ...(webhook === undefined ? [] : [webhook.tokens]),
    ],
    anonymous: jwt?.anonymous,
    stop() {
      jwt?.tokens.stop();
      webhook?.client.close();
    },
  };
}

function loadJwt(
  options: AuthenticationOptions,
  world: AuthenticationWorld,
  watch: FileWatch,
): { readonly tokens: JwtAuthenticators; readonly anonymous: AnonymousAuthConfig | undefined } | undefined {
  const { configFile, oidc, serviceAccounts } = options;
  if (configFile === undefined && oidc === undefined) return undefined;
  const algorithms = oidc?.signingAlgorithms ?? [...jwsAlgorithms.keys()];
  const tokens = new JwtAuthenticators({
    clock: world.clock,
    log: world.log,
    algorithms,
    metrics: new JwtMetrics(world.metrics),
  });
  const issuersOf = (configuration: AuthenticationConfiguration): readonly IssuerSpec[] => {
    const validated = validateConfiguration(configuration, serviceAccounts.issuers);
    if (!validated.ok) throw new Error(validated.errors.map(String).join(', '));
    return validated.issuers;
  };
  if (oidc !== undefined) {
    const ca = oidc.caFile === undefined ? undefined : textOf(oidc.caFile, '--oidc-ca-file');
    const issuers = explained('the --oidc-* flags', () => issuersOf({ jwt: [authenticatorOfFlags(oidc, ca)] }));
    tokens.replace(issuers);
    return { tokens, anonymous: undefined };
  }
  if (configFile === undefined) return undefined;
  const flag = '--authentication-config';
  const text = textOf(configFile, flag);
  const { configuration, issuers } = explained(`${configFile}, named by ${flag},`, () => {
    const parsed = parseConfiguration(text);
    return { configuration: parsed, issuers: issuersOf(parsed) };
  });
  tokens.replace(issuers);
  const reload = async (content: string): Promise<void> => {
    const changed = parseConfiguration(content);
    if (!deepEqual(changed.anonymous, configuration.anonymous)) {
      throw new Error('anonymous cannot be changed while the server runs: restart it');
    }
    tokens.replace(issuersOf(changed));
  };
  const reloads = new ReloadMetrics(world.metrics, world.clock, 'authentication');
  watch.add(configFile, text, (content) => reloads.observe(() => reload(content)));
  return { tokens, anonymous: configuration.anonymous };
}

function loadWebhook(
  { apiAudiences }: AuthenticationOptions,
  { configFile, version, cacheTtlMs }: NonNullable<AuthenticationOptions['webhook']>,
  { clock, random }: AuthenticationWorld,
): { readonly tokens: TokenAuthenticator; readonly client: WebhookClient } {
  const endpoint = readWebhookConfig(configFile, '--authentication-token-webhook-config-file');
  const client = new WebhookClient(endpoint, {
    clock,
    random,
    timeoutMs: webhookTimeoutMs,
    maxAttempts: webhookAttempts,
  });
  const tokens = new WebhookTokenAuthenticator({ client, version, apiAudiences });
  if (cacheTtlMs === 0) return { tokens, client };
  // Kept is that the webhook knows a token and that it does not; never that it could not be asked.
  const ttls = { successTtlMs: cacheTtlMs, failureTtlMs: cacheTtlMs };
  return { tokens: new TokenCache(tokens, { clock, usualAudiences: apiAudiences, ...ttls }), client };
}

function textOf(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SetupError(`${path}, named by ${flag}, cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function explained<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new SetupError(`${what} cannot be used: ${messageOf(error)}`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
