import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../machinery/status.ts';
import { bodyFormat, negotiate } from './negotiation.ts';

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
  ['application/vnd.kubernetes.protobuf,application/json', 'application/json object '],
];

for (const [accept, expected] of accepted) {
  test(`Accept: ${accept}`, () => {
    const { mediaType, as, asVersion } = negotiate(accept);
    assert.equal(`${mediaType} ${as} ${asVersion}`, expected);
  });
}

for (const accept of [
  'text/html',
  'application/vnd.kubernetes.protobuf',
  'application/json;q=0',
  'application/json;as=X;v=v1;g=meta.k8s.io',
]) {
  test(`Accept: ${accept} is not acceptable`, () => {
    assert.throws(
      () => negotiate(accept),
      (error) => error instanceof StatusError && error.code === 406,
    );
  });
}

test('a watch is JSON only', () => {
  assert.equal(negotiate('application/json;stream=watch', true).mediaType, 'application/json');
  assert.throws(
    () => negotiate('application/yaml', true),
    (error) => error instanceof StatusError && error.code === 406,
  );
});

test('bodies are JSON or YAML', () => {
  assert.equal(bodyFormat(undefined), 'json');
  assert.equal(bodyFormat('application/json; charset=utf-8'), 'json');
  assert.equal(bodyFormat('Application/YAML'), 'yaml');
  assert.throws(
    () => bodyFormat('application/x-www-form-urlencoded'),
    (error) => error instanceof StatusError && error.code === 415,
  );
});
