import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { MetricsRegistry, exponentialBuckets } from './metrics.ts';
import { formatSample } from './metrics-text.ts';

test('prints every metric in the text format, in order', () => {
  const registry = new MetricsRegistry();
  const requests = registry.counter({ name: 'requests_total', help: 'Requests.', labelNames: ['verb', 'code'] });
  requests.labels('GET', '200').inc();
  requests.labels('GET', '200').inc(2);
  requests.labels('CREATE', '201').inc();
  registry.gauge({ name: 'depth', help: 'How deep.' }).labels().set(-1.5);
  const latency = registry.histogram({
    name: 'latency_seconds',
    help: 'How long.',
    buckets: [0.1, 1],
    labelNames: ['verb'],
  });
  for (const seconds of [0.05, 0.1, 0.5, 7]) latency.labels('GET').observe(seconds);
  registry.counter({ name: 'unused_total', help: 'No series yet.', labelNames: ['a'] });
  assert.equal(
    registry.render(),
    [
      '# HELP depth How deep.',
      '# TYPE depth gauge',
      'depth -1.5',
      '# HELP latency_seconds How long.',
      '# TYPE latency_seconds histogram',
      'latency_seconds_bucket{verb="GET",le="0.1"} 2',
      'latency_seconds_bucket{verb="GET",le="1"} 3',
      'latency_seconds_bucket{verb="GET",le="+Inf"} 4',
      'latency_seconds_sum{verb="GET"} 7.65',
      'latency_seconds_count{verb="GET"} 4',
      '# HELP requests_total Requests.',
      '# TYPE requests_total counter',
      'requests_total{verb="CREATE",code="201"} 1',
      'requests_total{verb="GET",code="200"} 3',
      '',
    ].join('\n'),
  );
  assert.equal(new MetricsRegistry().render(), '');
});

test('escapes what would break a line', () => {
  const registry = new MetricsRegistry();
  registry
    .gauge({ name: 'g', help: 'two\nlines \\ "quoted"', labelNames: ['path'] })
    .labels('a"b\\c\nd')
    .set(1);
  assert.equal(registry.render(), '# HELP g two\\nlines \\\\ "quoted"\n# TYPE g gauge\ng{path="a\\"b\\\\c\\nd"} 1\n');
});

test('prints numbers as upstream does', () => {
  const cases: [number, string][] = [
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [0.005, '0.005'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1e-8, '1e-08'],
    [100000, '100000'],
    [123456.5, '123456.5'],
    [1e6, '1e+06'],
    [1234567, '1.234567e+06'],
    [-12345678901, '-1.2345678901e+10'],
    [1e21, '1e+21'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [Number.NaN, 'NaN'],
  ];
  for (const [value, text] of cases) assert.equal(formatSample(value), text);
  fc.assert(
    fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
      assert.equal(Number(formatSample(value)), value);
    }),
  );
});

describe('label sets', () => {
  test('the same values are the same series, values that run together are not', () => {
    const counter = new MetricsRegistry().counter({ name: 'c', help: '', labelNames: ['a', 'b'] });
    assert.equal(counter.labels('x', 'y'), counter.labels('x', 'y'));
    assert.notEqual(counter.labels('xy', ''), counter.labels('x', 'y'));
  });

  test('a series can be forgotten', () => {
    const registry = new MetricsRegistry();
    const gauge = registry.gauge({ name: 'g', help: '', labelNames: ['pod'] });
    gauge.labels('a').set(1);
    gauge.remove('a');
    assert.equal(registry.render(), '');
  });

  test('too many are counted, not kept', () => {
    const registry = new MetricsRegistry({ maxSeriesPerMetric: 2 });
    const counter = registry.counter({ name: 'c', help: '', labelNames: ['path'] });
    for (const path of ['a', 'b', 'c', 'd', 'a']) counter.labels(path).inc();
    assert.equal(registry.droppedSamples, 2);
    assert.match(registry.render(), /c\{path="a"\} 2\nc\{path="b"\} 1\n$/);
  });

  test('a wrong number of them is refused', () => {
    const counter = new MetricsRegistry().counter({ name: 'c', help: '', labelNames: ['a'] as readonly string[] });
    assert.throws(() => counter.labels('x', 'y'), TypeError);
  });
});

test('a histogram’s buckets hold what lies at or below their bounds', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: -60, max: 60 })),
      (bounds, values) => {
        bounds.sort((a, b) => a - b);
        const registry = new MetricsRegistry();
        const series = registry.histogram({ name: 'h', help: '', buckets: bounds }).labels();
        for (const value of values) series.observe(value);
        const text = registry.render();
        for (const bound of bounds) {
          const below = values.filter((value) => value <= bound).length;
          assert.ok(text.includes(`h_bucket{le="${formatSample(bound)}"} ${below}\n`));
        }
        assert.ok(text.includes(`h_bucket{le="+Inf"} ${values.length}\n`));
        assert.ok(text.includes(`h_count ${values.length}\n`));
      },
    ),
  );
});

test('the same name is the same metric, and cannot be another one', () => {
  const registry = new MetricsRegistry();
  const options = { name: 'c', help: '', labelNames: ['a'] as const };
  assert.equal(registry.counter(options), registry.counter(options));
  assert.throws(() => registry.gauge(options), TypeError);
  assert.throws(() => registry.counter({ name: 'c', help: '', labelNames: ['b'] }), TypeError);
  assert.throws(() => registry.counter({ name: 'no-name', help: '' }), TypeError);
  assert.throws(() => registry.counter({ name: 'd', help: '', labelNames: ['le:'] }), TypeError);
  assert.throws(() => registry.histogram({ name: 'h', help: '', buckets: [1, 1] }), RangeError);
});

test('a counter only rises', () => {
  const series = new MetricsRegistry().counter({ name: 'c', help: '' }).labels();
  assert.throws(() => series.inc(-1), RangeError);
  assert.throws(() => series.inc(Number.NaN), RangeError);
  series.inc(0.5);
  assert.equal(series.value, 0.5);
});

test('what is set before a scrape is fresh, until it is stopped', () => {
  const registry = new MetricsRegistry();
  const gauge = registry.gauge({ name: 'g', help: '' }).labels();
  let value = 1;
  const stop = registry.beforeScrape(() => gauge.set(value++));
  assert.match(registry.render(), /g 1\n/);
  assert.match(registry.render(), /g 2\n/);
  stop();
  assert.match(registry.render(), /g 2\n/);
});

test('buckets grow by a factor', () => {
  assert.deepEqual(exponentialBuckets(1, 2, 5), [1, 2, 4, 8, 16]);
});
