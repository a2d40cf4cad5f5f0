/** Where containers see volumes: as directories, or as block devices. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type { Container, Volume, VolumeDevice, VolumeMount } from '../../types/core.v1.ts';
import { checkLocalPath, hasBacksteps, listOf, type Maybe } from '../../field-rules.ts';

/** A Pod's valid volumes by name. */
export type Volumes = ReadonlyMap<string, Volume>;

type Mounting = Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>;

export function checkVolumeMounts(errors: FieldError[], path: Path, container: Mounting, volumes: Volumes): void {
  const { volumeMounts, volumeDevices } = container;
  const paths: string[] = [];
  for (const [index, mount] of listOf(volumeMounts).entries()) {
    const { name = '', mountPath = '', subPath = '', subPathExpr = '' } = mount;
    const volume = volumes.get(name);
    if (name === '') errors.push(path.index(index).child('name').required());
    if (volume === undefined) errors.push(path.index(index).child('name').notFound(name));
    if (mountPath === '') errors.push(path.index(index).child('mountPath').required());
    if (paths.includes(mountPath)) {
      errors.push(path.index(index).child('mountPath').invalid(mountPath, 'must be unique'));
    }
    paths.push(mountPath);
    if (volumeDevices) checkAgainstDevices(errors, path.index(index), name, mountPath, volumeDevices);
    if (subPath !== '' || subPathExpr !== '') checkSubPaths(errors, path, index, mount, volume);
    if (mount.mountPropagation !== undefined) {
      checkPropagation(errors, path.child('mountPropagation'), mount.mountPropagation, container);
    }
    if (mount.recursiveReadOnly !== undefined) checkRecursion(errors, path.child('recursiveReadOnly'), mount);
  }
}

function checkAgainstDevices(
  errors: FieldError[],
  path: Path,
  name: string,
  mountPath: string,
  devices: readonly VolumeDevice[],
): void {
  if (devices.some((device) => (device.name ?? '') === name)) {
    errors.push(path.child('name').invalid(name, 'must not already exist in volumeDevices'));
  }
  if (devices.some((device) => (device.devicePath ?? '') === mountPath)) {
    errors.push(path.child('mountPath').invalid(mountPath, 'must not already exist as a path in volumeDevices'));
  }
}

function checkSubPaths(
  errors: FieldError[],
  path: Path,
  index: number,
  { subPath = '', subPathExpr = '' }: VolumeMount,
  volume: Volume | undefined,
): void {
  const at = path.index(index);
  if (volume?.image) {
    const refusal = 'not allowed in image volume sources';
    if (subPath !== '') errors.push(at.child('subPath').invalid(subPath, refusal));
    if (subPathExpr !== '') errors.push(at.child('subPathExpr').invalid(subPathExpr, refusal));
  }
  if (subPath !== '') checkLocalPath(errors, path.child('subPath'), subPath);
  if (subPathExpr === '') return;
  if (subPath !== '') {
    errors.push(at.child('subPathExpr').invalid(subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
  }
  checkLocalPath(errors, path.child('subPathExpr'), subPathExpr);
}

const propagations: ReadonlySet<string> = new Set(['Bidirectional', 'HostToContainer', 'None']);

function checkPropagation(errors: FieldError[], path: Path, propagation: string, container: Mounting): void {
  if (!propagations.has(propagation)) errors.push(path.notSupported(propagation, propagations));
  if (propagation === 'Bidirectional' && container.securityContext?.privileged !== true) {
    errors.push(path.forbidden('Bidirectional mount propagation is available only to privileged containers'));
  }
}

function checkRecursion(errors: FieldError[], path: Path, mount: VolumeMount): void {
  const mode: string | undefined = mount.recursiveReadOnly;
  if (mode === 'Disabled') return;
  if (mode !== 'Enabled' && mode !== 'IfPossible') {
    errors.push(path.notSupported(mode, ['Disabled', 'Enabled', 'IfPossible']));
    return;
  }
  if (mount.readOnly !== true) errors.push(path.forbidden('may only be specified when readOnly is true'));
  if (mount.mountPropagation !== undefined && mount.mountPropagation !== 'None') {
    errors.push(path.forbidden('may only be specified when mountPropagation is None or not specified'));
  }
}

export function checkVolumeDevices(
  errors: FieldError[],
  path: Path,
  devices: Maybe<VolumeDevice>,
  mounts: Maybe<VolumeMount>,
  volumes: Volumes,
): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const [index, { name = '', devicePath = '' }] of listOf(devices).entries()) {
    const at = path.index(index);
    const volume = volumes.get(name);
    if (name === '') errors.push(at.child('name').required());
    if (names.has(name)) errors.push(at.child('name').invalid(name, 'must be unique'));
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
      const kinds = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.push(at.child('name').invalid(name, kinds));
    }
    if (!volume) errors.push(at.child('name').notFound(name));
    if (devicePath === '') errors.push(at.child('devicePath').required());
    if (paths.has(devicePath)) errors.push(at.child('devicePath').invalid(devicePath, 'must be unique'));
    if (hasBacksteps(devicePath)) {
      errors.push(at.child('devicePath').invalid(devicePath, "can not contain backsteps ('..')"));
    } else paths.add(devicePath);
    if (listOf(mounts).some((mount) => (mount.name ?? '') === name)) {
      errors.push(at.child('name').invalid(name, 'must not already exist in volumeMounts'));
    }
    if (listOf(mounts).some((mount) => (mount.mountPath ?? '') === devicePath)) {
      errors.push(at.child('devicePath').invalid(devicePath, 'must not already exist as a path in volumeMounts'));
    }
    if (name !== '') names.add(name);
  }
}
