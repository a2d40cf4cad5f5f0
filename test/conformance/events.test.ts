// Events, of the core group and of events.k8s.io.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event as CoreEvent } from '../../src/api/types/core.v1.ts';
import type { Event } from '../../src/api/types/events.v1.ts';
import { invalid, notFound, startCluster, type Resource } from './cluster.ts';

const cluster = startCluster();

function coreEvent(name: string, namespace: string, labels: Record<string, string>): CoreEvent {
  return {
    metadata: { name, labels },
    message: 'This is a test event',
    reason: 'Test',
    type: 'Normal',
    count: 1,
    involvedObject: { namespace },
  };
}

function newEvent(name: string, namespace: string, labels: Record<string, string>): Event {
  return {
    metadata: { name, labels },
    regarding: { namespace },
    eventTime: '2026-01-02T15:04:05.000000Z',
    note: 'This is a test event',
    reason: 'Test',
    action: 'Do',
    type: 'Normal',
    reportingController: 'test-controller',
    reportingInstance: 'test-node',
  };
}

async function assertCollectionGoes<T extends object>(
  resource: Resource<T>,
  event: (name: string, labels: Record<string, string>) => T,
): Promise<void> {
  const labelSelector = 'testevent-set=true';
  for (const name of ['one', 'two', 'three']) await resource.create(event(name, { 'testevent-set': 'true' }));
  await resource.create(event('other', {}));
  assert.deepEqual(await resource.names({ labelSelector }), ['one', 'three', 'two']);
  await resource.deleteCollection({ labelSelector });
  assert.deepEqual(await resource.names(), ['other']);
}

test('[sig-instrumentation] Events should delete a collection of events', async () => {
  const namespace = await cluster.newNamespace();
  await assertCollectionGoes(cluster.resource<CoreEvent>('v1', 'events', namespace), (name, labels) =>
    coreEvent(name, namespace, labels),
  );
});

test('[sig-instrumentation] Events API should delete a collection of events', async () => {
  const namespace = await cluster.newNamespace();
  await assertCollectionGoes(cluster.resource<Event>('events.k8s.io/v1', 'events', namespace), (name, labels) =>
    newEvent(name, namespace, labels),
  );
});

test('[sig-instrumentation] Events should manage the lifecycle of an event', async () => {
  const namespace = await cluster.newNamespace();
  const events = cluster.resource<CoreEvent>('v1', 'events', namespace);
  const everywhere = cluster.resource<CoreEvent>('v1', 'events');
  const labelSelector = 'testevent-constant=lifecycle';
  await events.create(coreEvent('e', namespace, { 'testevent-constant': 'lifecycle' }));
  assert.deepEqual(await everywhere.names({ labelSelector }), ['e']);
  await events.patch('e', { message: 'This is a test event - patched' }, { type: 'strategic-merge' });
  const patched = await events.get('e');
  assert.equal(patched.message, 'This is a test event - patched');
  const series = { count: 100, lastObservedTime: '2026-01-02T15:04:06.000007Z' };
  await events.update({ ...patched, series });
  assert.deepEqual((await events.get('e')).series, series);
  await events.delete('e');
  await assert.rejects(events.get('e'), notFound);
  assert.deepEqual(await everywhere.names({ labelSelector }), []);
});

test('[sig-instrumentation] Events API should ensure that an event can be fetched, patched, deleted, and listed', async () => {
  const namespace = await cluster.newNamespace();
  const events = cluster.resource<Event>('events.k8s.io/v1', 'events', namespace);
  const everywhere = cluster.resource<Event>('events.k8s.io/v1', 'events');
  const labelSelector = 'testevent-constant=fetched';
  const created = await events.create(newEvent('e', namespace, { 'testevent-constant': 'fetched' }));
  assert.deepEqual(await events.get('e'), created);
  // By a field, as `kubectl get events` selects.
  assert.deepEqual(await everywhere.names({ fieldSelector: 'reportingController=test-controller', labelSelector }), [
    'e',
  ]);

  // Since strict validation only the series changes.
  await assert.rejects(events.patch('e', { note: 'patched' }, { type: 'strategic-merge' }), {
    ...invalid,
    message: 'Event.events.k8s.io "e" is invalid: message: Invalid value: "patched": field is immutable',
  });
  const first = { count: 2, lastObservedTime: '2026-01-02T15:04:06.000007Z' };
  await events.patch('e', { series: first }, { type: 'strategic-merge' });
  const patched = await events.get('e');
  assert.deepEqual(patched.series, first);
  const series = { count: 100, lastObservedTime: '2026-01-02T15:04:07.000000Z' };
  await events.update({ ...patched, series });
  const updated = await events.get('e');
  assert.deepEqual(updated, { ...patched, metadata: updated.metadata, series });
  // It is the same event, seen through the core group.
  const old = await cluster.resource<CoreEvent>('v1', 'events', namespace).get('e');
  assert.deepEqual([old.message, old.series, old.metadata.uid], ['This is a test event', series, created.metadata.uid]);
  await events.delete('e');
  assert.deepEqual(await everywhere.names({ labelSelector }), []);
});
