import { storageClassNameOf } from '../../../api/core/storage-class-name.ts';
import type { PersistentVolumeClaim } from '../../../api/types/core.v1.ts';
import type { StorageClass } from '../../../api/types/storage.v1.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import type { Lister } from '../lister.ts';
import { defaultClass } from './default-class.ts';
import { isOf } from './pod-requests.ts';

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** Gives a claim that does not say of which class its volume should be the default one. */
export class DefaultStorageClass implements AdmissionPlugin {
  readonly name = 'DefaultStorageClass';
  readonly #classes: Lister<StorageClass>;

  constructor(classes: Lister<StorageClass>) {
    this.#classes = classes;
  }

  handles(kind: RequestKind): boolean {
    return isOf(kind, '', 'persistentvolumeclaims') && kind.subresource === '' && kind.operation === 'CREATE';
  }

  prepare(): Promise<void> | undefined {
    return this.#classes.load();
  }

  admit({ object }: Attributes): void {
    const { metadata, spec } = object as PersistentVolumeClaim;
    // The empty class asks for a volume without one.
    if (!spec || storageClassNameOf({ metadata, spec }) !== undefined) return;
    const found = defaultClass(this.#classes.list(), defaultAnnotations);
    if (found?.metadata.name !== undefined) spec.storageClassName = found.metadata.name;
  }
}
