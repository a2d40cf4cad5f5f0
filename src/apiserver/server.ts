import type { ResourceCatalog } from '../api/contract.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { Random } from '../machinery/random.ts';
import { formatTime } from '../machinery/time.ts';
import { StoreClosedError, type Store } from '../store/contract.ts';
import type { AdmissionChain } from './admission/chain.ts';
import type { Auditor } from './audit/auditor.ts';
import type { UnionAuthenticator } from './authentication/union.ts';
import type { AuthorizationMetrics } from './authorization/metrics.ts';
import { ServiceAllocator, type ServiceNetwork } from './allocation/services.ts';
import { bootstrap } from './bootstrap.ts';
import { DeviceRequestCheck } from './device-requests.ts';
import type { Authorizer } from './contract.ts';
import type { FlowControl } from './flowcontrol/flow-control.ts';
import { storeCheck } from './health/store-check.ts';
import { Handler, type HandlerOptions, type RequestObserver } from './handler.ts';
import { Listener, type TlsMaterial } from './http/listener.ts';
import { Registry, type RegistryOptions } from './registry/registry.ts';
import type { WriteHook } from './registry/write-hook.ts';
import { Routes } from './routes.ts';
import { virtualResources } from './virtual.ts';

/** Everything an API server is given; it opens nothing itself but its port. */
export interface ApiServerOptions {
  readonly store: Store;
  readonly catalog: ResourceCatalog;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly bindAddress: string;
  /** 0: any free port. */
  readonly securePort: number;
  /** Where others are told to reach this server. */
  readonly advertiseAddress: string;
  /** The first address of each service network. */
  readonly serviceAddresses: readonly string[];
  /** Where Services get their addresses and ports from. */
  readonly serviceNetwork: ServiceNetwork;
  readonly tls: TlsMaterial;
  readonly authenticator: UnionAuthenticator;
  /** Subresources served by code of their own; see HandlerOptions. */
  readonly served: HandlerOptions['served'];
  readonly authorizer: Authorizer;
  readonly authorizationMetrics?: AuthorizationMetrics;
  /** Steps in the writes of single kinds, besides those of Services. */
  readonly writeHooks?: readonly WriteHook[];
  /** Makes the chain that writes have to pass. */
  admission(registry: Registry): AdmissionChain;
  readonly eventTtlSeconds: number;
  readonly requestTimeoutMs: number;
  readonly minRequestTimeoutMs: number;
  /** See HandlerOptions. */
  readonly flowControl?: FlowControl;
  readonly maxReadsInFlight: number;
  readonly maxWritesInFlight: number;
  readonly observer: RequestObserver;
  /** Absent: nothing is audited. */
  readonly auditor?: Auditor;
  /** Adds the paths that are not resources: discovery, OpenAPI, health, metrics. */
  addRoutes(routes: Routes, server: RunningServer): void;
  /** See RegistryOptions. */
  readonly isStale?: RegistryOptions['isStale'];
  /** Called when the server can no longer be trusted and should end. */
  onFailure(error: unknown): void;
}

export interface RunningServer {
  readonly registry: Registry;
  readonly handler: Handler;
  /** False once it is on its way down. */
  readonly isReady: boolean;
  /** Changes whom client certificates must be signed by, in PEM, for new connections. */
  trustClientsOf(clientCa: string): void;
}

export interface ApiServer extends RunningServer {
  readonly host: string;
  readonly port: number;
  /** Ends watches cleanly, finishes requests (at most `graceMs`), and stops listening. The store stays open. */
  close(graceMs?: number): Promise<void>;
}

/** How long requests that are under way may take to finish at shutdown. */
const defaultGraceMs = 10_000;

/** Serves until closed. Resolves when the first objects are there and requests are answered. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, catalog, clock, random, log, authenticator, authorizer } = options;
  const allocator = new ServiceAllocator(options.serviceNetwork, random);
  const registry = new Registry({
    store,
    catalog,
    clock,
    random,
    eventTtlSeconds: options.eventTtlSeconds,
    minRequestTimeoutMs: options.minRequestTimeoutMs,
    writeHooks: [
      allocator,
      new DeviceRequestCheck('deviceclasses'),
      new DeviceRequestCheck('resourceclaims'),
      new DeviceRequestCheck('resourceclaimtemplates'),
      ...(options.writeHooks ?? []),
    ],
    admission: (made) => options.admission(made),
    authorizer,
    isStale: options.isStale,
    onFailure: (error) => options.onFailure(error),
  });
  const routes = new Routes();
  const handler: Handler = new Handler({
    registry,
    routes,
    virtual: virtualResources({
      clock,
      storeCheck: storeCheck(store, clock),
      authenticator,
      authorizer,
      serveAs: (user, exchange) => handler.serveAs(user, exchange),
    }),
    served: options.served,
    authenticator,
    authorizer,
    ...(options.authorizationMetrics === undefined ? {} : { authorizationMetrics: options.authorizationMetrics }),
    observer: options.observer,
    ...(options.auditor === undefined ? {} : { auditor: options.auditor }),
    log,
    ...(options.flowControl === undefined ? {} : { flowControl: options.flowControl }),
    maxReadsInFlight: options.maxReadsInFlight,
    maxWritesInFlight: options.maxWritesInFlight,
    requestTimeoutMs: options.requestTimeoutMs,
  });
  let listener: Listener | undefined;
  const trustClientsOf = (clientCa: string): void => listener?.trustClientsOf(clientCa);
  const state = { registry, handler, isReady: false, trustClientsOf };
  options.addRoutes(routes, state);
  try {
    listener = await Listener.listen({
      clock,
      host: options.bindAddress,
      port: options.securePort,
      tls: options.tls,
      handle: (exchange) => handler.handle(exchange),
    });
  } catch (error) {
    registry.stop();
    throw error;
  }
  const { address, port } = listener.address;
  const close = async (graceMs = defaultGraceMs): Promise<void> => {
    state.isReady = false;
    handler.watches.endAll();
    await listener?.close(graceMs);
    registry.stop();
  };
  try {
    await bootstrap({
      serveAs: (user, exchange) => handler.serveAs(user, exchange),
      serviceAddresses: options.serviceAddresses,
      serviceNetworks: options.serviceNetwork.ranges.map(String),
      now: formatTime(clock.now()),
      securePort: port,
      advertiseAddress: options.advertiseAddress,
    });
  } catch (error) {
    await close(0);
    throw error;
  }
  state.isReady = true;
  // What is not repaired yet is not given out twice either: nobody needs to wait for it.
  allocator.repair(registry).catch((error: unknown) => {
    if (!(error instanceof StoreClosedError)) log.error('Repairing the addresses of Services failed', error);
  });
  return {
    registry,
    handler,
    get isReady() {
      return state.isReady;
    },
    trustClientsOf,
    host: address,
    port,
    close,
  };
}
