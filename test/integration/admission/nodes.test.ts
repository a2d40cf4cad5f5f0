// NodeRestriction, in a server that lets nodes ask for anything.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RestClient } from '../../../src/client/rest.ts';
import { AdmissionServer, image, podWith, refused, type Answer, type Room } from './admission-server.ts';

const server = AdmissionServer.forTests({ args: ['--authorization-mode=AlwaysAllow'] });
const node = { username: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };

function asNode<T>(work: (client: RestClient) => Promise<T>): Promise<T> {
  return server.as(node, work);
}

const nodes = '/api/v1/nodes';

function patch(client: RestClient, path: string, body: object): Promise<Answer> {
  return client.request('PATCH', path, { body, contentType: 'application/merge-patch+json' });
}

test('a node says who it is, or is refused', async () => {
  const nobody = { username: 'system:node:', groups: ['system:nodes'] };
  await server.as(nobody, (client) =>
    refused(
      client.request('POST', nodes, { body: { metadata: { name: 'x' } } }),
      403,
      'nodes "x" is forbidden: could not determine node from user "system:node:"',
    ),
  );
});

describe('its Node', () => {
  test('is the one of its name', async () => {
    await asNode(async (client) => {
      await client.request('POST', nodes, {
        body: { metadata: { name: 'n1', labels: { 'kubernetes.io/os': 'linux' } } },
      });
      await refused(
        client.request('POST', nodes, { body: { metadata: { name: 'n2' } } }),
        403,
        'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
      );
    });
    await server.create(nodes, { metadata: { name: 'n2' } });
    await asNode((client) =>
      refused(
        client.request('DELETE', `${nodes}/n2`),
        403,
        'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
      ),
    );
  });

  const refusals: readonly (readonly [string, string, object])[] = [
    ['taints', 'node "n1" is not allowed to modify taints', { spec: { taints: [] } }],
    [
      'labels that administrators steer by',
      'is not allowed to modify labels: node-restriction.kubernetes.io/x',
      { metadata: { labels: { 'node-restriction.kubernetes.io/x': 'y' } } },
    ],
    [
      'labels that mean something to Kubernetes',
      'is not allowed to modify labels: node-role.kubernetes.io/control-plane, x.k8s.io/y',
      { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '', 'x.k8s.io/y': 'z', own: 'yes' } } },
    ],
    [
      'owners',
      'node "n1" is not allowed to modify ownerReferences',
      { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'x', uid: 'u' }] } },
    ],
  ];
  for (const [what, why, change] of refusals) {
    test(`it does not change its ${what}`, async () => {
      await asNode((client) => refused(patch(client, `${nodes}/n1`, change), 403, `nodes "n1" is forbidden: ${why}`));
    });
  }

  test('it may change other labels, and its status', async () => {
    await asNode(async (client) => {
      const labels = { own: 'yes', 'node.kubernetes.io/instance-type': 't', 'sub.kubelet.kubernetes.io/x': 'y' };
      const { metadata } = await patch(client, `${nodes}/n1`, { metadata: { labels } });
      assert.deepEqual(metadata.labels, { ...labels, 'kubernetes.io/os': 'linux' });
      await patch(client, `${nodes}/n1/status`, { status: { capacity: { cpu: '4' } } });
    });
  });

  test('it is not registered with labels that it may not have', async () => {
    const other = { username: 'system:node:n3', groups: node.groups };
    const metadata = { name: 'n3', labels: { 'node-restriction.kubernetes.io/x': 'y' } };
    await server.as(other, (client) =>
      refused(
        client.request('POST', nodes, { body: { metadata } }),
        403,
        'nodes "n3" is forbidden: node "n3" is not allowed to set the following labels: node-restriction.kubernetes.io/x',
      ),
    );
  });
});

describe('Pods', () => {
  async function mirror(extra: object = {}, metadata: object = {}, owner: object = {}): Promise<object> {
    const { metadata: own } = await server.client.get<Answer>(`${nodes}/n1`);
    const ownerReferences = [
      { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: own['uid'], controller: true, ...owner },
    ];
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    return podWith({ nodeName: 'n1', ...extra }, { annotations, ownerReferences, ...metadata });
  }

  function create(room: Room, pod: object): Promise<Answer> {
    return asNode((client) => client.request<Answer>('POST', room.path('Pod'), { body: pod }));
  }

  test('it makes mirrors of its own static Pods', async () => {
    const room = await server.newNamespace();
    const { metadata } = await create(room, await mirror());
    assert.equal(metadata.name, 'p');
    await asNode((client) => client.request('DELETE', room.path('Pod', 'p')));
  });

  test('and no others, and none that refer to anything', async () => {
    const room = await server.newNamespace();
    const volume = (source: object): object => ({ volumes: [{ name: 'v', ...source }] });
    const reference = 'node "n1" can not create pods that reference';
    const refusals: readonly (readonly [string, object])[] = [
      [
        'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
        await mirror({}, { annotations: {} }),
      ],
      ['node "n1" can only create pods with spec.nodeName set to itself', await mirror({ nodeName: 'n2' })],
      [
        'node "n1" can only create pods with an owner reference set to itself',
        await mirror({}, { ownerReferences: [] }),
      ],
      ['node "n1" can only create pods with an owner reference set to itself', await mirror({}, {}, { name: 'n2' })],
      [
        'node "n1" can only create pods with a controller owner reference set to itself',
        await mirror({}, {}, { controller: false }),
      ],
      [
        'node "n1" must not set blockOwnerDeletion on an owner reference',
        await mirror({}, {}, { blockOwnerDeletion: true }),
      ],
      [`${reference} a service account`, await mirror({ serviceAccountName: 'default' })],
      [`${reference} secrets`, await mirror(volume({ secret: { secretName: 's' } }))],
      [
        `${reference} configmaps`,
        await mirror({ containers: [{ name: 'c', image, envFrom: [{ configMapRef: { name: 'm' } }] }] }),
      ],
      [`${reference} persistentvolumeclaims`, await mirror(volume({ persistentVolumeClaim: { claimName: 'c' } }))],
    ];
    for (const [why, pod] of refusals) await refused(create(room, pod), 403, `pods "p" is forbidden: ${why}`);
    await refused(
      create(room, await mirror({}, {}, { uid: 'other' })),
      403,
      /node n1 UID mismatch: expected other got /,
    );
  });

  test('it reports on and ends Pods that run on it alone', async () => {
    const room = await server.newNamespace();
    await room.pod({ nodeName: 'n1' }, { name: 'mine' });
    await room.pod({ nodeName: 'n2' }, { name: 'other' });
    await asNode(async (client) => {
      const status = { status: { phase: 'Running' } };
      await patch(client, `${room.path('Pod', 'mine')}/status`, status);
      await refused(
        patch(client, `${room.path('Pod', 'other')}/status`, status),
        403,
        'pods "other" is forbidden: node "n1" can only update pod status for pods with spec.nodeName set to itself',
      );
      await refused(
        patch(client, `${room.path('Pod', 'mine')}/status`, { metadata: { labels: { a: 'b' } } }),
        403,
        'pods "mine" is forbidden: node "n1" cannot update labels through pod status',
      );
      await refused(
        patch(client, room.path('Pod', 'mine'), { metadata: { labels: { a: 'b' } } }),
        403,
        'pods "mine" is forbidden: unexpected operation "UPDATE", node "n1" can only create and delete mirror pods',
      );
      const evict = (name: string): Promise<unknown> =>
        client.request('POST', `${room.path('Pod', name)}/eviction`, { body: { metadata: { name } } });
      await refused(
        evict('other'),
        403,
        'pods "other" is forbidden: node n1 can only evict pods with spec.nodeName set to itself',
      );
      await evict('mine');
      await refused(
        client.request('DELETE', room.path('Pod', 'other')),
        403,
        'pods "other" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself',
      );
    });
  });
});

test('Leases: it renews its own', async () => {
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  await asNode(async (client) => {
    await client.request('POST', leases, { body: { metadata: { name: 'n1' } } });
    await refused(
      client.request('POST', leases, { body: { metadata: { name: 'n2' } } }),
      403,
      'leases.coordination.k8s.io "n2" is forbidden: can only access node lease with the same name as the requesting node',
    );
    const elsewhere = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
    await refused(
      client.request('POST', elsewhere, { body: { metadata: { name: 'n1' } } }),
      403,
      'leases.coordination.k8s.io "n1" is forbidden: can only access leases in the "kube-node-lease" system namespace',
    );
  });
});

test('CSINodes: it has one', async () => {
  const path = '/apis/storage.k8s.io/v1/csinodes';
  await asNode(async (client) => {
    await client.request('POST', path, { body: { metadata: { name: 'n1' }, spec: { drivers: [] } } });
    await refused(
      client.request('POST', path, { body: { metadata: { name: 'n2' }, spec: { drivers: [] } } }),
      403,
      'csinodes.storage.k8s.io "n2" is forbidden: can only access CSINode with the same name as the requesting node',
    );
  });
});

test('claims: it reports how large their volumes are, and changes nothing else', async () => {
  const room = await server.newNamespace();
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await room.create('PersistentVolumeClaim', { metadata: { name: 'c' }, spec });
  const path = room.path('PersistentVolumeClaim', 'c');
  await asNode(async (client) => {
    await patch(client, `${path}/status`, { status: { capacity: { storage: '1Gi' } } });
    await refused(
      patch(client, `${path}/status`, { status: { phase: 'Bound' } }),
      403,
      /node "n1" is not allowed to update fields other than status.capacity and status.conditions/,
    );
    await refused(
      patch(client, path, { metadata: { labels: { a: 'b' } } }),
      403,
      'persistentvolumeclaims "c" is forbidden: may only update PVC status',
    );
  });
});

test('tokens: it has them for Pods that run on it, for audiences that they need', async () => {
  const room = await server.newNamespace();
  const sources = [{ serviceAccountToken: { path: 't', audience: 'vault' } }];
  const spec = { serviceAccountName: 'default', volumes: [{ name: 'v', projected: { sources } }] };
  const mine = await room.pod({ ...spec, nodeName: 'n1' }, { name: 'mine' });
  const other = await room.pod({ ...spec, nodeName: 'n2' }, { name: 'other' });
  const bound = ({ metadata }: Answer): object => {
    return { apiVersion: 'v1', kind: 'Pod', name: metadata.name, uid: metadata['uid'] };
  };
  await asNode(async (client) => {
    const ask = (boundObjectRef: object | undefined, audience = 'vault'): Promise<Answer> =>
      client.request<Answer>('POST', `${room.path('ServiceAccount', 'default')}/token`, {
        body: { spec: { audiences: [audience], ...(boundObjectRef === undefined ? {} : { boundObjectRef }) } },
      });
    const given = await ask(bound(mine));
    assert.ok((given['status'] as { token: string }).token.length > 0);
    const name = 'serviceaccounts "default" is forbidden:';
    await refused(ask(undefined), 403, `${name} node requested token not bound to a pod`);
    await refused(
      ask({ ...bound(mine), uid: undefined }),
      403,
      `${name} node requested token with a pod binding without a uid`,
    );
    await refused(ask(bound(other)), 403, `${name} node requested token bound to a pod scheduled on a different node`);
    await refused(
      ask({ ...bound(mine), uid: 'other' }),
      403,
      `${name} the UID in the bound object reference (other) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  });
});

test('others are not held to what nodes are', async () => {
  await patch(server.client, `${nodes}/n1`, { spec: { taints: [] } });
});
