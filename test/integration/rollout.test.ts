// What kubectl does to Deployments and nodes, over HTTPS, on a cluster that `kubets up` runs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Deployment, ReplicaSet } from '../../src/api/types/apps.v1.ts';
import type { HorizontalPodAutoscaler } from '../../src/api/types/autoscaling.v2.ts';
import type { Node, Pod } from '../../src/api/types/core.v1.ts';
import { eventually } from '../support/eventually.ts';
import { findKubectls, KubectlRunner, type Kubectl } from '../support/kubectl.ts';
import { removeDirectory, temporaryDirectory } from '../support/server.ts';
import { UpCluster } from '../support/up.ts';

const kubectls = await findKubectls();
if (kubectls.length === 0) {
  test('kubectl', { skip: 'NO KUBECTL: neither on the PATH nor from Debian. None of these tests ran.' }, () => {});
}
for (const kubectl of kubectls) {
  describe(`kubectl ${kubectl.version}`, { timeout: 120_000 }, () => defineTests(kubectl));
}

function defineTests(found: Kubectl): void {
  let cluster: UpCluster;
  let home: string;
  let kubectl: KubectlRunner;
  before(async () => {
    cluster = await UpCluster.start(3);
    home = await temporaryDirectory();
    kubectl = new KubectlRunner(found, cluster.kubeconfig, home);
  });
  after(async () => {
    await cluster.stop();
    await removeDirectory(home);
  });

  /** Older ones evict by policy/v1beta1. */
  const run = (line: string): Promise<string> => kubectl.run(line.split(' '));
  const read = async <T>(line: string): Promise<T> => JSON.parse(await run(`get ${line} -o json`)) as T;
  const readAll = async <T>(line: string): Promise<T[]> => (await read<{ items: T[] }>(line)).items;

  async function start(name: string, replicas: number): Promise<void> {
    await run(`create deployment ${name} --image=registry.example/web:1`);
    await run(`scale deployment ${name} --replicas=${replicas}`);
    await run(`rollout status deployment/${name} --timeout=60s`);
  }

  function podsOf(name: string): Promise<Pod[]> {
    return readAll<Pod>(`pods -l app=${name}`);
  }

  async function imagesOf(name: string): Promise<Set<string | undefined>> {
    const all = await podsOf(name);
    const living = all.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return new Set(living.map(({ spec }) => spec.containers?.[0]?.image));
  }

  test('a Deployment is rolled out, shows its history, and goes back', async () => {
    await start('rolled', 3);
    await run('set image deployment/rolled web=registry.example/web:2');
    assert.match(await run('rollout status deployment/rolled --timeout=60s'), /successfully rolled out/);
    assert.deepEqual(await imagesOf('rolled'), new Set(['registry.example/web:2']));
    const history = await run('rollout history deployment/rolled');
    assert.match(history, /REVISION\s+CHANGE-CAUSE\n1 .*\n2 /);
    assert.match(await run('rollout history deployment/rolled --revision=1'), /registry\.example\/web:1/);
    assert.match(await run('rollout undo deployment/rolled'), /rolled back/);
    await run('rollout status deployment/rolled --timeout=60s');
    assert.deepEqual(await imagesOf('rolled'), new Set(['registry.example/web:1']));
    assert.match(await run('rollout history deployment/rolled'), /CHANGE-CAUSE\n2 .*\n3 /);
    await run('rollout undo deployment/rolled --to-revision=2');
    await run('rollout status deployment/rolled --timeout=60s');
    assert.deepEqual(await imagesOf('rolled'), new Set(['registry.example/web:2']));
  });

  test('a paused Deployment rolls nothing out until it is resumed', async () => {
    await start('paused', 2);
    await run('rollout pause deployment/paused');
    await run('set image deployment/paused web=registry.example/web:2');
    const { metadata } = await read<Deployment>('deployment paused');
    await eventually('the change is seen', async () => {
      const { status } = await read<Deployment>('deployment paused');
      return status?.observedGeneration === metadata.generation;
    });
    assert.deepEqual(await imagesOf('paused'), new Set(['registry.example/web:1']));
    const { status } = await read<Deployment>('deployment paused');
    const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
    assert.deepEqual([progressing?.status, progressing?.reason], ['Unknown', 'DeploymentPaused']);
    const undo = await kubectl.try(['rollout', 'undo', 'deployment/paused']);
    assert.equal(undo.code, 1);
    await run('rollout resume deployment/paused');
    await run('rollout status deployment/paused --timeout=60s');
    assert.deepEqual(await imagesOf('paused'), new Set(['registry.example/web:2']));
  });

  test('a restart replaces every Pod', async () => {
    await start('restarted', 2);
    const before = new Set((await podsOf('restarted')).map(({ metadata }) => metadata.uid));
    await run('rollout restart deployment/restarted');
    await run('rollout status deployment/restarted --timeout=60s');
    await eventually('the old Pods are gone', async () => {
      const now = await podsOf('restarted');
      return now.length === 2 && now.every(({ metadata }) => !before.has(metadata.uid));
    });
  });

  test('a Deployment is scaled, on conditions, and gets an autoscaler', async () => {
    await start('scaled', 1);
    await run('scale deployment scaled --replicas=4 --current-replicas=1');
    await run('wait --for=condition=available deployment/scaled --timeout=60s');
    await run('rollout status deployment/scaled --timeout=60s');
    assert.equal((await podsOf('scaled')).length, 4);
    const wrong = 'scale deployment scaled --replicas=9 --current-replicas=1'.split(' ');
    assert.equal((await kubectl.try(wrong)).code, 1);
    await run('autoscale deployment scaled --min=2 --max=5 --cpu-percent=80');
    const { spec } = await read<HorizontalPodAutoscaler>('hpa.v2.autoscaling scaled');
    assert.deepEqual(
      [spec?.scaleTargetRef.kind, spec?.scaleTargetRef.name, spec?.minReplicas, spec?.maxReplicas],
      ['Deployment', 'scaled', 2, 5],
    );
  });

  test('a node is cordoned, drained and used again', async () => {
    await start('drained', 6);
    await run('cordon node-1');
    assert.match(await run('get node node-1 --no-headers'), /Ready,SchedulingDisabled/);
    const drained = await kubectl.try('drain node-1 --force --ignore-daemonsets --timeout=60s'.split(' '));
    assert.equal(drained.code, 0, drained.stderr);
    assert.match(drained.stdout, /node\/node-1 (?:drained|evicted)/);
    const left = await readAll<Pod>('pods -A --field-selector=spec.nodeName=node-1');
    assert.deepEqual(
      left.map(({ metadata }) => metadata.name),
      [],
    );
    await run('rollout status deployment/drained --timeout=60s');
    const used = new Set((await podsOf('drained')).map(({ spec }) => spec.nodeName));
    assert.deepEqual(used, new Set(['node-0', 'node-2']));
    await run('uncordon node-1');
    const { spec } = await read<Node>('node node-1');
    assert.ok(spec?.unschedulable !== true);
  });

  const skip =
    found.minor < 21 ? `${found.version} makes budgets of policy/v1beta1, which v1.36 does not serve` : false;
  test('a drain waits for the disruption budget', { skip }, async () => {
    await start('guarded', 1);
    await run('create poddisruptionbudget guarded --selector=app=guarded --min-available=1');
    const allowed = async (): Promise<string> => run('get pdb guarded -o jsonpath={.status.expectedPods}');
    await eventually('the budget is counted', async () => (await allowed()) === '1');
    const [pod] = await podsOf('guarded');
    const node = pod?.spec.nodeName ?? '';
    const drain = ['drain', node, '--force', '--pod-selector=app=guarded', '--timeout=2s'];
    const refused = await kubectl.try(drain);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /would violate the pod's disruption budget/);
    await run('delete pdb guarded');
    const drained = await kubectl.try([...drain.slice(0, -1), '--timeout=60s']);
    assert.equal(drained.code, 0, drained.stderr);
    await run(`uncordon ${node}`);
    await run('rollout status deployment/guarded --timeout=60s');
  });

  test('what belongs to a Deployment goes with it, or stays', async () => {
    await start('orphaning', 2);
    const cascade = found.minor >= 20 ? '--cascade=orphan' : '--cascade=false';
    const deleted = await kubectl.try(['delete', 'deployment', 'orphaning', cascade]);
    assert.equal(deleted.code, 0, deleted.stderr);
    const [set] = await readAll<ReplicaSet>('rs -l app=orphaning');
    assert.ok(set !== undefined && set.metadata.ownerReferences === undefined);
    assert.equal((await podsOf('orphaning')).length, 2);
    await run(`delete rs ${set.metadata.name ?? ''}`);
    await eventually('its Pods follow', async () => (await podsOf('orphaning')).length === 0);
  });
}

test('kubets up ends cleanly on SIGINT', async () => {
  const cluster = await UpCluster.start(1);
  assert.match(cluster.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  await cluster.stop('SIGINT');
});
