/** The places that volumes come from. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isDNS1123Subdomain } from '../../../machinery/names.ts';
import type {
  AzureDiskVolumeSource,
  CSIVolumeSource,
  ConfigMapVolumeSource,
  DownwardAPIVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  HostPathVolumeSource,
  ISCSIVolumeSource,
  ImageVolumeSource,
  NFSVolumeSource,
  QuobyteVolumeSource,
  SecretVolumeSource,
  StorageOSVolumeSource,
} from '../../types/core.v1.ts';
import {
  addInvalid,
  checkDNSLabel,
  checkDNSSubdomain,
  checkFileMode,
  checkNoBacksteps,
  checkRange,
  checkRequired,
  hasItems,
  listOf,
} from '../../field-rules.ts';
import { checkPullPolicy } from './pull-policy.ts';
import type { PodOptions } from './pod-options.ts';
import { checkDownwardFile, checkKeyToPath } from './projected-volumes.ts';

const oneByte = [0, 255] as const;

const hostPathTypes: ReadonlySet<string> = new Set([
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]);

export function checkHostPath(errors: FieldError[], path: Path, source: HostPathVolumeSource): void {
  if (!source.path) {
    errors.push(path.child('path').required());
    return;
  }
  checkNoBacksteps(errors, path.child('path'), source.path);
  const type: string = source.type ?? '';
  if (!hostPathTypes.has(type)) errors.push(path.child('type').notSupported(type, hostPathTypes));
}

export function checkNFS(errors: FieldError[], path: Path, source: NFSVolumeSource): void {
  const { path: exported = '' } = source;
  checkRequired(errors, path, 'server', source.server);
  checkRequired(errors, path, 'path', exported);
  if (!exported.startsWith('/')) errors.push(path.child('path').invalid(exported, 'must be an absolute path'));
}

/** A disk of a cloud with its partition; `idField` names the disk. */
export function checkDisk(
  errors: FieldError[],
  path: Path,
  idField: string,
  id: string | undefined,
  partition = 0,
): void {
  checkRequired(errors, path, idField, id);
  if (partition < 0 || partition > 255) {
    errors.push(path.child('partition').invalid(partition, 'must be between 1 and 255, inclusive'));
  }
}

const qualifiedName = /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/;
const extendedIdentifier = /^eui.[a-zA-Z0-9]{16}$/;
const networkAddress = /^naa.[a-zA-Z0-9]{32}$/;

/** What is wrong with the name of an iSCSI node (RFC 3720); undefined when nothing is. */
export function iscsiNameFault(name: string): 'format' | 'start' | undefined {
  if (name.startsWith('iqn')) return qualifiedName.test(name) ? undefined : 'format';
  if (name.startsWith('eui')) return extendedIdentifier.test(name) ? undefined : 'format';
  if (name.startsWith('naa')) return networkAddress.test(name) ? undefined : 'format';
  return 'start';
}

function checkISCSIName(errors: FieldError[], path: Path, name: string): void {
  const fault = iscsiNameFault(name);
  if (fault === 'start') errors.push(path.invalid(name, 'must be valid format starting with iqn, eui, or naa'));
  else if (fault === 'format') errors.push(path.invalid(name, 'must be valid format'));
}

export function checkISCSI(errors: FieldError[], path: Path, source: ISCSIVolumeSource): void {
  checkRequired(errors, path, 'targetPortal', source.targetPortal);
  if (!source.iqn) errors.push(path.child('iqn').required());
  else checkISCSIName(errors, path.child('iqn'), source.iqn);
  checkRange(errors, path, 'lun', source.lun ?? 0, oneByte);
  if ((source.chapAuthDiscovery === true || source.chapAuthSession === true) && !source.secretRef) {
    errors.push(path.child('secretRef').required());
  }
  if (source.initiatorName !== undefined) checkISCSIName(errors, path.child('initiatorname'), source.initiatorName);
}

export function checkFC(errors: FieldError[], path: Path, { targetWWNs, wwids, lun }: FCVolumeSource): void {
  const at = path.child('targetWWNs');
  if (!hasItems(targetWWNs)) {
    if (!hasItems(wwids)) errors.push(at.required('must specify either targetWWNs or wwids, but not both'));
    return;
  }
  if (hasItems(wwids)) {
    errors.push(at.invalid(targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'));
  }
  if (lun === undefined) errors.push(path.child('lun').required('lun is required if targetWWNs is specified'));
  else checkRange(errors, path, 'lun', lun, oneByte);
}

/** Options of drivers may not be named as Kubernetes names its own. */
export function checkFlexVolume(errors: FieldError[], path: Path, source: FlexVolumeSource): void {
  checkRequired(errors, path, 'driver', source.driver);
  for (const key of Object.keys(source.options ?? {})) {
    const [domain = ''] = key.split('/', 1);
    const normalized = `.${domain.toLowerCase()}`;
    if (!normalized.endsWith('.kubernetes.io') && !normalized.endsWith('.k8s.io')) continue;
    errors.push(path.child('options').key(key).invalid(key, 'kubernetes.io and k8s.io namespaces are reserved'));
  }
}

export function checkFlocker(errors: FieldError[], path: Path, source: FlockerVolumeSource): void {
  const { datasetName = '', datasetUUID = '' } = source;
  if (datasetName === '' && datasetUUID === '') {
    errors.push(path.required('one of datasetName and datasetUUID is required'));
  }
  if (datasetName !== '' && datasetUUID !== '') {
    errors.push(path.invalid('resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  }
  if (datasetName.includes('/')) {
    errors.push(path.child('datasetName').invalid(datasetName, "must not contain '/'"));
  }
}

/** `host:port`, with brackets around an address of IPv6, as Go splits them. */
const hostPort = /^(?:\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/;

export function checkQuobyte(errors: FieldError[], path: Path, source: QuobyteVolumeSource): void {
  const { registry = '', tenant = '' } = source;
  const pairs = 'must be a host:port pair or multiple pairs separated by commas';
  if (registry === '') errors.push(path.child('registry').required(pairs));
  else if (tenant.length >= 65) {
    errors.push(path.child('tenant').required('must be a UUID and may not exceed a length of 64 characters'));
  } else {
    for (const pair of registry.split(',')) {
      if (!hostPort.test(pair)) errors.push(path.child('registry').invalid(registry, pairs));
    }
  }
  checkRequired(errors, path, 'volume', source.volume);
}

const cachingModes: ReadonlySet<string> = new Set(['None', 'ReadOnly', 'ReadWrite']);
const diskKinds: ReadonlySet<string> = new Set(['Dedicated', 'Managed', 'Shared']);
const managedDiskForm =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const blobDiskForm = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

export function checkAzureDisk(errors: FieldError[], path: Path, source: AzureDiskVolumeSource): void {
  const { diskURI: uri = '', cachingMode, kind } = source;
  checkRequired(errors, path, 'diskName', source.diskName);
  checkRequired(errors, path, 'diskURI', uri);
  if (cachingMode !== undefined && !cachingModes.has(cachingMode)) {
    errors.push(path.child('cachingMode').notSupported(cachingMode, cachingModes));
  }
  if (kind === undefined) return;
  if (!diskKinds.has(kind)) errors.push(path.child('kind').notSupported(kind, diskKinds));
  const [start, form] = kind === 'Managed' ? ['/subscriptions/', managedDiskForm] : ['https://', blobDiskForm];
  if (!uri.startsWith(start)) errors.push(path.child('diskURI').notSupported(uri, [form]));
}

export function checkStorageOS(errors: FieldError[], path: Path, source: StorageOSVolumeSource): void {
  const { volumeName = '', volumeNamespace = '', secretRef } = source;
  if (volumeName === '') errors.push(path.child('volumeName').required());
  else checkDNSLabel(errors, path.child('volumeName'), volumeName);
  if (volumeNamespace !== '') checkDNSLabel(errors, path.child('volumeNamespace'), volumeNamespace);
  if (secretRef) checkRequired(errors, path.child('secretRef'), 'name', secretRef.name);
}

const maxDriverLength = 63;

export function checkCSIDriverName(errors: FieldError[], path: Path, name: string): void {
  if (name === '') errors.push(path.required());
  if (name.length > maxDriverLength) errors.push(path.tooLong(name, maxDriverLength));
  addInvalid(errors, path, name, isDNS1123Subdomain(name.toLowerCase()));
}

export function checkCSI(
  errors: FieldError[],
  path: Path,
  { driver = '', nodePublishSecretRef }: CSIVolumeSource,
): void {
  checkCSIDriverName(errors, path.child('driver'), driver);
  if (!nodePublishSecretRef) return;
  if (!nodePublishSecretRef.name) errors.push(path.child('nodePublishSecretRef', 'name').required());
  else checkDNSSubdomain(errors, path.child('name'), nodePublishSecretRef.name);
}

export function checkSecretVolume(errors: FieldError[], path: Path, source: SecretVolumeSource): void {
  checkRequired(errors, path, 'secretName', source.secretName);
  checkFileMode(errors, path, 'defaultMode', source.defaultMode);
  for (const [index, item] of listOf(source.items).entries()) {
    checkKeyToPath(errors, path.child('items').index(index), item);
  }
}

export function checkConfigMapVolume(errors: FieldError[], path: Path, source: ConfigMapVolumeSource): void {
  checkRequired(errors, path, 'name', source.name);
  checkFileMode(errors, path, 'defaultMode', source.defaultMode);
  for (const [index, item] of listOf(source.items).entries()) {
    checkKeyToPath(errors, path.child('items').index(index), item);
  }
}

export function checkDownwardVolume(errors: FieldError[], path: Path, source: DownwardAPIVolumeSource): void {
  checkFileMode(errors, path, 'defaultMode', source.defaultMode);
  for (const file of listOf(source.items)) checkDownwardFile(errors, path, file);
}

/** Workloads may leave the reference to whoever completes their Pods. */
export function checkImageVolume(
  errors: FieldError[],
  path: Path,
  source: ImageVolumeSource,
  options: PodOptions,
): void {
  if (options.isPod === true) checkRequired(errors, path, 'reference', source.reference);
  checkPullPolicy(errors, path.child('pullPolicy'), source.pullPolicy);
}
