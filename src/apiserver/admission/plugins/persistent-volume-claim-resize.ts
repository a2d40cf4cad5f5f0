import { quantityOf } from '../../../api/core/resource-list.ts';
import { storageClassNameOf } from '../../../api/core/storage-class-name.ts';
import type { PersistentVolumeClaim } from '../../../api/types/core.v1.ts';
import type { StorageClass } from '../../../api/types/storage.v1.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import type { Lister } from '../lister.ts';
import { refusal } from '../refusals.ts';
import { isOf } from './pod-requests.ts';

/** Lets a claim grow only where the class that its volume was made of can make it grow. */
export class PersistentVolumeClaimResize implements AdmissionPlugin {
  readonly name = 'PersistentVolumeClaimResize';
  readonly #classes: Lister<StorageClass>;

  constructor(classes: Lister<StorageClass>) {
    this.#classes = classes;
  }

  handles(kind: RequestKind): boolean {
    return isOf(kind, '', 'persistentvolumeclaims') && kind.subresource === '' && kind.operation === 'UPDATE';
  }

  prepare(): Promise<void> | undefined {
    return this.#classes.load();
  }

  validate(attributes: Attributes): void {
    const claim = attributes.object as PersistentVolumeClaim;
    const old = attributes.oldObject as PersistentVolumeClaim;
    if (sizeOf(claim).compare(sizeOf(old)) <= 0) return;
    if (old.status?.phase !== 'Bound') throw refusal(attributes, 'only bound persistent volume claims can be expanded');
    if (this.#mayGrow(claim, old)) return;
    throw refusal(
      attributes,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  }

  #mayGrow(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
    const name = classOf(claim);
    if (name === '' || name !== classOf(old)) return false;
    return this.#classes.get('', name)?.allowVolumeExpansion === true;
  }
}

function sizeOf({ spec }: PersistentVolumeClaim): ReturnType<typeof quantityOf> {
  return quantityOf(spec?.resources?.requests?.['storage']);
}

function classOf({ metadata, spec }: PersistentVolumeClaim): string {
  return storageClassNameOf({ metadata, spec }) ?? '';
}
