// What admission makes of Pods: limits, runtime classes, tokens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LimitRange, Pod, PodSpec, ServiceAccount } from '../../src/api/types/core.v1.ts';
import type { RuntimeClass } from '../../src/api/types/node.v1.ts';
import { notFound, startCluster, type Resource } from './cluster.ts';

const cluster = startCluster([], true);

interface Room {
  readonly namespace: string;
  readonly pods: Resource<Pod>;
  readonly accounts: Resource<ServiceAccount>;
}

/** A namespace with the account that its controller would make. */
async function newRoom(): Promise<Room> {
  const namespace = await cluster.newNamespace();
  const accounts = cluster.resource<ServiceAccount>('v1', 'serviceaccounts', namespace);
  await accounts.create({ metadata: { name: 'default' } });
  return { namespace, accounts, pods: cluster.resource('v1', 'pods', namespace) };
}

function pod(name: string, spec: Partial<PodSpec> = {}): Pod {
  return { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } };
}

function withResources(name: string, resources: object): Pod {
  return pod(name, { containers: [{ name: 'c', image: 'i', resources }] });
}

test('[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied.', async () => {
  const { pods, namespace } = await newRoom();
  const limitRanges = cluster.resource<LimitRange>('v1', 'limitranges', namespace);
  const min = { cpu: '50m', memory: '100Mi', 'ephemeral-storage': '100Gi' };
  const max = { cpu: '500m', memory: '500Mi', 'ephemeral-storage': '500Gi' };
  const defaults = { cpu: '500m', memory: '500Mi', 'ephemeral-storage': '500Gi' };
  const defaultRequest = { cpu: '100m', memory: '200Mi', 'ephemeral-storage': '200Gi' };
  const watch = await limitRanges.watch();
  const limitRange = await limitRanges.create({
    metadata: { name: 'limit-range', labels: { time: 'now' } },
    spec: { limits: [{ type: 'Container', min, max, default: defaults, defaultRequest }] },
  });
  assert.deepEqual(await limitRanges.names({ labelSelector: 'time=now' }), ['limit-range']);
  assert.equal((await watch.next()).type, 'ADDED');
  assert.deepEqual(await limitRanges.get('limit-range'), limitRange);

  const resourcesOf = ({ spec }: Pod): unknown => spec.containers?.[0]?.resources;
  assert.deepEqual(resourcesOf(await pods.create(pod('none'))), { limits: defaults, requests: defaultRequest });
  // What is given stays, and a request beyond the default limit is refused with the limit.
  const partial = await pods.create(
    withResources('partial', {
      requests: { cpu: '300m', memory: '150Mi', 'ephemeral-storage': '150Gi' },
      limits: { cpu: '300m', 'ephemeral-storage': '300Gi' },
    }),
  );
  assert.deepEqual(resourcesOf(partial), {
    limits: { cpu: '300m', memory: '500Mi', 'ephemeral-storage': '300Gi' },
    requests: { cpu: '300m', memory: '150Mi', 'ephemeral-storage': '150Gi' },
  });
  const forbidden = { code: 403, reason: 'Forbidden' };
  await assert.rejects(pods.create(withResources('less', { requests: { cpu: '10m', memory: '50Mi' } })), {
    ...forbidden,
    message:
      'pods "less" is forbidden: [minimum cpu usage per Container is 50m, but request is 10m, minimum memory usage per Container is 100Mi, but request is 50Mi]',
  });
  await assert.rejects(pods.create(withResources('more', { limits: { cpu: '600m' } })), forbidden);

  const lower = { ...min, cpu: '49m' };
  await limitRanges.update({
    ...limitRange,
    spec: { limits: [{ ...limitRange.spec?.limits?.[0], type: 'Container', min: lower }] },
  });
  assert.deepEqual((await limitRanges.get('limit-range')).spec?.limits?.[0]?.min, lower);
  assert.equal((await watch.next()).type, 'MODIFIED');
  const request = { requests: { cpu: '49m' } };
  await pods.create(withResources('now-allowed', request));
  await limitRanges.delete('limit-range');
  assert.equal((await watch.next()).type, 'DELETED');
  const unlimited = { limits: { cpu: '600m' }, requests: { cpu: '600m' } };
  assert.deepEqual(resourcesOf(await pods.create(withResources('unlimited', unlimited))), unlimited);
});

test('[sig-node] RuntimeClass should reject a Pod requesting a non-existent RuntimeClass', async () => {
  const { pods } = await newRoom();
  await assert.rejects(pods.create(pod('p', { runtimeClassName: 'nonexistent' })), {
    code: 403,
    reason: 'Forbidden',
    message: 'pods "p" is forbidden: pod rejected: RuntimeClass "nonexistent" not found',
  });
});

test('[sig-node] RuntimeClass should reject a Pod requesting a deleted RuntimeClass', async () => {
  const { pods } = await newRoom();
  const classes = cluster.resource<RuntimeClass>('node.k8s.io/v1', 'runtimeclasses');
  await classes.create({ metadata: { name: 'gone' }, handler: 'h' });
  await pods.create(pod('before', { runtimeClassName: 'gone' }));
  await classes.delete('gone');
  await assert.rejects(classes.get('gone'), notFound);
  await assert.rejects(pods.create(pod('after', { runtimeClassName: 'gone' })), { code: 403, reason: 'Forbidden' });
});

test('[sig-auth] ServiceAccounts should allow opting out of API token automount', async () => {
  const { pods, accounts } = await newRoom();
  for (const [name, automount] of [
    ['unset', undefined],
    ['mount', true],
    ['nomount', false],
  ] as const) {
    await accounts.create({
      metadata: { name },
      ...(automount === undefined ? {} : { automountServiceAccountToken: automount }),
    });
  }
  const expected: readonly (readonly [account: string, ofPod: boolean | undefined, isMounted: boolean])[] = [
    ['unset', undefined, true],
    ['mount', undefined, true],
    ['nomount', undefined, false],
    ['unset', true, true],
    ['mount', true, true],
    ['nomount', true, true],
    ['unset', false, false],
    ['mount', false, false],
    ['nomount', false, false],
  ];
  for (const [account, ofPod, isMounted] of expected) {
    const name = `pod-service-account-${account}-${String(ofPod)}`;
    const { spec } = await pods.create(
      pod(name, {
        serviceAccountName: account,
        ...(ofPod === undefined ? {} : { automountServiceAccountToken: ofPod }),
      }),
    );
    const mounts = spec.containers?.[0]?.volumeMounts ?? [];
    assert.equal(
      mounts.some(({ mountPath }) => mountPath === '/var/run/secrets/kubernetes.io/serviceaccount'),
      isMounted,
      name,
    );
    // Two more than the one of its name: what is mounted is the token, the authority and the namespace.
    const sources = spec.volumes?.[0]?.projected?.sources?.map((source) => Object.keys(source)[0]) ?? [];
    assert.deepEqual(sources, isMounted ? ['serviceAccountToken', 'configMap', 'downwardAPI'] : [], name);
  }
});
