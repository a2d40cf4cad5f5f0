// The corners of the wire: what is said of requests that make no sense, which paths answer which methods, and warnings.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Status } from '../../src/machinery/status.ts';
import { TestServer } from '../support/server.ts';
import { Http1Connection, Http2Connection, type WireAnswer, type WireConnection } from '../support/wire.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';
const json = 'application/json';

let server: TestServer;
let http1: WireConnection;
let http2: WireConnection;

before(async () => {
  server = await TestServer.start();
  http1 = new Http1Connection(server.config);
  http2 = new Http2Connection(server.config);
});
after(async () => {
  http1?.close();
  http2?.close();
  await server?.stop();
});

function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<WireAnswer> {
  return http2.send({ method, path, headers });
}

function post(path: string, body: string, type = json): Promise<WireAnswer> {
  return http2.send({ method: 'POST', path, headers: { 'content-type': type }, body: Buffer.from(body, 'utf8') });
}

function told({ status, body }: WireAnswer): string {
  return `${status} ${(JSON.parse(body.toString('utf8')) as Status).message ?? ''}`;
}

test('parameters that cannot be read', async () => {
  const version = '400 resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax';
  const cases: readonly (readonly [query: string, answer: string])[] = [
    ['?resourceVersion=abc', version],
    ['?watch=1&resourceVersion=abc', version],
    ['/a?resourceVersion=abc', version],
    ['?limit=x', '400 strconv.ParseInt: parsing "x": invalid syntax'],
    ['?limit=9223372036854775808', '400 strconv.ParseInt: parsing "9223372036854775808": value out of range'],
    ['?timeoutSeconds=1.5', '400 strconv.ParseInt: parsing "1.5": invalid syntax'],
    ['?fieldSelector=a', "400 invalid selector: 'a'; can't understand 'a'"],
    ['?labelSelector=!!', "400 unable to parse requirement: found '!', expected: identifier"],
  ];
  for (const [query, answer] of cases) assert.equal(told(await ask(configMaps + query)), answer, query);
});

test('a request ends when its client waits no longer', async () => {
  assert.equal((await ask(`${configMaps}?timeout=10s`)).status, 200);
  assert.equal(
    told(await ask(`${configMaps}?timeout=soon`)),
    '400 invalid timeout specified in the request URL - time: invalid duration "soon"',
  );
  // Its body never comes.
  const stream = (http2 as Http2Connection).session.request({
    ':method': 'POST',
    ':path': `${configMaps}?timeout=50ms`,
    'content-type': json,
  });
  const status = await new Promise<unknown>((resolve, reject) => {
    stream.on('response', ({ ':status': code }) => resolve(code));
    stream.on('error', reject);
    stream.setTimeout(20_000, () => reject(new Error('no answer')));
  });
  assert.equal(status, 504);
  stream.close();
});

describe('bodies', () => {
  const unrecognized = '400 the object provided is unrecognized (must be of type ConfigMap): ';
  const noKind = `${unrecognized}couldn't get version/kind; json parse error: `;
  const goType = String.raw`Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;
  const scheme = 'in scheme "pkg/api/legacyscheme/scheme.go:30"';
  const cases: readonly (readonly [body: string, answer: string])[] = [
    ['', `${noKind}unexpected end of JSON input (<empty>)`],
    ['{', `${noKind}unexpected end of JSON input ({)`],
    [`{"a":"${'b'.repeat(40)}`, `${noKind}unexpected end of JSON input ({"a":"${'b'.repeat(24)} ...)`],
    ['[]', `${noKind}json: cannot unmarshal array into ${goType} (5b5d)`],
    ['"x"', `${noKind}json: cannot unmarshal string into ${goType} (227822)`],
    ['{"kind":1}', `${noKind}json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1})`],
    ['{"apiVersion":"a/b/c"}', `${unrecognized}unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})`],
    ['null', '422 ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'],
    [
      '{"kind":"Foo","apiVersion":"v1"}',
      `400 Foo in version "v1" cannot be handled as a ConfigMap: no kind "Foo" is registered for version "v1" ${scheme}`,
    ],
    [
      '{"kind":"ConfigMap","apiVersion":"apps/v1"}',
      `400 ConfigMap in version "v1" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "apps/v1" ${scheme}`,
    ],
    [
      '{"kind":"Deployment","apiVersion":"apps/v1"}',
      '400 Deployment in version "v1" cannot be handled as a ConfigMap: converting (v1.Deployment) to (core.ConfigMap): unknown conversion',
    ],
    [
      '{"data":[]}',
      '400 ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal array into Go struct field ' +
        'ConfigMap.data of type map[string]string',
    ],
  ];
  for (const [body, answer] of cases) {
    test(body === '' ? 'none' : body.slice(0, 50), async () =>
      assert.equal(told(await post(configMaps, body)), answer),
    );
  }

  test('of another version of the same kind', async () => {
    const path = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
    assert.equal(
      told(await post(path, '{"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v1"}')),
      '400 the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)',
    );
  });

  test('in YAML', async () => {
    assert.match(
      told(await post(configMaps, 'a: b: c', 'application/yaml')),
      /unrecognized .*: yaml: line 1: .* \(613a20623a2063\)$/,
    );
  });

  test('unknown and duplicate fields are told in the order in which they stand, unknown ones once', async () => {
    const body =
      '{"foo":{"x":1,"x":2},"metadata":{"name":"zz","bar":1,"name":"zz"},"data":{"a":"b","a":"c"},"xyz":2,"kind":"ConfigMap","xyz":3}';
    assert.equal(
      told(await post(`${configMaps}?fieldValidation=Strict`, body)),
      '400 ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "foo", ' +
        'unknown field "metadata.bar", duplicate field "metadata.name", duplicate field "data.a", unknown field "xyz"',
    );
  });
});

test('who reads YAML gets errors in YAML', async () => {
  const answer = await ask(`${configMaps}/nope`, { accept: 'application/yaml' });
  assert.equal(answer.headers['content-type'], 'application/yaml');
  assert.match(answer.body.toString('utf8'), /^apiVersion: v1\ncode: 404\n/);
});

test('paths beside resources answer the methods that they answer upstream', async () => {
  const notAllowed = /^405 .*the server does not allow this method on the requested resource/;
  const notFound = /^404 .*the server could not find the requested resource/;
  const page = /^404 404 page not found\n$/;
  const cases: readonly (readonly [request: string, answer: RegExp])[] = [
    ['GET /version', /^200 /],
    ['GET /version/', /^200 /],
    ['GET /version/x', notFound],
    ['POST /version', notAllowed],
    ['POST /api', notAllowed],
    ['POST /apis', /^200 /],
    ['DELETE /apis/apps/v1', notAllowed],
    ['POST /healthz', /^200 ok$/],
    ['GET /healthz/', page],
    ['GET /healthz/ping', /^200 ok$/],
    ['GET /healthz/nope', page],
    ['GET /metrics/', page],
    ['GET /openapi/v3/nope', /^404 $/],
    ['GET /nope', page],
  ];
  for (const [request, expected] of cases) {
    const [method = '', path = ''] = request.split(' ');
    const { status, body } = await ask(path, {}, method);
    assert.match(`${status} ${body.toString('utf8').slice(0, 300)}`, expected, request);
  }
});

test('an OpenAPI document is sent again to nobody who names its tag', async () => {
  for (const path of ['/openapi/v2', '/openapi/v3']) {
    const tag = (await ask(path)).headers['etag'] ?? '';
    assert.match(tag, /^"[0-9A-F]+"$/);
    const known = [tag, `W/${tag}`, `"x", ${tag}`, `${tag},"x"`, '*'];
    for (const named of known) assert.equal((await ask(path, { 'if-none-match': named })).status, 304, named);
    const unknown = ['"x"', tag.slice(1, -1), `"x${tag.slice(1)}`, ''];
    for (const named of unknown) assert.equal((await ask(path, { 'if-none-match': named })).status, 200, named);
  }
});

const pod = (fields: object, name: string): string =>
  JSON.stringify({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], ...fields } });

test('warnings travel with creations, dry ones too, and with updates, over both protocols', async () => {
  const body = pod({ imagePullSecrets: [{ name: 'ä' }, { name: 'ä' }] }, 'warned');
  const warning = '299 - "spec.imagePullSecrets[1].name: duplicate name \\"ä\\""';
  for (const connection of [http1, http2]) {
    const answer = await connection.send({
      method: 'POST',
      path: `${pods}?dryRun=All`,
      headers: { 'content-type': json },
      body: Buffer.from(body, 'utf8'),
    });
    assert.equal(Buffer.from(answer.headers['warning'] ?? '', 'latin1').toString('utf8'), warning);
  }
  const service = { metadata: { name: 'warned' }, spec: { ports: [{ port: 80 }], trafficDistribution: 'PreferClose' } };
  const services = '/api/v1/namespaces/default/services';
  const created = await post(services, JSON.stringify(service));
  assert.equal(
    created.headers['warning'],
    '299 - "spec.trafficDistribution: \\"PreferClose\\" is deprecated; use \\"PreferSameZone\\""',
  );
  const patched = await http2.send({
    method: 'PATCH',
    path: `${services}/warned`,
    headers: { 'content-type': 'application/merge-patch+json' },
    body: Buffer.from('{"spec":{"trafficDistribution":null}}'),
  });
  assert.equal(patched.status, 200);
  assert.equal(patched.headers['warning'], undefined);
});

test('integers keep their digits when somebody else changes the object', async () => {
  const grace = '9007199254740993';
  const created = await post(pods, pod({ terminationGracePeriodSeconds: 'G' }, 'long').replace('"G"', grace));
  assert.equal(created.status, 201, created.body.toString('utf8'));
  for (const type of ['application/merge-patch+json', 'application/strategic-merge-patch+json']) {
    const body = Buffer.from(JSON.stringify({ metadata: { labels: { by: type.slice(12, 17) } } }));
    const patched = await http2.send({
      method: 'PATCH',
      path: `${pods}/long`,
      headers: { 'content-type': type },
      body,
    });
    assert.equal(patched.status, 200, patched.body.toString('utf8'));
  }
  for (const [accept, agent] of [
    [json, 'test'],
    [json, 'curl/8'],
    ['application/yaml', 'test'],
  ] as const) {
    const { body } = await ask(`${pods}/long`, { accept, 'user-agent': agent });
    assert.match(
      body.toString('utf8'),
      new RegExp(`terminationGracePeriodSeconds"?: ?${grace}\\b`),
      `${accept} ${agent}`,
    );
  }
});
