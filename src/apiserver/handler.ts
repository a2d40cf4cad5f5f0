import type { ResourceCatalog, ResourceDefinition, UserInfo } from '../api/contract.ts';
import type { Logger } from '../machinery/logging.ts';
import { internalError, methodNotAllowed, notImplemented, pathNotFound, StatusError } from '../machinery/status.ts';
import type { Auditor } from './audit/auditor.ts';
import { recordDecision } from './audit/decision.ts';
import type { RequestRecord } from './audit/request-audit.ts';
import { Impersonation } from './authentication/impersonation.ts';
import type { Authentication, UnionAuthenticator } from './authentication/union.ts';
import { mastersGroup } from './authentication/users.ts';
import type { AuthorizationMetrics } from './authorization/metrics.ts';
import { checkPermitted } from './authorization/permit.ts';
import type { Authorizer, Exchange, RequestInfo } from './contract.ts';
import { Deadlines } from './deadlines.ts';
import type { FlowControl } from './flowcontrol/flow-control.ts';
import { TooBusyError, type HeldSeats } from './flowcontrol/priority-level.ts';
import { parseRequestInfo } from './http/request-info.ts';
import { dispatch } from './registry/dispatch.ts';
import type { Registry } from './registry/registry.ts';
import type { ResourceRequest } from './registry/request.ts';
import { sendError, sendPageNotFound, sendTooManyRequests } from './registry/respond.ts';
import { parseRequestTimeoutMs } from './request-timeout.ts';
import { OpenWatches } from './registry/watch.ts';
import type { Routes } from './routes.ts';

export interface HandlerOptions {
  readonly registry: Registry;
  readonly routes: Routes;
  /** Kinds that are not stored and that the server answers itself, by `<plural>.<group>`. */
  readonly virtual: ReadonlyMap<string, VirtualResource>;
  /** Subresources that the server serves with code of its own, by `<plural>.<group>/<subresource>`. */
  readonly served: ReadonlyMap<string, (request: ResourceRequest) => Promise<void>>;
  readonly authenticator: UnionAuthenticator;
  readonly authorizer: Authorizer;
  readonly authorizationMetrics?: AuthorizationMetrics;
  readonly observer: RequestObserver;
  /** Absent: nothing is audited. */
  readonly auditor?: Auditor;
  readonly log: Logger;
  /** API Priority and Fairness. Absent: the two limits below hold instead. */
  readonly flowControl?: FlowControl;
  /** `--max-requests-inflight`, `--max-mutating-requests-inflight`; 0: no limit. */
  readonly maxReadsInFlight: number;
  readonly maxWritesInFlight: number;
  /** `--request-timeout`. */
  readonly requestTimeoutMs: number;
}

export interface VirtualRequest {
  readonly exchange: Exchange;
  readonly info: RequestInfo;
  readonly definition: ResourceDefinition;
  readonly user: UserInfo;
}

export type VirtualResource = (request: VirtualRequest) => Promise<void>;

/** Told of every request, for metrics and audit. */
export interface RequestObserver {
  /** Called when a request is understood; what it returns is called when the answer is complete. */
  begin(info: RequestInfo, isLongRunning: boolean, isDryRun: boolean): (status: number, bodyBytes: number) => void;
  /** What is told of each event that a watch of this resource sends. */
  watchEvents(group: string, version: string, resource: string): (bytes: number) => void;
}

const readVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'head', 'options']);
const longRunningSubresources: ReadonlySet<string> = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

function isLongRunning(info: RequestInfo): boolean {
  return info.verb === 'watch' || longRunningSubresources.has(info.subresource);
}

function isDryRun(exchange: Exchange): boolean {
  return exchange.query.size > 0 && exchange.query.getAll('dryRun').includes('All');
}

/** The way of every request: who asks, whether it is their turn, whether they may, and then the code that answers. */
export class Handler {
  readonly watches: OpenWatches;
  readonly #options: HandlerOptions;
  readonly #deadlines: Deadlines<Exchange>;
  /** Requests that were answered because they took too long. */
  readonly #expired = new WeakSet<Exchange>();
  readonly #impersonation: Impersonation;
  #reads = 0;
  #writes = 0;

  constructor(options: HandlerOptions) {
    this.#options = options;
    this.#impersonation = new Impersonation(options.authorizer);
    this.#deadlines = new Deadlines(options.registry.clock, options.requestTimeoutMs, (exchange) => {
      this.#expire(exchange);
    });
    this.watches = new OpenWatches((group, version, resource) =>
      options.observer.watchEvents(group, version, resource),
    );
  }

  /** Short requests under way. */
  get inFlight(): { readonly reads: number; readonly writes: number } {
    return { reads: this.#reads, writes: this.#writes };
  }

  /** Answers a request from the network. Never throws, never rejects. */
  handle(exchange: Exchange): void {
    void this.#serve(exchange, undefined);
  }

  /** Answers a request of the process itself, made in somebody's name. */
  serveAs(user: UserInfo, exchange: Exchange): Promise<void> {
    return this.#serve(exchange, { user, authenticator: 'internal', audiences: undefined });
  }

  async #serve(exchange: Exchange, known: Authentication | undefined): Promise<void> {
    const { auditor } = this.#options;
    const receivedMs = auditor?.nowMs() ?? 0;
    let finish: ((status: number, bodyBytes: number) => void) | undefined;
    let record: RequestRecord | undefined;
    try {
      const info = parseRequestInfo(exchange.method, exchange.path, exchange.query);
      finish = this.#options.observer.begin(info, isLongRunning(info), isDryRun(exchange));
      const asked = known ?? this.#authenticate(exchange, info, receivedMs);
      const authentication = asked instanceof Promise ? await asked : asked;
      if (auditor !== undefined) {
        const { user, authenticator } = authentication;
        const begun = auditor.begin(exchange, info, user, authenticator, receivedMs, isLongRunning(info));
        exchange.audit = record = begun instanceof Promise ? await begun : begun;
      }
      const impersonation = this.#impersonation.of(exchange, authentication.user, info);
      const impersonated = impersonation === undefined ? undefined : await impersonation;
      if (impersonated !== undefined) record?.impersonates(impersonated);
      const user = impersonated?.user ?? authentication.user;
      await this.#limited(exchange, info, user);
    } catch (error) {
      // What came of it after its time was up cannot be told any more.
      if (!this.#expired.has(exchange)) await this.#fail(exchange, error);
    } finally {
      if (record !== undefined) record.handled();
      if (finish !== undefined) {
        const done = finish;
        exchange.onClose(() => done(exchange.status, exchange.bodyBytes));
      }
    }
  }

  /** Credentials that are refused are audited, too. */
  #authenticate(exchange: Exchange, info: RequestInfo, receivedMs: number): Authentication | Promise<Authentication> {
    const { authenticator, auditor } = this.#options;
    if (auditor === undefined) return authenticator.authenticate(exchange);
    const refuse = (error: unknown): never => {
      const status = error instanceof StatusError ? error : internalError(error);
      auditor.refused(exchange, info, receivedMs, status);
      throw error;
    };
    try {
      const asked = authenticator.authenticate(exchange);
      return asked instanceof Promise ? asked.catch(refuse) : asked;
    } catch (error) {
      return refuse(error);
    }
  }

  /** Bounds how many requests are worked on at a time, and for how long each. */
  async #limited(exchange: Exchange, info: RequestInfo, user: UserInfo): Promise<void> {
    if (isLongRunning(info)) {
      return info.verb === 'watch' ? this.#beginWatch(exchange, info, user) : this.#permitted(exchange, info, user);
    }
    const timeoutMs = exchange.query.size === 0 ? undefined : parseRequestTimeoutMs(exchange.query);
    const isRead = readVerbs.has(info.verb);
    const { flowControl, requestTimeoutMs } = this.#options;
    if (flowControl === undefined) this.#checkInFlight(isRead, user);
    if (isRead) this.#reads++;
    else this.#writes++;
    const cancel = this.#expireAfter(exchange, timeoutMs);
    const deadline = this.#deadlines.begin(exchange);
    let seats: HeldSeats | undefined;
    try {
      if (flowControl !== undefined) {
        const entered = flowControl.enter(exchange, info, user, Math.min(timeoutMs ?? Infinity, requestTimeoutMs));
        seats = entered instanceof Promise ? await entered : entered;
      }
      await this.#permitted(exchange, info, user);
    } finally {
      seats?.release();
      this.#deadlines.end(deadline);
      cancel?.();
      if (isRead) this.#reads--;
      else this.#writes--;
    }
  }

  /** A watch has seats until it has begun; from then on it is a cost of what it watches. */
  async #beginWatch(exchange: Exchange, info: RequestInfo, user: UserInfo): Promise<void> {
    const { flowControl, requestTimeoutMs } = this.#options;
    if (flowControl === undefined) return this.#permitted(exchange, info, user);
    const seats = await flowControl.enter(exchange, info, user, requestTimeoutMs);
    exchange.onClose(flowControl.trackWatch(info, exchange.query));
    try {
      await this.#permitted(exchange, info, user);
    } finally {
      seats.release();
    }
  }

  #checkInFlight(isRead: boolean, user: UserInfo): void {
    const { maxReadsInFlight, maxWritesInFlight } = this.#options;
    const [count, limit] = isRead ? [this.#reads, maxReadsInFlight] : [this.#writes, maxWritesInFlight];
    if (limit > 0 && count >= limit && !user.groups.includes(mastersGroup))
      throw new TooBusyError('concurrency-limit', 1);
  }

  async #permitted(exchange: Exchange, info: RequestInfo, user: UserInfo): Promise<void> {
    const { authorizer, authorizationMetrics } = this.#options;
    const toldOf = exchange.audit === undefined ? undefined : recordDecision(exchange);
    const authorized = checkPermitted(authorizer, authorizationMetrics, user, info, exchange.query, toldOf);
    if (authorized !== undefined) await authorized;
    return this.#route(exchange, info, user);
  }

  async #route(exchange: Exchange, info: RequestInfo, user: UserInfo): Promise<void> {
    const { registry, routes, virtual } = this.#options;
    if (!info.isResourceRequest) {
      const route = routes.find(info.path);
      if (route === undefined || !isOfServedGroup(registry.catalog, info.path)) return sendPageNotFound(exchange);
      return route(exchange);
    }
    const definition = registry.catalog.find(info.apiGroup, info.apiVersion, info.resource);
    if (definition === undefined) {
      if (!isOfServedGroup(registry.catalog, info.path)) return sendPageNotFound(exchange);
      throw pathNotFound();
    }
    checkScope(definition, info);
    if (definition.deprecationWarning !== undefined) exchange.addWarning(definition.deprecationWarning);
    if (definition.storage === undefined) {
      const serve = virtual.get(`${definition.plural}.${definition.group}`);
      if (serve === undefined) throw notImplemented(`${definition.plural} are not implemented yet`);
      return serve({ exchange, info, definition, user });
    }
    const filled = registry.cacheOf(definition);
    const cache = filled instanceof Promise ? await filled : filled;
    const request = { registry, exchange, info, definition, cache, user };
    const serve = info.subresource === '' ? undefined : this.#servedBy(request);
    return serve === undefined ? dispatch(request, this.watches) : serve(request);
  }

  #servedBy({ definition, info }: ResourceRequest): ((request: ResourceRequest) => Promise<void>) | undefined {
    const serve = this.#options.served.get(`${definition.plural}.${definition.group}/${info.subresource}`);
    const subresource = definition.subresources[info.subresource];
    if (serve === undefined || subresource?.shape !== 'served') return undefined;
    if (info.name === '') throw pathNotFound();
    if (!subresource.verbs.some((verb) => verb === info.verb)) throw methodNotAllowed();
    return serve;
  }

  /** Fails a request after the time that its client waits, where that is shorter than the server's own. */
  #expireAfter(exchange: Exchange, timeoutMs: number | undefined): (() => void) | undefined {
    const { registry, requestTimeoutMs } = this.#options;
    if (timeoutMs === undefined || timeoutMs >= requestTimeoutMs) return undefined;
    const timer = registry.clock.setTimeout(() => this.#expire(exchange), timeoutMs);
    return () => timer.cancel();
  }

  #expire(exchange: Exchange): void {
    this.#expired.add(exchange);
    void this.#fail(exchange, timedOut());
  }

  async #fail(exchange: Exchange, error: unknown): Promise<void> {
    if (error instanceof TooBusyError) return sendTooManyRequests(exchange, error.retryAfterSeconds);
    const status = error instanceof StatusError ? error : internalError(error);
    exchange.audit?.fails(status, error);
    if (status.code >= 500 && status.code !== 501 && status.code !== 504) {
      this.#options.log.error('request failed', error, {
        method: exchange.method,
        path: exchange.path,
        id: exchange.auditId,
      });
    }
    try {
      await sendError(exchange, status);
    } catch (cause) {
      // The client went away in the middle of its answer; there is nobody left to tell.
      this.#options.log.v(4)?.info('answer not sent', { path: exchange.path, error: String(cause) });
    }
  }
}

function timedOut(): StatusError {
  return new StatusError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', {
    details: {},
  });
}

/** False for paths of API groups that are not served: upstream leaves them to a server that knows of no API. */
function isOfServedGroup({ definitions }: ResourceCatalog, path: string): boolean {
  const group = /^\/+apis\/+([^/]+)/.exec(path)?.[1];
  return group === undefined || definitions.some((definition) => definition.group === group);
}

/** Refuses paths that put a resource where it is not. */
function checkScope(definition: ResourceDefinition, info: RequestInfo): void {
  const isOfNamespaces = definition.plural === 'namespaces' && definition.group === '';
  if (!definition.namespaced) {
    if (info.namespace !== '' && !isOfNamespaces) throw pathNotFound();
    return;
  }
  if (info.namespace !== '') return;
  if (info.name !== '') throw pathNotFound();
  if (info.verb !== 'list' && info.verb !== 'watch') throw methodNotAllowed();
}
