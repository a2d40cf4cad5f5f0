// Plugins that are used where somebody asks for them.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { removeDirectory, temporaryDirectory, TestServer } from '../../support/server.ts';
import { AdmissionServer, image, podWith, refused, type Answer } from './admission-server.ts';

const directory = await temporaryDirectory();
after(() => removeDirectory(directory));
const configuration = join(directory, 'admission.yaml');
await writeFile(
  configuration,
  `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: EventRateLimit
  path: events.yaml
- name: PodNodeSelector
  configuration:
    podNodeSelectorPluginConfig: {clusterDefaultNodeSelector: pool=shared, picky: "pool=shared,disk=ssd"}
- name: PodTolerationRestriction
  configuration:
    apiVersion: podtolerationrestriction.admission.k8s.io/v1alpha1
    kind: Configuration
    default: [{key: team, operator: Exists}]
- name: ResourceQuota
  configuration:
    apiVersion: apiserver.config.k8s.io/v1
    kind: ResourceQuotaConfiguration
    limitedResources:
    - resource: persistentvolumeclaims
      matchContains: [gold.storageclass.storage.k8s.io/requests.storage]
    - resource: pods
      matchScopes: [{scopeName: PriorityClass, operator: In, values: [system-node-critical]}]
`,
);
await writeFile(
  join(directory, 'events.yaml'),
  `apiVersion: eventratelimit.admission.k8s.io/v1alpha1
kind: Configuration
limits: [{type: Namespace, qps: 1, burst: 3}]
`,
);
const plugins = [
  'AlwaysAdmit',
  'NamespaceAutoProvision',
  'LimitPodHardAntiAffinityTopology',
  'AlwaysPullImages',
  'PodNodeSelector',
  'PodTolerationRestriction',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'OwnerReferencesPermissionEnforcement',
  'DenyServiceExternalIPs',
];
const server = AdmissionServer.forTests({
  args: [`--enable-admission-plugins=${plugins.join()}`, `--admission-control-config-file=${configuration}`],
});

function specOf({ spec }: Answer): Readonly<Record<string, unknown>> {
  return spec as Readonly<Record<string, unknown>>;
}

test('NamespaceAutoProvision makes what is missing, but not for a dry run', async () => {
  const path = '/api/v1/namespaces/made-on-demand/configmaps';
  const body = { metadata: { name: 'c' } };
  const dryRun = server.client.request('POST', path, { body, query: { dryRun: 'All' } });
  await refused(dryRun, 404, 'namespaces "made-on-demand" not found');
  await server.create(path, body);
  const made = await server.client.get<Answer>('/api/v1/namespaces/made-on-demand');
  assert.deepEqual(made['status'], { phase: 'Active' });
});

test('LimitPodHardAntiAffinityTopology lets Pods keep others from a node alone', async () => {
  const room = await server.newNamespace();
  const affinity = (topologyKey: string): object => {
    const term = { topologyKey, labelSelector: { matchLabels: { a: 'b' } } };
    return { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
  };
  await room.refusesPod(
    'pods "p" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey topology.kubernetes.io/zone but only key kubernetes.io/hostname is allowed',
    affinity('topology.kubernetes.io/zone'),
  );
  await room.pod(affinity('kubernetes.io/hostname'));
});

test('AlwaysPullImages reaches containers of every sort', async () => {
  const room = await server.newNamespace();
  const container = { name: 'c', image, imagePullPolicy: 'Never' };
  await room.pod({ containers: [container], initContainers: [{ ...container, name: 'i' }] });
  const path = room.path('Pod', 'p');
  const pod = await server.client.get<Answer>(path);
  const ephemeralContainers = [{ ...container, name: 'e' }];
  const body = { ...pod, spec: { ...specOf(pod), ephemeralContainers } };
  const spec = specOf(await server.client.request<Answer>('PUT', `${path}/ephemeralcontainers`, { body }));
  const policies = ['containers', 'initContainers', 'ephemeralContainers'].map((field) =>
    (spec[field] as { imagePullPolicy: string }[]).map(({ imagePullPolicy }) => imagePullPolicy),
  );
  assert.deepEqual(policies, [['Always'], ['Always'], ['Always']]);
});

test('PodNodeSelector sends Pods to the nodes of their namespace', async () => {
  const room = await server.newNamespace();
  const usual = specOf(await room.pod({ nodeSelector: { disk: 'ssd' } }));
  assert.deepEqual(usual['nodeSelector'], { pool: 'shared', disk: 'ssd' });
  await room.refusesPod(
    'pods "p" is forbidden: pod node label selector conflicts with its namespace node label selector',
    { nodeSelector: { pool: 'other' } },
  );
  const annotations = { 'scheduler.alpha.kubernetes.io/node-selector': 'pool=own' };
  await server.create('/api/v1/namespaces', { metadata: { name: 'own', annotations } });
  const own = specOf(await server.create('/api/v1/namespaces/own/pods', podWith()));
  assert.deepEqual(own['nodeSelector'], { pool: 'own' });
  await server.create('/api/v1/namespaces', { metadata: { name: 'picky' } });
  await refused(
    server.create('/api/v1/namespaces/picky/pods', podWith({ nodeSelector: { gpu: 'yes' } })),
    403,
    'pods "p" is forbidden: pod node label selector labels conflict with its namespace whitelist',
  );
});

test('PodTolerationRestriction gives Pods the tolerations of their namespace, and allows what it allows', async () => {
  const room = await server.newNamespace();
  const keysOf = (pod: Answer): unknown[] => (specOf(pod)['tolerations'] as { key: string }[]).map(({ key }) => key);
  const waits = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
  assert.deepEqual(keysOf(await room.pod()).toSorted(), [...waits, 'team']);
  const metadata = {
    name: 'tolerant',
    annotations: {
      'scheduler.alpha.kubernetes.io/defaultTolerations': '[{"key":"own","operator":"Exists"}]',
      'scheduler.alpha.kubernetes.io/tolerationsWhitelist': `[{"key":"own","operator":"Exists"},${waits
        .map((key) => `{"key":"${key}","operator":"Exists"}`)
        .join()}]`,
    },
  };
  await server.create('/api/v1/namespaces', { metadata });
  const path = '/api/v1/namespaces/tolerant/pods';
  assert.deepEqual(keysOf(await server.create(path, podWith())).toSorted(), [...waits, 'own']);
  await refused(
    server.create(path, podWith({ tolerations: [{ key: 'other', operator: 'Exists' }] }, { name: 'q' })),
    403,
    'pods "q" is forbidden: pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
  );
});

test('EventRateLimit bounds the Events of a namespace', async () => {
  const room = await server.newNamespace();
  const answers = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) =>
      room.create('events', {
        metadata: { name: `e${index}` },
        involvedObject: { kind: 'Pod', namespace: room.name, name: 'p' },
      }),
    ),
  );
  const refusals = answers.filter((answer) => answer.status === 'rejected');
  assert.ok(refusals.length >= 3, `${refusals.length} were refused`);
  await refused(
    Promise.reject(refusals[0]?.reason as Error),
    429,
    `limit reached on type Namespace for key ${room.name}`,
  );
});

test('ExtendedResourceToleration lets Pods run where the devices are that they ask for', async () => {
  const room = await server.newNamespace();
  const resources = { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } };
  const spec = specOf(await room.pod({ containers: [{ name: 'c', image, resources }] }));
  const added = { key: 'example.com/gpu', operator: 'Exists', effect: 'NoSchedule' };
  assert.ok((spec['tolerations'] as object[]).some((one) => JSON.stringify(one) === JSON.stringify(added)));
});

test('DenyServiceExternalIPs refuses new ones', async () => {
  const room = await server.newNamespace();
  const spec = { ports: [{ port: 80 }], externalIPs: ['192.0.2.1'] };
  await refused(
    room.create('Service', { metadata: { name: 's' }, spec }),
    403,
    'services "s" is forbidden: Use of external IPs is denied by admission control',
  );
  await room.create('Service', { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } });
});

describe('OwnerReferencesPermissionEnforcement', () => {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';

  test('who names owners must be able to delete the object, and to set the owner’s finalizers', async () => {
    const room = await server.newNamespace();
    const owner = await room.create('ConfigMap', { metadata: { name: 'owner' } });
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'update', 'patch', 'get'] }];
    await server.create(`${rbac}/namespaces/${room.name}/roles`, { metadata: { name: 'writer' }, rules });
    await server.create(`${rbac}/namespaces/${room.name}/rolebindings`, {
      metadata: { name: 'writer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'writer' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'wendy' }],
    });
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata['uid'] };
    await server.as({ username: 'wendy' }, async (client) => {
      const make = (name: string, extra: object = {}): Promise<unknown> =>
        client.request('POST', room.path('ConfigMap'), {
          body: { metadata: { name, ownerReferences: [{ ...reference, ...extra }] } },
        });
      await make('a');
      await refused(
        make('b', { blockOwnerDeletion: true }),
        403,
        /configmaps "b" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: /,
      );
      const body = { metadata: { ownerReferences: null } };
      await refused(
        client.request('PATCH', room.path('ConfigMap', 'a'), { body, contentType: 'application/merge-patch+json' }),
        403,
        /configmaps "a" is forbidden: cannot set an ownerRef on a resource you can't delete: /,
      );
    });
    // Who may do both is not in the way.
    await room.create('ConfigMap', {
      metadata: { name: 'c', ownerReferences: [{ ...reference, blockOwnerDeletion: true }] },
    });
  });
});

describe('ResourceQuota lets nobody have what its configuration keeps for those with a quota', () => {
  test('resources', async () => {
    const room = await server.newNamespace();
    const spec = {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: 'gold',
    };
    await refused(
      room.create('PersistentVolumeClaim', { metadata: { name: 'c' }, spec }),
      403,
      'persistentvolumeclaims "c" is forbidden: insufficient quota to consume: gold.storageclass.storage.k8s.io/requests.storage',
    );
    await room.create('PersistentVolumeClaim', {
      metadata: { name: 'c' },
      spec: { ...spec, storageClassName: 'iron' },
    });
  });

  test('scopes', async () => {
    const room = await server.newNamespace();
    await room.refusesPod(
      /insufficient quota to match these scopes: \[\{PriorityClass In \[system-node-critical\]\}\]$/,
      {
        priorityClassName: 'system-node-critical',
      },
    );
    await room.pod({ priorityClassName: 'system-cluster-critical' });
  });
});

describe('NamespaceExists', () => {
  test('refuses what is in a namespace that is not there', async () => {
    const exists = await TestServer.start({
      args: ['--enable-admission-plugins=NamespaceExists', '--disable-admission-plugins=NamespaceLifecycle'],
    });
    const client = exists.client();
    try {
      const create = (namespace: string): Promise<unknown> =>
        client.request('POST', `/api/v1/namespaces/${namespace}/configmaps`, { body: { metadata: { name: 'c' } } });
      await refused(create('nowhere'), 404, 'namespaces "nowhere" not found');
      await create('default');
    } finally {
      client.transport.close();
      await exists.stop();
    }
  });
});

describe('a configuration that is wrong keeps the server from starting', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      'another kind',
      'kind: Other\napiVersion: v1\n',
      /it must be AdmissionConfiguration of apiserver.config.k8s.io\/v1/,
    ],
    [
      'a field that is not there',
      'kind: AdmissionConfiguration\napiVersion: apiserver.config.k8s.io/v1\nplugin: []\n',
      /unknown field "plugin"/,
    ],
    [
      'a plugin that is not there',
      'kind: AdmissionConfiguration\napiVersion: apiserver.config.k8s.io/v1\nplugins: [{name: ImagePolicyWebhook, path: x}]\n',
      /the plugin "ImagePolicyWebhook" is not implemented yet/,
    ],
    [
      'a wrong plugin',
      'kind: AdmissionConfiguration\napiVersion: apiserver.config.k8s.io/v1\nplugins: [{name: PodSecurity, configuration: {apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, defaults: {enforce: strict}}}]\n',
      /defaults.enforce: Invalid value: "strict": must be one of privileged, baseline, restricted/,
    ],
  ];
  for (const [name, text, message] of cases) {
    test(name, async () => {
      const file = join(directory, 'wrong.yaml');
      await writeFile(file, text);
      await assert.rejects(TestServer.start({ args: [`--admission-control-config-file=${file}`] }), message);
    });
  }
});
