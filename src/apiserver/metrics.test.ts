import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MetricsRegistry } from '../machinery/metrics.ts';
import { registerProcessMetrics } from '../machinery/process-metrics.ts';
import { VirtualClock } from '../machinery/virtual-clock.ts';
import { parseRequestInfo } from './http/request-info.ts';
import type { RequestInfo } from './contract.ts';
import { ServerMetrics } from './metrics.ts';

const info = (method: string, target: string): RequestInfo => {
  const url = new URL(target, 'https://server');
  return parseRequestInfo(method, url.pathname, url.searchParams);
};

function metricsWith(): {
  metrics: ServerMetrics;
  registry: MetricsRegistry;
  clock: VirtualClock;
  text: () => string[];
} {
  const registry = new MetricsRegistry();
  const clock = new VirtualClock();
  const metrics = new ServerMetrics({
    registry,
    clock,
    isServed: (group, version, resource, subresource) =>
      `${group}/${version}/${resource}` === '/v1/pods' && ['', 'status', 'log'].includes(subresource),
  });
  return { metrics, registry, clock, text: () => registry.render().split('\n') };
}

describe('requests', () => {
  test('are counted and timed by what they are', async () => {
    const { metrics, clock, text } = metricsWith();
    const finish = metrics.begin(info('GET', '/api/v1/namespaces/a/pods?limit=5'), false);
    assert.ok(text().includes('apiserver_current_inflight_requests{request_kind="readOnly"} 1'));
    await clock.advance(150);
    finish(200, 5000);
    const what = 'group="",version="v1",resource="pods",subresource="",scope="namespace",component="apiserver"';
    const lines = text();
    assert.ok(lines.includes(`apiserver_request_total{verb="LIST",dry_run="",${what},code="200"} 1`), lines.join('\n'));
    assert.ok(lines.includes(`apiserver_request_duration_seconds_bucket{verb="LIST",dry_run="",${what},le="0.1"} 0`));
    assert.ok(lines.includes(`apiserver_request_duration_seconds_bucket{verb="LIST",dry_run="",${what},le="0.2"} 1`));
    assert.ok(lines.includes(`apiserver_request_duration_seconds_sum{verb="LIST",dry_run="",${what}} 0.15`));
    assert.ok(lines.includes(`apiserver_response_sizes_bucket{verb="LIST",${what},le="1000"} 0`));
    assert.ok(lines.includes(`apiserver_response_sizes_bucket{verb="LIST",${what},le="10000"} 1`));
    assert.ok(lines.includes('apiserver_current_inflight_requests{request_kind="readOnly"} 0'));
  });

  test('have the verbs of upstream', () => {
    const cases: readonly (readonly [string, string, string])[] = [
      ['POST', '/api/v1/namespaces/a/pods', 'verb="POST",dry_run="",group="",version="v1",resource="pods"'],
      [
        'PUT',
        '/api/v1/namespaces/a/pods/p/status',
        'verb="PUT",dry_run="",group="",version="v1",resource="pods",subresource="status",scope="resource"',
      ],
      ['DELETE', '/api/v1/namespaces/a/pods', 'verb="DELETECOLLECTION"'],
      ['DELETE', '/api/v1/namespaces/a/pods/p', 'verb="DELETE"'],
      [
        'GET',
        '/api/v1/pods',
        'verb="LIST",dry_run="",group="",version="v1",resource="pods",subresource="",scope="cluster"',
      ],
      ['GET', '/readyz/etcd', 'verb="GET",dry_run="",group="",version="",resource="",subresource="/readyz",scope=""'],
      ['GET', '/apis', 'subresource="/apis"'],
    ];
    for (const [method, target, labels] of cases) {
      const { metrics, text } = metricsWith();
      metrics.begin(info(method, target), false)(201);
      const line = text().find((each) => each.startsWith('apiserver_request_total{'));
      assert.ok(line?.includes(labels), `${method} ${target}: ${line}`);
    }
    const { metrics, text } = metricsWith();
    metrics.begin(info('POST', '/api/v1/namespaces/a/pods'), false, true)(201);
    assert.ok(text().some((line) => line.includes('dry_run="All"')));
  });

  test('that are long are gauged, and not timed', () => {
    const { metrics, text } = metricsWith();
    const finish = metrics.begin(info('GET', '/api/v1/pods?watch=true'), true);
    const gauge = (): string | undefined =>
      text().find((line) => line.startsWith('apiserver_longrunning_requests{verb="WATCH"'));
    assert.match(gauge() ?? '', / 1$/);
    finish(200);
    assert.match(gauge() ?? '', / 0$/);
    assert.ok(text().some((line) => /^apiserver_request_duration_seconds_count\{verb="WATCH".* 0$/.test(line)));
    assert.ok(!text().some((line) => /^apiserver_current_inflight_requests.* [^0]/.test(line)));
  });

  test('that clients make up share one series, however many they are', () => {
    const { metrics, registry } = metricsWith();
    for (let i = 0; i < 1000; i++) {
      metrics.begin(info('GET', `/apis/g${i}/v1/things`), false)(404);
      metrics.begin(info('GET', `/api/v1/namespaces/n/pods/p/x${i}`), false)(404);
      metrics.begin(info('GET', `/no/such/path/${i}`), false)(404);
      metrics.begin(info(`M${i}`, '/healthz'), false)(405);
      metrics.begin(info(`M${i}`, '/api/v1/pods'), false)(405);
      metrics.begin(info('GET', `/healthz/c${i}`), false)(404);
    }
    assert.equal(registry.droppedSamples, 0);
    const counted = registry
      .render()
      .split('\n')
      .filter((line) => line.startsWith('apiserver_request_total{'));
    assert.ok(counted.length <= 6, counted.join('\n'));
  });

  test('cost next to nothing to count', () => {
    const { metrics } = metricsWith();
    const pods = info('GET', '/api/v1/namespaces/a/pods/p');
    const rounds = 200_000;
    const measure = (): number => {
      const start = performance.now();
      for (let i = 0; i < rounds; i++) metrics.begin(pods, false)(200, 100);
      return ((performance.now() - start) * 1000) / rounds;
    };
    const microseconds = Math.min(measure(), measure(), measure());
    // Well above what it takes, well below what would show in a request.
    assert.ok(microseconds < 5, `${microseconds} µs a request`);
  });
});

test('watch events, store requests and what is stored have their metrics', () => {
  const { metrics, text } = metricsWith();
  const record = metrics.watchEvents('apps', 'v1', 'deployments');
  record(1500);
  record(10);
  const observe = metrics.storeRequests();
  observe('create', '', 'pods', 0.03, false);
  observe('create', '', 'pods', 0.3, true);
  metrics.showStorage(() => ({
    sizeBytes: 4096,
    objects: [
      { group: '', resource: 'pods', count: 3 },
      { group: 'apps', resource: 'deployments', count: 2 },
    ],
  }));
  const lines = text();
  for (const line of [
    'apiserver_watch_events_total{group="apps",version="v1",resource="deployments"} 2',
    'apiserver_watch_events_sizes_bucket{group="apps",version="v1",resource="deployments",le="1024"} 1',
    'apiserver_watch_events_sizes_sum{group="apps",version="v1",resource="deployments"} 1510',
    'etcd_request_duration_seconds_bucket{operation="create",group="",resource="pods",le="0.05"} 1',
    'etcd_requests_total{operation="create",group="",resource="pods"} 2',
    'etcd_request_errors_total{operation="create",group="",resource="pods"} 1',
    'apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} 4096',
    'apiserver_resource_objects{group="apps",resource="deployments"} 2',
    'apiserver_storage_objects{resource="deployments.apps"} 2',
    'apiserver_storage_objects{resource="pods"} 3',
  ]) {
    assert.ok(lines.includes(line), line);
  }
});

test('a process tells about itself', () => {
  const registry = new MetricsRegistry();
  registerProcessMetrics(registry);
  const read = (): Map<string, number> =>
    new Map(
      registry
        .render()
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]),
    );
  const first = read();
  assert.ok((first.get('process_resident_memory_bytes') ?? 0) > 1e6);
  assert.ok(Math.abs((first.get('process_start_time_seconds') ?? 0) - performance.timeOrigin / 1000) < 1);
  assert.ok((first.get('kubets_nodejs_heap_used_bytes') ?? 0) > 1e6);
  const cpu = first.get('process_cpu_seconds_total') ?? 0;
  assert.ok(cpu > 0);
  if (process.platform === 'linux') {
    assert.ok((first.get('process_open_fds') ?? 0) >= 3);
    assert.ok((first.get('process_max_fds') ?? 0) >= (first.get('process_open_fds') ?? 0));
  }
  assert.ok((read().get('process_cpu_seconds_total') ?? 0) >= cpu);
});
