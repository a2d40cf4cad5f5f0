import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';

/** By `<plural>.<group>`: who waits with the deletion until nobody uses the object any longer. */
const finalizers: ReadonlyMap<string, string> = new Map([
  ['persistentvolumeclaims.', 'kubernetes.io/pvc-protection'],
  ['persistentvolumes.', 'kubernetes.io/pv-protection'],
  ['volumeattributesclasses.storage.k8s.io', 'kubernetes.io/vac-protection'],
]);

function finalizerOf({ group, resource }: RequestKind): string | undefined {
  return finalizers.get(`${resource}.${group}`);
}

/** Puts a finalizer on storage objects, so that none goes away from under those who use it. */
export class StorageObjectInUseProtection implements AdmissionPlugin {
  readonly name = 'StorageObjectInUseProtection';

  handles(kind: RequestKind): boolean {
    return kind.operation === 'CREATE' && kind.subresource === '' && finalizerOf(kind) !== undefined;
  }

  admit({ object, requestKind }: Attributes): void {
    const finalizer = finalizerOf(requestKind);
    if (object === undefined || finalizer === undefined) return;
    const metadata = (object.metadata ??= {});
    const present = metadata.finalizers ?? [];
    if (!present.includes(finalizer)) metadata.finalizers = [...present, finalizer];
  }
}
