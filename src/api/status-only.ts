import type { KubernetesObject, ViewSubresource } from './contract.ts';
import type { ObjectMeta } from './types/meta.v1.ts';

/** The metadata that a client may change elsewhere, but not by writing a status. */
const keptMetadata = ['labels', 'annotations', 'ownerReferences', 'finalizers'] as const satisfies (keyof ObjectMeta)[];

/** Puts the stored labels, annotations, owners and finalizers back (`metav1.ResetObjectMetaForStatus`). */
function restoreMetadata(submitted: KubernetesObject, stored: KubernetesObject): void {
  const metadata: ObjectMeta = (submitted.metadata ??= {});
  for (const field of keptMetadata) {
    const value = stored.metadata?.[field];
    if (value === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: value });
  }
}

/**
 * The `status` subresource of the resources whose status writers may change nothing else, not even labels and
 * annotations, which the usual one lets through.
 */
export function statusOnlySubresource<T extends KubernetesObject & { spec?: unknown }>(
  validate?: ViewSubresource<T>['validate'],
): ViewSubresource<T> {
  return {
    shape: 'view',
    ...(validate === undefined ? {} : { validate }),
    merge(submitted, stored) {
      if (stored.spec === undefined) delete submitted.spec;
      else submitted.spec = stored.spec;
      restoreMetadata(submitted, stored);
      return submitted;
    },
  };
}
