import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/types/apps.v1.ts';
import { deployments, replicaSets } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { controllerOf, controllerReferenceTo } from '../owner.ts';
import { isNamespaceTerminating } from '../pods/pod-control.ts';
import { isSameTemplate, podTemplateHashLabel, templateHash } from '../template-hash.ts';
import { newReplicaSetAnnotations, replicasAnnotations, revisionAnnotation, revisionOf } from './annotations.ts';
import { conditionOf, newCondition, withCondition } from './conditions.ts';
import { desiredReplicas, maxSurgeOf, nextSizeOfNew } from './limits.ts';
import type { Rollout } from './rollout.ts';
import { hasProgressDeadline } from './status.ts';

export interface Revisions {
  /** The ReplicaSet of the Deployment's template, if it has one. */
  readonly newest: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

/** The ReplicaSet that has a Deployment's template: of several the oldest, so that everybody chooses the same. */
export function findNewest(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const created = ({ metadata }: ReplicaSet): string => `${metadata.creationTimestamp ?? ''}/${metadata.name ?? ''}`;
  return sets
    .filter(({ spec }) => spec?.template !== undefined && isSameTemplate(spec.template, deployment.spec.template))
    .sort((a, b) => (created(a) < created(b) ? -1 : 1))[0];
}

/**
 * The ReplicaSets by age, with revisions and annotations as they should be.
 * @param mayCreate Whether the newest is made when it is missing.
 */
export async function syncRevisions(
  rollout: Rollout,
  sets: readonly ReplicaSet[],
  mayCreate: boolean,
): Promise<Revisions> {
  const existing = findNewest(rollout.deployment, sets);
  const old = sets.filter((set) => set !== existing);
  const revision = old.map(revisionOf).reduce((max, one) => (one > max ? one : max), 0n) + 1n;
  const newest =
    existing === undefined
      ? mayCreate
        ? await createNewest(rollout, old, revision)
        : undefined
      : await updateNewest(rollout, existing, revision);
  return { newest, old };
}

async function updateNewest(rollout: Rollout, set: ReplicaSet, revision: bigint): Promise<ReplicaSet> {
  const { deployment, client } = rollout;
  const annotations = newReplicaSetAnnotations(deployment, set.metadata.annotations ?? {}, revision);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const isCurrent =
    semanticDeepEqual(annotations, set.metadata.annotations ?? {}) &&
    (set.spec?.minReadySeconds ?? 0) === minReadySeconds;
  if (!isCurrent) {
    return client.update(replicaSets, {
      ...set,
      metadata: { ...set.metadata, annotations },
      spec: { ...set.spec, minReadySeconds },
    });
  }
  const found = `Found new replica set "${set.metadata.name ?? ''}"`;
  await announce(rollout, set, 'FoundNewReplicaSet', found, true);
  return set;
}

/** Puts the revision of the newest ReplicaSet, and that it was found or made, on the Deployment. */
async function announce(
  rollout: Rollout,
  set: ReplicaSet,
  reason: string,
  message: string,
  onlyFirst: boolean,
): Promise<void> {
  const { deployment, clock } = rollout;
  const { conditions = [] } = deployment.status ?? {};
  const revision = set.metadata.annotations?.[revisionAnnotation] ?? '';
  const isNewRevision = deployment.metadata.annotations?.[revisionAnnotation] !== revision;
  const isKnown = conditionOf(conditions, 'Progressing') !== undefined;
  const isTold = hasProgressDeadline(deployment) && !(onlyFirst && isKnown);
  if (!isNewRevision && !isTold) return;
  const condition = newCondition('Progressing', 'True', reason, message, clock.now());
  const annotations = { ...deployment.metadata.annotations, [revisionAnnotation]: revision };
  await rollout.update({
    ...deployment,
    metadata: { ...deployment.metadata, annotations },
    status: { ...deployment.status, ...(isTold ? { conditions: withCondition(conditions, condition) } : {}) },
  });
}

async function createNewest(rollout: Rollout, old: readonly ReplicaSet[], revision: bigint): Promise<ReplicaSet> {
  const { deployment, client, recorder } = rollout;
  const set = newReplicaSet(deployment, old, revision);
  const name = set.metadata.name ?? '';
  let created: ReplicaSet;
  let isNew = true;
  try {
    created = await client.create(replicaSets, set);
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) {
      if (!isNamespaceTerminating(error)) await tellFailure(rollout, name, error);
      throw error;
    }
    created = await resolveCollision(rollout, name, error);
    isNew = false;
  }
  const size = created.spec?.replicas ?? 0;
  if (isNew && size > 0) {
    const message = `Scaled up replica set ${name} from 0 to ${size}`;
    recorder.event(deployments, deployment, 'Normal', 'ScalingReplicaSet', message);
  }
  const message = isNew ? `Created new replica set "${name}"` : `Found new replica set "${name}"`;
  await announce(rollout, created, isNew ? 'NewReplicaSetCreated' : 'FoundNewReplicaSet', message, !isNew);
  return created;
}

function newReplicaSet(deployment: Deployment, old: readonly ReplicaSet[], revision: bigint): ReplicaSet {
  const { spec, metadata, status } = deployment;
  const hash = templateHash(spec.template, status?.collisionCount);
  const label = { [podTemplateHashLabel]: hash };
  const desired = desiredReplicas(deployment);
  const annotations = {
    ...newReplicaSetAnnotations(deployment, {}, revision),
    ...replicasAnnotations(desired, desired + maxSurgeOf(deployment)),
  };
  return {
    metadata: {
      name: `${metadata.name ?? ''}-${hash}`,
      namespace: metadata.namespace ?? '',
      labels: { ...spec.template.metadata?.labels, ...label },
      annotations,
      ownerReferences: [controllerReferenceTo(deployments, deployment)],
    },
    spec: {
      replicas: nextSizeOfNew(deployment, old, 0),
      minReadySeconds: spec.minReadySeconds ?? 0,
      selector: { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, ...label } },
      template: {
        ...spec.template,
        metadata: { ...spec.template.metadata, labels: { ...spec.template.metadata?.labels, ...label } },
      },
    },
  };
}

/** The name is taken: by our own ReplicaSet, which the informer has not shown yet, or by that of another template. */
async function resolveCollision(rollout: Rollout, name: string, collision: unknown): Promise<ReplicaSet> {
  const { deployment, client } = rollout;
  const { namespace } = deployment.metadata;
  const taken = await client.get(replicaSets, namespace, name);
  const isOurs = controllerOf(taken)?.uid === deployment.metadata.uid;
  if (isOurs && taken.spec?.template !== undefined && isSameTemplate(taken.spec.template, deployment.spec.template)) {
    return taken;
  }
  const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
  await rollout.update({ ...deployment, status: { ...deployment.status, collisionCount } });
  throw collision;
}

async function tellFailure(rollout: Rollout, name: string, error: unknown): Promise<void> {
  const { deployment, recorder, clock } = rollout;
  const reason = 'ReplicaSetCreateError';
  const text = error instanceof Error ? error.message : String(error);
  const message = `Failed to create new replica set "${name}": ${text}`;
  if (hasProgressDeadline(deployment)) {
    const condition = newCondition('Progressing', 'False', reason, message, clock.now());
    const status: DeploymentStatus = {
      ...deployment.status,
      conditions: withCondition(deployment.status?.conditions ?? [], condition),
    };
    await rollout.update({ ...deployment, status }).catch(() => {
      // What matters is the failure itself, which is thrown: the status follows with the next try.
    });
  }
  recorder.event(deployments, deployment, 'Warning', reason, message);
}
