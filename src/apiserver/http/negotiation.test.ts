import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../machinery/status.ts';
import { assertTakesObject, bodyFormat, negotiate, negotiateMediaType, type Offer } from './negotiation.ts';

const objects: Offer = { protobuf: true, watching: false };
const watches: Offer = { protobuf: true, watching: true };
const customObjects: Offer = { protobuf: false, watching: false };
const protobuf = 'application/vnd.kubernetes.protobuf';

const accepted: readonly (readonly [accept: string | undefined, expected: string])[] = [
  [undefined, 'application/json object '],
  ['*/*', 'application/json object '],
  ['application/*', 'application/json object '],
  ['application/yaml', 'application/yaml object '],
  ['application/json;q=0.5, application/yaml', 'application/yaml object '],
  ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', 'application/json Table v1'],
  ['application/json;as=Table;g=meta.k8s.io;v=v1beta1, application/json', 'application/json Table v1beta1'],
  ['application/json;as=Table;g=meta.k8s.io;v=v9, application/json', 'application/json object '],
  ['application/json;as=Table;g=other;v=v1, application/json', 'application/json object '],
  ['application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', 'application/json PartialObjectMetadata v1'],
  [`${protobuf},application/json`, `${protobuf} object `],
  ['application/json,*/*', 'application/json object '],
  ['*/*, application/yaml', 'application/yaml object '],
  ['application/*, application/yaml', 'application/yaml object '],
  [`application/json;q=0.9,${protobuf}`, `${protobuf} object `],
  [`${protobuf};q=0.5,application/json`, 'application/json object '],
  [
    `${protobuf};as=Table;g=meta.k8s.io;v=v1,application/json;as=Table;g=meta.k8s.io;v=v1,application/json`,
    'application/json Table v1',
  ],
  [`${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`, `${protobuf} PartialObjectMetadata v1`],
  [`${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1beta1`, `${protobuf} PartialObjectMetadataList v1beta1`],
  [`application/json;sv=v9,${protobuf}`, `${protobuf} object `],
  ['application/json;stream=watch', 'application/json object '],
];

for (const [accept, expected] of accepted) {
  test(`Accept: ${accept}`, () => {
    const { mediaType, as, asVersion } = negotiate(accept, objects);
    assert.equal(`${mediaType} ${as} ${asVersion}`, expected);
  });
}

for (const accept of [
  'text/html',
  `${protobuf};as=Table;g=meta.k8s.io;v=v1`,
  'application/yaml;stream=watch',
  'application/json;q=0',
  'application/json;as=X;v=v1;g=meta.k8s.io',
]) {
  test(`Accept: ${accept} is not acceptable`, () => {
    assert.throws(
      () => negotiate(accept, objects),
      refused(406, `accepted: application/json, application/yaml, ${protobuf}`),
    );
  });
}

function refused(code: number, text: string): (error: unknown) => boolean {
  return (error) => error instanceof StatusError && error.code === code && error.message.endsWith(text);
}

test('a watch is JSON or protobuf', () => {
  assert.equal(negotiate('application/json;stream=watch', watches).mediaType, 'application/json');
  assert.equal(negotiate(`${protobuf};stream=watch,${protobuf}`, watches).mediaType, protobuf);
  assert.equal(negotiate('*/*', watches).mediaType, 'application/json');
  assert.throws(
    () => negotiate('application/yaml', watches),
    refused(406, `accepted: application/json;stream=watch, ${protobuf};stream=watch`),
  );
  assert.throws(() => negotiate('text/html', watches), refused(406, `application/json, application/yaml, ${protobuf}`));
});

test('custom objects are never protobuf, but for their metadata alone', () => {
  assert.equal(negotiate(`${protobuf},application/json`, customObjects).mediaType, 'application/json');
  assert.equal(negotiate(`${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`, customObjects).mediaType, protobuf);
  assert.throws(() => negotiate(protobuf, customObjects), refused(406, 'accepted: application/json, application/yaml'));
});

test('a Status is sent in what the client accepts, and in JSON to those who accept nothing of it', () => {
  for (const [accept, expected] of [
    [undefined, 'application/json'],
    ['text/html', 'application/json'],
    [protobuf, protobuf],
    [`${protobuf},*/*`, protobuf],
    [`${protobuf};as=Table;g=meta.k8s.io;v=v1,application/json`, 'application/json'],
    ['application/json;as=Table;g=meta.k8s.io;v=v1,application/yaml', 'application/yaml'],
  ] as const) {
    assert.equal(negotiateMediaType(accept), expected, String(accept));
  }
});

test('bodies are JSON, YAML or protobuf', () => {
  assert.equal(bodyFormat(undefined), 'json');
  assert.equal(bodyFormat('application/json; charset=utf-8'), 'json');
  assert.equal(bodyFormat('Application/YAML'), 'yaml');
  assert.equal(bodyFormat(protobuf), 'protobuf');
  assert.throws(
    () => bodyFormat('application/x-www-form-urlencoded'),
    refused(415, `include: application/json, application/yaml, ${protobuf}`),
  );
});

test('kinds without rows refuse who takes nothing but a table, and nobody else', () => {
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  assert.throws(
    () => assertTakesObject(table),
    refused(406, `accepted: application/json, application/yaml, ${protobuf}`),
  );
  for (const accept of [undefined, '', '*/*', `${table},application/json`, protobuf]) assertTakesObject(accept);
});
