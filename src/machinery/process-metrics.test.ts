import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry } from './metrics.ts';
import { registerProcessMetrics } from './process-metrics.ts';

function sample(text: string, name: string): number {
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}

test('a scrape shows what the process has used', () => {
  const registry = new MetricsRegistry();
  const stop = registerProcessMetrics(registry);
  const before = registry.render();
  const held = new Uint8Array(32 * 1024 * 1024).fill(1);
  const endMs = performance.now() + 30;
  while (performance.now() < endMs);
  const after = registry.render();
  assert.ok(sample(after, 'process_cpu_seconds_total') > sample(before, 'process_cpu_seconds_total'));
  assert.ok(sample(after, 'process_resident_memory_bytes') > held.length);
  const startSeconds = sample(after, 'process_start_time_seconds');
  assert.ok(startSeconds > Date.now() / 1000 - 3600 && startSeconds < Date.now() / 1000);
  stop();
  assert.equal(registry.render(), after);
});
