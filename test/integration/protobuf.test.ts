// Clients that speak protobuf alone: every built-in kind, errors, options, lists and watches.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { decode } from '../../src/api/schema/decode.ts';
import { decodeProtobuf } from '../../src/api/schema/protobuf/decode.ts';
import { encodeEnveloped, openEnvelope, readWatchEvent } from '../../src/api/schema/protobuf/envelope.ts';
import { hasProtobuf } from '../../src/api/schema/protobuf/fields.ts';
import { lookupType } from '../../src/api/schema/schema.ts';
import type { ObjectSchema } from '../../src/api/schema/schema.ts';
import { discover, type ServedResource } from '../../src/client/discovery.ts';
import { pathOf } from '../../src/client/resource.ts';
import type { RestClient } from '../../src/client/rest.ts';
import { stillServer, TestServer } from '../support/server.ts';
import { Http1Connection, Http2Connection, tlsOptions, type WireAnswer, type WireConnection } from '../support/wire.ts';
import { sampleObject } from './objects.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';
const namespace = 'default';
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;

interface Typed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

let server: TestServer;
let client: RestClient;
let http1: WireConnection;
let http2: WireConnection;
let served: readonly ServedResource[];

before(async () => {
  server = await TestServer.start({ args: stillServer });
  client = server.client();
  http1 = new Http1Connection(server.config);
  http2 = new Http2Connection(server.config);
  served = await discover(client);
});
after(async () => {
  client?.transport.close();
  http1?.close();
  http2?.close();
  await server?.stop();
});

function schemaOf({ apiVersion, kind }: Pick<Typed, 'apiVersion' | 'kind'>): ObjectSchema {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const schema = lookupType(group, version, kind);
  assert.ok(schema, `${apiVersion} ${kind}`);
  return schema;
}

function bodyOf(object: Typed): Buffer {
  return encodeEnveloped(schemaOf(object), object, object);
}

function read(bytes: Buffer): Typed {
  const { apiVersion, kind, raw } = openEnvelope(bytes);
  return { ...decodeProtobuf(schemaOf({ apiVersion, kind }), raw), apiVersion, kind };
}

/** Sends and accepts protobuf alone. */
function send(method: string, path: string, object?: Typed, headers: object = {}): Promise<WireAnswer> {
  return http2.send({
    method,
    path,
    headers: { accept: protobuf, ...(object === undefined ? {} : { 'content-type': protobuf }), ...headers },
    body: object === undefined ? undefined : bodyOf(object),
  });
}

async function ask(status: number, method: string, path: string, object?: Typed): Promise<Typed> {
  const answer = await send(method, path, object);
  assert.equal(answer.headers['content-type'], protobuf, answer.body.toString('latin1'));
  const answered = read(answer.body);
  assert.equal(answer.status, status, JSON.stringify(answered));
  return answered;
}

function configMap(name: string, data: object = {}): Typed {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

/** As protobuf leaves it: empty lists and maps are none. */
function asProtobufHasIt(object: Typed): Typed {
  const schema = schemaOf(object);
  const { kind, apiVersion } = object;
  return { ...decodeProtobuf(schema, openEnvelope(bodyOf(object)).raw), kind, apiVersion };
}

describe('every built-in kind', () => {
  test('is created, read, listed and deleted in protobuf, and is the same in JSON', async () => {
    let count = 0;
    for (const resource of served) {
      const { verbs, plural } = resource;
      if (!verbs.includes('create') || !verbs.includes('get')) continue;
      const name = `p${++count}`;
      const sample = sampleObject(resource, name, namespace);
      if (sample === undefined || resource.plural === 'customresourcedefinitions' || plural === 'apiservices') continue;
      assert.ok(hasProtobuf(schemaOf(sample)));
      const path = pathOf(resource, namespace);
      const created = await ask(201, 'POST', path, sample);
      const { metadata } = created as { metadata?: { name?: string } };
      const itsPath = `${path}/${metadata?.name}`;
      const asJson = await client.get<Typed>(itsPath);
      assert.deepEqual(created, asProtobufHasIt(asJson), itsPath);
      assert.deepEqual(await ask(200, 'GET', itsPath), created);
      const list = await ask(200, 'GET', `${path}?fieldSelector=metadata.name%3D${metadata?.name}`);
      const listInJson = await client.get<Typed>(`${path}?fieldSelector=metadata.name%3D${metadata?.name}`);
      assert.deepEqual((list['items'] as Typed[]).length, 1);
      assert.deepEqual(list['items'], asProtobufHasIt(listInJson)['items'], path);
      if (plural === 'namespaces') continue;
      const gone = await ask(200, 'DELETE', itsPath, {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        gracePeriodSeconds: 0,
        preconditions: { uid: (metadata as { uid?: string }).uid },
      });
      assert.ok(gone.kind === 'Status' || gone.kind === sample.kind);
    }
    assert.ok(count >= 50, `${count} kinds`);
  });
});

test('an update goes through, and one of an old state does not', async () => {
  const created = await ask(201, 'POST', configMaps, configMap('update', { a: '1' }));
  const updated = await ask(200, 'PUT', `${configMaps}/update`, { ...created, data: { a: '2' } });
  assert.deepEqual(updated['data'], { a: '2' });
  const refused = await ask(409, 'PUT', `${configMaps}/update`, created);
  assert.equal(refused.kind, 'Status');
  assert.equal(refused['reason'], 'Conflict');
});

test('a patch is answered in protobuf', async () => {
  await ask(201, 'POST', configMaps, configMap('patch'));
  const { status, body } = await http2.send({
    method: 'PATCH',
    path: `${configMaps}/patch`,
    headers: { accept: protobuf, 'content-type': 'application/merge-patch+json' },
    body: Buffer.from('{"data":{"a":"b"}}'),
  });
  assert.equal(status, 200);
  assert.deepEqual(read(body)['data'], { a: 'b' });
});

test('scale, reviews and bindings', async () => {
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const deployment = sampleObject(
    served.find(({ plural }) => plural === 'deployments') ?? assert.fail('no deployments'),
    'scaled',
    namespace,
  );
  assert.ok(deployment);
  await ask(201, 'POST', deployments, deployment);
  const scale = await ask(200, 'GET', `${deployments}/scaled/scale`);
  assert.equal(scale.kind, 'Scale');
  const scaled = await ask(200, 'PUT', `${deployments}/scaled/scale`, { ...scale, spec: { replicas: 4 } });
  assert.deepEqual(scaled['spec'], { replicas: 4 });
  const review = await ask(201, 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
  });
  assert.equal((review['status'] as { allowed?: boolean }).allowed, true);
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const pod = { metadata: { name: 'bound' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await ask(201, 'POST', pods, { apiVersion: 'v1', kind: 'Pod', ...pod });
  for (const [path, expected] of [
    [`${pods}/bound/binding`, 201],
    [`/api/v1/namespaces/${namespace}/bindings`, 409],
  ] as const) {
    const binding = { metadata: { name: 'bound' }, target: { kind: 'Node', name: 'n' } };
    const answered = await ask(expected, 'POST', path, { apiVersion: 'v1', kind: 'Binding', ...binding });
    assert.equal(answered.kind, 'Status');
  }
});

test('field validation does not concern protobuf, whose unknown fields are passed over', async () => {
  const body = bodyOf(configMap('unknown', { a: 'b' }));
  const { apiVersion, kind, raw } = openEnvelope(body);
  const unknown = Buffer.concat([raw, Buffer.from('fa07026869', 'hex')]);
  const at = body.length - 4 - raw.length;
  assert.ok(raw.length + 5 < 128, 'its length stays one byte');
  const changed = Buffer.concat([
    body.subarray(0, at - 1),
    Buffer.of(unknown.length),
    unknown,
    body.subarray(at + raw.length),
  ]);
  const answer = await http2.send({
    method: 'POST',
    path: `${configMaps}?fieldValidation=Strict`,
    headers: { accept: protobuf, 'content-type': protobuf },
    body: changed,
  });
  assert.equal(answer.status, 201, answer.body.toString('latin1'));
  assert.deepEqual([apiVersion, kind], ['v1', 'ConfigMap']);
  assert.deepEqual(read(answer.body)['data'], { a: 'b' });
});

test('bodies that cannot be read are refused in upstream’s words', async () => {
  const post = async (body: Buffer): Promise<string> => {
    const answer = await http2.send({
      method: 'POST',
      path: configMaps,
      headers: { 'content-type': protobuf },
      body,
    });
    const { message, code } = JSON.parse(answer.body.toString()) as { message: string; code: number };
    return `${answer.status} ${code} ${message}`;
  };
  assert.equal(
    await post(Buffer.from('{}')),
    '400 400 the object provided is unrecognized (must be of type ConfigMap): provided data does not appear to be a ' +
      'protobuf message, expected prefix [107 56 115 0] ({})',
  );
  const whole = bodyOf(configMap('cut'));
  assert.match(await post(whole.subarray(0, whole.length - 8)), /^400 400 .*unexpected EOF/);
  const wrong = encodeEnveloped(
    schemaOf({ apiVersion: 'v1', kind: 'Secret' }),
    { apiVersion: 'v1', kind: 'Secret' },
    {},
  );
  assert.match(
    await post(wrong),
    /^400 400 Secret in version "v1" .*converting \(v1\.Secret\) to \(core\.ConfigMap\): unknown conversion/,
  );
  const damaged = Buffer.from(whole);
  damaged[whole.indexOf('cut') - 2] = 0x08;
  assert.match(await post(damaged), /^400 400 ConfigMap in version "v1" cannot be handled as a ConfigMap: proto: /);
});

test('what protobuf cannot say is said in the next type that is accepted, or refused', async () => {
  const table = ';as=Table;v=v1;g=meta.k8s.io';
  const accept = `${protobuf}${table},application/json${table}`;
  const answer = await http2.send({ method: 'GET', path: configMaps, headers: { accept } });
  assert.equal(answer.headers['content-type'], 'application/json');
  const { kind } = JSON.parse(answer.body.toString()) as Typed;
  assert.equal(kind, 'Table');
  const refused = await http2.send({ method: 'GET', path: configMaps, headers: { accept: protobuf + table } });
  assert.equal(refused.status, 406);
});

test('metadata alone, of one object and of a list', async () => {
  await ask(201, 'POST', configMaps, configMap('metadata', { a: 'b' }));
  const accept = `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
  const one = await http2.send({ method: 'GET', path: `${configMaps}/metadata`, headers: { accept } });
  const { kind, apiVersion, metadata, data } = read(one.body);
  assert.deepEqual([kind, apiVersion, data], ['PartialObjectMetadata', 'meta.k8s.io/v1', undefined]);
  assert.equal(metadata?.['name'], 'metadata');
  const listAccept = `${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`;
  const list = await http2.send({ method: 'GET', path: configMaps, headers: { accept: listAccept } });
  const { items } = read(list.body) as unknown as { items: Typed[] };
  assert.ok(items.some((item) => item.metadata?.['name'] === 'metadata'));
});

test('lists are paged, long ones too, and compressed for those who ask', async () => {
  const path = '/api/v1/namespaces/default/configmaps';
  const data = { text: 'x'.repeat(2000) };
  await Promise.all(Array.from({ length: 300 }, (_, i) => ask(201, 'POST', path, configMap(`long-${i}`, data))));
  const whole = await ask(200, 'GET', path);
  const page = await ask(200, 'GET', `${path}?limit=200`);
  const rest = await ask(200, 'GET', `${path}?limit=200&continue=${String(page.metadata?.['continue'])}`);
  const items = (list: Typed): unknown[] => list['items'] as unknown[];
  assert.deepEqual([...items(page), ...items(rest)], items(whole));
  assert.equal(page.metadata?.['remainingItemCount'], items(whole).length - 200);
  const packed = await send('GET', path, undefined, { 'accept-encoding': 'gzip' });
  assert.equal(packed.headers['content-encoding'], 'gzip');
});

/** The frames of a watch that has ended, each without its length. */
function frames(body: Buffer): Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const length = body.readUInt32BE(at);
    out.push(body.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return out;
}

function eventOf(frame: Buffer): readonly [type: string, object: Typed] {
  const { type, object } = readWatchEvent(frame);
  return [type, read(object)];
}

describe('a watch', () => {
  let from = '';
  let created: Typed;
  before(async () => {
    ({ resourceVersion: from = '' } = (await ask(200, 'GET', configMaps)).metadata as { resourceVersion?: string });
    created = await ask(201, 'POST', configMaps, configMap('watched', { a: '1' }));
    await ask(200, 'PUT', `${configMaps}/watched`, { ...created, data: { a: '2' } });
    await ask(200, 'DELETE', `${configMaps}/watched`);
  });
  const pathFrom = (): string => `${configMaps}?watch=true&resourceVersion=${from}&timeoutSeconds=1`;
  const check = (events: readonly (readonly [string, Typed])[]): void => {
    assert.deepEqual(
      events.map(([type]) => type),
      ['ADDED', 'MODIFIED', 'DELETED'],
    );
    assert.deepEqual(events[0]?.[1], created);
    assert.deepEqual(events[1]?.[1]['data'], { a: '2' });
  };

  for (const [name, connection] of [
    ['HTTP/1.1', () => http1],
    ['HTTP/2', () => http2],
  ] as const) {
    test(`over ${name}: frames with their length before them`, async () => {
      const accept = `${protobuf};stream=watch`;
      const { headers, body } = await connection().send({ method: 'GET', path: pathFrom(), headers: { accept } });
      assert.equal(headers['content-type'], `${protobuf};stream=watch`);
      check(frames(body).map(eventOf));
    });
  }

  test('over WebSocket: a binary message for each event, without its length', async () => {
    const socket = new WebSocket(new URL(pathFrom(), server.config.server), {
      ...tlsOptions(server.config),
      headers: { accept: protobuf },
    });
    const events: (readonly [string, Typed])[] = [];
    socket.on('message', (message: Buffer, isBinary) => {
      assert.ok(isBinary);
      events.push(eventOf(message));
    });
    await once(socket, 'close');
    check(events);
  });

  test('of metadata alone', async () => {
    const accept = `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
    const { body } = await http2.send({ method: 'GET', path: pathFrom(), headers: { accept } });
    for (const frame of frames(body)) {
      const [, { kind, metadata }] = eventOf(frame);
      assert.equal(kind, 'PartialObjectMetadata');
      assert.equal(metadata?.['name'], 'watched');
    }
  });

  test('bookmarks and the end of initial events', async () => {
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const { body } = await send('GET', `${configMaps}?${query}&timeoutSeconds=1`);
    const [type, object] = frames(body).map(eventOf).at(-1) ?? assert.fail('no events');
    assert.equal(type, 'BOOKMARK');
    assert.deepEqual(object.metadata?.['annotations'], { 'k8s.io/initial-events-end': 'true' });
    assert.match(String(object.metadata?.['resourceVersion']), /^\d+$/);
  });

  test('of a kind in another version than the stored one', async () => {
    const path = `/apis/autoscaling/v1/namespaces/${namespace}/horizontalpodautoscalers`;
    const spec = {
      scaleTargetRef: { kind: 'Deployment', name: 'd' },
      maxReplicas: 3,
      targetCPUUtilizationPercentage: 50,
    };
    const autoscaler = { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec };
    const made = await ask(201, 'POST', path, autoscaler);
    const { body } = await send('GET', `${path}?watch=true&timeoutSeconds=1`);
    assert.deepEqual(frames(body).map(eventOf), [['ADDED', made]]);
  });
});

test('discovery answers in protobuf', async () => {
  const list = await ask(200, 'GET', '/apis/apps/v1');
  assert.equal(list.kind, 'APIResourceList');
  const schema = schemaOf({ apiVersion: 'v1', kind: 'APIResourceList' });
  assert.deepEqual(list['resources'], decode(schema, await client.get('/apis/apps/v1'))['resources']);
});
