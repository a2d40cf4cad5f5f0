/** For tests of controllers of Pods: a control plane for each test, and what such tests ask of it. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'node:test';
import type { ControllerRevision, DaemonSet, StatefulSet } from '../api/types/apps.v1.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../api/types/core.v1.ts';
import type { Resource } from '../client/resource.ts';
import { controllerRevisions, events, pods } from '../client/resources.ts';
import type { ControllerDefinition } from '../controllers/contract.ts';
import { compareRevisions } from '../controllers/history.ts';
import { PodRunner } from './test-pods.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

const namespace = 'default';

/** A template for Pods with the label `app`. */
export function templateOf(app: string, image: string, spec: Partial<PodSpec> = {}): PodTemplateSpec {
  return { metadata: { labels: { app } }, spec: { containers: [{ name: app, image }], ...spec } };
}

export class WorkloadScene<T extends StatefulSet | DaemonSet> {
  readonly #workloads: Resource<T>;
  readonly #name: string;
  #plane: VirtualControlPlane | undefined;
  #runner: PodRunner | undefined;

  /** @param name Of the one workload that the tests are about. */
  constructor(controllers: readonly ControllerDefinition[], workloads: Resource<T>, name: string) {
    this.#workloads = workloads;
    this.#name = name;
    beforeEach(async () => {
      this.#plane = await VirtualControlPlane.start({
        controllers,
        // With no more rights than their service accounts have.
        flags: [
          '--authorization-mode=RBAC',
          '--enable-admission-plugins=OwnerReferencesPermissionEnforcement',
          '--disable-admission-plugins=ServiceAccount,TaintNodesByCondition,StorageObjectInUseProtection',
        ],
      });
    });
    afterEach(async () => {
      await this.#runner?.stop();
      this.#runner = undefined;
      await this.#plane?.stop();
    });
  }

  get plane(): VirtualControlPlane {
    assert.ok(this.#plane, 'no test is running');
    return this.#plane;
  }

  /** From now on Pods run as soon as they are there, and go as soon as they are deleted. */
  runPods(becomesReady?: (pod: Pod) => boolean): void {
    this.#runner = new PodRunner(this.plane, becomesReady === undefined ? {} : { becomesReady });
  }

  /** From now on Pods stay as they are. */
  async stopPods(): Promise<void> {
    await this.#runner?.stop();
  }

  /** Until nothing is written any more: a chain of Pods that wait for each other takes several rounds. */
  async rest(): Promise<void> {
    let last: string | undefined;
    for (let calm = 0; calm < 2;) {
      await this.plane.settle();
      const { resourceVersion } = (await this.plane.client.list(pods)).metadata;
      calm = resourceVersion === last ? calm + 1 : 0;
      last = resourceVersion;
    }
  }

  async create(workload: T): Promise<void> {
    await this.plane.client.create(this.#workloads, workload);
    await this.rest();
  }

  async current(): Promise<T> {
    await this.rest();
    return this.plane.client.get(this.#workloads, namespace, this.#name);
  }

  async patch(spec: object): Promise<void> {
    await this.plane.client.patch(this.#workloads, namespace, this.#name, 'merge', { spec });
    await this.rest();
  }

  /** As `kubectl rollout undo` does it. */
  async rollBackTo(revision: ControllerRevision | undefined): Promise<void> {
    assert.ok(revision);
    await this.plane.client.patch(this.#workloads, namespace, this.#name, 'strategic', revision.data);
    await this.rest();
  }

  async pods(): Promise<Pod[]> {
    await this.rest();
    return (await this.plane.client.list(pods, namespace)).items;
  }

  async podNames(): Promise<string[]> {
    return (await this.pods()).map(({ metadata }) => metadata.name ?? '').sort();
  }

  async pod(name: string): Promise<Pod> {
    const found = (await this.pods()).find(({ metadata }) => metadata.name === name);
    assert.ok(found, `no pod ${name}`);
    return found;
  }

  async removePod(name: string): Promise<void> {
    await this.plane.client.delete(pods, namespace, name, { gracePeriodSeconds: 0 });
    await this.rest();
  }

  /** In order. */
  async revisions(): Promise<ControllerRevision[]> {
    await this.rest();
    return (await this.plane.client.list(controllerRevisions, namespace)).items.sort(compareRevisions);
  }

  async revisionNumbers(): Promise<number[]> {
    return (await this.revisions()).map(({ revision }) => revision);
  }

  /** Of the events with this reason. */
  async messages(reason: string): Promise<string[]> {
    await this.rest();
    const told = (await this.plane.client.list(events, namespace)).items;
    return told.filter((event) => event.reason === reason).map(({ message }) => message ?? '');
  }
}
