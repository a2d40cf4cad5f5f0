/** What of a Pod and of its containers files and environment variables can show (the downward API). */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isQualifiedName } from '../../../machinery/names.ts';
import type { ObjectFieldSelector, ResourceFieldSelector } from '../../types/core.v1.ts';
import { quantityOf } from '../resource-list.ts';
import { addInvalid } from '../../field-rules.ts';

export const environmentFields: ReadonlySet<string> = new Set([
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]);

export const fileFields: ReadonlySet<string> = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]);

/** What v1 knows, wherever it may be used. */
const knownFields: ReadonlySet<string> = new Set([
  ...environmentFields,
  ...fileFields,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

interface Subscripted {
  readonly path: string;
  readonly key: string;
}

/** `metadata.labels['app']`; undefined for a path without a key. */
function subscripted(fieldPath: string): Subscripted | undefined {
  const start = fieldPath.indexOf("['");
  if (start <= 0 || !fieldPath.endsWith("']") || start + 2 > fieldPath.length - 2) return undefined;
  return { path: fieldPath.slice(0, start), key: fieldPath.slice(start + 2, -2) };
}

/** Why v1 does not know the field; undefined when it does. */
function unknownField(apiVersion: string, fieldPath: string, keyed: Subscripted | undefined): string | undefined {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`;
  if (keyed !== undefined) {
    const hasKeys = keyed.path === 'metadata.annotations' || keyed.path === 'metadata.labels';
    return hasKeys ? undefined : `field label does not support subscript: ${fieldPath}`;
  }
  if (knownFields.has(fieldPath) || fieldPath === 'spec.host') return undefined;
  return `field label not supported: ${fieldPath}`;
}

export function checkObjectField(
  errors: FieldError[],
  path: Path,
  { apiVersion = '', fieldPath = '' }: ObjectFieldSelector,
  supported: ReadonlySet<string>,
): void {
  if (apiVersion === '') {
    errors.push(path.child('apiVersion').required());
    return;
  }
  const at = path.child('fieldPath');
  if (fieldPath === '') {
    errors.push(at.required());
    return;
  }
  const keyed = subscripted(fieldPath);
  const fault = unknownField(apiVersion, fieldPath, keyed);
  if (fault !== undefined) errors.push(at.invalid(fieldPath, `error converting fieldPath: ${fault}`));
  else if (keyed !== undefined) {
    // Keys of annotations may be in any case.
    const key = keyed.path === 'metadata.annotations' ? keyed.key.toLowerCase() : keyed.key;
    addInvalid(errors, path, key, isQualifiedName(key));
  } else {
    // The name of spec.nodeName in the API before v1.
    const field = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
    if (!supported.has(field)) errors.push(at.notSupported(field, supported));
  }
}

const resourceFields: ReadonlySet<string> = new Set(
  ['limits', 'requests'].flatMap((list) => ['cpu', 'ephemeral-storage', 'memory'].map((name) => `${list}.${name}`)),
);
const sizes = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';
const sizeDivisors: ReadonlySet<string> = new Set(sizes.split(', '));
const shareDivisors: ReadonlySet<string> = new Set(['1m', '1']);

function isHugePagesField(resource: string): boolean {
  return resource.startsWith('requests.hugepages-') || resource.startsWith('limits.hugepages-');
}

/** @param isFile In a file the container must be named; an environment variable speaks of its own. */
export function checkResourceField(
  errors: FieldError[],
  path: Path,
  { containerName = '', resource = '', divisor }: ResourceFieldSelector,
  isFile: boolean,
): void {
  if (isFile && containerName === '') errors.push(path.child('containerName').required());
  else if (resource === '') errors.push(path.child('resource').required());
  else if (!resourceFields.has(resource) && !isHugePagesField(resource)) {
    errors.push(path.child('resource').notSupported(resource, resourceFields));
  }
  if (divisor === undefined || divisor === '0') return;
  const [what, allowed, texts] = divisorsOf(resource);
  if (allowed === undefined || allowed.has(divisor) || quantityOf(divisor).sign === 0) return;
  const verb = `only divisor's values ${texts} are supported with the ${what} resource`;
  errors.push(path.child('divisor').invalid(resource, verb));
}

function divisorsOf(
  resource: string,
): readonly [what: string, allowed: ReadonlySet<string> | undefined, texts: string] {
  if (resource.endsWith('s.cpu')) return ['cpu', shareDivisors, '1m and 1'];
  if (resource.endsWith('s.memory')) return ['memory', sizeDivisors, sizes];
  if (resource.endsWith('s.ephemeral-storage')) return ['local ephemeral storage', sizeDivisors, sizes];
  return ['hugepages', isHugePagesField(resource) ? sizeDivisors : undefined, sizes];
}
