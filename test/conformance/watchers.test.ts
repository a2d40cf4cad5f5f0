// [sig-api-machinery] Watchers
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigMap } from '../../src/api/types/core.v1.ts';
import type { WatchedEvent } from '../support/watch-streams.ts';
import { startCluster, type Resource } from './cluster.ts';

const cluster = startCluster();
const label = 'watch-this-configmap';

async function newConfigMaps(): Promise<Resource<ConfigMap>> {
  return cluster.resource<ConfigMap>('v1', 'configmaps', await cluster.newNamespace());
}

function configMap(name: string, value?: string): ConfigMap {
  return { metadata: { name, labels: value === undefined ? {} : { [label]: value } } };
}

function summary({ type, object }: WatchedEvent): string {
  const data = object['data'] as Readonly<Record<string, string>> | undefined;
  return `${type} ${object.metadata.name} ${data?.['mutation'] ?? '-'}`;
}

test('[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps', async () => {
  const configMaps = await newConfigMaps();
  const watchA = await configMaps.watch({ labelSelector: `${label}=a` });
  const watchB = await configMaps.watch({ labelSelector: `${label}=b` });
  const watchBoth = await configMaps.watch({ labelSelector: `${label} in (a,b)` });

  await configMaps.create(configMap('a', 'a'));
  await configMaps.patch('a', { data: { mutation: '1' } });
  await configMaps.patch('a', { data: { mutation: '2' } });
  await configMaps.delete('a');
  await configMaps.create(configMap('other'));
  await configMaps.create(configMap('b', 'b'));
  await configMaps.delete('b');

  const ofA = ['ADDED a -', 'MODIFIED a 1', 'MODIFIED a 2', 'DELETED a 2'];
  const ofB = ['ADDED b -', 'DELETED b -'];
  assert.deepEqual((await watchA.take(4)).map(summary), ofA);
  // Nothing else came before its own.
  assert.deepEqual((await watchB.take(2)).map(summary), ofB);
  assert.deepEqual((await watchBoth.take(6)).map(summary), [...ofA, ...ofB]);
});

test('[sig-api-machinery] Watchers should be able to start watching from a specific resource version', async () => {
  const configMaps = await newConfigMaps();
  await configMaps.create(configMap('a', 'a'));
  const { metadata } = await configMaps.patch('a', { data: { mutation: '1' } });
  await configMaps.patch('a', { data: { mutation: '2' } });
  await configMaps.delete('a');
  const watch = await configMaps.watch({ resourceVersion: metadata.resourceVersion });
  assert.deepEqual((await watch.take(2)).map(summary), ['MODIFIED a 2', 'DELETED a 2']);
});

test('[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed by the previous watch', async () => {
  const configMaps = await newConfigMaps();
  const first = await configMaps.watch({ labelSelector: `${label}=a` });
  await configMaps.create(configMap('a', 'a'));
  await configMaps.patch('a', { data: { mutation: '1' } });
  const [, last] = await first.take(2);
  assert.ok(last);
  first.leave();

  await configMaps.patch('a', { data: { mutation: '2' } });
  const second = await configMaps.watch({
    labelSelector: `${label}=a`,
    resourceVersion: last.object.metadata.resourceVersion,
  });
  await configMaps.delete('a');
  assert.deepEqual((await second.take(2)).map(summary), ['MODIFIED a 2', 'DELETED a 2']);
});

test('[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the selector', async () => {
  const configMaps = await newConfigMaps();
  const watch = await configMaps.watch({ labelSelector: `${label}=a` });
  const relabel = (value: string): Promise<unknown> =>
    configMaps.patch('a', { metadata: { labels: { [label]: value } } });
  await configMaps.create(configMap('a', 'a'));
  await configMaps.patch('a', { data: { mutation: '1' } });
  await relabel('elsewhere');
  await configMaps.patch('a', { data: { mutation: '2' } });
  await relabel('a');
  await configMaps.patch('a', { data: { mutation: '3' } });
  await configMaps.delete('a');
  assert.deepEqual((await watch.take(6)).map(summary), [
    'ADDED a -',
    'MODIFIED a 1',
    // As it was when it last met the selector.
    'DELETED a 1',
    'ADDED a 2',
    'MODIFIED a 3',
    'DELETED a 3',
  ]);
});

test('[sig-api-machinery] Watchers should receive events on concurrent watches in same order', async () => {
  const configMaps = await newConfigMaps();
  const count = 40;
  const first = await configMaps.watch();
  const writing = (async (): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const name = `n-${i % 4}`;
      if (i < 4) await configMaps.create(configMap(name));
      else await configMaps.patch(name, { data: { mutation: String(i) } });
    }
  })();
  const version = ({ object }: WatchedEvent): string => object.metadata.resourceVersion;
  const versions: string[] = [];
  const others: Awaited<ReturnType<typeof configMaps.watch>>[] = [];
  for (let i = 0; i < count; i++) {
    const event = await first.next();
    versions.push(version(event));
    // Not one for each: that many connections test the machine.
    if (i % 4 === 0) others.push(await configMaps.watch({ resourceVersion: version(event) }));
  }
  await writing;
  for (const [i, other] of others.entries()) {
    const rest = versions.slice(i * 4 + 1);
    assert.deepEqual((await other.take(rest.length)).map(version), rest);
  }
});
