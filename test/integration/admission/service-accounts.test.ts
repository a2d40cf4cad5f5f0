// ServiceAccount.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdmissionServer, image, refused, type Answer } from './admission-server.ts';

const server = AdmissionServer.forTests({ serviceAccounts: true });
const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';

interface Volume {
  readonly name: string;
  readonly projected?: { readonly defaultMode: number; readonly sources: readonly Readonly<Record<string, unknown>>[] };
}
interface Spec {
  readonly serviceAccountName: string;
  readonly serviceAccount: string;
  readonly imagePullSecrets?: readonly object[];
  readonly volumes?: readonly Volume[];
  readonly containers: readonly { readonly volumeMounts?: readonly { name: string; mountPath: string }[] }[];
  readonly initContainers?: Spec['containers'];
}

function specOf(pod: Answer): Spec {
  return pod['spec'] as Spec;
}

test('an account that is not there is refused, as in a namespace for which nobody made one', async () => {
  const room = await server.newNamespace({}, false);
  await room.refusesPod(
    `pods "p" is forbidden: error looking up service account ${room.name}/default: serviceaccount "default" not found`,
  );
  await room.refusesPod(
    `pods "p" is forbidden: error looking up service account ${room.name}/x: serviceaccount "x" not found`,
    { serviceAccountName: 'x' },
  );
});

test('a Pod that comes with its namespace waits for the account', async () => {
  const room = await server.newNamespace({}, false);
  const made = room.pod();
  await room.create('ServiceAccount', { metadata: { name: 'default' } });
  assert.equal(specOf(await made).serviceAccountName, 'default');
});

test('every container can read the token, the authority and the namespace', async () => {
  const room = await server.newNamespace();
  const containers = [{ name: 'c', image }];
  const spec = specOf(await room.pod({ initContainers: [{ name: 'i', image }], containers }));
  assert.deepEqual([spec.serviceAccountName, spec.serviceAccount], ['default', 'default']);
  const [volume] = spec.volumes ?? [];
  assert.match(volume?.name ?? '', /^kube-api-access-[a-z0-9]{5}$/);
  assert.equal(volume?.projected?.defaultMode, 0o644);
  assert.deepEqual(volume?.projected?.sources, [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] },
    },
  ]);
  const mount = { name: volume?.name, readOnly: true, mountPath: tokenPath };
  assert.deepEqual(spec.containers[0]?.volumeMounts, [mount]);
  assert.deepEqual(spec.initContainers?.[0]?.volumeMounts, [mount]);
});

test('no token is mounted where the Pod or its account does not want one, or mounts something there', async () => {
  const room = await server.newNamespace();
  await room.create('ServiceAccount', { metadata: { name: 'shy' }, automountServiceAccountToken: false });
  const none = async (name: string, spec: object): Promise<void> => {
    assert.equal(specOf(await room.pod(spec, { name })).volumes, undefined, name);
  };
  await none('pod', { automountServiceAccountToken: false });
  await none('account', { serviceAccountName: 'shy' });
  const wanted = specOf(await room.pod({ serviceAccountName: 'shy', automountServiceAccountToken: true }));
  assert.equal(wanted.volumes?.length, 1);
  const volumeMounts = [{ name: 'v', mountPath: tokenPath }];
  const own = { volumes: [{ name: 'v', emptyDir: {} }], containers: [{ name: 'c', image, volumeMounts }] };
  const spec = specOf(await room.pod(own, { name: 'own' }));
  assert.deepEqual(
    spec.volumes?.map(({ name }) => name),
    ['v'],
  );
});

test('a Pod without pull secrets has its account’s', async () => {
  const room = await server.newNamespace();
  await room.create('ServiceAccount', { metadata: { name: 'puller' }, imagePullSecrets: [{ name: 's' }] });
  const given = specOf(await room.pod({ serviceAccountName: 'puller' }));
  assert.deepEqual(given.imagePullSecrets, [{ name: 's' }]);
  const imagePullSecrets = [{ name: 'own' }];
  const own = specOf(await room.pod({ serviceAccountName: 'puller', imagePullSecrets }, { name: 'own' }));
  assert.deepEqual(own.imagePullSecrets, imagePullSecrets);
});

test('a mirror Pod may have nothing that only the API server can give', async () => {
  const room = await server.newNamespace();
  const annotations = { 'kubernetes.io/config.mirror': 'x' };
  const mirror = { annotations };
  const spec = { nodeName: 'n' };
  const made = specOf(await room.pod(spec, mirror));
  assert.deepEqual([made.serviceAccountName, made.volumes], [undefined, undefined]);
  const refusals: readonly (readonly [string, object])[] = [
    ['a mirror pod may not reference service accounts', { serviceAccountName: 'default' }],
    ['a mirror pod may not reference secrets', { volumes: [{ name: 'v', secret: { secretName: 's' } }] }],
    [
      'a mirror pod may not use ServiceAccountToken volume projections',
      { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] },
    ],
  ];
  for (const [why, extra] of refusals) {
    await room.refusesPod(`pods "m" is forbidden: ${why}`, { ...spec, ...extra }, { ...mirror, name: 'm' });
  }
});

test('an account can hold its Pods to the Secrets that it lists, wherever they are referred to', async () => {
  const room = await server.newNamespace();
  await room.create('ServiceAccount', {
    metadata: { name: 'strict', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } },
    secrets: [{ name: 'listed' }],
  });
  const why = 'is not allowed because service account strict does not reference that secret';
  const secretKeyRef = { name: 'other', key: 'k' };
  const refusals: readonly (readonly [string, object])[] = [
    [`volume with secret.secretName="other" ${why}`, { volumes: [{ name: 'v', secret: { secretName: 'other' } }] }],
    [
      `container c with envVar E referencing secret.secretName="other" ${why}`,
      { containers: [{ name: 'c', image, env: [{ name: 'E', valueFrom: { secretKeyRef } }] }] },
    ],
    [
      `init container i with envFrom referencing secret.secretName="other" ${why}`,
      { initContainers: [{ name: 'i', image, envFrom: [{ secretRef: { name: 'other' } }] }] },
    ],
    [
      'imagePullSecrets[0].name="other" is not allowed because service account strict does not reference that imagePullSecret',
      { imagePullSecrets: [{ name: 'other' }] },
    ],
  ];
  for (const [message, extra] of refusals) {
    await room.refusesPod(`pods "p" is forbidden: ${message}`, { serviceAccountName: 'strict', ...extra });
  }
  const volumes = [{ name: 'v', secret: { secretName: 'listed' } }];
  await room.pod({ serviceAccountName: 'strict', volumes });
  const pod = await server.client.get<Answer>(room.path('Pod', 'p'));
  const ephemeralContainers = [{ name: 'e', image, envFrom: [{ secretRef: { name: 'other' } }] }];
  const body = { ...pod, spec: { ...specOf(pod), ephemeralContainers } };
  await refused(
    server.client.request('PUT', `${room.path('Pod', 'p')}/ephemeralcontainers`, { body }),
    403,
    `pods "p" is forbidden: ephemeral container e with envFrom referencing secret.secretName="other" ${why}`,
  );
});
