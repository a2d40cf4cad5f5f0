/** Puts the authorizers together, and looks after what they read. */
import type { Clock } from '../../machinery/clock.ts';
import type { MetricsRegistry } from '../../machinery/metrics.ts';
import { mastersGroup } from '../authentication/users.ts';
import { serverUser } from '../bootstrap.ts';
import type { Authorizer } from '../contract.ts';
import { InternalExchange, type InternalResponse } from '../http/internal.ts';
import type { Registry } from '../registry/registry.ts';
import type { WriteHook } from '../registry/write-hook.ts';
import type { RunningServer } from '../server.ts';
import { AlwaysAllowAuthorizer } from './always-allow.ts';
import { AlwaysDenyAuthorizer } from './always-deny.ts';
import { AuthorizationMetrics } from './metrics.ts';
import type { AuthorizationMode } from './modes.ts';
import { NodeAuthorizer } from './node/authorizer.ts';
import { NodeAuthorizerMetrics } from './node/metrics.ts';
import type { AuthorizationOptions } from './options.ts';
import { PrivilegedGroupAuthorizer } from './privileged-group.ts';
import { PublicPathsAuthorizer } from './public-paths.ts';
import { RbacAuthorizer } from './rbac/authorizer.ts';
import { bootstrapRoles } from './rbac/bootstrap-roles.ts';
import { escalationHooks } from './rbac/escalation.ts';
import { UnionAuthorizer } from './union.ts';

export interface AuthorizationWorld {
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
}

/** All of authorization, of one server. */
export class AuthorizationSetup {
  readonly authorizer: Authorizer;
  readonly metrics: AuthorizationMetrics;
  /** Who writes roles must hold what they grant. */
  readonly writeHooks: readonly WriteHook[];
  readonly #rbac = new RbacAuthorizer();
  readonly #node: NodeAuthorizer;

  constructor({ modes }: AuthorizationOptions, { clock, metrics }: AuthorizationWorld) {
    this.metrics = new AuthorizationMetrics(metrics, clock);
    this.#node = new NodeAuthorizer(new NodeAuthorizerMetrics(metrics, clock));
    const ordered = modes.map((mode) => this.metrics.counted(this.#authorizerOf(mode), mode, mode.toLowerCase()));
    this.authorizer = new UnionAuthorizer([
      new PrivilegedGroupAuthorizer(mastersGroup),
      // With RBAC, roles open them.
      ...(modes.includes('RBAC') ? [] : [new PublicPathsAuthorizer()]),
      ...ordered,
    ]);
    this.writeHooks = escalationHooks(this.#rbac, this.authorizer);
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
  }

  #authorizerOf(mode: AuthorizationMode): Authorizer {
    switch (mode) {
      case 'AlwaysAllow':
        return new AlwaysAllowAuthorizer();
      case 'AlwaysDeny':
        return new AlwaysDenyAuthorizer();
      case 'Node':
        return this.#node;
      case 'RBAC':
        return this.#rbac;
    }
  }
}
