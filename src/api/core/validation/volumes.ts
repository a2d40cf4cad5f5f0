/** Volumes of Pods and of the templates of workloads. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../../../machinery/names.ts';
import { quote } from '../../../machinery/quote.ts';
import type { EphemeralVolumeSource, Volume } from '../../types/core.v1.ts';
import type { ObjectMeta } from '../../types/meta.v1.ts';
import { addInvalid, checkLocalPath, checkRequired, hasItems, listOf, type Maybe } from '../../field-rules.ts';
import { validateClaimSpec } from './persistentvolumeclaims.ts';
import type { PodOptions } from './pod-options.ts';
import { checkProjectedVolume } from './projected-volumes.ts';
import { checkTemplateMetadata } from './template-metadata.ts';
import type { Volumes } from './volume-mounts.ts';
import {
  checkAzureDisk,
  checkCSI,
  checkConfigMapVolume,
  checkDisk,
  checkDownwardVolume,
  checkFC,
  checkFlexVolume,
  checkFlocker,
  checkHostPath,
  checkISCSI,
  checkImageVolume,
  checkNFS,
  checkQuobyte,
  checkSecretVolume,
  checkStorageOS,
} from './volume-sources.ts';

interface Context {
  readonly errors: FieldError[];
  readonly options: PodOptions;
  /** The Pod's name, which the claims of its ephemeral volumes start with; empty where it is not known. */
  readonly podName: string;
}

/** One kind of volume: its field, how it is checked, and the names that upstream's errors give it where they differ. */
interface SourceKind {
  readonly field: Exclude<keyof Volume, 'name'>;
  /** In the error that there is more than one. */
  readonly refusedName: string;
  /** @param path Of the volume. */
  check(volume: Volume, path: Path, context: Context): void;
}

/** The check of one member, where the volume has it. */
function source<K extends Exclude<keyof Volume, 'name'>>(
  field: K,
  check: (errors: FieldError[], path: Path, value: NonNullable<Volume[K]>, options: PodOptions) => void,
  { pathName = field, refusedName = field }: { readonly pathName?: string; readonly refusedName?: string } = {},
): SourceKind {
  return {
    field,
    refusedName,
    check(volume, path, { errors, options }) {
      const value = volume[field];
      if (value) check(errors, path.child(pathName), value, options);
    },
  };
}

/** In the order in which upstream looks at them. */
const sourceKinds: readonly SourceKind[] = [
  source('emptyDir', (errors, path, { sizeLimit }) => {
    if (!sizeLimit?.startsWith('-')) return;
    errors.push(path.child('sizeLimit').forbidden('SizeLimit field must be a valid resource quantity'));
  }),
  source('hostPath', checkHostPath),
  source('gitRepo', (errors, path, { repository, directory = '' }) => {
    checkRequired(errors, path, 'repository', repository);
    checkLocalPath(errors, path.child('directory'), directory);
  }),
  source(
    'gcePersistentDisk',
    (errors, path, { pdName, partition }) => checkDisk(errors, path, 'pdName', pdName, partition),
    { pathName: 'persistentDisk' },
  ),
  source('awsElasticBlockStore', (errors, path, { volumeID, partition }) =>
    checkDisk(errors, path, 'volumeID', volumeID, partition),
  ),
  source('secret', checkSecretVolume),
  source('nfs', checkNFS),
  source('iscsi', checkISCSI),
  source('glusterfs', (errors, path, { endpoints, path: volume }) => {
    checkRequired(errors, path, 'endpoints', endpoints);
    checkRequired(errors, path, 'path', volume);
  }),
  source('flocker', checkFlocker),
  source('persistentVolumeClaim', (errors, path, { claimName }) => checkRequired(errors, path, 'claimName', claimName)),
  source('rbd', (errors, path, { monitors, image }) => {
    if (!hasItems(monitors)) errors.push(path.child('monitors').required());
    checkRequired(errors, path, 'image', image);
  }),
  source('cinder', (errors, path, { volumeID, secretRef }) => {
    checkRequired(errors, path, 'volumeID', volumeID);
    if (secretRef) checkRequired(errors, path.child('secretRef'), 'name', secretRef.name);
  }),
  source(
    'cephfs',
    (errors, path, { monitors }) => {
      if (!hasItems(monitors)) errors.push(path.child('monitors').required());
    },
    { refusedName: 'cephFS' },
  ),
  source('quobyte', checkQuobyte),
  // The name is upstream's mistake, which clients see.
  source('downwardAPI', checkDownwardVolume, { refusedName: 'downwarAPI' }),
  source('fc', checkFC),
  source('flexVolume', checkFlexVolume),
  source('configMap', checkConfigMapVolume),
  source('azureFile', (errors, path, { secretName, shareName }) => {
    checkRequired(errors, path, 'secretName', secretName);
    checkRequired(errors, path, 'shareName', shareName);
  }),
  source('vsphereVolume', (errors, path, { volumePath }) => checkRequired(errors, path, 'volumePath', volumePath)),
  source('photonPersistentDisk', (errors, path, { pdID }) => checkRequired(errors, path, 'pdID', pdID)),
  source('portworxVolume', (errors, path, { volumeID }) => checkRequired(errors, path, 'volumeID', volumeID)),
  source('azureDisk', checkAzureDisk),
  source('storageos', checkStorageOS),
  source('projected', checkProjectedVolume),
  source('scaleIO', (errors, path, { gateway, system, volumeName }) => {
    checkRequired(errors, path, 'gateway', gateway);
    checkRequired(errors, path, 'system', system);
    checkRequired(errors, path, 'volumeName', volumeName);
  }),
  source('csi', checkCSI),
  { field: 'ephemeral', refusedName: 'ephemeral', check: checkEphemeral },
  source('image', checkImageVolume),
];

const orderOf: ReadonlyMap<string, SourceKind> = new Map(sourceKinds.map((kind) => [kind.field, kind]));

/** Checks the list, and returns the volumes that are right by name: mounts may use no other. */
export function checkVolumes(
  errors: FieldError[],
  path: Path,
  volumes: Maybe<Volume>,
  metadata: ObjectMeta | undefined,
  options: PodOptions,
): Volumes {
  const valid = new Map<string, Volume>();
  const podName = metadata?.name ?? '';
  const context: Context = { errors, options, podName };
  for (const [index, volume] of listOf(volumes).entries()) {
    const before = errors.length;
    const { name = '' } = volume;
    checkSources(volume, path, index, context);
    if (name === '') errors.push(path.index(index).child('name').required());
    else {
      const sentences = isDNS1123Label(name);
      if (sentences.length > 0) addInvalid(errors, path.index(index).child('name'), name, sentences);
    }
    if (valid.has(name)) errors.push(path.index(index).child('name').duplicate(name));
    if (errors.length === before) valid.set(name, volume);
    if (podName !== '' && volume.persistentVolumeClaim) {
      checkIsNotOwnClaim(errors, path.index(index), volume.persistentVolumeClaim.claimName ?? '', volumes, podName);
    }
  }
  return valid;
}

/** Exactly one kind. The common volume has one member beside its name: only that is looked at. */
function checkSources(volume: Volume, list: Path, index: number, context: Context): void {
  const { errors } = context;
  let only: SourceKind | undefined;
  let count = 0;
  for (const field in volume) {
    if (!volume[field as keyof Volume]) continue;
    const kind = orderOf.get(field);
    if (kind === undefined) continue;
    only = kind;
    count++;
  }
  const path = list.index(index);
  if (only === undefined) errors.push(path.required('must specify a volume type'));
  else if (count === 1) only.check(volume, path, context);
  else checkManySources(volume, path, context);
  if (volume.iscsi) checkISCSIName(errors, path, volume.name ?? '', volume.iscsi);
}

function checkManySources(volume: Volume, path: Path, context: Context): void {
  let isFirst = true;
  for (const kind of sourceKinds) {
    if (!volume[kind.field]) continue;
    if (isFirst) kind.check(volume, path, context);
    else {
      context.errors.push(path.child(kind.refusedName).forbidden('may not specify more than 1 volume type'));
    }
    isFirst = false;
  }
}

const maxISCSINameLength = 64;

function checkISCSIName(
  errors: FieldError[],
  path: Path,
  name: string,
  { initiatorName, targetPortal }: NonNullable<Volume['iscsi']>,
): void {
  if (initiatorName === undefined || `${name}:${targetPortal ?? ''}`.length <= maxISCSINameLength) return;
  const limit =
    'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
  errors.push(path.child('name').invalid(name, limit));
}

function checkEphemeral(volume: Volume, path: Path, { errors, podName }: Context): void {
  const { name = '' } = volume;
  const { volumeClaimTemplate: template }: EphemeralVolumeSource = volume.ephemeral ?? {};
  const at = path.child('ephemeral', 'volumeClaimTemplate');
  if (!template) errors.push(at.required());
  else {
    checkTemplateMetadata(errors, at.child('metadata'), template.metadata);
    errors.push(...validateClaimSpec(template.spec ?? {}, at.child('spec'), {}));
  }
  if (podName === '' || name === '') return;
  const claim = `${podName}-${name}`;
  for (const sentence of isDNS1123Subdomain(claim)) {
    errors.push(path.child('name').invalid(name, `PVC name ${quote(claim)}: ${sentence}`));
  }
}

/** A claim that is made for the Pod cannot be mounted as one that exists. */
function checkIsNotOwnClaim(
  errors: FieldError[],
  path: Path,
  claimName: string,
  volumes: Maybe<Volume>,
  podName: string,
): void {
  for (const { ephemeral, name = '' } of listOf(volumes)) {
    if (!ephemeral || claimName !== `${podName}-${name}`) continue;
    const refusal = 'must not reference a PVC that gets created for an ephemeral volume';
    errors.push(path.child('persistentVolumeClaim', 'claimName').invalid(claimName, refusal));
    return;
  }
}
