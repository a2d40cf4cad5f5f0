// What a ResourceQuota says is used, while objects come and go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '../../src/api/contract.ts';
import type { Pod, PodSpec, ResourceList } from '../../src/api/types/core.v1.ts';
import type { Resource } from '../../src/client/resource.ts';
import {
  configMaps,
  pods,
  replicaSets,
  replicationControllers,
  resourceQuotas,
  secrets,
  services,
} from '../../src/client/resources.ts';
import { startRunningCluster, type Space } from './running-cluster.ts';
import { templateOf } from './workload.ts';

const running = startRunningCluster({ nodes: 1 });
const labels = { app: 'q' };
const forbidden = { code: 403, reason: 'Forbidden' } as const;

async function makeQuota(space: Space, hard: ResourceList, scopes?: string[], name = 'q'): Promise<void> {
  await space.create(resourceQuotas, {
    metadata: { name },
    spec: { hard, ...(scopes && { scopes }) },
  } as KubernetesObject);
  await running.until('its status is calculated', async () => {
    const { status } = await space.get(resourceQuotas, name);
    return Object.keys(hard).every((one) => status?.hard?.[one] !== undefined && status.used?.[one] !== undefined);
  });
}

async function uses(space: Space, expected: ResourceList, name = 'q'): Promise<void> {
  await running.until(`${name} says that ${JSON.stringify(expected)} is used`, async () => {
    const { status } = await space.get(resourceQuotas, name);
    return Object.entries(expected).every(([one, value]) => status?.used?.[one] === value);
  });
}

/** An object of a kind is counted when it is made and no more when it is gone. */
async function assertCounts<T extends KubernetesObject>(resource: Resource<T>, what: string, object: T): Promise<void> {
  const space = await running.newSpace();
  const before = String((await space.list(resource)).length);
  await makeQuota(space, { [what]: '10' });
  await uses(space, { [what]: before });
  await space.create(resource, { ...object, metadata: { name: 'counted' } });
  await uses(space, { [what]: String(Number(before) + 1) });
  await space.delete(resource, 'counted', { propagationPolicy: 'Background' });
  await uses(space, { [what]: before });
}

function podOf(name: string, requests: ResourceList, spec: Partial<PodSpec> = {}): Pod {
  const resources = Object.keys(requests).length === 0 ? {} : { resources: { requests, limits: requests } };
  return {
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'registry.example/c:1', ...resources }], ...spec },
  };
}

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated.', async () => {
  const space = await running.newSpace();
  await makeQuota(space, { pods: '5', cpu: '1', services: '10' });
  await uses(space, { pods: '0', cpu: '0', services: '0' });
});

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a configMap.', () =>
  assertCounts(configMaps, 'configmaps', { metadata: {} }));

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a secret.', () =>
  assertCounts(secrets, 'secrets', { metadata: {} }));

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replica set.', () =>
  assertCounts(replicaSets, 'count/replicasets.apps', {
    metadata: {},
    spec: { replicas: 0, selector: { matchLabels: labels }, template: templateOf(labels) },
  }));

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replication controller.', () =>
  assertCounts(replicationControllers, 'replicationcontrollers', {
    metadata: {},
    spec: { replicas: 0, selector: labels, template: templateOf(labels) },
  }));

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a service.', async () => {
  const space = await running.newSpace();
  const ports = [{ port: 80 }];
  await makeQuota(space, { services: '10', 'services.nodeports': '1', 'services.loadbalancers': '1' });
  await space.create(services, { metadata: { name: 'cluster-ip' }, spec: { ports } });
  await space.create(services, { metadata: { name: 'node-port' }, spec: { type: 'NodePort', ports } });
  // A load balancer needs a node port as well, and there is none left.
  const balancer = { metadata: { name: 'balancer' }, spec: { type: 'LoadBalancer' as const, ports } };
  await assert.rejects(space.create(services, balancer), forbidden);
  await uses(space, { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' });
  await space.delete(services, 'cluster-ip');
  await space.delete(services, 'node-port');
  await uses(space, { services: '0', 'services.nodeports': '0' });
});

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a pod.', async () => {
  const space = await running.newSpace();
  await makeQuota(space, { pods: '5', cpu: '1', memory: '500Mi' });
  await space.create(pods, podOf('fits', { cpu: '500m', memory: '252Mi' }));
  await uses(space, { pods: '1', cpu: '500m', memory: '252Mi' });
  await assert.rejects(space.create(pods, podOf('too-much', { cpu: '600m', memory: '100Mi' })), forbidden);
  // Who has a quota on CPU must say how much.
  await assert.rejects(space.create(pods, podOf('says-nothing', {})), forbidden);
  await space.patch(pods, 'fits', { metadata: { labels } });
  await uses(space, { pods: '1', cpu: '500m', memory: '252Mi' });
  await space.delete(pods, 'fits');
  await uses(space, { pods: '0', cpu: '0', memory: '0' });
});

test('[sig-api-machinery] ResourceQuota should verify ResourceQuota with best effort scope.', async () => {
  const space = await running.newSpace();
  await makeQuota(space, { pods: '5' }, ['BestEffort'], 'best-effort');
  await makeQuota(space, { pods: '5' }, ['NotBestEffort'], 'not-best-effort');
  await space.create(pods, podOf('modest', {}));
  await uses(space, { pods: '1' }, 'best-effort');
  await uses(space, { pods: '0' }, 'not-best-effort');
  await space.delete(pods, 'modest');
  await uses(space, { pods: '0' }, 'best-effort');
  await space.create(pods, podOf('asking', { cpu: '500m', memory: '200Mi' }));
  await uses(space, { pods: '1' }, 'not-best-effort');
  await uses(space, { pods: '0' }, 'best-effort');
  await space.delete(pods, 'asking');
  await uses(space, { pods: '0' }, 'not-best-effort');
});

test('[sig-api-machinery] ResourceQuota should verify ResourceQuota with terminating scopes.', async () => {
  const space = await running.newSpace();
  await makeQuota(space, { pods: '5' }, ['Terminating'], 'terminating');
  await makeQuota(space, { pods: '5' }, ['NotTerminating'], 'not-terminating');
  await space.create(pods, podOf('long-running', { cpu: '500m', memory: '200Mi' }));
  await uses(space, { pods: '1' }, 'not-terminating');
  await uses(space, { pods: '0' }, 'terminating');
  await space.delete(pods, 'long-running');
  await uses(space, { pods: '0' }, 'not-terminating');
  await space.create(pods, podOf('ending', { cpu: '500m', memory: '200Mi' }, { activeDeadlineSeconds: 3600 }));
  await uses(space, { pods: '1' }, 'terminating');
  await uses(space, { pods: '0' }, 'not-terminating');
  await space.delete(pods, 'ending');
  await uses(space, { pods: '0' }, 'terminating');
});
