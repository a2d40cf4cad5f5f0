import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodeError } from '../decode.ts';
import { knownSchema } from '../../known-schema.ts';
import { lookupType } from '../schema.ts';
import type { ObjectSchema } from '../schema.ts';
import { decodeProtobuf } from './decode.ts';
import { encodeProtobuf } from './encode.ts';
import {
  encodeEnveloped,
  encodeWatchFrame,
  envelopeList,
  isEnveloped,
  openEnvelope,
  readWatchEvent,
} from './envelope.ts';
import { hasProtobuf } from './fields.ts';
// What the types of k8s.io/api v0.36.0 and apimachinery marshal, in their envelope.
import golden from './golden.json' with { type: 'json' };
import { ProtobufEncodeError, ProtobufError } from './protobuf-error.ts';

function schemaOf({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): ObjectSchema {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const schema = lookupType(group, version, kind);
  assert.ok(schema !== undefined, `${apiVersion} ${kind}`);
  return schema;
}

for (const [i, { apiVersion, kind, object, hex }] of golden.entries()) {
  const schema = schemaOf({ apiVersion, kind });

  test(`${apiVersion} ${kind} (${i}) is written byte for byte as upstream writes it`, () => {
    assert.equal(encodeEnveloped(schema, { apiVersion, kind }, object).toString('hex'), hex);
  });

  test(`${apiVersion} ${kind} (${i}) is read from upstream's bytes`, () => {
    const envelope = openEnvelope(Buffer.from(hex, 'hex'));
    assert.equal(envelope.apiVersion, apiVersion);
    assert.equal(envelope.kind, kind);
    assert.equal(JSON.stringify(decodeProtobuf(schema, envelope.raw)), JSON.stringify(object));
  });
}

const lease = knownSchema('io.k8s.api.coordination.v1.Lease');
const meta = knownSchema('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
const listMeta = knownSchema('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta');
const securityContext = knownSchema('io.k8s.api.core.v1.PodSecurityContext');
const configMap = knownSchema('io.k8s.api.core.v1.ConfigMap');

test('a watch frame is a length and an event around the object in its envelope', () => {
  const type = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
  const frame = encodeWatchFrame('ADDED', lease, type, { metadata: { name: 'a' } });
  assert.equal(frame.readUInt32BE(0), frame.length - 4);
  const event = readWatchEvent(frame.subarray(4));
  assert.equal(event.type, 'ADDED');
  assert.deepEqual(event.object, encodeEnveloped(lease, type, { metadata: { name: 'a' } }));
});

test('a list put together from its items is the list written as a whole', () => {
  const type = { apiVersion: 'v1', kind: 'ConfigMapList' };
  const metadata = { resourceVersion: '5' };
  const items = [{ metadata: { name: 'a' }, data: { k: 'v'.repeat(300) } }, {}];
  const pieces = envelopeList(
    type,
    encodeProtobuf(listMeta, metadata),
    items.map((item) => encodeProtobuf(configMap, item)),
  );
  const whole = encodeEnveloped(knownSchema('io.k8s.api.core.v1.ConfigMapList'), type, { metadata, items });
  assert.deepEqual(Buffer.concat(pieces), whole);
});

test('texts of any length and script come back', () => {
  for (const text of ['', 'é', '😀', 'x'.repeat(12), 'x'.repeat(41), 'x'.repeat(100_000), '日'.repeat(70_000)]) {
    assert.equal(decodeProtobuf(meta, encodeProtobuf(meta, { name: text }))['name'], text === '' ? undefined : text);
  }
});

test('bytes that are not UTF-8 become U+FFFD, each of them, as in Go', () => {
  assert.equal(decodeProtobuf(meta, Buffer.from('0a04ff61e282', 'hex'))['name'], '\ufffda\ufffd\ufffd');
});

test('lists of numbers are read packed and unpacked', () => {
  for (const hex of ['20012002', '22020102', '2001220102']) {
    assert.deepEqual(decodeProtobuf(securityContext, Buffer.from(hex, 'hex'))['supplementalGroups'], [1, 2]);
  }
});

test('a message that comes in parts is put together; of a scalar the last one counts', () => {
  const parts = Buffer.concat([
    encodeProtobuf(lease, { metadata: { name: 'a', labels: { x: '1' } } }),
    encodeProtobuf(lease, { metadata: { name: 'b', labels: { y: '2' } } }),
  ]);
  const { metadata } = decodeProtobuf(lease, parts) as { metadata: Record<string, unknown> };
  assert.equal(metadata['name'], 'b');
  assert.deepEqual(metadata['labels'], { x: '1', y: '2' });
});

test('unknown fields are passed over, groups too', () => {
  const unknown = ['f80701', 'f90700000000000000ff', 'fa0702abcd', 'fb0708010b0cfc07', 'fd0700000000'];
  const bytes = Buffer.concat([Buffer.from(unknown.join(''), 'hex'), encodeProtobuf(meta, { name: 'a' })]);
  assert.equal(decodeProtobuf(meta, bytes)['name'], 'a');
});

test('integers of 64 bits keep their digits', () => {
  const bytes = Buffer.from('20ffffffffffffffff7f2080808080808080808001', 'hex');
  assert.equal(
    JSON.stringify(decodeProtobuf(securityContext, bytes)['supplementalGroups']),
    '[9223372036854775807,-9223372036854775808]',
  );
  assert.deepEqual(encodeProtobuf(securityContext, decodeProtobuf(securityContext, bytes)), bytes);
});

test('an entry of a map may have a key alone, or not even that', () => {
  assert.deepEqual(decodeProtobuf(meta, Buffer.from('5a030a01785a00', 'hex'))['labels'], { '': '', x: '' });
});

test('a map may have a key that is special to JavaScript', () => {
  const labels = Object.fromEntries([['__proto__', 'x']]);
  const bytes = encodeProtobuf(meta, { labels });
  assert.equal(JSON.stringify(decodeProtobuf(meta, bytes)['labels']), '{"__proto__":"x"}');
});

test('times: the zero time has no bytes, 1970 has; nanoseconds are cut off', () => {
  const spec = knownSchema('io.k8s.api.coordination.v1.LeaseSpec');
  assert.deepEqual(decodeProtobuf(spec, Buffer.from('1a00', 'hex')), {});
  assert.deepEqual(decodeProtobuf(spec, Buffer.from('1a0410ff887a', 'hex')), {
    acquireTime: '1970-01-01T00:00:00.001999Z',
  });
  const early = { acquireTime: '0001-01-01T00:00:00.000001Z', renewTime: '9999-12-31T23:59:59.999999Z' };
  assert.deepEqual(decodeProtobuf(spec, encodeProtobuf(spec, early)), early);
});

const malformed: readonly (readonly [what: string, schema: ObjectSchema, hex: string, message: RegExp])[] = [
  ['the end within a tag', meta, '8a', /^unexpected EOF$/],
  ['the end within a text', meta, '0a0561', /^unexpected EOF$/],
  ['a text that ends outside of its message', lease, '0a020a056161616161', /^unexpected EOF$/],
  ['a varint of eleven bytes', meta, `38${'ff'.repeat(10)}01`, /^proto: integer overflow$/],
  ['a negative length', meta, `0a${'ff'.repeat(9)}01`, /^proto: negative length found during unmarshaling$/],
  ['field 0', meta, '0200', /^proto: ObjectMeta: illegal tag 0 \(wire type 2\)$/],
  ['the end of a group that did not begin', meta, '0c', /^proto: ObjectMeta: wiretype end group for non-group$/],
  ['an unknown wire type', meta, 'ff07', /^proto: illegal wireType 7$/],
  ['a group without an end', meta, 'fb07', /^unexpected EOF$/],
  ['a number for a text', meta, '0801', /^proto: wrong wireType = 0 for field Name$/],
  ['a text for a time', meta, '42020a00', /^proto: wrong wireType = 2 for field Seconds$/],
  ['a time that no year has', meta, '420a08ffffffffffffffff7f', /outside of the years/],
  ['something else for JSON', knownSchema('io.k8s.api.apps.v1.ControllerRevision'), '12030a017b', /unexpected end/],
];

for (const [what, schema, hex, message] of malformed) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => decodeProtobuf(schema, Buffer.from(hex, 'hex')),
      (error) => error instanceof ProtobufError && message.test(error.message),
    );
  });
}

test('refused: a quantity that is none', () => {
  const requirements = knownSchema('io.k8s.api.core.v1.ResourceRequirements');
  const bytes = encodeProtobuf(requirements, { limits: { cpu: 'much' } });
  assert.throws(() => decodeProtobuf(requirements, bytes), DecodeError);
});

test('refused: messages within messages without end', () => {
  const props = knownSchema('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps');
  let bytes = Buffer.alloc(0);
  const length = (n: number): number[] => (n < 128 ? [n] : [(n % 128) | 128, ...length(Math.floor(n / 128))]);
  for (let i = 0; i < 5000; i++) bytes = Buffer.from([0xe2, 0x01, ...length(bytes.length), ...bytes]);
  assert.throws(() => decodeProtobuf(props, bytes), { name: 'ProtobufError', message: 'exceeded max depth' });
});

test('refused: bodies without an envelope, in upstream’s words', () => {
  const cases = [
    ['', 'empty data'],
    ['7b7d', 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'],
    ['6b387300', 'empty body'],
    ['6b3873000a05', 'unexpected EOF'],
  ] as const;
  for (const [hex, message] of cases) {
    assert.throws(() => openEnvelope(Buffer.from(hex, 'hex')), { name: 'ProtobufError', message });
  }
  assert.equal(isEnveloped(Buffer.from('{}')), false);
});

test('refused: objects that are not what their type says', () => {
  for (const object of [
    { name: 5 },
    { labels: [] },
    { finalizers: {} },
    { generation: 1.5 },
    { ownerReferences: [1] },
  ]) {
    assert.throws(() => encodeProtobuf(meta, object), ProtobufEncodeError, JSON.stringify(object));
  }
});

test('tables and configuration have no message', () => {
  assert.equal(hasProtobuf(lease), true);
  assert.equal(hasProtobuf(knownSchema('io.k8s.apimachinery.pkg.apis.meta.v1.Table')), false);
});
