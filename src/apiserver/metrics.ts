/** The API server's metrics, under upstream's names and labels (https://kubernetes.io/docs/reference/instrumentation/metrics/). */
import type { Clock } from '../machinery/clock.ts';
import { exponentialBuckets } from '../machinery/metrics.ts';
import type { CounterSeries, GaugeSeries, HistogramSeries, MetricsRegistry } from '../machinery/metrics.ts';
import type { RequestInfo } from './contract.ts';
import type { StoreObserver } from './measured-store.ts';
import { isPublicPath } from './authorization/public-paths.ts';

/** Upstream's bounds, in seconds, for requests to the server and to the store. */
const durationBuckets = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];
/** Upstream's metrics name the component that answers. */
const component = 'apiserver';
const requestLabels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'component'] as const;

export interface ServerMetricsOptions {
  readonly registry: MetricsRegistry;
  readonly clock: Clock;
  /** Whether a resource, with that subresource unless it is '', is served: names that clients make up are no labels. */
  isServed(group: string, version: string, resource: string, subresource: string): boolean;
}

/** What one kind of request is counted in, found once. */
interface RequestSeries {
  readonly durations: HistogramSeries;
  readonly responseBytes: HistogramSeries | undefined;
  /** How many are under way, among those of its kind. */
  readonly active: GaugeSeries;
  readonly byCode: Map<number, CounterSeries>;
  readonly counter: (code: number) => CounterSeries;
}

/** Counts one watch event of so many bytes. */
export type WatchEventRecorder = (bytes: number) => void;

/** What the store holds, as far as metrics tell. */
export interface StorageFacts {
  readonly sizeBytes: number;
  readonly objects: Iterable<{ readonly group: string; readonly resource: string; readonly count: number }>;
}

/** What verbs on resources are called in metrics. */
const resourceVerbs: Readonly<Record<string, string>> = {
  create: 'POST',
  update: 'PUT',
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
};
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const connectSubresources = new Set(['exec', 'attach', 'portforward', 'proxy']);
const readVerbs = new Set(['GET', 'LIST', 'WATCH', 'HEAD', 'OPTIONS']);
/** Upstream keeps sizes of these alone. */
const sizedVerbs = new Set(['GET', 'LIST']);
/** Paths that are a label; the others are counted together. */
const namedPaths = new Set(['/', '/api', '/apis', '/metrics', '/openapi/v2', '/openapi/v3']);

export class ServerMetrics {
  readonly #options: ServerMetricsOptions;
  readonly #series = new Map<string, RequestSeries>();
  readonly #requests;
  readonly #durations;
  readonly #responseBytes;
  readonly #longRunning;
  readonly #inFlight;
  readonly #watchEvents;
  readonly #watchEventBytes;

  constructor(options: ServerMetricsOptions) {
    const { registry } = options;
    this.#options = options;
    this.#requests = registry.counter({
      name: 'apiserver_request_total',
      help: 'Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
      labelNames: ['verb', 'dry_run', ...tail(requestLabels), 'code'],
    });
    this.#durations = registry.histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
      labelNames: ['verb', 'dry_run', ...tail(requestLabels)],
      buckets: durationBuckets,
    });
    this.#responseBytes = registry.histogram({
      name: 'apiserver_response_sizes',
      help: 'Response size distribution in bytes for each group, version, verb, resource, subresource, scope and component.',
      labelNames: requestLabels,
      buckets: exponentialBuckets(1000, 10, 7),
    });
    this.#longRunning = registry.gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
      labelNames: requestLabels,
    });
    this.#inFlight = registry.gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Number of requests that are being worked on, long-running ones aside, by kind.',
      labelNames: ['request_kind'],
    });
    this.#watchEvents = registry.counter({
      name: 'apiserver_watch_events_total',
      help: 'Number of events sent in watch clients',
      labelNames: ['group', 'version', 'resource'],
    });
    this.#watchEventBytes = registry.histogram({
      name: 'apiserver_watch_events_sizes',
      help: 'Watch event size distribution in bytes',
      labelNames: ['group', 'version', 'resource'],
      buckets: exponentialBuckets(1024, 2, 8),
    });
  }

  /** Begins to measure a request. What it returns is called once, with the status code and the bytes of the answer. */
  begin(info: RequestInfo, isLongRunning: boolean, isDryRun = false): (code: number, responseBytes?: number) => void {
    const { clock } = this.#options;
    const series = this.#seriesOf(info, isLongRunning, isDryRun);
    const { active } = series;
    const startMs = clock.monotonicMs();
    active.inc();
    return (code, responseBytes) => {
      active.dec();
      let counter = series.byCode.get(code);
      if (counter === undefined) {
        counter = series.counter(code);
        series.byCode.set(code, counter);
      }
      counter.inc();
      // How long a watch was open says nothing about the server.
      if (!isLongRunning) series.durations.observe((clock.monotonicMs() - startMs) / 1000);
      if (responseBytes !== undefined) series.responseBytes?.observe(responseBytes);
    };
  }

  /** The way to count events of one resource's watches; keep it. */
  watchEvents(group: string, version: string, resource: string): WatchEventRecorder {
    const events = this.#watchEvents.labels(group, version, resource);
    const sizes = this.#watchEventBytes.labels(group, version, resource);
    return (bytes) => {
      events.inc();
      sizes.observe(bytes);
    };
  }

  /** What is told of each request to the store. */
  storeRequests(): StoreObserver {
    const labelNames = ['operation', 'group', 'resource'] as const;
    const { registry } = this.#options;
    const seconds = registry.histogram({
      name: 'etcd_request_duration_seconds',
      help: 'Etcd request latency in seconds for each operation and object type.',
      labelNames,
      buckets: durationBuckets,
    });
    const total = registry.counter({
      name: 'etcd_requests_total',
      help: 'Etcd request counts for each operation and object type.',
      labelNames,
    });
    const failed = registry.counter({
      name: 'etcd_request_errors_total',
      help: 'Etcd failed request counts for each operation and object type.',
      labelNames,
    });
    const known = new Map<string, { readonly seconds: HistogramSeries; readonly total: CounterSeries }>();
    return (operation, group, resource, tookSeconds, isFailed) => {
      const key = `${operation} ${resource}.${group}`;
      let series = known.get(key);
      if (series === undefined) {
        const labels = [operation, group, resource] as const;
        series = { seconds: seconds.labels(...labels), total: total.labels(...labels) };
        known.set(key, series);
      }
      series.seconds.observe(tookSeconds);
      series.total.inc();
      if (isFailed) failed.labels(operation, group, resource).inc();
    };
  }

  /** Asks for what the store holds at each scrape. */
  showStorage(read: () => StorageFacts): void {
    const { registry } = this.#options;
    const size = registry.gauge({
      name: 'apiserver_storage_size_bytes',
      help: 'Size of the storage database file physically allocated in bytes.',
      labelNames: ['storage_cluster_id'],
    });
    const objects = registry.gauge({
      name: 'apiserver_resource_objects',
      help: 'Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
      labelNames: ['group', 'resource'],
    });
    const olderName = registry.gauge({
      name: 'apiserver_storage_objects',
      help: '[DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
      labelNames: ['resource'],
    });
    registry.beforeScrape(() => {
      const facts = read();
      size.labels('etcd-0').set(facts.sizeBytes);
      for (const { group, resource, count } of facts.objects) {
        objects.labels(group, resource).set(count);
        olderName.labels(group === '' ? resource : `${resource}.${group}`).set(count);
      }
    });
  }

  #seriesOf(info: RequestInfo, isLongRunning: boolean, isDryRun: boolean): RequestSeries {
    const { apiGroup, apiVersion, resource, subresource, namespace, name } = info;
    const verb = metricVerbOf(info);
    const kind = isLongRunning ? 'long' : isDryRun ? 'dry' : '';
    if (!info.isResourceRequest) return this.#find(verb, kind, '', '', '', pathLabelOf(info.path), '');
    if (!this.#options.isServed(apiGroup, apiVersion, resource, subresource)) {
      return this.#find(verb, kind, '', '', '', '', '');
    }
    const scope = name !== '' ? 'resource' : namespace !== '' ? 'namespace' : 'cluster';
    return this.#find(verb, kind, apiGroup, apiVersion, resource, subresource, scope);
  }

  /** No argument may be what a client made up: what is found here is kept. */
  #find(
    verb: string,
    kind: '' | 'dry' | 'long',
    group: string,
    version: string,
    resource: string,
    subresource: string,
    scope: string,
  ): RequestSeries {
    const key = `${verb} ${kind} ${group}/${version}/${resource}/${subresource} ${scope}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const dryRun = kind === 'dry' ? 'All' : '';
    const rest = [group, version, resource, subresource, scope, component] as const;
    const made: RequestSeries = {
      durations: this.#durations.labels(verb, dryRun, ...rest),
      responseBytes: sizedVerbs.has(verb) ? this.#responseBytes.labels(verb, ...rest) : undefined,
      active:
        kind === 'long'
          ? this.#longRunning.labels(verb, ...rest)
          : this.#inFlight.labels(readVerbs.has(verb) ? 'readOnly' : 'mutating'),
      byCode: new Map(),
      counter: (code) => this.#requests.labels(verb, dryRun, ...rest, String(code)),
    };
    this.#series.set(key, made);
    return made;
  }
}

/** The label of a path that is no resource; single checks below a health endpoint are counted with it. */
function pathLabelOf(path: string): string {
  if (isPublicPath(path)) return `/${path.split('/')[1] ?? ''}`;
  return namedPaths.has(path) ? path : '';
}

function metricVerbOf({ verb, subresource, isResourceRequest }: RequestInfo): string {
  if (isResourceRequest && connectSubresources.has(subresource)) return 'CONNECT';
  const named = isResourceRequest ? resourceVerbs[verb] : undefined;
  if (named !== undefined) return named;
  const method = verb.toUpperCase();
  return methods.has(method) ? method : 'other';
}

function tail<const T extends readonly [string, ...string[]]>(
  labels: T,
): T extends readonly [string, ...infer R] ? R : never {
  const [, ...rest] = labels;
  return rest as T extends readonly [string, ...infer R] ? R : never;
}
