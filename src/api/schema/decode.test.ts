import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, DecodeError } from './decode.ts';
import { ExactInteger } from '../../machinery/exact-integer.ts';
import { parseJson } from './json.ts';
import { lookupSchema, lookupType } from './schema.ts';
import type { ObjectSchema } from './schema.ts';

function kind(group: string, version: string, name: string): ObjectSchema {
  const schema = lookupType(group, version, name);
  assert.ok(schema, name);
  return schema;
}
function type(name: string): ObjectSchema {
  const schema = lookupSchema(name);
  assert.ok(schema, name);
  return schema;
}

const pod = kind('', 'v1', 'Pod');
const deployment = kind('apps', 'v1', 'Deployment');
const secret = kind('', 'v1', 'Secret');
const crd = kind('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition');

/** The decoded object as it is printed. */
function print(schema: ObjectSchema, raw: unknown): string {
  return JSON.stringify(decode(schema, raw));
}

test('what a Go client prints for an empty object: structs, and lists and pointers without omitempty', () => {
  assert.equal(print(pod, {}), '{"metadata":{},"spec":{"containers":null},"status":{}}');
  assert.equal(
    print(deployment, {}),
    '{"metadata":{},"spec":{"selector":null,"template":{"metadata":{},"spec":{"containers":null}},"strategy":{}},"status":{}}',
  );
  assert.equal(print(kind('', 'v1', 'PodList'), { items: null }), '{"metadata":{},"items":[]}');
  assert.equal(print(kind('rbac.authorization.k8s.io', 'v1', 'ClusterRole'), {}), '{"metadata":{},"rules":null}');
  assert.equal(print(type('io.k8s.api.core.v1.Container'), {}), '{"name":"","resources":{}}');
  assert.equal(
    print(kind('', 'v1', 'Service'), { spec: { ports: [{ port: 80 }] } }),
    '{"metadata":{},"spec":{"ports":[{"port":80,"targetPort":0}]},"status":{"loadBalancer":{}}}',
  );
});

test('a zero time prints null, except the creation time, which is left out', () => {
  assert.equal(
    print(type('io.k8s.api.core.v1.PodCondition'), { type: 'Ready', status: 'True' }),
    '{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":null}',
  );
  const meta = type('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
  assert.equal(print(meta, { creationTimestamp: null, deletionTimestamp: null }), '{}');
});

test('empty values go, unless a pointer tells them from none', () => {
  const spec = type('io.k8s.api.core.v1.PodSpec');
  const raw = {
    containers: [],
    volumes: [],
    nodeSelector: {},
    hostNetwork: false,
    hostname: '',
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    securityContext: {},
    affinity: null,
  };
  assert.equal(
    print(spec, raw),
    '{"containers":[],"terminationGracePeriodSeconds":0,"automountServiceAccountToken":false,"securityContext":{}}',
  );
});

test('nulls within lists and maps are zero values', () => {
  assert.equal(
    print(type('io.k8s.api.core.v1.Container'), { name: 'a', command: ['x', null], env: [null] }),
    '{"name":"a","command":["x",""],"env":[{"name":""}],"resources":{}}',
  );
  const configMap = { data: { b: null, a: 'x' }, binaryData: { z: null, y: '' } };
  assert.equal(
    print(kind('', 'v1', 'ConfigMap'), configMap),
    '{"metadata":{},"data":{"a":"x","b":""},"binaryData":{"y":"","z":null}}',
  );
});

test('names such as __proto__ are labels like any other', () => {
  const { value } = parseJson(
    Buffer.from('{"metadata":{"labels":{"constructor":"a","__proto__":"b","toString":"c"}}}'),
    { depth: 10 },
  );
  const { metadata } = decode(kind('', 'v1', 'Namespace'), value) as { metadata: { labels: object } };
  assert.equal(JSON.stringify(metadata), '{"labels":{"__proto__":"b","constructor":"a","toString":"c"}}');
  assert.equal(Object.getPrototypeOf(metadata.labels), Object.prototype);
  const paths: string[] = [];
  decode(pod, JSON.parse('{"__proto__":{"x":1},"constructor":1}'), { unknownFields: (path) => paths.push(path) });
  assert.deepEqual(paths, ['__proto__', 'constructor']);
});

test('quantities, times and bytes come out in canonical form', () => {
  const resources = { requests: { memory: '1024Mi', cpu: '0.5', 'example.com/gpu': 2 } };
  assert.equal(
    print(type('io.k8s.api.core.v1.ResourceRequirements'), resources),
    '{"requests":{"cpu":"500m","example.com/gpu":"2","memory":"1Gi"}}',
  );
  const times: ReadonlyArray<readonly [string, string]> = [
    ['2026-01-02T15:04:05Z', '2026-01-02T15:04:05Z'],
    ['2026-01-02T15:04:05.999999Z', '2026-01-02T15:04:05Z'],
    ['2026-01-02T00:30:00+01:00', '2026-01-01T23:30:00Z'],
    ['0099-03-01T00:00:00-00:30', '0099-03-01T00:30:00Z'],
  ];
  for (const [given, printed] of times) {
    const meta = decode(type('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'), { deletionTimestamp: given });
    assert.deepEqual(meta, { deletionTimestamp: printed });
  }
  assert.deepEqual(
    decode(type('io.k8s.api.coordination.v1.LeaseSpec'), { renewTime: '2026-01-02T15:04:05.120000+02:00' }),
    {
      renewTime: '2026-01-02T13:04:05.120000Z',
    },
  );
  assert.equal(
    print(secret, { data: { a: 'aGVs\nbG8=', b: 'AB==' } }),
    '{"metadata":{},"data":{"a":"aGVsbG8=","b":"AA=="}}',
  );
  assert.equal(print(secret, { data: { a: [104, 105] } }), '{"metadata":{},"data":{"a":"aGk="}}');
});

test('durations come out as Go prints them', () => {
  const kubelet = kind('kubelet.config.k8s.io', 'v1beta1', 'KubeletConfiguration');
  const durations = {
    '90m': '1h30m0s',
    '1.5s': '1.5s',
    '0': '0s',
    '100us': '100µs',
    '-1h': '-1h0m0s',
    '2ns': '2ns',
    '1h1ms': '1h0m0.001s',
  };
  for (const [given, printed] of Object.entries(durations)) {
    assert.equal(decode(kubelet, { syncFrequency: given })['syncFrequency'], printed);
  }
  for (const wrong of ['', '1', 'x', '1d', '9999999h9']) {
    assert.throws(() => decode(kubelet, { syncFrequency: wrong }), DecodeError);
  }
  assert.throws(() => decode(kubelet, { syncFrequency: '1d' }), { message: 'time: unknown unit "d" in duration "1d"' });
});

test('values of the wrong type are refused in the words of Go', () => {
  const cases: ReadonlyArray<readonly [schema: ObjectSchema, raw: unknown, message: string]> = [
    [pod, [], 'json: cannot unmarshal array into Go value of type v1.Pod'],
    [
      pod,
      { spec: { activeDeadlineSeconds: 'x' } },
      'json: cannot unmarshal string into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64',
    ],
    [
      deployment,
      { spec: { replicas: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      deployment,
      { spec: { replicas: 3_000_000_000 } },
      'json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      pod,
      { metadata: { labels: { a: 1 } } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [pod, { metadata: 'x' }, 'json: cannot unmarshal string into Go struct field Pod.metadata of type v1.ObjectMeta'],
    [
      pod,
      { spec: { containers: {} } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      pod,
      { spec: { containers: [{ env: [{ value: true }] }] } },
      'json: cannot unmarshal bool into Go struct field EnvVar.spec.containers.env.value of type string',
    ],
    [
      pod,
      { spec: { containers: ['x'] } },
      'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container',
    ],
    [
      pod,
      { spec: { restartPolicy: 1 } },
      'json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy',
    ],
    [
      pod,
      { spec: { hostNetwork: 'yes' } },
      'json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool',
    ],
    [
      pod,
      { spec: { containers: [{ command: ['a', 1] }] } },
      'json: cannot unmarshal number into Go struct field Container.spec.containers.command of type string',
    ],
    [
      pod,
      { metadata: { creationTimestamp: 1 } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string',
    ],
    [
      pod,
      { metadata: { creationTimestamp: 'soon' } },
      'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"',
    ],
    [
      pod,
      { metadata: { creationTimestamp: '2026-13-01T00:00:00Z' } },
      'parsing time "2026-13-01T00:00:00Z": month out of range',
    ],
    [
      pod,
      { metadata: { creationTimestamp: '2026-02-29T00:00:00Z' } },
      'parsing time "2026-02-29T00:00:00Z": day out of range',
    ],
    [
      pod,
      { metadata: { creationTimestamp: '2026-01-01T00:00:00Zx' } },
      'parsing time "2026-01-01T00:00:00Zx": extra text: "x"',
    ],
    [
      kind('coordination.k8s.io', 'v1', 'Lease'),
      { spec: { renewTime: '2026-01-02T15:04:05Z' } },
      'parsing time "2026-01-02T15:04:05Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
    ],
    [
      pod,
      { spec: { overhead: { cpu: 'lots' } } },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [secret, { data: { a: 'not base64!' } }, 'illegal base64 data at input byte 3'],
    [secret, { data: { a: 'aGVsbG8' } }, 'illegal base64 data at input byte 4'],
    [
      kind('', 'v1', 'Service'),
      { spec: { ports: [{ targetPort: true }] } },
      'json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.targetPort of type int32',
    ],
    [
      crd,
      { spec: { versions: [{ schema: { openAPIV3Schema: { additionalProperties: 'x' } } }] } },
      'boolean or JSON schema expected',
    ],
  ];
  for (const [schema, raw, message] of cases) {
    assert.throws(() => decode(schema, raw), { name: 'DecodeError', message }, JSON.stringify(raw));
  }
});

test('unknown fields are reported with their path, and dropped', () => {
  const paths: string[] = [];
  const raw = {
    foo: 1,
    metadata: { annotations: { anything: 'goes' } },
    spec: { containers: [{ name: 'a', imagePullPolice: 'x' }, { ports: [{ hostPort: 1, portt: 2 }] }], extra: null },
  };
  const decoded = decode(pod, raw, { unknownFields: (path) => paths.push(path) });
  assert.deepEqual(paths, [
    'foo',
    'spec.extra',
    'spec.containers[0].imagePullPolice',
    'spec.containers[1].ports[0].portt',
  ]);
  assert.equal('foo' in decoded, false);
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, 1]));
  const reports: string[] = [];
  decode(pod, many, { unknownFields: (path) => reports.push(path) });
  assert.equal(reports.length, 100);
});

test('values of a map are named by their key in the path of an unknown field', () => {
  const device = type('io.k8s.api.resource.v1.Device');
  const paths: string[] = [];
  decode(device, { capacity: { memory: { value: '1', wrong: 1 } } }, { unknownFields: (path) => paths.push(path) });
  assert.deepEqual(paths, ['capacity.memory.wrong']);
});

test('schemas of a custom resource keep booleans, lists and free-form defaults', () => {
  const props = type('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps');
  const raw = {
    type: 'object',
    default: { x: [1, null] },
    enum: [1, 'a', null],
    items: [{ type: 'string' }],
    properties: { b: { additionalProperties: false }, a: { additionalProperties: { type: 'string', foo: 1 } } },
    dependencies: { x: ['y'] },
  };
  assert.equal(
    print(props, raw),
    '{"type":"object","default":{"x":[1,null]},"enum":[1,"a",null],"items":[{"type":"string"}],' +
      '"properties":{"a":{"additionalProperties":{"type":"string"}},"b":{"additionalProperties":false}},' +
      '"dependencies":{"x":["y"]}}',
  );
});

test('integers beyond what a double holds keep their digits, and beyond 64 bits are refused', () => {
  const read = (text: string): unknown =>
    decode(
      pod,
      parseJson(Buffer.from(`{"spec":{"containers":[],"activeDeadlineSeconds":${text}}}`), { depth: 10 }).value,
    );
  for (const text of [
    '9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
    '9007199254740992',
    '1152921504606846976',
  ]) {
    assert.equal(JSON.stringify(read(text)).includes(`"activeDeadlineSeconds":${text}}`), true, text);
  }
  assert.throws(() => read('9223372036854775808'), {
    message:
      'json: cannot unmarshal number 9223372036854775808 into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64',
  });
  const { spec } = read('9223372036854775807') as { spec: { activeDeadlineSeconds: ExactInteger } };
  assert.ok(spec.activeDeadlineSeconds instanceof ExactInteger);
  assert.equal(spec.activeDeadlineSeconds > (600 as unknown as ExactInteger), true);
});

test('an object that nests too deep is refused, not overflowed', () => {
  let raw: object = {};
  for (let i = 0; i < 5000; i++) raw = { not: raw };
  const props = type('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps');
  assert.throws(() => decode(props, raw), { name: 'DecodeError', message: 'exceeded max depth' });
});

test('decoding shares nothing of typed fields with what it was given', () => {
  const raw = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', command: ['x'] }] } };
  const decoded = decode(pod, raw) as typeof raw;
  decoded.metadata.labels.a = 'changed';
  decoded.spec.containers[0]?.command.push('y');
  assert.deepEqual(raw, { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', command: ['x'] }] } });
});
