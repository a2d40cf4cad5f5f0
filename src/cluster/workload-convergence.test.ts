// Whatever users and nodes do to a StatefulSet or a DaemonSet, in the end its Pods are what it asks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { DaemonSet, StatefulSet } from '../api/types/apps.v1.ts';
import type { Pod } from '../api/types/core.v1.ts';
import { hasReason } from '../client/retry-on-conflict.ts';
import { daemonSets, nodes, pods, statefulSets } from '../client/resources.ts';
import { daemonSetController } from '../controllers/daemon-set/index.ts';
import { targetNodeOf } from '../controllers/daemon-set/daemon-pod.ts';
import { statefulSetController } from '../controllers/stateful-set/index.ts';
import { setFinished, setReady } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

const runs = { numRuns: 8 };
const labels = { app: 'app' };
const namespace = 'default';

function template(version: number): StatefulSet['spec']['template'] {
  return { metadata: { labels }, spec: { containers: [{ name: 'app', image: `app:${version}` }] } };
}

function imageOf({ spec }: Pod): string {
  return spec.containers?.[0]?.image ?? '';
}

async function withPlane(work: (plane: VirtualControlPlane) => Promise<void>): Promise<void> {
  const plane = await VirtualControlPlane.start({
    controllers: [statefulSetController, daemonSetController],
    flags: ['--disable-admission-plugins=ServiceAccount,TaintNodesByCondition'],
  });
  try {
    await work(plane);
  } finally {
    await plane.stop();
  }
}

async function livingPods(plane: VirtualControlPlane): Promise<Pod[]> {
  await plane.settle();
  const { items } = await plane.client.list(pods, namespace);
  return items;
}

/** What happens to a Pod may come too late for it. */
async function unlessGone(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!hasReason(error, 'NotFound')) throw error;
  });
}

/** From now on every Pod runs, and what is deleted goes. Resolves when nothing changes any more. */
async function heal(plane: VirtualControlPlane): Promise<void> {
  let last: string | undefined;
  for (let calm = 0; calm < 4;) {
    for (const pod of await livingPods(plane)) {
      const { name = '', deletionTimestamp } = pod.metadata;
      const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
      if (deletionTimestamp !== undefined) {
        await unlessGone(plane.client.delete(pods, namespace, name, { gracePeriodSeconds: 0 }));
      } else if (pod.status?.phase !== 'Failed' && isReady !== true) {
        await unlessGone(setReady(plane, pod, true));
      }
    }
    // Longer than any back-off that a few failures lead to.
    await plane.clock.advance(60_000);
    const { resourceVersion } = (await plane.client.list(pods)).metadata;
    calm = resourceVersion === last ? calm + 1 : 0;
    last = resourceVersion;
  }
}

type PodStep = { readonly act: 'kill' | 'fail' | 'ready' | 'unready'; readonly pod: number };
const podStep: fc.Arbitrary<PodStep> = fc.record({
  act: fc.constantFrom('kill', 'fail', 'ready', 'unready'),
  pod: fc.nat(5),
});

async function disturb(plane: VirtualControlPlane, { act, pod: index }: PodStep): Promise<void> {
  const all = await livingPods(plane);
  const pod = all[index % Math.max(all.length, 1)];
  if (pod === undefined) return;
  const { name = '' } = pod.metadata;
  if (act === 'kill') await unlessGone(plane.client.delete(pods, namespace, name, { gracePeriodSeconds: 0 }));
  else if (act === 'fail') await unlessGone(setFinished(plane, pod, 'Failed'));
  else if (pod.status?.phase !== 'Failed') await unlessGone(setReady(plane, pod, act === 'ready'));
}

type SetStep =
  | PodStep
  | { readonly act: 'scale'; readonly replicas: number }
  | { readonly act: 'image'; readonly version: number }
  | { readonly act: 'wait'; readonly seconds: number };

const setStep: fc.Arbitrary<SetStep> = fc.oneof(
  { weight: 4, arbitrary: podStep },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('scale' as const), replicas: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('image' as const), version: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 40 }) }) },
);

test('a StatefulSet ends with the Pods that it asks for, all of its newest revision', { timeout: 60_000 }, async () => {
  const policy = fc.constantFrom('OrderedReady' as const, 'Parallel' as const);
  await fc.assert(
    fc.asyncProperty(policy, fc.array(setStep, { maxLength: 15 }), async (podManagementPolicy, steps) => {
      await withPlane(async (plane) => {
        let [replicas, version] = [2, 0];
        const spec: StatefulSet['spec'] = {
          replicas,
          serviceName: '',
          podManagementPolicy,
          minReadySeconds: 5,
          selector: { matchLabels: labels },
          template: template(version),
        };
        await plane.client.create(statefulSets, { metadata: { name: 'app', namespace }, spec });
        const patch = (change: object): Promise<unknown> =>
          plane.client.patch(statefulSets, namespace, 'app', 'merge', { spec: change });
        for (const step of steps) {
          await plane.settle();
          if (step.act === 'scale') await patch({ replicas: (replicas = step.replicas) });
          else if (step.act === 'image') await patch({ template: template((version = step.version)) });
          else if (step.act === 'wait') await plane.clock.advance(step.seconds * 1000);
          else await disturb(plane, step);
        }
        await heal(plane);
        const found = (await livingPods(plane)).map((pod) => `${pod.metadata.name} ${imageOf(pod)}`);
        assert.deepEqual(
          found.sort(),
          Array.from({ length: replicas }, (_, ordinal) => `app-${ordinal} app:${version}`),
        );
        const { status } = await plane.client.get(statefulSets, namespace, 'app');
        assert.equal(status?.currentRevision, status?.updateRevision);
        const { updatedReplicas = 0, currentReplicas = 0, availableReplicas } = status ?? {};
        assert.deepEqual(
          [status?.replicas, updatedReplicas, currentReplicas, availableReplicas],
          [replicas, replicas, replicas, replicas],
        );
      });
    }),
    runs,
  );
});

const nodeChanges = {
  label: { metadata: { labels: { on: 'no' } } },
  taint: { spec: { taints: [{ key: 'x', effect: 'NoExecute' }] } },
  clean: { metadata: { labels: { on: 'yes' } }, spec: { taints: null } },
} as const;

type DaemonStep =
  | PodStep
  | { readonly act: 'image'; readonly version: number }
  | { readonly act: 'wait'; readonly seconds: number }
  | { readonly act: 'node'; readonly change: 'label' | 'taint' | 'clean'; readonly node: number };

const daemonStep: fc.Arbitrary<DaemonStep> = fc.oneof(
  { weight: 4, arbitrary: podStep },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('image' as const), version: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('node' as const),
      change: fc.constantFrom('label' as const, 'taint' as const, 'clean' as const),
      node: fc.nat(2),
    }),
  },
);

test(
  'a DaemonSet ends with one Pod on each node that is eligible, all of its newest revision',
  { timeout: 60_000 },
  async () => {
    const strategy = fc.constantFrom(
      { maxUnavailable: 1, maxSurge: 0 },
      { maxUnavailable: '50%', maxSurge: 0 },
      { maxUnavailable: 0, maxSurge: 1 },
    );
    await fc.assert(
      fc.asyncProperty(strategy, fc.array(daemonStep, { maxLength: 15 }), async (rollingUpdate, steps) => {
        await withPlane(async (plane) => {
          const eligible = [true, true, true];
          for (const name of ['n0', 'n1', 'n2'])
            await plane.client.create(nodes, { metadata: { name, labels: { on: 'yes' } }, spec: {} });
          let version = 0;
          const templateOf = (): DaemonSet['spec']['template'] => ({
            ...template(version),
            spec: {
              ...template(version).spec,
              containers: template(version).spec?.containers ?? [],
              nodeSelector: { on: 'yes' },
            },
          });
          const spec: DaemonSet['spec'] = {
            minReadySeconds: 5,
            selector: { matchLabels: labels },
            template: templateOf(),
            updateStrategy: { type: 'RollingUpdate', rollingUpdate },
          };
          await plane.client.create(daemonSets, { metadata: { name: 'app', namespace }, spec });
          for (const step of steps) {
            await plane.settle();
            if (step.act === 'image') {
              version = step.version;
              await plane.client.patch(daemonSets, namespace, 'app', 'merge', { spec: { template: templateOf() } });
            } else if (step.act === 'wait') await plane.clock.advance(step.seconds * 1000);
            else if (step.act === 'node') {
              eligible[step.node] = step.change === 'clean';
              await plane.client.patch(nodes, undefined, `n${step.node}`, 'merge', nodeChanges[step.change]);
            } else await disturb(plane, step);
          }
          await heal(plane);
          const found = (await livingPods(plane)).map((pod) => `${targetNodeOf(pod)} ${imageOf(pod)}`);
          const wanted = eligible.flatMap((is, node) => (is ? [`n${node} app:${version}`] : []));
          assert.deepEqual(found.sort(), wanted);
          const { status } = await plane.client.get(daemonSets, namespace, 'app');
          assert.deepEqual(
            [status?.desiredNumberScheduled, status?.updatedNumberScheduled ?? 0, status?.numberAvailable ?? 0],
            [wanted.length, wanted.length, wanted.length],
          );
          assert.equal(status?.numberMisscheduled, 0);
        });
      }),
      runs,
    );
  },
);
