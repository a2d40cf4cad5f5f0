import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Readable } from 'node:stream';
import type { ApiRequest, Transport } from './contract.ts';
import { discover, type ServedResource } from './discovery.ts';
import { pathOf } from './resource.ts';
import { resolveResource } from './resource-names.ts';
import { RestClient } from './rest.ts';

const pods = {
  group: '',
  version: 'v1',
  plural: 'pods',
  singular: 'pod',
  kind: 'Pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  verbs: ['get', 'list'],
};
const nodes = {
  ...pods,
  plural: 'nodes',
  singular: 'node',
  kind: 'Node',
  shortNames: ['no'],
  categories: [],
  namespaced: false,
};
const events = { ...pods, plural: 'events', singular: 'event', kind: 'Event', shortNames: ['ev'], categories: [] };
const newEvents = { ...events, group: 'events.k8s.io' };
const deployments = {
  ...pods,
  group: 'apps',
  plural: 'deployments',
  singular: 'deployment',
  kind: 'Deployment',
  shortNames: ['deploy'],
  categories: [],
};
const scalers = {
  ...deployments,
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  kind: 'HorizontalPodAutoscaler',
  shortNames: ['hpa'],
};
const oldScalers = { ...scalers, version: 'v1' };
const served: readonly ServedResource[] = [pods, nodes, events, deployments, newEvents, scalers, oldScalers];

function clientOf(answers: Readonly<Record<string, unknown>>, asked: string[] = []): RestClient {
  const transport: Transport = {
    send: ({ path }: ApiRequest) => {
      asked.push(path);
      const answer = answers[path];
      return Promise.resolve({
        status: answer === undefined ? 404 : 200,
        header: () => [],
        body: Readable.from([Buffer.from(JSON.stringify(answer ?? {}))]),
      });
    },
    close: () => {},
  };
  return new RestClient(transport, { userAgent: 'test' });
}

describe('discovery', () => {
  const aggregated = (group: string, resources: readonly ServedResource[]): unknown => ({
    metadata: { name: group },
    versions: [...new Set(resources.map(({ version }) => version))].map((version) => ({
      version,
      resources: resources
        .filter((one) => one.version === version)
        .map(({ plural, singular, kind, namespaced, ...rest }) => ({
          resource: plural,
          singularResource: singular,
          responseKind: { group, version, kind },
          scope: namespaced ? 'Namespaced' : 'Cluster',
          ...rest,
        })),
    })),
  });

  test('takes all at once', async () => {
    const list = (items: unknown[]): unknown => ({ kind: 'APIGroupDiscoveryList', items });
    const asked: string[] = [];
    const client = clientOf(
      {
        '/api': list([aggregated('', [pods, nodes, events])]),
        '/apis': list([
          aggregated('apps', [deployments]),
          aggregated('events.k8s.io', [newEvents]),
          aggregated('autoscaling', [scalers, oldScalers]),
        ]),
      },
      asked,
    );
    assert.deepEqual(await discover(client), served);
    assert.deepEqual(asked, ['/api', '/apis']);
  });

  test('asks version by version where it must, the preferred one first', async () => {
    const list = (resources: readonly ServedResource[]): unknown => ({
      kind: 'APIResourceList',
      resources: [
        ...resources.map(({ plural, singular, group: _group, version: _version, ...rest }) => ({
          name: plural,
          singularName: singular === 'pod' ? '' : singular,
          ...rest,
        })),
        { name: 'pods/status', singularName: '', kind: 'Pod', namespaced: true, verbs: ['get'] },
      ],
    });
    const group = (name: string, versions: string[], preferred: string): unknown => ({
      name,
      versions: versions.map((version) => ({ groupVersion: `${name}/${version}`, version })),
      preferredVersion: { groupVersion: `${name}/${preferred}`, version: preferred },
    });
    const client = clientOf({
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/apis': {
        kind: 'APIGroupList',
        groups: [
          group('apps', ['v1'], 'v1'),
          group('events.k8s.io', ['v1'], 'v1'),
          group('autoscaling', ['v1', 'v2'], 'v2'),
        ],
      },
      '/api/v1': list([pods, nodes, events]),
      '/apis/apps/v1': list([deployments]),
      '/apis/events.k8s.io/v1': list([newEvents]),
      '/apis/autoscaling/v1': list([oldScalers]),
      '/apis/autoscaling/v2': list([scalers]),
    });
    assert.deepEqual(await discover(client), served);
  });
});

describe('a resource', () => {
  const cases: readonly (readonly [string, ServedResource | undefined])[] = [
    ['pods', pods],
    ['pod', pods],
    ['Pod', pods],
    ['PODS', pods],
    ['po', pods],
    ['pods.v1.', pods],
    ['deploy', deployments],
    ['deployments.apps', deployments],
    ['deployment.v1.apps', deployments],
    ['Deployment.apps', deployments],
    ['deploy.app', deployments],
    ['deployments.v2.apps', undefined],
    ['events', events],
    ['ev', events],
    ['events.events', newEvents],
    ['events.events.k8s.io', newEvents],
    ['events.v1.events.k8s.io', newEvents],
    ['hpa', scalers],
    ['hpa.v1.autoscaling', oldScalers],
    ['pods.apps', undefined],
    ['widgets', undefined],
    ['', undefined],
  ];
  for (const [text, resource] of cases) {
    test(`${JSON.stringify(text)}`, () => assert.deepEqual(resolveResource(served, text), resource));
  }

  test('has a path', () => {
    assert.equal(pathOf(pods, 'default', 'a b'), '/api/v1/namespaces/default/pods/a%20b');
    assert.equal(pathOf(pods, undefined), '/api/v1/pods');
    assert.equal(pathOf(nodes, 'default', 'n'), '/api/v1/nodes/n');
    assert.equal(pathOf(scalers, 'x'), '/apis/autoscaling/v2/namespaces/x/horizontalpodautoscalers');
  });
});
