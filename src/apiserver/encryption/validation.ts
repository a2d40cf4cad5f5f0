/** What may be wrong with an EncryptionConfiguration, in upstream's words. */
import type {
  EncryptionConfiguration,
  Key,
  KMSConfiguration,
  ProviderConfiguration,
} from '../../api/types/apiserver-config.v1.ts';
import { DurationError, parseDurationMs } from '../../machinery/duration.ts';
import { root, type FieldError, type Path } from '../../machinery/field-error.ts';
import { groupResourceText, parseGroupResource } from './group-resource.ts';

const aesKeyBytes = [16, 24, 32];
const secretboxKeyBytes = [32];

/** @param isReloaded Whether the configuration may be replaced while the server runs. */
export function validateEncryption({ resources }: EncryptionConfiguration, isReloaded: boolean): FieldError[] {
  const path = root('resources');
  if (resources === null || resources.length === 0) return [path.required('at least one resources is required')];
  const kmsNames = new Set<string>();
  return resources.flatMap(({ resources: names, providers }, index) => {
    const [at, providersAt] = [path.index(index).child('resources'), path.index(index).child('providers')];
    const errors: FieldError[] = [];
    if (names === null || names.length === 0) errors.push(at.required(`at least one ${at} is required`));
    errors.push(...overlaps(names ?? [], at), ...(names ?? []).flatMap((name, i) => nameErrors(name, at.index(i))));
    if (providers === null || providers.length === 0) {
      errors.push(providersAt.required(`at least one ${providersAt} is required`));
    }
    for (const [i, provider] of (providers ?? []).entries()) {
      errors.push(...providerErrors(provider, providersAt.index(i), kmsNames, isReloaded));
    }
    return errors;
  });
}

function overlaps(names: readonly string[], path: Path): FieldError[] {
  const all = names.map(parseGroupResource);
  const errors: FieldError[] = [];
  if (new Set(all.map(groupResourceText)).size < all.length) {
    errors.push(path.invalid(names, 'the same resource cannot be specified multiple times'));
  }
  const isOverlap = all.some((one, i) =>
    all.some((other, j) => {
      if (i === j || groupResourceText(one) === groupResourceText(other)) return false;
      if (one.group === '*' && one.resource === '*') return true;
      return one.group === other.group && (one.resource === '*' || other.resource === '*');
    }),
  );
  if (isOverlap) {
    const message =
      "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked";
    errors.push(path.invalid(names, message));
  }
  return errors;
}

const withoutPaths: ReadonlySet<string> = new Set([
  'apiserveripinfo',
  'serviceipallocations',
  'servicenodeportallocations',
]);

function nameErrors(name: string, path: Path): FieldError[] {
  const message = nameProblem(name);
  return message === undefined ? [] : [path.invalid(name, message)];
}

function nameProblem(name: string): string | undefined {
  if (name.toLowerCase() !== name) return 'resource name should not contain capital letters';
  if (name === '*') return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  if (withoutPaths.has(name)) return 'resources which do not have REST API/s cannot be encrypted';
  const { group, resource } = parseGroupResource(name);
  if (group === 'events.k8s.io') {
    return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  }
  if (group === 'extensions') return "'extensions' group has been removed and cannot be used for encryption";
  if (group === '*' && resource !== '*') return 'encrypting the same resource across groups is not supported';
  return undefined;
}

function providerErrors(
  provider: ProviderConfiguration,
  path: Path,
  kmsNames: Set<string>,
  isReloaded: boolean,
): FieldError[] {
  const { kms, aesgcm, aescbc, secretbox, identity } = provider;
  const found = [kms, aesgcm, aescbc, secretbox, identity].filter((one) => one !== undefined).length;
  const errors: FieldError[] = [];
  // Keys must not be shown.
  if (found === 0) {
    const message = 'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity';
    errors.push(path.invalid('REDACTED', message));
  }
  if (found > 1) {
    const message = 'more than one provider specified in a single element, should split into different list elements';
    errors.push(path.invalid('REDACTED', message));
  }
  if (kms !== undefined) {
    errors.push(...kmsErrors(kms, path.child('kms'), kmsNames, isReloaded));
    kmsNames.add(kms.name);
  } else if (aesgcm !== undefined) errors.push(...keysErrors(aesgcm.keys, path.child('aesgcm', 'keys'), aesKeyBytes));
  else if (aescbc !== undefined) errors.push(...keysErrors(aescbc.keys, path.child('aescbc', 'keys'), aesKeyBytes));
  else if (secretbox !== undefined) {
    errors.push(...keysErrors(secretbox.keys, path.child('secretbox', 'keys'), secretboxKeyBytes));
  }
  return errors;
}

function keysErrors(keys: readonly Key[] | null, path: Path, lengths: readonly number[]): FieldError[] {
  if (keys === null || keys.length === 0) return [path.required('at least one keys is required')];
  return keys.flatMap(({ name, secret }, index) => {
    const at = path.index(index);
    const errors: FieldError[] = [];
    if (name === '') errors.push(at.child('name').required('name is a mandatory field for a key'));
    const secretAt = at.child('secret');
    if (secret === '') return [...errors, secretAt.required('secret is a mandatory field for a key')];
    if (!isBase64(secret)) return [...errors, secretAt.invalid('REDACTED', 'secrets must be base64 encoded')];
    const { length } = Buffer.from(secret, 'base64');
    if (!lengths.includes(length)) {
      const message = `secret is not of the expected length, got ${length}, expected one of [${lengths.join(' ')}]`;
      errors.push(secretAt.invalid('REDACTED', message));
    }
    return errors;
  });
}

/** With padding; line breaks are passed over, as Go does. */
function isBase64(text: string): boolean {
  const plain = text.replaceAll(/[\r\n]/g, '');
  return plain.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(plain);
}

/** KMS v1 is deprecated; upstream uses it only behind a feature gate that is off. */
export const kmsV1Refusal =
  'KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.  Set ' +
  '--feature-gates=KMSv1=true to use the deprecated KMSv1 feature.';

/** With upstream's default. */
export function kmsVersionOf({ apiVersion = '' }: KMSConfiguration): string {
  return apiVersion === '' ? 'v1' : apiVersion;
}

function kmsErrors(kms: KMSConfiguration, path: Path, known: ReadonlySet<string>, isReloaded: boolean): FieldError[] {
  const { name, endpoint, cachesize, timeout } = kms;
  const apiVersion = kmsVersionOf(kms);
  const errors: FieldError[] = [];
  if (name === '') errors.push(path.child('name').required('name is a mandatory field for a provider'));
  if (apiVersion !== 'v1' && name.includes(':')) {
    const message = `invalid KMS provider name ${name}, must not contain ':'`;
    errors.push(path.child('name').invalid(name, message));
  }
  if ((isReloaded || apiVersion !== 'v1') && known.has(name)) {
    const message = `duplicate KMS provider name ${name}, names must be unique`;
    errors.push(path.child('name').invalid(name, message));
  }
  if (!isPositive(timeout)) errors.push(path.child('timeout').invalid(timeout, 'timeout should be a positive value'));
  errors.push(...endpointErrors(endpoint, path.child('endpoint')));
  if (apiVersion !== 'v1' && cachesize !== undefined) {
    errors.push(path.child('cachesize').invalid(cachesize, 'cachesize is not supported in v2'));
  }
  if (apiVersion === 'v1' && cachesize === 0) {
    const message = 'cachesize should be a positive value, or negative to disable';
    errors.push(path.child('cachesize').invalid(cachesize, message));
  }
  if (apiVersion !== 'v1' && apiVersion !== 'v2') {
    const message = 'unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported';
    errors.push(path.child('apiVersion').invalid(apiVersion, message));
  }
  return errors;
}

function isPositive(timeout: string | undefined): boolean {
  if (timeout === undefined) return true;
  try {
    return parseDurationMs(timeout) > 0;
  } catch (error) {
    if (error instanceof DurationError) return false;
    throw error;
  }
}

function endpointErrors(endpoint: string, path: Path): FieldError[] {
  if (endpoint === '') return [path.invalid('', 'endpoint is a mandatory field for a kms')];
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(endpoint)?.[1]?.toLowerCase() ?? '';
  if (scheme === 'unix') return [];
  return [
    path.invalid(endpoint, `unsupported scheme ${JSON.stringify(scheme)} for KMS provider, only unix is supported`),
  ];
}
