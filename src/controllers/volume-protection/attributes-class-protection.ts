import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import { persistentVolumeClaims, persistentVolumes, volumeAttributesClasses } from '../../client/resources.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { ProtectionController } from './protection-controller.ts';

const classIndex = 'volumeAttributesClasses';

/** Classes stay as long as a claim or a volume has, had or is to have one (KEP-3751). */
export function attributesClassProtection(context: ControllerContext): Controller {
  const claims = context.informers.of(persistentVolumeClaims);
  const volumes = context.informers.of(persistentVolumes);
  claims.addIndex(classIndex, classesOfClaim);
  volumes.addIndex(classIndex, classesOfVolume);
  const controller = new ProtectionController(context, {
    queue: 'vacprotection',
    resource: volumeAttributesClasses,
    finalizer: 'kubernetes.io/vac-protection',
    isUsed: ({ metadata: { name = '' } }) =>
      claims.lister.byIndex(classIndex, name).length > 0 || volumes.lister.byIndex(classIndex, name).length > 0,
    synced: Promise.all([claims.synced, volumes.synced]),
  });
  claims.addHandlers(releases(classesOfClaim));
  volumes.addHandlers(releases(classesOfVolume));
  return controller;

  function releases<T extends PersistentVolume | PersistentVolumeClaim>(
    classesOf: (object: T) => readonly string[],
  ): { updated(object: T, old: T): void; deleted(object: T): void } {
    const left = (names: readonly string[], cause: string | undefined): void => {
      for (const name of names) controller.enqueue(name, cause);
    };
    return {
      updated: (object, old) => {
        const kept = classesOf(object);
        left(
          classesOf(old).filter((name) => !kept.includes(name)),
          object.metadata.resourceVersion,
        );
      },
      deleted: (object) => left(classesOf(object), object.metadata.resourceVersion),
    };
  }
}

function classesOfClaim({ spec, status }: PersistentVolumeClaim): string[] {
  return [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name): name is string => typeof name === 'string' && name !== '');
}

function classesOfVolume({ spec }: PersistentVolume): string[] {
  const name = spec?.volumeAttributesClassName;
  return typeof name === 'string' && name !== '' ? [name] : [];
}
