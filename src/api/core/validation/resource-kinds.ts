/** Names of resources that are measured: CPU, memory, huge pages, devices (upstream's `pkg/apis/core/helper`). */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isQualifiedName } from '../../../machinery/names.ts';
import { Quantity, QuantityError } from '../../../machinery/quantity.ts';
import { addInvalid } from '../../field-rules.ts';

const containerResources: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

const standardResources: ReadonlySet<string> = new Set([
  ...containerResources,
  ...['cpu', 'memory', 'ephemeral-storage', 'storage'].map((name) => `requests.${name}`),
  ...['cpu', 'memory', 'ephemeral-storage'].map((name) => `limits.${name}`),
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'services.nodeports',
  'services.loadbalancers',
]);

const integerResources: ReadonlySet<string> = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

export function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

/** Without a domain, or of the domain kubernetes.io. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/** A device or another resource that a vendor names: `example.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false;
  return isQualifiedName(`requests.${name}`).length === 0;
}

/** Amounts of it are whole numbers. */
export function isIntegerResource(name: string): boolean {
  return integerResources.has(name) || isExtendedResource(name);
}

/** More can be promised than there is: requests may be less than limits. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name);
}

export function isStandardResource(name: string): boolean {
  return standardResources.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-');
}

/** Whether an amount of huge pages is made of whole pages of the size that the resource's name says. */
export function isWholeHugePages(name: string, amount: Quantity): boolean {
  let pageSize: Quantity;
  try {
    pageSize = Quantity.parse(name.slice('hugepages-'.length));
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
  if (pageSize.sign <= 0 || pageSize.ceil(-3) % 1000n !== 0n) return false;
  return amount.ceil() % pageSize.ceil() === 0n;
}

/** A name that is a qualified name, and where it has no domain one that Kubernetes itself knows. */
export function checkResourceName(errors: FieldError[], path: Path, name: string): boolean {
  if (containerResources.has(name)) return true;
  const sentences = isQualifiedName(name);
  addInvalid(errors, path, name, sentences);
  if (sentences.length > 0) return false;
  if (name.includes('/') || isStandardResource(name)) return true;
  errors.push(path.invalid(name, 'must be a standard resource type or fully qualified'));
  return false;
}

/** A resource that a container can ask for. */
export function checkContainerResourceName(errors: FieldError[], path: Path, name: string): void {
  if (containerResources.has(name)) return;
  checkResourceName(errors, path, name);
  if (!name.includes('/')) {
    if (!isHugePages(name)) errors.push(path.invalid(name, 'must be a standard resource for containers'));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(path.invalid(name, "doesn't follow extended resource name standard"));
  }
}
