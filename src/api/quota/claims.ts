import { quantityOf, type Amounts } from '../core/resource-list.ts';
import type { PersistentVolumeClaim } from '../types/core.v1.ts';
import { Quantity } from '../../machinery/quantity.ts';
import { storageClassNameOf } from '../core/storage-class-name.ts';
import { one, selectsName, type Evaluator } from './evaluator.ts';

const count = 'persistentvolumeclaims';
const storage = 'requests.storage';
/** `gold.storageclass.storage.k8s.io/requests.storage`: of one class alone. */
const ofClass = '.storageclass.storage.k8s.io/';

export const claims: Evaluator = {
  handles: ({ operation, subresource }) =>
    (subresource === '' && (operation === 'CREATE' || operation === 'UPDATE')) ||
    (subresource === 'status' && operation === 'UPDATE'),
  counts: (resource) =>
    resource === `count/${count}` ||
    [count, storage].some((name) => resource === name || resource.endsWith(ofClass + name)),
  usage: (object): Amounts => {
    const claim = object as PersistentVolumeClaim;
    const used: Amounts = new Map([
      [count, one],
      [`count/${count}`, one],
    ]);
    const className = storageClassNameOf(claim) ?? '';
    if (className !== '') used.set(className + ofClass + count, one);
    const size = sizeOf(claim);
    if (size === undefined) return used;
    used.set(storage, size);
    if (className !== '') used.set(className + ofClass + storage, size);
    return used;
  },
  isInScope: (selector, object) => {
    if (selector.scopeName !== 'VolumeAttributesClass') return false;
    const names = attributesClassesOf(object as PersistentVolumeClaim);
    return names.length === 0 ? selectsName(selector, '') : names.some((name) => selectsName(selector, name));
  },
};

/** What was asked for, or given where that is more, in whole bytes. */
function sizeOf({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const asked = spec?.resources?.requests?.['storage'];
  if (asked === undefined) return undefined;
  const [wanted, given] = [quantityOf(asked), quantityOf(status?.allocatedResources?.['storage'])];
  const size = given.compare(wanted) > 0 ? given : wanted;
  return Quantity.of(size.ceil(), 0, size.format);
}

function attributesClassesOf({ spec, status }: PersistentVolumeClaim): string[] {
  return [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name) => name !== undefined && name !== null && name !== '') as string[];
}
