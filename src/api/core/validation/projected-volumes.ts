/** Volumes that put several sources into one directory. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { validateLabelSelector } from '../../../machinery/label-validation.ts';
import type {
  ClusterTrustBundleProjection,
  DownwardAPIVolumeFile,
  KeyToPath,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../types/core.v1.ts';
import { checkFileMode, checkLocalNonReservedPath, listOf, type Maybe } from '../../field-rules.ts';
import { checkObjectField, checkResourceField, fileFields } from './field-selectors.ts';
import type { PodOptions } from './pod-options.ts';
import { checkSignerName, trustBundleNameFaults } from './signer-names.ts';

/** A key of a ConfigMap or a Secret that becomes a file. */
export function checkKeyToPath(errors: FieldError[], path: Path, { key, path: file = '', mode }: KeyToPath): void {
  if (!key) errors.push(path.child('key').required());
  if (file === '') errors.push(path.child('path').required());
  checkLocalNonReservedPath(errors, path.child('path'), file);
  checkFileMode(errors, path, 'mode', mode);
}

/** A field of the Pod that becomes a file. `path` is that of the volume: upstream does not say which file. */
export function checkDownwardFile(errors: FieldError[], path: Path, file: DownwardAPIVolumeFile): void {
  if (!file.path) errors.push(path.child('path').required());
  checkLocalNonReservedPath(errors, path.child('path'), file.path ?? '');
  if (file.fieldRef) {
    checkObjectField(errors, path.child('fieldRef'), file.fieldRef, fileFields);
    if (file.resourceFieldRef) {
      errors.push(path.invalid('resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    }
  } else if (file.resourceFieldRef) {
    checkResourceField(errors, path.child('resourceFieldRef'), file.resourceFieldRef, true);
  } else errors.push(path.required('one of fieldRef and resourceFieldRef is required'));
  checkFileMode(errors, path, 'mode', file.mode);
}

export function checkProjectedVolume(
  errors: FieldError[],
  path: Path,
  volume: ProjectedVolumeSource,
  options: PodOptions,
): void {
  checkFileMode(errors, path, 'defaultMode', volume.defaultMode);
  const files = new ProjectedFiles(errors, path);
  for (const [index, source] of listOf(volume.sources).entries()) {
    checkProjection(errors, path, path.child('sources').index(index), source, files, options);
  }
}

/** No two sources may make the same file. */
class ProjectedFiles {
  readonly #errors: FieldError[];
  readonly #path: Path;
  readonly #seen = new Set<string>();

  constructor(errors: FieldError[], path: Path) {
    this.#errors = errors;
    this.#path = path;
  }

  add(file: string, shown: string): void {
    if (this.#seen.has(file)) this.#errors.push(this.#path.invalid(shown, 'conflicting duplicate paths'));
    this.#seen.add(file);
  }
}

function checkProjection(
  errors: FieldError[],
  volume: Path,
  path: Path,
  source: VolumeProjection,
  files: ProjectedFiles,
  options: PodOptions,
): void {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source;
  let count = 0;
  if (secret) {
    count++;
    checkKeys(errors, path.child('secret'), secret, files);
  }
  if (configMap) {
    count++;
    checkKeys(errors, path.child('configMap'), configMap, files);
  }
  if (downwardAPI) {
    count++;
    for (const file of listOf(downwardAPI.items)) {
      checkDownwardFile(errors, path.child('downwardAPI'), file);
      if (file.path) files.add(file.path, file.path);
    }
  }
  if (serviceAccountToken) {
    count++;
    checkToken(errors, volume, path.child('serviceAccountToken'), serviceAccountToken, options);
  }
  if (clusterTrustBundle) {
    count++;
    checkTrustBundle(errors, path.child('clusterTrustBundle'), clusterTrustBundle, files);
  }
  if (podCertificate) {
    count++;
    checkCertificate(errors, path.child('podCertificate'), podCertificate, files);
  }
  if (count > 1) errors.push(path.forbidden('may not specify more than 1 volume type per source'));
}

function checkKeys(
  errors: FieldError[],
  path: Path,
  source: { readonly name?: string; readonly items?: Maybe<KeyToPath> },
  files: ProjectedFiles,
): void {
  if (!source.name) errors.push(path.child('name').required());
  for (const [index, item] of listOf(source.items).entries()) {
    checkKeyToPath(errors, path.child('items').index(index), item);
    if (item.path) files.add(item.path, source.name ?? '');
  }
}

const minTokenSeconds = 600;
const maxTokenSeconds = 2 ** 32;

function checkToken(
  errors: FieldError[],
  volume: Path,
  path: Path,
  token: ServiceAccountTokenProjection,
  options: PodOptions,
): void {
  const { expirationSeconds: seconds = 0, path: file } = token;
  const at = path.child('expirationSeconds');
  if (seconds < minTokenSeconds) errors.push(at.invalid(seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > maxTokenSeconds) {
    errors.push(at.invalid(seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  if (!file) errors.push(volume.child('path').required());
  else if (options.allowNonLocalTokenPath !== true) checkLocalNonReservedPath(errors, volume.child('path'), file);
}

function checkTrustBundle(
  errors: FieldError[],
  path: Path,
  bundle: ClusterTrustBundleProjection,
  files: ProjectedFiles,
): void {
  const { name, signerName, labelSelector, path: file = '' } = bundle;
  if (name !== undefined && signerName !== undefined) {
    errors.push(path.invalid(bundle, 'only one of name and signerName may be used'));
  } else if (name !== undefined) {
    if (name === '') errors.push(path.child('name').required('must be a valid object name'));
    for (const fault of trustBundleNameFaults(name)) {
      errors.push(path.child('name').invalid(name, `not a valid clustertrustbundlename: ${fault}`));
    }
    if (labelSelector) {
      const refusal = 'labelSelector must be unset if name is specified';
      errors.push(path.child('labelSelector').invalid(labelSelector, refusal));
    }
  } else if (signerName !== undefined) {
    if (signerName === '') errors.push(path.child('signerName').required('must be a valid signer name'));
    checkSignerName(errors, path.child('signerName'), signerName);
    errors.push(...validateLabelSelector(labelSelector, {}, path.child('labelSelector')));
  } else errors.push(path.required('either name or signerName must be specified'));
  if (file === '') errors.push(path.child('path').required());
  checkLocalNonReservedPath(errors, path.child('path'), file);
  files.add(file, file);
}

const keyTypes = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'];
const minCertificateSeconds = 3600;
/** 91 days. */
const maxCertificateSeconds = 7_862_400;
/** Signers of Kubernetes itself sign for a day at most. */
const maxOwnCertificateSeconds = 86_400;

function checkCertificate(
  errors: FieldError[],
  path: Path,
  certificate: PodCertificateProjection,
  files: ProjectedFiles,
): void {
  const { signerName = '', keyType = '', maxExpirationSeconds: seconds } = certificate;
  checkSignerName(errors, path.child('signerName'), signerName);
  if (!keyTypes.includes(keyType)) errors.push(path.child('keyType').notSupported(keyType, keyTypes));
  if (seconds !== undefined) {
    const most = signerName.startsWith('kubernetes.io/') ? maxOwnCertificateSeconds : maxCertificateSeconds;
    const at = path.child('maxExpirationSeconds');
    if (seconds < minCertificateSeconds) {
      errors.push(at.invalid(seconds, `if provided, maxExpirationSeconds must be >= ${minCertificateSeconds}`));
    }
    if (seconds > most) errors.push(at.invalid(seconds, `if provided, maxExpirationSeconds must be <= ${most}`));
  }
  let count = 0;
  for (const name of ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const) {
    const file = certificate[name];
    if (!file) continue;
    count++;
    checkLocalNonReservedPath(errors, path.child(name), file);
    files.add(file, file);
  }
  if (count === 0) {
    errors.push(path.required('specify at least one of credentialBundlePath, keyPath, and certificateChainPath'));
  }
}
