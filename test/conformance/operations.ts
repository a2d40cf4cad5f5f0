/** The tests that upstream names "should support … API operations", which are alike for every resource. */
import assert from 'node:assert/strict';
import type { APIGroup, APIGroupList, APIResourceList } from '../../src/api/types/meta.v1.ts';
import type { WatchedEvent } from '../support/watch-streams.ts';
import { sampleObject } from '../integration/objects.ts';
import { notFound, type Cluster, type Resource, type Stored } from './cluster.ts';

export interface ServedKind {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

interface AnyObject {
  readonly metadata?: object;
  readonly status?: unknown;
}

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
let runs = 0;

function groupVersionOf({ group, version }: ServedKind): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The group, its version and the resource with its subresources stand in the discovery documents. */
export async function assertDiscoverable(
  { client }: Cluster,
  kind: ServedKind,
  subresources: Readonly<Record<string, readonly string[]>> = {},
): Promise<void> {
  const groupVersion = groupVersionOf(kind);
  if (kind.group !== '') {
    const { groups } = await client.get<APIGroupList>('/apis');
    assert.ok(
      groups?.some(
        ({ name, versions }) => name === kind.group && versions?.some((one) => one.groupVersion === groupVersion),
      ),
      `${groupVersion} is not in /apis`,
    );
    const { versions } = await client.get<APIGroup>(`/apis/${kind.group}`);
    assert.ok(versions?.some((one) => one.groupVersion === groupVersion));
  }
  const { resources } = await client.get<APIResourceList>(
    kind.group === '' ? `/api/${groupVersion}` : `/apis/${groupVersion}`,
  );
  const verbsOf = (name: string): string[] | undefined =>
    resources?.find((one) => one.name === name)?.verbs?.toSorted();
  assert.deepEqual(verbsOf(kind.plural), allVerbs, kind.plural);
  for (const [name, verbs] of Object.entries(subresources)) {
    const found = verbsOf(`${kind.plural}/${name}`) ?? [];
    assert.deepEqual(
      verbs.filter((verb) => !found.includes(verb)),
      [],
      `${kind.plural}/${name} has ${found.join()}`,
    );
  }
}

interface Room {
  readonly resource: Resource<AnyObject>;
  /** In all namespaces. */
  readonly everywhere: Resource<AnyObject>;
  readonly selector: string;
  /** Objects to create, with the label of {@link selector}. */
  readonly objects: readonly [AnyObject, AnyObject, AnyObject];
}

async function roomOf(cluster: Cluster, kind: ServedKind): Promise<Room> {
  const namespace = kind.namespaced ? await cluster.newNamespace() : '';
  const run = `run-${++runs}`;
  const object = (name: string): AnyObject => {
    const sample = sampleObject(kind, `${name}-${run}-${kind.version}`, namespace);
    assert.ok(sample, `test/integration/objects.ts has no ${kind.plural}.${kind.group}/${kind.version}`);
    return { ...sample, metadata: { ...(sample['metadata'] as object), labels: { run } } };
  };
  const everywhere = cluster.resource<AnyObject>(groupVersionOf(kind), kind.plural);
  return {
    resource: kind.namespaced ? cluster.resource(groupVersionOf(kind), kind.plural, namespace) : everywhere,
    everywhere,
    selector: `run=${run}`,
    objects: [object('a'), object('b'), object('c')],
  };
}

function annotation({ object }: WatchedEvent): string {
  return object.metadata.annotations?.['step'] ?? '-';
}

/** Every verb, on three objects that differ in their names alone. Finalizers of the server's own may hold deletion. */
export async function exerciseOperations(cluster: Cluster, kind: ServedKind): Promise<void> {
  const { resource, everywhere, selector, objects } = await roomOf(cluster, kind);
  const labelSelector = selector;
  const { metadata: start } = await resource.list();
  const watch = await resource.watch({ labelSelector, resourceVersion: start.resourceVersion });

  const [first, second, third] = await Promise.all(objects.map((object) => resource.create(object)));
  assert.ok(first && second && third);
  const name = first.metadata.name;
  assert.deepEqual(await resource.get(name), first);
  const listed = await everywhere.list({ labelSelector });
  assert.deepEqual(
    listed.items.map(({ metadata }) => metadata.uid).toSorted(),
    [first, second, third].map(({ metadata }) => metadata.uid).toSorted(),
  );

  const patched = await resource.patch(name, { metadata: { annotations: { step: 'patched' } } });
  assert.deepEqual(patched.metadata.annotations, { ...first.metadata.annotations, step: 'patched' });
  const updated = await resource.update({
    ...patched,
    metadata: { ...patched.metadata, annotations: { ...patched.metadata.annotations, step: 'updated' } },
  });
  assert.equal(updated.metadata.annotations?.['step'], 'updated');
  assert.deepEqual(await resource.get(name), updated);

  const events = await watch.take(5);
  assert.deepEqual(
    events.map((event) => `${event.type} ${annotation(event)}`),
    ['ADDED -', 'ADDED -', 'ADDED -', 'MODIFIED patched', 'MODIFIED updated'],
  );
  await assertDeletes(resource, labelSelector, first);
}

async function assertDeletes(
  resource: Resource<AnyObject>,
  labelSelector: string,
  { metadata: { name } }: Stored<AnyObject>,
): Promise<void> {
  await resource.delete(name, { gracePeriodSeconds: 0, propagationPolicy: 'Background' });
  await releaseDeleting(resource, labelSelector);
  await assert.rejects(resource.get(name), notFound);
  assert.equal((await resource.list({ labelSelector })).items.length, 2);
  await resource.deleteCollection({ labelSelector }, { gracePeriodSeconds: 0, propagationPolicy: 'Background' });
  await releaseDeleting(resource, labelSelector);
  assert.deepEqual(await resource.names({ labelSelector }), []);
}

/** Does what controllers do for objects that are being deleted: takes their finalizers away. */
async function releaseDeleting(resource: Resource<AnyObject>, labelSelector: string): Promise<void> {
  for (const { metadata } of (await resource.list({ labelSelector })).items) {
    if (metadata.deletionTimestamp === undefined) continue;
    await resource.patch(metadata.name, { metadata: { finalizers: null } });
  }
}
