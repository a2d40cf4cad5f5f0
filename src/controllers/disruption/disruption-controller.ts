import type { KubernetesObject } from '../../api/contract.ts';
import type { Scale } from '../../api/types/autoscaling.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { Condition, OwnerReference } from '../../api/types/meta.v1.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types/policy.v1.ts';
import type { Client } from '../../client/client.ts';
import { discover, type ServedResource } from '../../client/discovery.ts';
import { namespaceIndex } from '../../client/indexer.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf, pathOf, type Resource } from '../../client/resource.ts';
import {
  deployments,
  podDisruptionBudgets,
  pods,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';
import { formatTime } from '../../machinery/time.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { controllerOf, isReferenceTo } from '../owner.ts';
import { isPodReady } from '../pods/pod-state.ts';
import { expectedPods, replicasOf, type ExpectedPods, type ScaledOwner } from './expected-pods.ts';

/** A Pod whose eviction was granted and that is still there after this long will not go: upstream's DeletionTimeout. */
const deletionTimeoutMs = 2 * 60_000;

/** Controllers of Pods whose size is known from an informer. */
const scaledKinds: readonly Resource<KubernetesObject>[] = [
  replicationControllers,
  deployments,
  replicaSets,
  statefulSets,
];

/** Keeps count, in the status of each PodDisruptionBudget, of how many evictions it allows. */
export class DisruptionController implements Controller {
  readonly #context: ControllerContext;
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #pods: Informer<Pod>;
  readonly #owners: ReadonlyMap<Resource, Informer<KubernetesObject>>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('disruption'),
      workers: 1,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#budgets = context.informers.of(podDisruptionBudgets);
    this.#pods = context.informers.of(pods);
    this.#owners = new Map(scaledKinds.map((resource) => [resource, context.informers.of(resource)]));
    const changed = (budget: PodDisruptionBudget): void =>
      this.#loop.enqueue(keyOf(budget), budget.metadata.resourceVersion);
    this.#budgets.addHandlers({ added: changed, updated: changed });
    this.#pods.addHandlers({
      added: (pod) => this.#podChanged(pod),
      updated: (pod, old) => {
        this.#podChanged(pod);
        if (!semanticDeepEqual(pod.metadata.labels, old.metadata.labels)) this.#podChanged(old);
      },
      deleted: (pod) => this.#podChanged(pod),
    });
    const sizeChanged = (owner: KubernetesObject): void => {
      for (const budget of this.#budgets.lister.byIndex(namespaceIndex, owner.metadata?.namespace ?? '')) {
        this.#loop.enqueue(keyOf(budget), owner.metadata?.resourceVersion);
      }
    };
    for (const informer of this.#owners.values()) {
      informer.addHandlers({
        updated: (owner, old) => {
          if (replicasOf(owner) !== replicasOf(old)) sizeChanged(owner);
        },
      });
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    const owners = [...this.#owners.values()].map((informer) => informer.synced);
    await Promise.all([this.#budgets.synced, this.#pods.synced, ...owners]);
    await this.#loop.run(signal);
  }

  #podChanged({ metadata }: Pod): void {
    for (const budget of this.#budgets.lister.byIndex(namespaceIndex, metadata.namespace ?? '')) {
      if (LabelSelector.fromObject(budget.spec?.selector).matches(metadata.labels)) {
        this.#loop.enqueue(keyOf(budget), metadata.resourceVersion);
      }
    }
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const budget = this.#budgets.lister.get(key);
    if (budget === undefined) return;
    const { recorder, clock } = this.#context;
    const selector = LabelSelector.fromObject(budget.spec?.selector);
    const chosen = this.#pods.lister
      .byIndex(namespaceIndex, budget.metadata.namespace ?? '')
      .filter((pod) => selector.matches(pod.metadata.labels));
    if (chosen.length === 0) {
      recorder.event(podDisruptionBudgets, budget, 'Normal', 'NoPods', 'No matching pods found');
    }
    let expectation: ExpectedPods;
    try {
      expectation = await expectedPods(budget, chosen, (namespace, owner) => this.#scaleOf(namespace, owner, client));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const message = `Failed to calculate the number of expected pods: ${text}`;
      recorder.event(podDisruptionBudgets, budget, 'Warning', 'CalculateExpectedPodCountFailed', message);
      await this.#allowNothing(budget, text, client);
      throw error;
    }
    if (expectation.unmanaged.length > 0) this.#tellUnmanaged(budget, selector);
    const nowMs = clock.now();
    const { disrupted, recheckMs } = this.#disruptedPods(budget, chosen, nowMs);
    const healthy = chosen.filter(
      (pod) =>
        pod.metadata.deletionTimestamp === undefined &&
        disrupted[pod.metadata.name ?? ''] === undefined &&
        isPodReady(pod),
    ).length;
    const { expected, desiredHealthy } = expectation;
    const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desiredHealthy);
    const { generation = 0 } = budget.metadata;
    const status: PodDisruptionBudgetStatus = {
      observedGeneration: generation,
      ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
      disruptionsAllowed: allowed,
      currentHealthy: healthy,
      desiredHealthy,
      expectedPods: expected,
      conditions: this.#conditions(budget, {
        status: allowed > 0 ? 'True' : 'False',
        reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
        message: '',
      }),
    };
    if (!semanticDeepEqual(status, budget.status)) {
      await client.updateStatus(podDisruptionBudgets, { ...budget, status });
    }
    if (recheckMs !== undefined) this.#loop.enqueueAfter(key, recheckMs);
  }

  /** Pods whose eviction was granted and that are not being deleted yet, as long as that may still come. */
  #disruptedPods(
    { status, metadata }: PodDisruptionBudget,
    chosen: readonly Pod[],
    nowMs: number,
  ): { readonly disrupted: Record<string, string>; readonly recheckMs: number | undefined } {
    const byName = new Map(chosen.map((pod) => [pod.metadata.name ?? '', pod]));
    const disrupted: Record<string, string> = {};
    let recheckMs: number | undefined;
    for (const [name, since] of Object.entries(status?.disruptedPods ?? {})) {
      const pod = byName.get(name);
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
      const leftMs = Date.parse(since) + deletionTimeoutMs - nowMs;
      if (leftMs <= 0) {
        const message = `Pod was expected by PDB ${metadata.namespace ?? ''}/${metadata.name ?? ''} to be deleted but it wasn't`;
        this.#context.recorder.event(pods, pod, 'Warning', 'NotDeleted', message);
        continue;
      }
      disrupted[name] = since;
      recheckMs = Math.min(recheckMs ?? leftMs, leftMs);
    }
    return { disrupted, recheckMs };
  }

  #conditions(
    { status, metadata }: PodDisruptionBudget,
    { status: value, reason, message }: Pick<Condition, 'status' | 'reason' | 'message'>,
  ): Condition[] {
    const known = status?.conditions ?? [];
    const old = known.find(({ type }) => type === 'DisruptionAllowed');
    const now = formatTime(this.#context.clock.now());
    const condition: Condition = {
      type: 'DisruptionAllowed',
      status: value,
      observedGeneration: metadata.generation ?? 0,
      lastTransitionTime: old?.status === value ? old.lastTransitionTime : now,
      reason,
      message,
    };
    return [...known.filter(({ type }) => type !== 'DisruptionAllowed'), condition];
  }

  /** What cannot be counted allows no disruption. */
  async #allowNothing(budget: PodDisruptionBudget, why: string, client: Client): Promise<void> {
    const condition = { status: 'False', reason: 'SyncFailed', message: why } as const;
    const status = {
      ...budget.status,
      disruptionsAllowed: 0,
      conditions: this.#conditions(budget, condition),
    } as PodDisruptionBudgetStatus;
    if (semanticDeepEqual(status, budget.status)) return;
    await client.updateStatus(podDisruptionBudgets, { ...budget, status });
  }

  #tellUnmanaged(budget: PodDisruptionBudget, selector: LabelSelector): void {
    const message =
      `Pods selected by this PodDisruptionBudget (selector: ${selector.toString()}) were found to be unmanaged. As a ` +
      'result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To ' +
      'account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
    this.#context.recorder.event(podDisruptionBudgets, budget, 'Warning', 'UnmanagedPods', message);
  }

  async #scaleOf(namespace: string, reference: OwnerReference, client: Client): Promise<ScaledOwner | undefined> {
    for (const [resource, informer] of this.#owners) {
      if (!isReferenceTo(resource, reference)) continue;
      const owner = informer.lister.get(`${namespace}/${reference.name}`);
      if (owner === undefined || owner.metadata?.uid !== reference.uid) return { uid: reference.uid, replicas: 0 };
      const above = controllerOf(owner);
      // A ReplicaSet of a Deployment: how many Pods there should be is the Deployment's to say.
      if (above !== undefined && isReferenceTo(deployments, above)) return this.#scaleOf(namespace, above, client);
      return { uid: reference.uid, replicas: replicasOf(owner) };
    }
    return this.#scaleBySubresource(namespace, reference, client);
  }

  /** Any other controller is asked through its scale subresource. */
  async #scaleBySubresource(
    namespace: string,
    { apiVersion, kind, name, uid }: OwnerReference,
    client: Client,
  ): Promise<ScaledOwner | undefined> {
    const group = apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));
    const served: ServedResource | undefined = (await discover(client.rest)).find(
      (one) => one.group === group && one.kind === kind,
    );
    if (served === undefined) return undefined;
    try {
      const scale = await client.rest.get<Scale>(pathOf(served, namespace, name, 'scale'));
      return scale.metadata.uid === uid ? { uid, replicas: replicasOf(scale) } : undefined;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}
