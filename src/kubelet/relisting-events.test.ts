import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Logger } from '../machinery/logging.ts';
import { seededRandom } from '../machinery/random.ts';
import { VirtualClock } from '../machinery/virtual-clock.ts';
import { podUidLabel, type PodSandboxConfig } from './contract.ts';
import { RelistingEvents } from './relisting-events.ts';
import { SimulatedRuntime } from './runtime/simulated/runtime.ts';

function sandbox(uid: string): PodSandboxConfig {
  return {
    metadata: { name: uid, namespace: 'default', uid, attempt: 0 },
    hostname: uid,
    logDirectory: '',
    portMappings: [],
    labels: { [podUidLabel]: uid },
    annotations: {},
    linux: { securityContext: { namespaceOptions: { network: 'POD', pid: 'POD', ipc: 'POD' } } },
  };
}

test('each change is told within a second, and nothing that has not changed', async () => {
  const clock = new VirtualClock();
  const runtime = new SimulatedRuntime({ clock, random: seededRandom('events'), podCIDR: '10.0.0.0/24' });
  const told: string[] = [];
  const stop = new RelistingEvents(runtime, clock, Logger.silent).start((uid) => told.push(uid));
  const a = await runtime.runPodSandbox(sandbox('a'), '');
  const b = await runtime.runPodSandbox(sandbox('b'), '');
  await clock.advance(1000);
  assert.deepEqual(told.splice(0), ['a', 'b']);
  await clock.advance(5000);
  assert.deepEqual(told, []);
  await runtime.stopPodSandbox(a);
  await clock.advance(1000);
  assert.deepEqual(told.splice(0), ['a']);
  await runtime.removePodSandbox(b);
  await clock.advance(1000);
  assert.deepEqual(told.splice(0), ['b']);
  stop();
  await runtime.removePodSandbox(a);
  await clock.advance(5000);
  assert.deepEqual(told, []);
  assert.equal(clock.pending, 0);
});

test('a runtime that does not answer is asked again', async () => {
  const clock = new VirtualClock();
  const runtime = new SimulatedRuntime({ clock, random: seededRandom('events'), podCIDR: '10.0.0.0/24' });
  await runtime.runPodSandbox(sandbox('a'), '');
  let failures = 3;
  const list = runtime.listPodSandbox.bind(runtime);
  runtime.listPodSandbox = (filter) => (failures-- > 0 ? Promise.reject(new Error('down')) : list(filter));
  const told: string[] = [];
  const stop = new RelistingEvents(runtime, clock, Logger.silent).start((uid) => told.push(uid));
  await clock.advance(3000);
  assert.deepEqual(told, []);
  await clock.advance(1000);
  assert.deepEqual(told, ['a']);
  stop();
});
