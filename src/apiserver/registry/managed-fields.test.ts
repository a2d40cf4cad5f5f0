// Field management in the handlers, where the wire does not reach: what admission does to it, times, names, versions.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { builtinCatalog } from '../../api/catalog.ts';
import type { ResourceDefinition } from '../../api/contract.ts';
import { seededRandom } from '../../machinery/random.ts';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import type { ManagedFieldsEntry, ObjectMeta } from '../../api/types/meta.v1.ts';
import { openMemoryStore } from '../../store/memory/index.ts';
import { AdmissionChain } from '../admission/chain.ts';
import type { Attributes } from '../admission/contract.ts';
import { InternalExchange } from '../http/internal.ts';
import { dispatch } from './dispatch.ts';
import { managerOf } from './managed-fields.ts';
import { Registry } from './registry.ts';
import { OpenWatches } from './watch.ts';

const catalog = builtinCatalog();
const watches = new OpenWatches(() => () => {});

interface Item {
  readonly metadata: ObjectMeta;
  readonly data?: Readonly<Record<string, string>>;
}

interface Sent {
  readonly body?: object;
  readonly contentType?: string;
  readonly query?: string;
}

const methods = { create: 'POST', update: 'PUT', patch: 'PATCH', get: 'GET' } as const;

let registry: Registry;
let clock: VirtualClock;
let admit: (attributes: Attributes) => void;
let warnings: string[];

beforeEach(async () => {
  clock = new VirtualClock({ startMs: Date.parse('2026-01-01T00:00:00Z') });
  admit = () => {};
  warnings = [];
  const plugin = { name: 'Test', handles: () => true, admit: (attributes: Attributes) => admit(attributes) };
  registry = new Registry({
    store: await openMemoryStore(),
    catalog,
    clock,
    random: seededRandom(1),
    eventTtlSeconds: 3600,
    minRequestTimeoutMs: 1000,
    admission: () => new AdmissionChain([plugin], clock),
    onFailure: (error) => {
      throw error;
    },
  });
});
afterEach(() => registry.stop());

function definitionOf(group: string, version: string, plural: string): ResourceDefinition {
  const found = catalog.find(group, version, plural);
  assert.ok(found, plural);
  return found;
}

const configMaps = definitionOf('', 'v1', 'configmaps');

async function send(
  verb: keyof typeof methods,
  definition: ResourceDefinition,
  name: string,
  { body, contentType = 'application/json', query = 'fieldManager=tester' }: Sent = {},
): Promise<Item> {
  const exchange = new InternalExchange({
    method: methods[verb],
    target: `/?${query}`,
    headers: { 'content-type': contentType, accept: 'application/json' },
    ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
  });
  const { group, version, plural } = definition;
  const info = {
    isResourceRequest: true,
    path: '/',
    verb,
    apiPrefix: group === '' ? 'api' : 'apis',
    apiGroup: group,
    apiVersion: version,
    namespace: 'default',
    resource: plural,
    subresource: '',
    name,
    remainder: '',
  };
  const cache = await registry.cacheOf(definition);
  await dispatch({ registry, exchange, info, definition, cache, user: { username: 'test', groups: [] } }, watches);
  const { body: bytes, headers } = await exchange.response;
  warnings.push(...[headers['warning'] ?? []].flat());
  return JSON.parse(bytes.toString('utf8')) as Item;
}

function apply(definition: ResourceDefinition, manager: string, body: object, query = ''): Promise<Item> {
  const contentType = 'application/apply-patch+yaml';
  return send('patch', definition, 'a', { body, contentType, query: `fieldManager=${manager}${query}` });
}

function configMap(data: object, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...metadata }, data };
}

function ownersOf({ metadata }: Item): Record<string, unknown> {
  return Object.fromEntries((metadata.managedFields ?? []).map(({ manager, fieldsV1 }) => [manager, fieldsV1]));
}

describe('admission', () => {
  test('what it adds is nobody’s', async () => {
    admit = ({ object }) => {
      if (object?.metadata) object.metadata.labels = { added: 'x' };
    };
    const created = await send('create', configMaps, '', { body: configMap({ a: '1' }) });
    assert.deepEqual(created.metadata.labels, { added: 'x' });
    assert.deepEqual(ownersOf(created), { tester: { 'f:data': { '.': {}, 'f:a': {} } } });
    const applied = await apply(configMaps, 'applier', configMap({ b: '1' }));
    assert.deepEqual(ownersOf(applied)['applier'], { 'f:data': { 'f:b': {} } });
  });

  test('entries that it breaks are put back, with a warning', async () => {
    const broken = [{ manager: 'x', operation: 'Patch', apiVersion: 'v1' }] as unknown as ManagedFieldsEntry[];
    admit = ({ object }) => {
      if (object?.metadata) object.metadata.managedFields = broken;
    };
    const created = await send('create', configMaps, '', { body: configMap({ a: '1' }) });
    assert.deepEqual(Object.keys(ownersOf(created)), ['tester']);
    const applied = await apply(configMaps, 'applier', configMap({ b: '1' }));
    assert.deepEqual(Object.keys(ownersOf(applied)), ['applier', 'tester']);
    assert.equal(warnings.length, 2);
    assert.match(
      warnings[0] ?? '',
      /\.metadata\.managedFields was in an invalid state after admission; .*: operation must be `Apply` or `Update`/,
    );
  });

  test('a change that it takes back changes no time', async () => {
    const created = await send('create', configMaps, '', { body: configMap({ a: '1' }) });
    admit = ({ object }) => {
      if (object) Object.assign(object, { data: { a: '1' } });
    };
    await clock.advance(60_000);
    const written = await send('update', configMaps, 'a', { body: configMap({ a: '2' }) });
    assert.deepEqual(written, created);
  });
});

describe('times', () => {
  test('are of the last change of an entry, and the entries are in their order', async () => {
    await apply(configMaps, 'one', configMap({ a: '1' }));
    await clock.advance(60_000);
    await apply(configMaps, 'two', configMap({ b: '1' }));
    await clock.advance(60_000);
    const { metadata } = await apply(configMaps, 'one', configMap({ a: '2' }));
    assert.deepEqual(
      metadata.managedFields?.map(({ manager, time }) => [manager, time]),
      [
        ['two', '2026-01-01T00:01:00Z'],
        ['one', '2026-01-01T00:02:00Z'],
      ],
    );
    await clock.advance(60_000);
    assert.deepEqual((await apply(configMaps, 'one', configMap({ a: '2' }))).metadata, metadata);
  });
});

describe('versions', () => {
  const coreEvents = definitionOf('', 'v1', 'events');
  const events = definitionOf('events.k8s.io', 'v1', 'events');
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'a', namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
    reason: 'Test',
    message: 'm',
    source: { component: 'c' },
    type: 'Normal',
  };

  test('an owner in one version keeps its fields, under their names there, against a writer in another', async () => {
    const strict = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'a' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'example.com/test',
      reportingInstance: 'test-1',
      action: 'Testing',
      regarding: { kind: 'Pod', namespace: 'default', name: 'p' },
      reason: 'Test',
      note: 'm',
      type: 'Normal',
    };
    await apply(events, 'one', strict);
    const renamed = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'a' }, message: 'other' };
    await assert.rejects(apply(coreEvents, 'two', renamed), {
      message: 'Apply failed with 1 conflict: conflict with "one": .note',
    });
    const taken = await apply(coreEvents, 'two', renamed, '&force=true');
    assert.deepEqual(
      taken.metadata.managedFields?.map(({ manager, apiVersion }) => [manager, apiVersion]),
      [
        ['one', 'events.k8s.io/v1'],
        ['two', 'v1'],
      ],
    );
    assert.ok(!JSON.stringify(ownersOf(taken)['one']).includes('f:note'));
    assert.deepEqual(ownersOf(taken)['two'], { 'f:message': {} });
  });

  test('what is owned in a version that is not served any more is nobody’s', async () => {
    const entry = {
      manager: 'old',
      operation: 'Apply',
      apiVersion: 'v0',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { 'f:a': {} } },
    };
    await send('create', configMaps, '', { body: configMap({ a: '1' }, { managedFields: [entry] }) });
    const written = await apply(configMaps, 'new', configMap({ a: '2' }), '&force=true');
    assert.deepEqual(ownersOf(written)['new'], { 'f:data': { 'f:a': {} } });
    assert.ok(!Object.hasOwn(ownersOf(written), 'old'));
  });

  test('a PUT that creates is a creation', async () => {
    const { metadata } = await send('update', coreEvents, 'a', { body: event });
    assert.deepEqual(
      metadata.managedFields?.map(({ manager, operation }) => [manager, operation]),
      [['tester', 'Update']],
    );
  });
});

test('who writes is who the request says, or what the user agent begins with', () => {
  const nameOf = (userAgent: string, query = ''): string =>
    managerOf(new InternalExchange({ method: 'GET', target: `/${query}`, headers: { 'user-agent': userAgent } }));
  assert.equal(nameOf('kubectl/v1.36.0 (linux/amd64)', '?fieldManager=me'), 'me');
  assert.equal(nameOf('kubectl/v1.36.0 (linux/amd64)'), 'kubectl');
  assert.equal(nameOf('Some Agent 1.0'), 'Some Agent 1.0');
  assert.equal(nameOf('a\u0007b\u200bc/1'), 'abc');
  assert.equal(nameOf('x'.repeat(200)), 'x'.repeat(128));
  // Whole characters only.
  assert.equal(nameOf('é'.repeat(100)), 'é'.repeat(64));
  assert.equal(nameOf('x'.repeat(127) + 'é'), 'x'.repeat(127));
});
