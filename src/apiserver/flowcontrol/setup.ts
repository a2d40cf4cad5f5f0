/** Puts API Priority and Fairness together: it is driven by the server's own caches, and writes as any client does. */
import type { ResourceDefinition } from '../../api/contract.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../../api/types/flowcontrol.v1.ts';
import type { Clock, Timer } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logging.ts';
import type { MetricsRegistry } from '../../machinery/metrics.ts';
import { serverUser } from '../bootstrap.ts';
import type { RequestInfo } from '../contract.ts';
import { InternalExchange, type InternalResponse } from '../http/internal.ts';
import type { Registry } from '../registry/registry.ts';
import type { RunningServer } from '../server.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';
import { maintainConfiguration } from './bootstrap.ts';
import { flowControlGroup } from './bootstrap-objects.ts';
import { adjustmentPeriodMs, FlowControl } from './flow-control.ts';
import { FlowSchemaStatus } from './flow-schema-status.ts';
import { FlowControlMetrics } from './metrics.ts';
import type { StoredFigures } from './work-estimate.ts';

/** The hooks' checks in health endpoints. */
export const flowControlHooks = [
  'poststarthook/priority-and-fairness-config-consumer',
  'poststarthook/priority-and-fairness-config-producer',
  'poststarthook/priority-and-fairness-filter',
] as const;

/** How often the configuration is looked after. */
const maintenancePeriodMs = 60_000;

/** Nobody waits for conditions, but everybody for a start. */
const statusDelayMs = 250;

export interface FlowControlSetupOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly serverSeats: number;
}

type Plural = 'flowschemas' | 'prioritylevelconfigurations';

export class FlowControlSetup {
  readonly flowControl: FlowControl;
  readonly #options: FlowControlSetupOptions;
  readonly #status: FlowSchemaStatus;
  readonly #caches = new Map<Plural, ResourceCache>();
  readonly #timers: Timer[] = [];
  #registry: Registry | undefined;
  #handler: RunningServer['handler'] | undefined;
  /** Whether conditions may be written: not before the server has all it begins with. */
  #hasStarted = false;

  constructor(options: FlowControlSetupOptions) {
    const { clock, log, metrics, serverSeats } = options;
    this.#options = options;
    this.flowControl = new FlowControl({
      clock,
      metrics: new FlowControlMetrics(metrics),
      serverSeats,
      storedOf: (request) => this.#storedOf(request),
    });
    const request = this.#request.bind(this);
    this.#status = new FlowSchemaStatus({ clock, log, request });
  }

  /** Reads the configuration, follows it, and brings it up to date. Rejects with an Error when it cannot be written. */
  async start({ registry, handler }: Pick<RunningServer, 'registry' | 'handler'>): Promise<void> {
    this.#registry = registry;
    this.#handler = handler;
    await Promise.all([
      this.#follow<PriorityLevelConfiguration>('prioritylevelconfigurations', (name, level) => {
        this.flowControl.setLevel(name, level);
      }),
      this.#follow<FlowSchema>('flowschemas', (name, schema) => {
        this.flowControl.setSchema(name, schema);
        if (schema === undefined) this.#status.forget(name);
      }),
    ]);
    this.flowControl.apply();
    await this.#maintain();
    const { clock, log } = this.#options;
    this.#timers.push(
      clock
        .setTimeout(() => {
          this.#hasStarted = true;
          this.#checkAll();
        }, statusDelayMs)
        .unref(),
      clock.setInterval(() => this.flowControl.adjust(), adjustmentPeriodMs).unref(),
      clock
        .setInterval(() => {
          this.#maintain().catch((error: unknown) =>
            log.error('Maintaining the configuration of API Priority and Fairness failed', error),
          );
        }, maintenancePeriodMs)
        .unref(),
    );
  }

  stop(): void {
    this.#hasStarted = false;
    this.#status.stop();
    for (const timer of this.#timers) timer.cancel();
  }

  async #follow<T>(plural: Plural, take: (name: string, object: T | undefined) => void): Promise<void> {
    const { catalog, cacheOf } = this.#served();
    const definition = catalog.find(flowControlGroup, 'v1', plural);
    if (definition === undefined) throw new Error(`the catalog has no ${plural}.${flowControlGroup}`);
    const cache = await cacheOf(definition);
    this.#caches.set(plural, cache);
    const read = ({ value, revision }: CachedObject): T => cache.form.decode(value, revision) as T;
    const { from, to } = cache.rangeOf('');
    const takeAsIs = (object: CachedObject, isGone: boolean): void => {
      try {
        take(object.name, isGone ? undefined : read(object));
      } catch (error) {
        // What validation would not have let in, others may have stored: it counts as if it were not there.
        take(object.name, undefined);
        this.#options.log.error(`Ignoring ${plural}/${object.name}, which is broken`, error);
      }
    };
    cache.scan(from, to, (object) => {
      takeAsIs(object, false);
      return true;
    });
    cache.listen({
      onEvent: ({ type, object }) => {
        takeAsIs(object, type === 'delete');
        this.flowControl.apply();
        if (plural === 'flowschemas' && type !== 'delete') this.#check(object.name);
        else this.#checkAll();
      },
    });
  }

  #served(): { catalog: Registry['catalog']; cacheOf: (d: ResourceDefinition) => Promise<ResourceCache> } {
    const registry = this.#registry;
    if (registry === undefined) throw new Error('not started');
    return { catalog: registry.catalog, cacheOf: async (definition) => registry.cacheOf(definition) };
  }

  *#read<T>(plural: Plural): Generator<T> {
    const cache = this.#caches.get(plural);
    if (cache === undefined) return;
    const found: T[] = [];
    const { from, to } = cache.rangeOf('');
    cache.scan(from, to, ({ value, revision }) => {
      found.push(cache.form.decode(value, revision) as T);
      return true;
    });
    yield* found;
  }

  #maintain(): Promise<void> {
    return maintainConfiguration({
      request: (method, target, body) => this.#request(method, target, body),
      read: (plural) => this.#read(plural),
    });
  }

  #checkAll(): void {
    if (!this.#hasStarted) return;
    for (const schema of this.#read<FlowSchema>('flowschemas')) this.#checkSchema(schema);
  }

  #check(name: string): void {
    if (!this.#hasStarted) return;
    for (const schema of this.#read<FlowSchema>('flowschemas')) {
      if (schema.metadata.name === name) this.#checkSchema(schema);
    }
  }

  #checkSchema(schema: FlowSchema): void {
    const name = schema.metadata.name ?? '';
    if (!this.flowControl.hasSchema(name)) return;
    const isFound = this.flowControl.hasLevel(schema.spec.priorityLevelConfiguration.name);
    this.#status
      .check(schema, isFound, () => this.#check(name))
      .catch((error: unknown) => this.#options.log.error(`The status of the FlowSchema ${name} is not written`, error));
  }

  async #request(
    method: string,
    target: string,
    body?: object,
    contentType = 'application/json',
  ): Promise<InternalResponse> {
    const exchange = new InternalExchange({
      method,
      target,
      headers: { 'content-type': contentType, accept: 'application/json', 'user-agent': 'kube-apiserver' },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
    });
    await this.#handler?.serveAs(serverUser, exchange);
    return exchange.response;
  }

  #storedOf({ apiGroup, apiVersion, resource }: RequestInfo): StoredFigures | undefined {
    const definition = this.#registry?.catalog.find(apiGroup, apiVersion, resource);
    if (definition === undefined) return undefined;
    const cache = this.#registry?.loadedCache(definition);
    return cache === undefined ? undefined : { count: cache.size, sizeBytes: cache.sizeBytes };
  }
}
