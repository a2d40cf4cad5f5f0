import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { builtinCatalog } from '../../../api/catalog.ts';
import type { PersistentVolume, Pod } from '../../../api/types/core.v1.ts';
import { realClock } from '../../../machinery/clock.ts';
import { MetricsRegistry } from '../../../machinery/metrics.ts';
import { seededRandom } from '../../../machinery/random.ts';
import { VirtualClock } from '../../../machinery/virtual-clock.ts';
import { openMemoryStore } from '../../../store/memory/index.ts';
import type { RequestInfo } from '../../contract.ts';
import { parseRequestInfo } from '../../http/request-info.ts';
import { Registry } from '../../registry/registry.ts';
import { attributesOf } from '../selectors.ts';
import { NodeAuthorizer } from './authorizer.ts';
import { NodeGraph, type VertexKind } from './graph.ts';
import { NodeAuthorizerMetrics } from './metrics.ts';

const pod = (node: string | undefined, spec: object = {}, more: object = {}): Pod =>
  ({ metadata: { name: 'p' }, spec: { ...(node === undefined ? {} : { nodeName: node }), ...spec }, ...more }) as Pod;

const full = {
  serviceAccountName: 'sa',
  imagePullSecrets: [{ name: 'pull' }],
  initContainers: [{ name: 'i', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'init-env', key: 'k' } } }] }],
  containers: [
    {
      name: 'c',
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'env', key: 'k' } } }],
      envFrom: [{ secretRef: { name: 'all-env' } }, { configMapRef: { name: 'all-env' } }],
    },
  ],
  ephemeralContainers: [{ name: 'e', envFrom: [{ secretRef: { name: 'debug' } }] }],
  volumes: [
    { name: 's', secret: { secretName: 'vol' } },
    { name: 'c', configMap: { name: 'vol' } },
    { name: 'j', projected: { sources: [{ secret: { name: 'proj' } }, { configMap: { name: 'proj' } }] } },
    { name: 'csi', csi: { driver: 'd', nodePublishSecretRef: { name: 'publish' } } },
    { name: 'claim', persistentVolumeClaim: { claimName: 'pvc' } },
    { name: 'eph', ephemeral: {} },
  ],
  resourceClaims: [
    { name: 'direct', resourceClaimName: 'rc' },
    { name: 'made', resourceClaimTemplateName: 't' },
  ],
};
const status = { resourceClaimStatuses: [{ name: 'made', resourceClaimName: 'rc-made' }] };

describe('the graph', () => {
  test('leads from everything that a pod names to its node, and to no other', () => {
    const graph = new NodeGraph();
    graph.setPod('ns', 'p', pod('n1', full, { status }));
    const related: readonly [VertexKind, string[]][] = [
      ['pod', ['p']],
      ['secret', ['pull', 'init-env', 'all-env', 'debug', 'vol', 'proj', 'publish']],
      ['configmap', ['env', 'all-env', 'vol', 'proj']],
      ['persistentvolumeclaim', ['pvc', 'p-eph']],
      ['resourceclaim', ['rc', 'rc-made']],
      ['serviceaccount', ['sa']],
    ];
    for (const [kind, names] of related) {
      for (const name of names) {
        assert.ok(graph.isRelated('n1', kind, 'ns', name), `${kind} ${name}`);
        assert.ok(!graph.isRelated('n2', kind, 'ns', name));
        assert.ok(!graph.isRelated('n1', kind, 'other', name));
      }
    }
    graph.setPod('ns', 'p', undefined);
    for (const [kind, names] of related) for (const name of names) assert.ok(!graph.isRelated('n1', kind, 'ns', name));
  });

  test('counts: what two pods name stays until both are gone', () => {
    const graph = new NodeGraph();
    const using = { volumes: [{ name: 's', secret: { secretName: 'x' } }] };
    graph.setPod('ns', 'a', pod('n1', using));
    graph.setPod('ns', 'b', pod('n1', using));
    graph.setPod('ns', 'a', pod('n1', using));
    graph.setPod('ns', 'a', undefined);
    assert.ok(graph.isRelated('n1', 'secret', 'ns', 'x'));
    graph.setPod('ns', 'b', pod('n1'));
    assert.ok(!graph.isRelated('n1', 'secret', 'ns', 'x'));
  });

  test('gives nothing by pods that are on no node, or that stand for a node’s own', () => {
    const graph = new NodeGraph();
    graph.setPod('ns', 'p', pod(undefined, full));
    assert.ok(!graph.isRelated('', 'secret', 'ns', 'vol'));
    const mirror = pod('n1', full);
    graph.setPod('ns', 'p', {
      ...mirror,
      metadata: { name: 'p', annotations: { 'kubernetes.io/config.mirror': 'x' } },
    });
    assert.ok(graph.isRelated('n1', 'pod', 'ns', 'p'));
    assert.ok(!graph.isRelated('n1', 'secret', 'ns', 'vol'));
  });

  test('leads from volumes and their secrets through the claim, whichever came first', () => {
    const graph = new NodeGraph();
    const volume = {
      spec: {
        claimRef: { namespace: 'ns', name: 'pvc' },
        csi: {
          driver: 'd',
          volumeHandle: 'h',
          nodeStageSecretRef: { namespace: 'store', name: 'stage' },
          controllerPublishSecretRef: { namespace: 'store', name: 'controller' },
        },
      },
    } as PersistentVolume;
    graph.setVolume('pv', volume);
    assert.ok(!graph.isRelated('n1', 'persistentvolume', '', 'pv'));
    graph.setPod('ns', 'p', pod('n1', full));
    assert.ok(graph.isRelated('n1', 'persistentvolume', '', 'pv'));
    assert.ok(graph.isRelated('n1', 'secret', 'store', 'stage'));
    assert.ok(!graph.isRelated('n1', 'secret', 'store', 'controller'));
    graph.setVolume('pv', undefined);
    assert.ok(!graph.isRelated('n1', 'persistentvolume', '', 'pv'));
    assert.ok(!graph.isRelated('n1', 'secret', 'store', 'stage'));
  });
});

describe('the Node authorizer', () => {
  const n1 = { username: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
  const unrelated = "no relationship found between node 'n1' and this object";
  const yes = 'yes';
  /** What a node asks for, and whether it may, or why not. */
  const table: readonly [request: string, outcome: string][] = [
    ['GET /api/v1/namespaces/ns/secrets/vol', yes],
    ['GET /api/v1/namespaces/ns/secrets?fieldSelector=metadata.name%3Dvol&watch=true', yes],
    ['GET /api/v1/namespaces/ns/secrets/other', unrelated],
    ['GET /api/v1/namespaces/ns/secrets', 'No Object name found'],
    ['GET /api/v1/secrets', 'can only read namespaced object of this type'],
    ['DELETE /api/v1/namespaces/ns/secrets/vol', 'can only read resources of this type'],
    ['GET /api/v1/namespaces/ns/configmaps/env', yes],
    ['GET /api/v1/namespaces/ns/persistentvolumeclaims/pvc', yes],
    ['GET /api/v1/namespaces/ns/persistentvolumeclaims', 'can only get individual resources of this type'],
    ['PATCH /api/v1/namespaces/ns/persistentvolumeclaims/pvc/status', yes],
    ['GET /api/v1/namespaces/ns/persistentvolumeclaims/pvc/status', 'can only get/update/patch this type'],
    ['GET /api/v1/persistentvolumes/pv', unrelated],
    ['GET /apis/resource.k8s.io/v1/namespaces/ns/resourceclaims/rc', yes],
    ['GET /apis/storage.k8s.io/v1/volumeattachments/va', unrelated],
    ['POST /api/v1/namespaces/ns/serviceaccounts/sa/token', yes],
    ['POST /api/v1/namespaces/ns/serviceaccounts/other/token', unrelated],
    ['GET /api/v1/namespaces/ns/serviceaccounts/sa', yes],
    ['POST /api/v1/namespaces/ns/serviceaccounts', 'can only create tokens for individual service accounts'],
    ['PUT /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1', yes],
    ['POST /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', yes],
    [
      'PUT /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n2',
      'can only access node lease with the same name as the requesting node',
    ],
    [
      'PUT /apis/coordination.k8s.io/v1/namespaces/ns/leases/n1',
      'can only access leases in the "kube-node-lease" system namespace',
    ],
    [
      'GET /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
      'can only get, create, update, patch, or delete a node lease',
    ],
    ['GET /apis/storage.k8s.io/v1/csinodes/n1', yes],
    ['GET /apis/storage.k8s.io/v1/csinodes/n2', 'can only access CSINode with the same name as the requesting node'],
    ['GET /apis/storage.k8s.io/v1/csinodes', 'can only get, create, update, patch, or delete a CSINode'],
    ['POST /apis/resource.k8s.io/v1/resourceslices', yes],
    ['GET /apis/resource.k8s.io/v1/resourceslices/x', unrelated],
    ['GET /apis/resource.k8s.io/v1/resourceslices?fieldSelector=spec.nodeName%3Dn1', yes],
    [
      'GET /apis/resource.k8s.io/v1/resourceslices?fieldSelector=spec.nodeName%3Dn2',
      'can only list/watch/deletecollection resourceslices with nodeName field selector',
    ],
    ['GET /api/v1/nodes/n1', yes],
    ['GET /api/v1/nodes?fieldSelector=metadata.name%3Dn1&watch=1', yes],
    ['GET /api/v1/nodes', "node 'n1' cannot read all nodes, only its own Node object"],
    ['GET /api/v1/nodes/n2', "node 'n1' cannot read 'n2', only its own Node object"],
    ['POST /api/v1/nodes', yes],
    ['DELETE /api/v1/nodes/n1', ''],
    ['PATCH /api/v1/nodes/n1/status', yes],
    ['GET /api/v1/pods?fieldSelector=spec.nodeName%3Dn1', yes],
    [
      'GET /api/v1/pods?fieldSelector=spec.nodeName!%3Dn1',
      'can only list/watch pods with spec.nodeName field selector',
    ],
    ['GET /api/v1/pods', 'can only list/watch pods with spec.nodeName field selector'],
    ['GET /api/v1/namespaces/ns/pods/p', yes],
    ['GET /api/v1/namespaces/ns/pods/other', unrelated],
    ['PATCH /api/v1/namespaces/ns/pods/other/status', yes],
    ['POST /api/v1/namespaces/ns/pods/other/eviction', yes],
    ['PUT /api/v1/namespaces/ns/pods/p', ''],
    ['GET /api/v1/services', yes],
    ['DELETE /api/v1/namespaces/ns/services/x', ''],
    ['GET /metrics', ''],
  ];
  const readRequest = (text: string): { readonly info: RequestInfo; readonly query: URLSearchParams } => {
    const [method = '', target = ''] = text.split(' ');
    const url = new URL(target, 'https://localhost');
    return { info: parseRequestInfo(method, url.pathname, url.searchParams), query: url.searchParams };
  };

  const started = (async () => {
    const store = await openMemoryStore();
    const stored = {
      apiVersion: 'v1',
      kind: 'Pod',
      ...pod('n1', full, { metadata: { name: 'p', namespace: 'ns' }, status }),
    };
    await store.txn({
      compare: [],
      success: [{ type: 'put', put: { key: '/registry/pods/ns/p', value: Buffer.from(JSON.stringify(stored)) } }],
    });
    const registry = new Registry({
      store,
      catalog: builtinCatalog(),
      clock: realClock,
      random: seededRandom(1),
      eventTtlSeconds: 1,
      minRequestTimeoutMs: 1,
      onFailure: (error) => assert.fail(String(error)),
    });
    const clock = new VirtualClock();
    const authorizer = new NodeAuthorizer(new NodeAuthorizerMetrics(new MetricsRegistry(), clock));
    authorizer.attach(registry);
    return { authorizer, registry, store };
  })();
  after(async () => {
    const { registry, store } = await started;
    registry.stop();
    await store.close();
  });

  for (const [request, outcome] of table) {
    test(`${request}: ${outcome === '' ? 'no' : outcome}`, async () => {
      const { info, query } = readRequest(request);
      const { verdict, reason } = await (await started).authorizer.authorize(attributesOf(n1, info, query));
      assert.equal(verdict === 'allow' ? yes : reason, outcome);
    });
  }

  test('has no opinion of others, and refuses a node without a name', async () => {
    const { authorizer } = await started;
    const { info: request } = readRequest('GET /api/v1/namespaces/ns/secrets/vol');
    const decide = async (username: string, groups: string[]): Promise<unknown> =>
      authorizer.authorize({ user: { username, groups }, request });
    const noOpinion = { verdict: 'noOpinion', reason: '' };
    assert.deepEqual(await decide('system:node:n1', ['system:authenticated']), noOpinion);
    assert.deepEqual(await decide('jane', ['system:nodes']), noOpinion);
    assert.deepEqual(await decide('system:node:', ['system:nodes']), {
      verdict: 'noOpinion',
      reason: 'unknown node for user "system:node:"',
    });
    assert.equal(authorizer.rulesFor(n1).incomplete, true);
  });
});
