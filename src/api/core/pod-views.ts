/** Subresources of Pods that show the whole Pod and let a part of it change. */
import type { ViewSubresource } from '../contract.ts';
import type { Container, Pod, PodCondition } from '../types/core.v1.ts';
import type { ObjectMeta } from '../types/meta.v1.ts';
import { validatePodEphemeralContainers } from './validation/pod-ephemeral-containers.ts';
import { validatePodResize } from './validation/pod-resize.ts';
import { validatePodStatus } from './validation/pod-status.ts';

export const podStatus: ViewSubresource<Pod> = {
  shape: 'view',
  validate: validatePodStatus,
  merge(submitted, stored) {
    submitted.spec = stored.spec;
    restore(submitted, stored, ['deletionTimestamp', 'ownerReferences']);
    const status = (submitted.status ??= {});
    // Kubelets that know less leave these out: that does not mean to remove them.
    if (!status.qosClass && stored.status?.qosClass) status.qosClass = stored.status.qosClass;
    if (!status.observedGeneration && stored.status?.observedGeneration) {
      status.observedGeneration = stored.status.observedGeneration;
    }
    keepObservedGenerations(status.conditions ?? [], stored.status?.conditions ?? []);
    return submitted;
  },
};

/** Per type a list, because a type may occur several times. */
function keepObservedGenerations(conditions: readonly PodCondition[], stored: readonly PodCondition[]): void {
  const known = new Map<string, number[]>();
  for (const { type, observedGeneration = 0 } of stored) {
    const generations = known.get(type);
    if (generations === undefined) known.set(type, [observedGeneration]);
    else generations.push(observedGeneration);
  }
  for (const condition of conditions) {
    const generation = known.get(condition.type)?.shift();
    if (!condition.observedGeneration && generation) condition.observedGeneration = generation;
  }
}

export const podEphemeralContainers: ViewSubresource<Pod> = {
  shape: 'view',
  validate: validatePodEphemeralContainers,
  merge(submitted, stored) {
    const ephemeralContainers = submitted.spec?.ephemeralContainers;
    const { ephemeralContainers: _, ...spec } = stored.spec ?? {};
    submitted.spec = { ...spec, containers: spec.containers ?? null };
    if (ephemeralContainers) submitted.spec.ephemeralContainers = ephemeralContainers;
    return restoreRest(submitted, stored);
  },
};

/** Changes `resources` and `resizePolicy` of containers and init containers, and the Pod's own `resources` (KEP-1287). */
export const podResize: ViewSubresource<Pod> = {
  shape: 'view',
  validate: validatePodResize,
  merge(submitted, stored) {
    const containers = resized(submitted.spec?.containers, stored.spec?.containers);
    const initContainers = resized(submitted.spec?.initContainers, stored.spec?.initContainers);
    // Adding, removing, renaming or reordering containers is for validation to refuse, so it must see it.
    if (containers === undefined || initContainers === undefined) return submitted;
    const { resources } = submitted.spec ?? {};
    const { resources: _, initContainers: __, ...spec } = stored.spec ?? {};
    submitted.spec = {
      ...spec,
      containers,
      ...(initContainers.length > 0 ? { initContainers } : {}),
      ...(resources ? { resources } : {}),
    };
    return restoreRest(submitted, stored);
  },
};

/** The stored containers with the submitted resources; undefined when they are not the same containers. */
function resized(
  submitted: readonly Container[] | null | undefined,
  stored: readonly Container[] | null | undefined,
): Container[] | undefined {
  const next = submitted ?? [];
  const old = stored ?? [];
  if (next.length !== old.length) return undefined;
  const merged: Container[] = [];
  for (const [index, container] of old.entries()) {
    const change = next[index];
    if (change === undefined || change.name !== container.name) return undefined;
    const { resources: _, resizePolicy: __, ...rest } = container;
    merged.push({
      ...rest,
      ...(change.resources ? { resources: change.resources } : {}),
      ...(change.resizePolicy ? { resizePolicy: change.resizePolicy } : {}),
    });
  }
  return merged;
}

function restoreRest(submitted: Pod, stored: Pod): Pod {
  if (stored.status === undefined) delete submitted.status;
  else submitted.status = stored.status;
  restore(submitted, stored, ['deletionTimestamp', 'labels', 'annotations', 'finalizers', 'ownerReferences']);
  return submitted;
}

/** Puts fields of the stored metadata back (upstream's `ResetObjectMetaForStatus`). */
function restore(submitted: Pod, stored: Pod, fields: readonly (keyof ObjectMeta)[]): void {
  const metadata: ObjectMeta = { ...submitted.metadata };
  for (const field of fields) {
    delete metadata[field];
    if (stored.metadata?.[field] !== undefined) Object.assign(metadata, { [field]: stored.metadata[field] });
  }
  submitted.metadata = metadata;
}
