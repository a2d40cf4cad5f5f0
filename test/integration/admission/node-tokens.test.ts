// NodeRestriction of tokens for audiences, in a server that asks the Node authorizer and RBAC what nodes may do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RestClient } from '../../../src/client/rest.ts';
import { AdmissionServer, refused, type Answer, type Room } from './admission-server.ts';

const server = AdmissionServer.forTests();
const node = { username: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };

/** Asks for a token for a Pod's service account, in the node's name. */
function ask(client: RestClient, room: Room, pod: Answer, audience: string): Promise<Answer> {
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata['uid'] };
  return client.request<Answer>('POST', `${room.path('ServiceAccount', 'default')}/token`, {
    body: { spec: { audiences: [audience], boundObjectRef } },
  });
}

function unknownAudience(audience: string): string {
  return `serviceaccounts "default" is forbidden: audience "${audience}" not found in pod spec volume`;
}

test('a node has tokens for the audiences that a Pod’s volumes name', async () => {
  const room = await server.newNamespace();
  const sources = [{ serviceAccountToken: { path: 't', audience: 'vault' } }];
  const volumes = [{ name: 'v', projected: { sources } }];
  const pod = await room.pod({ serviceAccountName: 'default', nodeName: 'n1', volumes });
  await server.as(node, async (client) => {
    assert.ok((await ask(client, room, pod, 'vault'))['status']);
    await refused(ask(client, room, pod, 'bank'), 403, unknownAudience('bank'));
  });
});

test('and for those that a volume’s driver asks for', async () => {
  await server.create('/apis/storage.k8s.io/v1/csidrivers', {
    metadata: { name: 'csi.example.com' },
    spec: { tokenRequests: [{ audience: 'storage' }], volumeLifecycleModes: ['Ephemeral', 'Persistent'] },
  });
  const room = await server.newNamespace();
  const inline = await room.pod(
    { serviceAccountName: 'default', nodeName: 'n1', volumes: [{ name: 'v', csi: { driver: 'csi.example.com' } }] },
    { name: 'inline' },
  );
  await server.create('/api/v1/persistentvolumes', {
    metadata: { name: 'pv' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      csi: { driver: 'csi.example.com', volumeHandle: 'h' },
    },
  });
  const resources = { requests: { storage: '1Gi' } };
  await room.create('PersistentVolumeClaim', {
    metadata: { name: 'c' },
    spec: { accessModes: ['ReadWriteOnce'], resources, volumeName: 'pv' },
  });
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
  const claimed = await room.pod({ serviceAccountName: 'default', nodeName: 'n1', volumes }, { name: 'claimed' });
  await server.as(node, async (client) => {
    for (const pod of [inline, claimed]) assert.ok((await ask(client, room, pod, 'storage'))['status']);
    await refused(ask(client, room, inline, 'vault'), 403, unknownAudience('vault'));
  });
});

test('and for those that its roles name', async () => {
  const room = await server.newNamespace();
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${room.name}`;
  const rules = [
    {
      apiGroups: [''],
      resources: ['bank'],
      resourceNames: ['default'],
      verbs: ['request-serviceaccounts-token-audience'],
    },
  ];
  await server.create(`${rbac}/roles`, { metadata: { name: 'bank' }, rules });
  await server.create(`${rbac}/rolebindings`, {
    metadata: { name: 'bank' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'bank' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' }],
  });
  const pod = await room.pod({ serviceAccountName: 'default', nodeName: 'n1' });
  await server.as(node, async (client) => {
    assert.ok((await ask(client, room, pod, 'bank'))['status']);
    await refused(ask(client, room, pod, 'vault'), 403, unknownAudience('vault'));
  });
});
