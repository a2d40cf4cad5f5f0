// Server-side apply and managed fields over the wire, as upstream's documentation of them describes.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import type { Status } from '../../src/machinery/status.ts';
import { StatusError } from '../../src/machinery/status.ts';
import { TestServer } from '../support/server.ts';

type Fields = { readonly [element: string]: Fields };

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly time?: string;
  readonly fieldsType: string;
  readonly fieldsV1: Fields;
  readonly subresource?: string;
}

interface Item {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly Entry[];
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly replicas?: number; readonly ports?: readonly object[]; readonly [field: string]: unknown };
}

const configMaps = '/api/v1/namespaces/default/configmaps';
const deployments = '/apis/apps/v1/namespaces/default/deployments';

let server: TestServer;
let client: RestClient;
const warnings: string[] = [];
let count = 0;
/** A name that no other test uses. */
let name: string;

before(async () => {
  server = await TestServer.start();
  client = server.client('tester/1 (linux)', (text) => warnings.push(text));
});
beforeEach(() => {
  name = `apply-${++count}`;
  warnings.length = 0;
});
after(async () => {
  client?.transport.close();
  await server?.stop();
});

type Query = Readonly<Record<string, string | boolean>>;

function applyTo(path: string, body: object, query: Query): Promise<Item> {
  return client.request('PATCH', path, { contentType: 'application/apply-patch+yaml', body, query });
}

function configMap(data: object, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

function applyData(manager: string, data: object, query: Query = {}): Promise<Item> {
  return applyTo(`${configMaps}/${name}`, configMap(data), { fieldManager: manager, ...query });
}

function deployment(spec: object = {}): object {
  const template = {
    metadata: { labels: { app: 'x' } },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { selector: { matchLabels: { app: 'x' } }, template, ...spec },
  };
}

function get(path: string): Promise<Item> {
  return client.get<Item>(path);
}

/** What managers own, by `manager` or `manager/subresource`. */
function ownersOf({ metadata }: Item): Record<string, Fields> {
  return Object.fromEntries(
    (metadata.managedFields ?? []).map(({ manager, subresource, fieldsV1 }) => [
      subresource === undefined ? manager : `${manager}/${subresource}`,
      fieldsV1,
    ]),
  );
}

/** The Status that a request is refused with. */
async function refusalOf(request: Promise<unknown>): Promise<Status> {
  try {
    await request;
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error.toStatus();
  }
  assert.fail('the request was not refused');
}

describe('who owns what', () => {
  test('creating an object makes its creator the owner of what it set, defaults included', async () => {
    const { metadata } = await client.request<Item>('POST', deployments, { body: deployment() });
    const [entry, ...others] = metadata.managedFields ?? [];
    assert.deepEqual(others, []);
    const { time, ...rest } = entry ?? {};
    assert.match(time ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(rest, {
      // What the user agent calls itself.
      manager: 'tester',
      operation: 'Update',
      apiVersion: 'apps/v1',
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:spec': {
          'f:progressDeadlineSeconds': {},
          'f:replicas': {},
          'f:revisionHistoryLimit': {},
          'f:selector': {},
          'f:strategy': {
            'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} },
            'f:type': {},
          },
          'f:template': {
            'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
            'f:spec': {
              'f:containers': {
                'k:{"name":"c"}': {
                  '.': {},
                  'f:image': {},
                  'f:imagePullPolicy': {},
                  'f:name': {},
                  'f:ports': {
                    '.': {},
                    'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
                  },
                  'f:resources': {},
                  'f:terminationMessagePath': {},
                  'f:terminationMessagePolicy': {},
                },
              },
              'f:dnsPolicy': {},
              'f:restartPolicy': {},
              'f:schedulerName': {},
              'f:securityContext': {},
              'f:terminationGracePeriodSeconds': {},
            },
          },
        },
      },
    });
  });

  test('fieldManager names the manager; a manager keeps its time while it changes nothing', async () => {
    const created = await client.request<Item>('POST', configMaps, {
      body: configMap({ a: '1' }),
      query: { fieldManager: 'someone' },
    });
    assert.deepEqual(ownersOf(created), { someone: { 'f:data': { '.': {}, 'f:a': {} } } });
    const again = await client.request<Item>('PUT', `${configMaps}/${name}`, { body: configMap({ a: '1' }) });
    assert.deepEqual(again.metadata, created.metadata);
  });

  test('what is changed goes to who changes it, and what is removed is nobody’s', async () => {
    const path = `${configMaps}/${name}`;
    await client.request('POST', configMaps, { body: configMap({ a: '1', b: '2', c: '3' }) });
    const changed = await client.request<Item>('PATCH', path, {
      contentType: 'application/merge-patch+json',
      body: { data: { a: 'x', b: null } },
      query: { fieldManager: 'patcher' },
    });
    assert.deepEqual(ownersOf(changed), {
      patcher: { 'f:data': { 'f:a': {} } },
      tester: { 'f:data': { '.': {}, 'f:c': {} } },
    });
  });

  test('each subresource is a manager of its own, and owns nothing that it resets', async () => {
    const created = await client.request<Item>('POST', deployments, { body: deployment() });
    const status = { observedGeneration: 1, replicas: 1 };
    const body = { ...created, spec: { ...created.spec, replicas: 9 }, status };
    const written = await client.request<Item>('PUT', `${deployments}/${name}/status`, { body });
    assert.deepEqual(ownersOf(written)['tester/status'], {
      'f:status': { 'f:observedGeneration': {}, 'f:replicas': {} },
    });
    assert.equal(written.spec?.replicas, 1);
    assert.ok('f:replicas' in (ownersOf(written)['tester']?.['f:spec'] ?? {}));
  });

  test('a Pod that is bound is not the binder’s', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    const spec = { containers: [{ name: 'c', image: 'i' }] };
    await client.request('POST', pods, { body: { metadata: { name }, spec } });
    await client.request('POST', `${pods}/${name}/binding`, {
      body: { metadata: { name }, target: { kind: 'Node', name: 'n' } },
      query: { fieldManager: 'binder' },
    });
    assert.deepEqual(Object.keys(ownersOf(await get(`${pods}/${name}`))), ['tester']);
  });
});

describe('apply', () => {
  test('creates what is not there, and then changes nothing', async () => {
    const created = await applyTo(`${deployments}/${name}`, deployment({ replicas: 2 }), { fieldManager: 'one' });
    assert.deepEqual(ownersOf(created), {
      one: {
        'f:spec': {
          'f:replicas': {},
          'f:selector': {},
          'f:template': {
            'f:metadata': { 'f:labels': { 'f:app': {} } },
            'f:spec': {
              'f:containers': {
                'k:{"name":"c"}': {
                  '.': {},
                  'f:image': {},
                  'f:name': {},
                  'f:ports': {
                    'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
                  },
                },
              },
            },
          },
        },
      },
    });
    const [entry] = created.metadata.managedFields ?? [];
    assert.equal(entry?.operation, 'Apply');
    const again = await applyTo(`${deployments}/${name}`, deployment({ replicas: 2 }), { fieldManager: 'one' });
    assert.deepEqual(again, created);
  });

  test('reads YAML, and says what comes twice in it', async () => {
    const path = `${configMaps}/${name}`;
    const send = (text: string, query: Query = {}): Promise<Item> =>
      client.transport
        .send({
          method: 'PATCH',
          path: `${path}?${new URLSearchParams({ fieldManager: 'one', ...(query as Record<string, string>) })}`,
          headers: { 'content-type': 'application/apply-patch+yaml', accept: 'application/json' },
          body: Buffer.from(text),
        })
        .then(async ({ body }) => JSON.parse(Buffer.concat(await Array.fromAsync(body)).toString()) as Item);
    const yaml = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata:\n  a: "1"\n`;
    assert.deepEqual((await send(yaml)).data, { a: '1' });
    const refused = (await send(`${yaml}  a: "2"\n`, { fieldValidation: 'Strict' })) as unknown as Status;
    assert.equal(refused.code, 400);
    assert.match(refused.message ?? '', /^error strict decoding YAML: /);
  });

  test('a conflict is told with its owner and field; force takes it', async () => {
    await applyData('one', { a: '1', b: '1' });
    const refused = await refusalOf(applyData('two', { a: '2', c: '3' }));
    assert.deepEqual(refused, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
      reason: 'Conflict',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' }] },
      code: 409,
    });
    const forced = await applyData('two', { a: '2', c: '3' }, { force: true });
    assert.deepEqual(forced.data, { a: '2', b: '1', c: '3' });
    assert.deepEqual(ownersOf(forced), {
      one: { 'f:data': { 'f:b': {} } },
      two: { 'f:data': { 'f:a': {}, 'f:c': {} } },
    });
  });

  test('several conflicts are listed by manager; updaters are told with their version', async () => {
    await client.request('POST', configMaps, { body: configMap({ a: '1', b: '1' }) });
    await applyData('one', { c: '1' });
    const refused = await refusalOf(applyData('two', { a: '2', b: '2', c: '2' }));
    assert.equal(
      refused.message,
      'Apply failed with 3 conflicts: conflicts with "one":\n- .data.c\nconflicts with "tester" using v1:\n- .data.a\n- .data.b',
    );
    assert.equal(refused.details?.causes?.length, 3);
  });

  test('fields of the same value are shared; who leaves one gives it up', async () => {
    await applyData('one', { a: '1', b: '1' });
    await applyData('two', { a: '1' });
    const kept = await applyData('one', { b: '1' });
    assert.deepEqual(kept.data, { a: '1', b: '1' });
    assert.deepEqual(ownersOf(kept), { one: { 'f:data': { 'f:b': {} } }, two: { 'f:data': { 'f:a': {} } } });
    const removed = await applyData('two', {});
    assert.deepEqual(removed.data, { b: '1' });
  });

  test('items of lists are merged by their keys, and go when nobody applies them', async () => {
    const services = '/api/v1/namespaces/default/services';
    const service = (ports: readonly object[]): object => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { ports },
    });
    const send = (manager: string, ports: readonly object[]): Promise<Item> =>
      applyTo(`${services}/${name}`, service(ports), { fieldManager: manager });
    await send('one', [{ name: 'a', port: 80 }]);
    const both = await send('two', [{ name: 'b', port: 81 }]);
    assert.deepEqual(both.spec?.ports, [
      { name: 'a', protocol: 'TCP', port: 80, targetPort: 80 },
      { name: 'b', protocol: 'TCP', port: 81, targetPort: 81 },
    ]);
    const left = await send('one', [{ name: 'c', port: 82 }]);
    assert.deepEqual(
      left.spec?.ports?.map((port) => (port as { name: string }).name),
      ['b', 'c'],
    );
  });

  test('the number of replicas is handed to an autoscaler', async () => {
    const path = `${deployments}/${name}`;
    await applyTo(path, deployment({ replicas: 2 }), { fieldManager: 'one' });
    const scale = await client.get<{ spec: object; metadata: object }>(`${path}/scale`);
    const body = { ...scale, spec: { replicas: 5 } };
    await client.request('PUT', `${path}/scale`, { body, query: { fieldManager: 'autoscaler' } });
    const scaled = await get(path);
    assert.deepEqual(ownersOf(scaled)['autoscaler/scale'], { 'f:spec': { 'f:replicas': {} } });
    assert.ok(!('f:replicas' in (ownersOf(scaled)['one']?.['f:spec'] ?? {})));
    const refused = await refusalOf(applyTo(path, deployment({ replicas: 2 }), { fieldManager: 'one' }));
    assert.equal(
      refused.message,
      'Apply failed with 1 conflict: conflict with "autoscaler" with subresource "scale" using apps/v1: .spec.replicas',
    );
    const given = await applyTo(path, deployment(), { fieldManager: 'one' });
    assert.equal(given.spec?.replicas, 5);
  });

  test('a Scale and a status can be applied', async () => {
    const path = `${deployments}/${name}`;
    await client.request('POST', deployments, { body: deployment() });
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name }, spec: { replicas: 4 } };
    const refused = await refusalOf(applyTo(`${path}/scale`, scale, { fieldManager: 'scaler' }));
    assert.equal(
      refused.message,
      'Apply failed with 1 conflict: conflict with "tester" using autoscaling/v1: .spec.replicas',
    );
    await applyTo(`${path}/scale`, scale, { fieldManager: 'scaler', force: true });
    const status = { observedGeneration: 2 };
    const applied = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, status };
    const written = await applyTo(`${path}/status`, applied, { fieldManager: 'reporter' });
    assert.equal(written.spec?.replicas, 4);
    assert.deepEqual(ownersOf(written)['reporter/status'], { 'f:status': { 'f:observedGeneration': {} } });
    assert.deepEqual(ownersOf(written)['scaler/scale'], { 'f:spec': { 'f:replicas': {} } });
    const absent = await refusalOf(applyTo(`${deployments}/none-such/status`, applied, { fieldManager: 'reporter' }));
    assert.equal(absent.code, 404);
  });

  test('a dry run shows what would be, and stores nothing', async () => {
    const shown = await applyData('one', { a: '1' }, { dryRun: 'All' });
    assert.deepEqual(shown.data, { a: '1' });
    await assert.rejects(get(`${configMaps}/${name}`), { code: 404 });
    const before = await applyData('one', { a: '1' });
    assert.deepEqual((await applyData('one', { a: '2' }, { dryRun: 'All' })).data, { a: '2' });
    assert.deepEqual(await get(`${configMaps}/${name}`), before);
  });

  test('versions of one object: what is owned in one is respected in the other', async () => {
    const group = '/apis/autoscaling';
    const path = (version: string): string => `${group}/${version}/namespaces/default/horizontalpodautoscalers/${name}`;
    const autoscaler = (version: string, spec: object): object => ({
      apiVersion: `autoscaling/${version}`,
      kind: 'HorizontalPodAutoscaler',
      metadata: { name },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' }, maxReplicas: 5, ...spec },
    });
    await applyTo(path('v1'), autoscaler('v1', { targetCPUUtilizationPercentage: 70 }), { fieldManager: 'one' });
    const refused = await refusalOf(applyTo(path('v2'), autoscaler('v2', { maxReplicas: 6 }), { fieldManager: 'two' }));
    assert.equal(refused.message, 'Apply failed with 1 conflict: conflict with "one": .spec.maxReplicas');
    const metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    ];
    const taken = await applyTo(path('v2'), autoscaler('v2', { metrics }), { fieldManager: 'two', force: true });
    const fields = ownersOf(taken)['one']?.['f:spec'] ?? {};
    assert.deepEqual(Object.keys(fields), ['f:maxReplicas', 'f:scaleTargetRef']);
    const moved = await applyTo(path('v2'), autoscaler('v2', {}), { fieldManager: 'one' });
    assert.deepEqual(
      moved.metadata.managedFields?.map(({ manager, apiVersion }) => [manager, apiVersion]),
      [
        ['one', 'autoscaling/v2'],
        ['two', 'autoscaling/v2'],
      ],
    );
  });
});

describe('refusals', () => {
  test('an apply without a field manager', async () => {
    const refused = await refusalOf(applyTo(`${configMaps}/${name}`, configMap({}), {}));
    assert.equal(refused.code, 422);
    assert.equal(
      refused.message,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  });

  test('force on another patch', async () => {
    const refused = await refusalOf(
      client.request('PATCH', `${configMaps}/${name}`, {
        contentType: 'application/merge-patch+json',
        body: {},
        query: { force: true },
      }),
    );
    assert.equal(
      refused.message,
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    );
  });

  test('fields that the type does not have, of another type, and items of one name', async () => {
    const path = `${deployments}/${name}`;
    const cases: ReadonlyArray<readonly [spec: object, message: string]> = [
      [{ foo: 1 }, '.spec.foo: field not declared in schema'],
      [{ replicas: 'three' }, '.spec.replicas: expected numeric (int or float), got string'],
      [{ paused: 1 }, '.spec.paused: expected boolean, got &{1}'],
      [
        { template: { spec: { nodeName: { a: [1, 'b', null] } } } },
        '.spec.template.spec.nodeName: expected string, got ' +
          '&value.valueUnstructured{Value:map[string]interface {}{"a":[]interface {}{1, "b", interface {}(nil)}}}',
      ],
      [
        { template: { spec: { containers: [{ name: 'c', resources: { limits: { cpu: [1] } } }] } } },
        '.spec.template.spec.containers[name="c"].resources.limits.cpu: expected any scalar, got &{[1]}',
      ],
      [{ strategy: [] }, '.spec.strategy: expected map, got &{[]}'],
      [
        { template: { spec: { containers: [{ name: 'c' }, { name: 'c' }] } } },
        '.spec.template.spec.containers: duplicate entries for key [name="c"]',
      ],
      [
        { template: { spec: { containers: [{ image: 'i' }] } } },
        '.spec.template.spec.containers: element 0: associative list with keys has an element that omits all key fields ' +
          '["name"] (and doesn\'t have default values for any key fields)',
      ],
    ];
    for (const [spec, message] of cases) {
      const applied = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
      const refused = await refusalOf(applyTo(path, applied, { fieldManager: 'one' }));
      assert.equal(
        refused.message,
        `failed to create typed patch object (/${name}; apps/v1, Kind=Deployment): ${message}`,
      );
    }
  });

  test('an object of another kind, one that says who owns it, one that is not there', async () => {
    const path = `${configMaps}/${name}`;
    const query = { fieldManager: 'one' };
    const other = await refusalOf(applyTo(path, { ...configMap({}), kind: 'Secret' }, query));
    assert.equal(other.message, 'invalid object type: /v1, Kind=Secret');
    const owned = await refusalOf(applyTo(path, configMap({}, { managedFields: [] }), query));
    assert.equal(owned.message, 'metadata.managedFields must be nil');
    const absent = await refusalOf(applyTo(path, configMap({}, { uid: 'abc' }), query));
    assert.equal(absent.code, 409);
    assert.match(
      absent.message ?? '',
      /: uid mismatch: the provided object specified uid abc, and no existing object was found$/,
    );
  });

  test('an apply to another state of the object', async () => {
    const { metadata } = await applyData('one', { a: '1' });
    await applyData('one', { a: '2' });
    const stale = configMap({ a: '3' }, { resourceVersion: metadata.resourceVersion });
    const refused = await refusalOf(applyTo(`${configMaps}/${name}`, stale, { fieldManager: 'one' }));
    assert.equal(refused.code, 409);
    assert.match(refused.message ?? '', /the object has been modified/);
  });

  test('CBOR', async () => {
    const refused = await refusalOf(
      client.request('PATCH', `${configMaps}/${name}`, {
        contentType: 'application/apply-patch+cbor',
        body: {},
        query: { fieldManager: 'one' },
      }),
    );
    assert.equal(refused.code, 415);
  });
});

describe('entries that clients send', () => {
  const path = (): string => `${configMaps}/${name}`;

  test('an empty list, or an empty entry, forgets all; nothing is tracked until the next apply', async () => {
    for (const managedFields of [[], [{}]]) {
      await client.request('POST', configMaps, { body: configMap({ a: '1' }) });
      const reset = await client.request<Item>('PATCH', path(), {
        contentType: 'application/merge-patch+json',
        body: { metadata: { managedFields } },
      });
      assert.equal(reset.metadata.managedFields, undefined);
      const changed = await client.request<Item>('PUT', path(), { body: configMap({ a: '2' }) });
      assert.equal(changed.metadata.managedFields, undefined);
      const applied = await applyData('one', { b: '1' });
      assert.deepEqual(ownersOf(applied), {
        'before-first-apply': { 'f:data': { '.': {}, 'f:a': {} } },
        one: { 'f:data': { 'f:b': {} } },
      });
      await client.request('DELETE', path());
    }
  });

  test('entries that cannot be read are passed over; those that can are taken, in canonical form', async () => {
    const { metadata } = await client.request<Item>('POST', configMaps, { body: configMap({ a: '1', b: '1' }) });
    const put = (managedFields: unknown): Promise<Item> =>
      client.request('PUT', path(), { body: configMap({ a: '1', b: '1' }, { managedFields }) });
    for (const broken of [
      [{ manager: 'x', operation: 'Take', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }],
      [{ manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV2', fieldsV1: {} }],
      [{ manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { bad: {} } }],
    ]) {
      assert.deepEqual((await put(broken)).metadata, metadata);
    }
    const entry = {
      manager: 'x',
      operation: 'Apply',
      apiVersion: 'v1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
    };
    const taken = await put([{ ...entry, fieldsV1: { 'f:data': { 'f:b': {}, 'f:a': {}, 'x:y': {} } } }]);
    assert.deepEqual(taken.metadata.managedFields, [{ ...entry, fieldsV1: { 'f:data': { 'f:a': {}, 'f:b': {} } } }]);
  });

  test('who does not know of them does not lose them', async () => {
    await applyData('one', { a: '1' });
    const written = await client.request<Item>('PUT', path(), { body: configMap({ a: '1', b: '1' }) });
    assert.deepEqual(ownersOf(written), {
      one: { 'f:data': { 'f:a': {} } },
      tester: { 'f:data': { 'f:b': {} } },
    });
  });
});

test('from client-side to server-side apply: what was applied before is taken without force', async () => {
  const lastApplied = JSON.stringify(configMap({ a: '1', b: '1' }));
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': lastApplied };
  await client.request('POST', configMaps, {
    body: configMap({ a: '1', b: '1' }, { annotations }),
    query: { fieldManager: 'kubectl-client-side-apply' },
  });
  const refused = await refusalOf(applyData('other', { a: '2' }));
  assert.equal(
    refused.message,
    'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a',
  );
  const applied = await applyData('kubectl', { a: '2', b: '1' });
  assert.deepEqual(applied.data, { a: '2', b: '1' });
  assert.equal(
    applied.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'],
    `{"apiVersion":"v1","data":{"a":"2","b":"1"},"kind":"ConfigMap","metadata":{"name":"${name}"}}\n`,
  );
});
