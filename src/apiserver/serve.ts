/** Serves with what has been opened and read. */
import type { ResourceCatalog } from '../api/contract.ts';
import { loadDescriptions } from '../api/schema/descriptions.ts';
import { formatIP } from '../machinery/ip-address.ts';
import { MetricsRegistry } from '../machinery/metrics.ts';
import { registerProcessMetrics } from '../machinery/process-metrics.ts';
import { gitVersion, versionInfo } from '../machinery/version.ts';
import type { Store } from '../store/contract.ts';
import { AdmissionConfiguration } from './admission/configuration.ts';
import { AdmissionMetrics } from './admission/metrics.ts';
import { admissionChain } from './admission/plugins.ts';
import type { Admittance, AssembledServer, Surroundings } from './assemble.ts';
import type { Auditor } from './audit/auditor.ts';
import type { AuditWorld } from './audit/setup.ts';
import { AuthenticationSetup } from './authentication/setup.ts';
import { AuthorizationSetup } from './authorization/setup.ts';
import { bootstrapRolesHook } from './authorization/rbac/bootstrap-roles.ts';
import { Discovery } from './discovery/discovery.ts';
import { flowControlHooks, FlowControlSetup } from './flowcontrol/setup.ts';
import type { EncryptedStore } from './encryption/encrypted-store.ts';
import type { EncryptionWorld } from './encryption/setup.ts';
import { healthEndpoints, HealthChecks } from '../machinery/health-checks.ts';
import { storeCheck } from './health/store-check.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { listenError } from './listen-error.ts';
import { ServerMetrics } from './metrics.ts';
import type { OpenApiDocuments } from './openapi/documents.ts';
import type { ServerRunOptions } from './options/options.ts';
import type { Credentials } from './pki/credentials.ts';
import { startApiServer } from './server.ts';
import type { ApiServer } from './server.ts';
import { servedCatalog } from './runtime-config.ts';
import { SetupError } from './setup-error.ts';
import { addStandardRoutes } from './standard-routes.ts';
import { countStored, type ResourceCount } from './stored-counts.ts';
import { MeasuredStore } from './measured-store.ts';

export interface Parts extends Admittance {
  readonly store: Store;
}

/** Resolves when `/readyz` holds and the kubeconfig is written. The store stays open when this rejects. */
export async function serve(options: ServerRunOptions, world: Surroundings, parts: Parts): Promise<AssembledServer> {
  const { clock, random, log } = world;
  const { credentials } = parts;
  const catalog = await servedCatalog(options.runtimeConfig);
  const registry = new MetricsRegistry();
  registerProcessMetrics(registry);
  const metrics = new ServerMetrics({ registry, clock, isServed: isServedBy(catalog) });
  const state = { hasStarted: false, isShuttingDown: false };
  const health = healthOf(parts.store, world, state, options.priorityAndFairness ? flowControlHooks : []);
  const encrypted = await encryptedStoreOf(options, {
    store: parts.store,
    catalog,
    clock,
    log,
    metrics: registry,
    health,
  });
  const inner = encrypted ?? parts.store;
  const store = new MeasuredStore({ store: inner, catalog, clock, observe: metrics.storeRequests() });
  const authorization = await AuthorizationSetup.create(options.authorization, { ...world, metrics: registry });
  const { authorizer } = authorization;
  const { tolerations } = options.admission;
  const configuration = parts.admissionConfiguration ?? AdmissionConfiguration.empty;
  const admissionContext = { authorizer, clock, random, configuration, metrics: registry, tolerations };
  const auditor = await auditorOf(options, { ...world, metrics: registry });
  // Known for certain once the server listens.
  let port = options.securePort;
  const serverAddress = (): string => `${bracketed(parts.advertiseAddress)}:${port}`;
  const authentication = await AuthenticationSetup.create(
    options,
    { ...world, metrics: registry, serverAddress },
    parts,
  );
  const flow = options.priorityAndFairness
    ? new FlowControlSetup({
        clock,
        log,
        metrics: registry,
        serverSeats: options.maxReadsInFlight + options.maxWritesInFlight,
      })
    : undefined;
  const server = await startApiServer({
    store,
    catalog,
    clock,
    random,
    log,
    bindAddress: options.bindAddress,
    securePort: options.securePort,
    advertiseAddress: parts.advertiseAddress,
    serviceAddresses: options.serviceRanges.map((range) => formatIP(range.at(1n))),
    serviceNetwork: { ranges: options.serviceRanges, nodePorts: options.nodePorts },
    tls: {
      ...credentials.serving,
      clientCa: authentication.clientAuthorities,
      minVersion: options.tlsMinVersion,
      ciphers: options.tlsCiphers,
    },
    authenticator: authentication.authenticator,
    served: new Map([['serviceaccounts./token', authentication.serveTokenRequest]]),
    authorizer,
    authorizationMetrics: authorization.metrics,
    writeHooks: authorization.writeHooks,
    admission: (served) =>
      admissionChain(
        options.admission.plugins,
        { ...admissionContext, registry: served },
        new AdmissionMetrics(registry),
      ),
    eventTtlSeconds: options.eventTtlSeconds,
    requestTimeoutMs: options.requestTimeoutMs,
    minRequestTimeoutMs: options.minRequestTimeoutSeconds * 1000,
    ...(flow === undefined ? {} : { flowControl: flow.flowControl }),
    maxReadsInFlight: options.maxReadsInFlight,
    maxWritesInFlight: options.maxWritesInFlight,
    observer: metrics,
    ...(auditor === undefined ? {} : { auditor }),
    ...(encrypted === undefined ? {} : { isStale: (key, value) => encrypted.isStale(key, value) }),
    addRoutes: (routes, running) => {
      let counts: readonly ResourceCount[] = [];
      metrics.showStorage(() => ({ sizeBytes: store.status().sizeBytes, objects: counts }));
      authorization.attach(running.registry);
      authentication.attach(running, routes);
      addStandardRoutes(routes, {
        clock,
        discovery: new Discovery(catalog, { serverAddress }),
        loadOpenApi: openApiLoader(catalog),
        health,
        version: versionInfo(),
        renderMetrics: async () => {
          counts = await countStored(parts.store, catalog, running.registry);
          return registry.render();
        },
      });
    },
    onFailure: (error) => world.onFailure(error),
  }).catch((error: unknown) => {
    encrypted?.stop();
    throw listenError(error, options);
  });
  port = server.port;
  const url = `https://${localHost(options.bindAddress)}:${server.port}`;
  try {
    await Promise.all([authorization.bootstrap(server), authentication.start(), flow?.start(server)]);
    state.hasStarted = true;
    if (!(await health.passes('readyz'))) throw new SetupError('/readyz does not hold after the start');
    await writeAdminKubeconfig(options, server, credentials, url);
  } catch (error) {
    authorization.stop();
    authentication.stop();
    flow?.stop();
    await server.close();
    await auditor?.close();
    encrypted?.stop();
    throw error;
  }
  return {
    serveAs: (user, exchange) => server.handler.serveAs(user, exchange),
    url,
    port: server.port,
    store,
    announceShutdown() {
      state.isShuttingDown = true;
    },
    async close() {
      state.isShuttingDown = true;
      authorization.stop();
      authentication.stop();
      flow?.stop();
      await server.close();
      await auditor?.close();
      await store.close();
    },
  };
}

/** Its code is loaded where there is something to do for it. */
async function encryptedStoreOf(
  { encryption }: ServerRunOptions,
  world: EncryptionWorld,
): Promise<EncryptedStore | undefined> {
  if (encryption === undefined) return undefined;
  const { openEncryptedStore } = await import('./encryption/setup.ts');
  return openEncryptedStore(encryption, world);
}

/** Its code is loaded where there is something to do for it. */
async function auditorOf({ audit }: ServerRunOptions, world: AuditWorld): Promise<Auditor | undefined> {
  if (audit.policyFile === undefined && audit.log === undefined && audit.webhook === undefined) return undefined;
  const { setUpAudit } = await import('./audit/setup.ts');
  return setUpAudit(audit, world);
}

function healthOf(
  store: Store,
  { clock, log }: Surroundings,
  state: { readonly hasStarted: boolean; readonly isShuttingDown: boolean },
  moreHooks: readonly string[],
): HealthChecks {
  const health = new HealthChecks({
    onFailure: (endpoint, name, error) => log.v(2)?.info('Health check failed', { endpoint, name, error }),
  });
  health.add(healthEndpoints, 'log', () => {
    if (!process.stderr.writable) throw new Error('logging blocked');
  });
  const etcd = storeCheck(store, clock);
  health.add(healthEndpoints, 'etcd', etcd);
  health.add(['readyz'], 'etcd-readiness', etcd);
  const started = (): void => {
    if (!state.hasStarted) throw new Error('not finished');
  };
  health.add(healthEndpoints, 'poststarthook/start-system-namespaces-controller', started);
  health.add(healthEndpoints, 'poststarthook/bootstrap-controller', started);
  health.add(healthEndpoints, 'poststarthook/scheduling/bootstrap-system-priority-classes', started);
  health.add(healthEndpoints, bootstrapRolesHook, started);
  for (const hook of moreHooks) health.add(healthEndpoints, hook, started);
  health.add(['readyz'], 'shutdown', () => {
    if (state.isShuttingDown) throw new Error('process is shutting down');
  });
  return health;
}

function isServedBy(
  catalog: ResourceCatalog,
): (g: string, v: string, resource: string, subresource: string) => boolean {
  return (group, version, resource, subresource) => {
    const definition = catalog.find(group, version, resource);
    return definition !== undefined && (subresource === '' || subresource in definition.subresources);
  };
}

/** The documents are large and few clients ask for them: their code is loaded when one does. */
function openApiLoader(catalog: ResourceCatalog): () => Promise<OpenApiDocuments> {
  let loaded: Promise<OpenApiDocuments> | undefined;
  return () => {
    loaded ??= import('./openapi/documents.ts').then(
      (module) => new module.OpenApiDocuments({ catalog, version: gitVersion, loadDescriptions }),
    );
    return loaded;
  };
}

async function writeAdminKubeconfig(
  options: ServerRunOptions,
  { port }: ApiServer,
  { admin, servingCa }: Credentials,
  url: string,
): Promise<void> {
  if (options.writeKubeconfig === undefined || admin === undefined) return;
  // Who says where the server is reached means it for this file, too.
  const advertised = options.advertiseAddress;
  try {
    await writeKubeconfig(options.writeKubeconfig, {
      server: advertised === undefined ? url : `https://${bracketed(advertised)}:${port}`,
      certificateAuthority: servingCa,
      user: { name: 'kubernetes-admin', ...admin },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupError(`--write-kubeconfig=${options.writeKubeconfig} cannot be written: ${reason}`, {
      cause: error,
    });
  }
}

/** How a client on this machine reaches what listens on an address. */
function localHost(bindAddress: string): string {
  if (bindAddress === '0.0.0.0') return '127.0.0.1';
  return bindAddress === '::' ? '[::1]' : bracketed(bindAddress);
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
