/** Puts the authenticators together, in upstream's order, and looks after the files that they were made from. */
import type { Secret } from '../../api/types/core.v1.ts';
import type { MetricsRegistry } from '../../machinery/metrics.ts';
import type { Admittance, Surroundings } from '../assemble.ts';
import { serverUser } from '../bootstrap.ts';
import type { Authenticator } from '../contract.ts';
import { InternalExchange } from '../http/internal.ts';
import type { ServerRunOptions } from '../options/options.ts';
import type { ResourceRequest } from '../registry/request.ts';
import type { Routes } from '../routes.ts';
import type { RunningServer } from '../server.ts';
import { SetupError } from '../setup-error.ts';
import { AnonymousAuthenticator } from './anonymous.ts';
import type { AnonymousScope } from './anonymous.ts';
import { AudienceAgnosticTokens } from './audiences.ts';
import { BearerTokenAuthenticator } from './bearer-token.ts';
import { BootstrapTokenAuthenticator } from './bootstrap-token.ts';
import { ClientCertificateAuthenticator } from './client-certificate.ts';
import { publishClusterTrust } from './cluster-trust.ts';
import type { TokenAuthenticator } from './contract.ts';
import { AuthenticationMetrics } from './metrics.ts';
import type { RemoteTokens } from './remote-tokens.ts';
import { RequestHeaderAuthenticator } from './request-header.ts';
import { CachedBoundObjects, LateBoundObjects } from './service-account/bound-objects.ts';
import { BoundTokenValidator } from './service-account/bound-validator.ts';
import { loadServiceAccountKeys } from './service-account/key-files.ts';
import type { ServiceAccountKeys } from './service-account/key-files.ts';
import { legacyIssuer, LegacyTokenValidator } from './service-account/legacy-validator.ts';
import { addOpenIdRoutes, undiscoverable } from './service-account/openid-metadata.ts';
import { ServiceAccountTokenAuthenticator } from './service-account/token-authenticator.ts';
import { TokenIssuer } from './service-account/token-request.ts';
import { TokenCache } from './token-cache.ts';
import { TokenUnion } from './token-union.ts';
import { TrustBundle } from './trust-bundle.ts';
import { UnionAuthenticator } from './union.ts';
import { FileWatch } from './watched-file.ts';

export interface AuthenticationWorld extends Surroundings {
  readonly metrics: MetricsRegistry;
  /** HOST:PORT of this server, for the discovery document. */
  serverAddress(): string;
}

/** As long as upstream keeps what it found out of a token. */
const tokenCacheMs = 10_000;

/** All of authentication, of one server. */
export class AuthenticationSetup {
  readonly authenticator: UnionAuthenticator;
  readonly #options: ServerRunOptions;
  readonly #world: AuthenticationWorld;
  readonly #admittance: Admittance;
  readonly #remote: RemoteTokens | undefined;
  readonly #watch: FileWatch;
  readonly #objects = new LateBoundObjects();
  readonly #metrics: AuthenticationMetrics;
  readonly #serviceAccountKeys: ServiceAccountKeys;
  readonly #clientCa: TrustBundle;
  readonly #frontProxyCa: TrustBundle;
  readonly #issuer: TokenIssuer;
  #server: RunningServer | undefined;
  #isStopped = false;

  /** Throws SetupError for a file that is wrong. */
  constructor(
    options: ServerRunOptions,
    world: AuthenticationWorld,
    admittance: Admittance,
    remote?: RemoteTokens,
    watch = new FileWatch(world),
  ) {
    this.#remote = remote;
    this.#options = options;
    this.#world = world;
    this.#admittance = admittance;
    this.#watch = watch;
    this.#metrics = new AuthenticationMetrics(world.metrics, world.clock);
    const { serviceAccounts } = options.authentication;
    this.#serviceAccountKeys = loadServiceAccountKeys({
      keyFiles: serviceAccounts.keyFiles,
      signingKeyFile: serviceAccounts.signingKeyFile ?? `${options.certDirectory}/sa.key`,
      watch: this.#watch,
    });
    this.#issuer = this.#tokenIssuer();
    const { credentials } = admittance;
    this.#clientCa = new TrustBundle(credentials.clientCa);
    this.#frontProxyCa = new TrustBundle(credentials.frontProxyCa);
    this.#watchTrust(credentials.clientCaFile, this.#clientCa);
    this.#watchTrust(credentials.frontProxyCaFile, this.#frontProxyCa);
    const { apiAudiences } = options.authentication;
    this.authenticator = new UnionAuthenticator(
      this.#requestAuthenticators(apiAudiences),
      new AnonymousAuthenticator(this.#anonymousScope()),
      { audiences: apiAudiences, metrics: this.#metrics, log: world.log },
    );
  }

  /** Rejects with SetupError for a file that is wrong. */
  static async create(
    options: ServerRunOptions,
    world: AuthenticationWorld,
    admittance: Admittance,
  ): Promise<AuthenticationSetup> {
    const { webhook, oidc, configFile } = options.authentication;
    const watch = new FileWatch(world);
    const hasRemote = webhook !== undefined || oidc !== undefined || configFile !== undefined;
    const remote = hasRemote
      ? (await import('./remote-tokens.ts')).loadRemoteTokens(options.authentication, world, watch)
      : undefined;
    return new AuthenticationSetup(options, world, admittance, remote, watch);
  }

  /** Whom clients may have their certificates from, in PEM. */
  get clientAuthorities(): string {
    return `${this.#clientCa.pem}\n${this.#frontProxyCa.pem}`;
  }

  /** What serves `serviceaccounts/token`. */
  readonly serveTokenRequest = (request: ResourceRequest): Promise<void> => this.#issuer.serve(request);

  /** Gives authenticators the objects that they read, and adds the paths that others verify tokens by. */
  attach(server: RunningServer, routes: Routes): void {
    this.#server = server;
    this.#objects.attach(new CachedBoundObjects(server.registry));
    const { serviceAccounts } = this.#options.authentication;
    const [issuer] = serviceAccounts.issuers;
    const problem = undiscoverable(issuer);
    if (problem === undefined) {
      addOpenIdRoutes(routes, {
        issuer,
        keySetUri: serviceAccounts.keySetUri,
        keys: this.#serviceAccountKeys.keys,
        serverAddress: this.#world.serverAddress,
      });
    } else this.#world.log.info('Service account tokens cannot be discovered', { problem });
  }

  /** When the server serves: looks after files. Resolves when extension servers are told whom to believe. */
  start(): Promise<void> {
    this.#watch.start();
    return this.#publishTrust();
  }

  stop(): void {
    this.#isStopped = true;
    this.#watch.stop();
    this.#remote?.stop();
  }

  #requestAuthenticators(apiAudiences: readonly string[]): Authenticator[] {
    const { requestHeader } = this.#options.authentication;
    const { clock } = this.#world;
    const cached = new TokenCache(new TokenUnion(this.#tokenAuthenticators(apiAudiences)), {
      clock,
      successTtlMs: tokenCacheMs,
      usualAudiences: apiAudiences,
      metrics: this.#metrics.tokenCache,
    });
    return [
      new RequestHeaderAuthenticator({ ...requestHeader, bundle: this.#frontProxyCa, clock }),
      new ClientCertificateAuthenticator({ bundle: this.#clientCa, clock, metrics: this.#metrics }),
      new BearerTokenAuthenticator(cached),
    ];
  }

  #tokenAuthenticators(apiAudiences: readonly string[]): TokenAuthenticator[] {
    const { serviceAccounts, bootstrapTokens } = this.#options.authentication;
    const { clock } = this.#world;
    const { tokens } = this.#admittance;
    const objects = this.#objects;
    const metrics = this.#metrics.serviceAccounts;
    const { keys } = this.#serviceAccountKeys;
    const legacy = new LegacyTokenValidator({
      objects,
      clock,
      metrics,
      lookup: serviceAccounts.lookup,
      noteUse: (secret, label) => this.#labelSecret(secret, label),
    });
    const bound = new BoundTokenValidator({ objects, clock, metrics });
    const forAccounts = { keys, apiAudiences, metrics };
    return [
      ...(tokens === undefined ? [] : [new AudienceAgnosticTokens(apiAudiences, tokens, 'tokenfile')]),
      new ServiceAccountTokenAuthenticator({ ...forAccounts, issuers: [legacyIssuer], validator: legacy }),
      new ServiceAccountTokenAuthenticator({ ...forAccounts, issuers: serviceAccounts.issuers, validator: bound }),
      ...(bootstrapTokens
        ? [new AudienceAgnosticTokens(apiAudiences, new BootstrapTokenAuthenticator({ objects, clock }), 'bootstrap')]
        : []),
      ...(this.#remote?.authenticators ?? []),
    ];
  }

  #anonymousScope(): AnonymousScope {
    const configured = this.#remote?.anonymous;
    const { anonymousAuth } = this.#options;
    if (configured === undefined) return anonymousAuth ? 'everywhere' : 'publicPaths';
    if (anonymousAuth) {
      throw new SetupError(
        '--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
      );
    }
    const conditions = configured.conditions ?? [];
    if (!configured.enabled) return [];
    if (conditions.length > 0) return conditions.map(({ path }) => path);
    if (!this.#options.authorization.modes.includes('AlwaysAllow')) return 'everywhere';
    // As with the flag: whoever comes would be allowed everything.
    this.#world.log.warning(
      'AnonymousAuth is not allowed with the AlwaysAllow authorizer. Resetting AnonymousAuth to false. You should use a different authorizer',
    );
    return 'publicPaths';
  }

  #tokenIssuer(): TokenIssuer {
    const { serviceAccounts, apiAudiences } = this.#options.authentication;
    return new TokenIssuer({
      issuer: serviceAccounts.issuers[0],
      signer: this.#serviceAccountKeys.signer,
      apiAudiences,
      objects: this.#objects,
      random: this.#world.random,
      maxExpirationSeconds: serviceAccounts.maxExpirationSeconds,
      extendExpiration: serviceAccounts.extendExpiration,
    });
  }

  #watchTrust(file: string, bundle: TrustBundle): void {
    this.#watch.add(file, bundle.pem, (pem) => {
      bundle.replace(pem);
      this.#server?.trustClientsOf(this.clientAuthorities);
      void this.#publishTrust();
    });
  }

  /** What fails is logged: the server is of use without. */
  async #publishTrust(): Promise<void> {
    if (this.#server === undefined) return;
    const { clock, log } = this.#world;
    const { allowedNames, headers } = this.#options.authentication.requestHeader;
    const trust = {
      clientCa: this.#clientCa.pem,
      frontProxyCa: this.#frontProxyCa.pem,
      frontProxyNames: allowedNames,
      headers,
    };
    try {
      await publishClusterTrust(this.#server.handler, trust, clock.now());
    } catch (error) {
      if (!this.#isStopped) log.error('Extension API servers cannot be told whom to believe', error);
    }
  }

  /** Labels a Secret of a legacy token, in the server's own name. */
  #labelSecret({ metadata }: Secret, labels: Readonly<Record<string, string>>): void {
    const { log } = this.#world;
    const { namespace = '', name = '', uid = '' } = metadata;
    const exchange = new InternalExchange({
      method: 'PATCH',
      target: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`,
      headers: { 'content-type': 'application/merge-patch+json', 'user-agent': 'kube-apiserver' },
      body: Buffer.from(JSON.stringify({ metadata: { uid, labels } })),
    });
    const about = { secret: `${namespace}/${name}` };
    Promise.resolve(this.#server?.handler.serveAs(serverUser, exchange))
      .then(() => exchange.response)
      .then(({ status }) => {
        if (status >= 300) log.warning('The use of a legacy token could not be noted', { ...about, status });
      })
      .catch((error: unknown) => log.error('The use of a legacy token could not be noted', error, about));
  }
}
