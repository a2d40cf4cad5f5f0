/** Puts the authorizers together, and looks after what they read. */
import { readFile } from 'node:fs/promises';
import type { MetricsRegistry } from '../../machinery/metrics.ts';
import type { Surroundings } from '../assemble.ts';
import { mastersGroup } from '../authentication/users.ts';
import { FileWatch } from '../authentication/watched-file.ts';
import { serverUser } from '../bootstrap.ts';
import type { Authorizer } from '../contract.ts';
import { InternalExchange, type InternalResponse } from '../http/internal.ts';
import type { Registry } from '../registry/registry.ts';
import type { WriteHook } from '../registry/write-hook.ts';
import type { RunningServer } from '../server.ts';
import { SetupError } from '../setup-error.ts';
import type { WebhookClient } from '../webhook/webhook-client.ts';
import { AlwaysAllowAuthorizer } from './always-allow.ts';
import { AlwaysDenyAuthorizer } from './always-deny.ts';
import type { ConfiguredAuthorizer } from './configuration.ts';
import { AuthorizationMetrics } from './metrics.ts';
import { NodeAuthorizer } from './node/authorizer.ts';
import { NodeAuthorizerMetrics } from './node/metrics.ts';
import type { AuthorizationOptions } from './options.ts';
import { PrivilegedGroupAuthorizer } from './privileged-group.ts';
import { PublicPathsAuthorizer } from './public-paths.ts';
import { RbacAuthorizer } from './rbac/authorizer.ts';
import { bootstrapRoles } from './rbac/bootstrap-roles.ts';
import { escalationHooks } from './rbac/escalation.ts';
import { ReloadMetrics } from './reload-metrics.ts';
import { ReloadableAuthorizer } from './reloadable.ts';
import { UnionAuthorizer } from './union.ts';
import type { WebhookMetrics } from './webhook/metrics.ts';

export interface AuthorizationWorld extends Pick<Surroundings, 'clock' | 'random' | 'log'> {
  readonly metrics: MetricsRegistry;
}

/** All of authorization, of one server. */
export class AuthorizationSetup {
  readonly metrics: AuthorizationMetrics;
  /** Who writes roles must hold what they grant. */
  readonly writeHooks: readonly WriteHook[];
  readonly #world: AuthorizationWorld;
  readonly #rbac = new RbacAuthorizer();
  readonly #node: NodeAuthorizer;
  readonly #watch: FileWatch;
  readonly #authorizer = new ReloadableAuthorizer(new AlwaysDenyAuthorizer());
  #webhookMetrics: WebhookMetrics | undefined;
  readonly #clients: WebhookClient[] = [];

  private constructor(world: AuthorizationWorld) {
    const { clock, metrics } = world;
    this.#world = world;
    this.metrics = new AuthorizationMetrics(metrics, clock);
    this.#node = new NodeAuthorizer(new NodeAuthorizerMetrics(metrics, clock));
    this.#watch = new FileWatch(world);
    this.writeHooks = escalationHooks(this.#rbac, this.#authorizer);
  }

  /** Rejects with SetupError for a file that is wrong. */
  static async create(options: AuthorizationOptions, world: AuthorizationWorld): Promise<AuthorizationSetup> {
    const setup = new AuthorizationSetup(world);
    await setup.#start(options);
    return setup;
  }

  get authorizer(): Authorizer {
    return this.#authorizer;
  }

  /** Begins to follow roles, bindings and what nodes have to do with. */
  attach(registry: Registry): void {
    void this.#rbac.load(registry);
    this.#node.attach(registry);
  }

  /** Brings the bootstrap policy up to date, whatever the modes: others may ask for RBAC later. */
  async bootstrap({ registry, handler }: Pick<RunningServer, 'registry' | 'handler'>): Promise<void> {
    await bootstrapRoles({
      registry,
      request: async (method, target, body): Promise<InternalResponse> => {
        const exchange = new InternalExchange({
          method,
          target,
          headers: { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'kube-apiserver' },
          ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
        });
        await handler.serveAs(serverUser, exchange);
        return exchange.response;
      },
    });
    this.#watch.start();
  }

  stop(): void {
    this.#watch.stop();
    for (const client of this.#clients) client.close();
  }

  async #start({ modes, webhook, configFile }: AuthorizationOptions): Promise<void> {
    if (configFile !== undefined) return this.#startFromFile(configFile);
    const configured = modes.map((type): ConfiguredAuthorizer => {
      const name = type.toLowerCase();
      return type === 'Webhook' && webhook !== undefined ? { type, name: webhook.name, webhook } : { type, name };
    });
    this.#authorizer.replace(await this.#unionOf(configured, '--authorization-webhook-config-file'));
  }

  async #startFromFile(path: string): Promise<void> {
    const flag = '--authorization-config';
    const { parseAuthorizationConfiguration } = await import('./configuration.ts');
    const load = async (text: string): Promise<void> => {
      const configured = await parseAuthorizationConfiguration(text);
      const count = this.#clients.length;
      this.#authorizer.replace(await this.#unionOf(configured, flag));
      const before = this.#clients.splice(0, count);
      // Whoever was asked last under the old configuration has answered by then.
      for (const client of before) this.#world.clock.setTimeout(() => client.close(), closeDelayMs).unref();
    };
    let text: string;
    try {
      text = await readFile(path, 'utf8');
      await load(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SetupError(`${flag}=${path}: ${reason}`, { cause: error });
    }
    const reloads = new ReloadMetrics(this.#world.metrics, this.#world.clock);
    this.#watch.add(path, text, (content) => reloads.observe(() => load(content)));
  }

  async #unionOf(configured: readonly ConfiguredAuthorizer[], flag: string): Promise<Authorizer> {
    const authorizers: Authorizer[] = [];
    for (const one of configured) {
      const { type, name } = one;
      authorizers.push(this.metrics.counted(await this.#authorizerOf(one, flag), type, name));
    }
    return new UnionAuthorizer([
      new PrivilegedGroupAuthorizer(mastersGroup),
      // With RBAC, roles open them.
      ...(configured.some(({ type }) => type === 'RBAC') ? [] : [new PublicPathsAuthorizer()]),
      ...authorizers,
    ]);
  }

  #authorizerOf(configured: ConfiguredAuthorizer, flag: string): Authorizer | Promise<Authorizer> {
    switch (configured.type) {
      case 'AlwaysAllow':
        return new AlwaysAllowAuthorizer();
      case 'AlwaysDeny':
        return new AlwaysDenyAuthorizer();
      case 'Node':
        return this.#node;
      case 'RBAC':
        return this.#rbac;
      case 'Webhook':
        return this.#webhookOf(configured, flag);
    }
  }

  /** Few servers have webhooks: what asks them is loaded for those. */
  async #webhookOf({ webhook }: ConfiguredAuthorizer, flag: string): Promise<Authorizer> {
    if (webhook === undefined) throw new Error('a webhook without settings');
    const { clock, metrics, random } = this.#world;
    const [{ WebhookAuthorizer }, { WebhookMetrics }, clients, { readWebhookConfig }] = await Promise.all([
      import('./webhook/authorizer.ts'),
      import('./webhook/metrics.ts'),
      import('../webhook/webhook-client.ts'),
      import('../webhook/webhook-config.ts'),
    ]);
    const { kubeConfigFile, timeoutMs, matchConditions } = webhook;
    const client = new clients.WebhookClient(readWebhookConfig(kubeConfigFile, flag), {
      clock,
      random,
      timeoutMs,
      maxAttempts,
    });
    this.#clients.push(client);
    const conditions =
      matchConditions.length === 0
        ? undefined
        : new (await import('./webhook/match-conditions.ts')).MatchConditions(matchConditions);
    this.#webhookMetrics ??= new WebhookMetrics(metrics, clock);
    return new WebhookAuthorizer(webhook, {
      client,
      clock,
      metrics: this.#webhookMetrics,
      ...(conditions === undefined ? {} : { conditions }),
    });
  }
}

/** Upstream's number of rounds with a webhook that fails for the moment. */
const maxAttempts = 5;
/** Longer than all rounds of the slowest webhook. */
const closeDelayMs = 5 * 60_000;
