/** The places that PersistentVolumes come from: those of Pods' volumes, with secrets of any namespace. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type {
  CSIPersistentVolumeSource,
  GlusterfsPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  LocalVolumeSource,
  PersistentVolumeSpec,
  StorageOSPersistentVolumeSource,
} from '../../types/core.v1.ts';
import {
  checkDNSLabel,
  checkDNSSubdomain,
  checkNoBacksteps,
  checkRange,
  checkRequired,
  hasItems,
} from '../../field-rules.ts';
import {
  checkAzureDisk,
  checkCSIDriverName,
  checkDisk,
  checkFC,
  checkFlexVolume,
  checkFlocker,
  checkHostPath,
  checkNFS,
  checkQuobyte,
  iscsiNameFault,
} from './volume-sources.ts';

interface Reference {
  readonly name?: string;
  readonly namespace?: string;
}

/** A Secret with its namespace. */
function checkReference(errors: FieldError[], path: Path, reference: Reference | undefined): void {
  if (!reference) return;
  checkRequired(errors, path, 'name', reference.name);
  checkRequired(errors, path, 'namespace', reference.namespace);
}

function checkGlusterfs(errors: FieldError[], path: Path, source: GlusterfsPersistentVolumeSource): void {
  checkRequired(errors, path, 'endpoints', source.endpoints);
  checkRequired(errors, path, 'path', source.path);
  const { endpointsNamespace: namespace } = source;
  if (namespace === undefined || namespace === null) return;
  const at = path.child('endpointsNamespace');
  if (namespace !== '') checkDNSLabel(errors, at, namespace);
  else errors.push(at.invalid('', 'if the endpointnamespace is set, it must be a valid namespace name'));
}

/** The name of a volume and that of its portal become one name. */
const maxISCSINameLength = 64;

function checkISCSI(errors: FieldError[], path: Path, source: ISCSIPersistentVolumeSource, volumeName: string): void {
  const { targetPortal = '', iqn = '', initiatorName, secretRef } = source;
  const hasInitiator = initiatorName !== undefined && initiatorName !== null;
  checkRequired(errors, path, 'targetPortal', targetPortal);
  if (hasInitiator && Buffer.byteLength(`${volumeName}:${targetPortal}`) > maxISCSINameLength) {
    const message =
      'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
    errors.push(path.child('targetportal').invalid(targetPortal, message));
  }
  if (iqn === '') errors.push(path.child('iqn').required());
  else if (iscsiNameFault(iqn) !== undefined) errors.push(path.child('iqn').invalid(iqn, 'must be valid format'));
  checkRange(errors, path, 'lun', source.lun ?? 0, [0, 255]);
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !secretRef) {
    errors.push(path.child('secretRef').required());
  }
  if (secretRef) checkRequired(errors, path.child('secretRef'), 'name', secretRef.name);
  if (hasInitiator && iscsiNameFault(initiatorName) !== undefined) {
    errors.push(path.child('initiatorname').invalid(initiatorName, 'must be valid format'));
  }
}

function checkLocal(errors: FieldError[], path: Path, source: LocalVolumeSource): void {
  if (source.path) checkNoBacksteps(errors, path.child('path'), source.path);
  else errors.push(path.child('path').required());
}

function checkStorageOS(errors: FieldError[], path: Path, source: StorageOSPersistentVolumeSource): void {
  if (source.volumeName) checkDNSLabel(errors, path.child('volumeName'), source.volumeName);
  else errors.push(path.child('volumeName').required());
  if (source.volumeNamespace) checkDNSLabel(errors, path.child('volumeNamespace'), source.volumeNamespace);
  checkReference(errors, path.child('secretRef'), source.secretRef);
}

const csiSecrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

function checkCSI(errors: FieldError[], path: Path, source: CSIPersistentVolumeSource): void {
  checkCSIDriverName(errors, path.child('driver'), source.driver ?? '');
  checkRequired(errors, path, 'volumeHandle', source.volumeHandle);
  for (const field of csiSecrets) {
    const reference = source[field];
    if (!reference) continue;
    const at = path.child(field);
    if (reference.name) checkDNSSubdomain(errors, at.child('name'), reference.name);
    else errors.push(at.child('name').required());
    if (reference.namespace) checkDNSLabel(errors, at.child('namespace'), reference.namespace);
    else errors.push(at.child('namespace').required());
  }
}

function checkAllRequired(errors: FieldError[], path: Path, source: object, ...fields: readonly string[]): void {
  const values = source as Readonly<Record<string, string | undefined>>;
  for (const field of fields) checkRequired(errors, path, field, values[field]);
}

interface SourceRule {
  readonly field: keyof PersistentVolumeSpec;
  /** Upstream's path where it differs from the field's name: of the source, and where it is one too many. */
  readonly path?: string;
  readonly forbiddenPath?: string;
  check(errors: FieldError[], path: Path, spec: PersistentVolumeSpec, volumeName: string): void;
}

/** A rule of one source. */
function rule<K extends keyof PersistentVolumeSpec>(
  field: K,
  check: (errors: FieldError[], path: Path, source: NonNullable<PersistentVolumeSpec[K]>, volumeName: string) => void,
  paths: Pick<SourceRule, 'path' | 'forbiddenPath'> = {},
): SourceRule {
  return {
    field,
    ...paths,
    check(errors, path, spec, volumeName) {
      const source = spec[field];
      if (source) check(errors, path, source, volumeName);
    },
  };
}

/** In the order in which upstream looks for them. */
const rules: readonly SourceRule[] = [
  rule('hostPath', checkHostPath),
  rule(
    'gcePersistentDisk',
    (errors, path, source) => checkDisk(errors, path, 'pdName', source.pdName, source.partition),
    { path: 'persistentDisk' },
  ),
  rule('awsElasticBlockStore', (errors, path, source) =>
    checkDisk(errors, path, 'volumeID', source.volumeID, source.partition),
  ),
  rule('glusterfs', checkGlusterfs),
  rule('flocker', checkFlocker),
  rule('nfs', checkNFS),
  rule('rbd', (errors, path, source) => {
    if (!hasItems(source.monitors)) errors.push(path.child('monitors').required());
    checkRequired(errors, path, 'image', source.image);
  }),
  rule('quobyte', checkQuobyte),
  rule(
    'cephfs',
    (errors, path, source) => {
      if (!hasItems(source.monitors)) errors.push(path.child('monitors').required());
    },
    { forbiddenPath: 'cephFS' },
  ),
  rule('iscsi', checkISCSI),
  rule('cinder', (errors, path, source) => {
    checkRequired(errors, path, 'volumeID', source.volumeID);
    checkReference(errors, path.child('secretRef'), source.secretRef);
  }),
  rule('fc', checkFC),
  // Alone among all, it may stand beside another.
  rule('flexVolume', checkFlexVolume, { forbiddenPath: '' }),
  rule('azureFile', (errors, path, source) => {
    checkAllRequired(errors, path, source, 'secretName', 'shareName');
    if (source.secretNamespace === '') errors.push(path.child('secretNamespace').required());
  }),
  rule('vsphereVolume', (errors, path, source) => checkRequired(errors, path, 'volumePath', source.volumePath)),
  rule('photonPersistentDisk', (errors, path, source) => checkRequired(errors, path, 'pdID', source.pdID)),
  rule('portworxVolume', (errors, path, source) => checkRequired(errors, path, 'volumeID', source.volumeID)),
  rule('azureDisk', checkAzureDisk),
  rule('scaleIO', (errors, path, source) => checkAllRequired(errors, path, source, 'gateway', 'system', 'volumeName')),
  rule('local', checkLocal),
  rule('storageos', checkStorageOS),
  rule('csi', checkCSI),
];

/** The fields of which a PersistentVolume has one. */
export const sourceFields: readonly (keyof PersistentVolumeSpec)[] = rules.map(({ field }) => field);

/** One place and no more, said completely. */
export function checkVolumeSource(errors: FieldError[], path: Path, spec: PersistentVolumeSpec, name: string): void {
  let count = 0;
  for (const { field, path: own = field, forbiddenPath = field, check } of rules) {
    if (!spec[field]) continue;
    if (count > 0 && forbiddenPath !== '') {
      errors.push(path.child(forbiddenPath).forbidden('may not specify more than 1 volume type'));
      continue;
    }
    count++;
    check(errors, path.child(own), spec, name);
    if (field === 'local' && !spec.nodeAffinity) {
      errors.push(path.child('nodeAffinity').required('Local volume requires node affinity'));
    }
  }
  if (count === 0) errors.push(path.required('must specify a volume type'));
}
