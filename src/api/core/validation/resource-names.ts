/** Names and amounts of resources in limits and quotas. Each function returns what is wrong. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { checkContainerResourceName, checkResourceName } from './resource-kinds.ts';
import { checkResourceQuantity } from './resource-quantity.ts';

export { isNativeResource, isOvercommitAllowed } from './resource-kinds.ts';

const standardQuotaResources: ReadonlySet<string> = new Set([
  'configmaps',
  'cpu',
  'ephemeral-storage',
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'memory',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
  'requests.storage',
  'resourcequotas',
  'secrets',
  'services',
  'services.loadbalancers',
  'services.nodeports',
]);

/** Without a domain, and one that a quota can count. */
export function isStandardQuotaResource(name: string): boolean {
  return standardQuotaResources.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');
}

export function validateResourceName(name: string, path: Path): FieldError[] {
  const errors: FieldError[] = [];
  checkResourceName(errors, path, name);
  return errors;
}

export function validateContainerResourceName(name: string, path: Path): FieldError[] {
  const errors: FieldError[] = [];
  checkContainerResourceName(errors, path, name);
  return errors;
}

export function validateQuotaResourceName(name: string, path: Path): FieldError[] {
  const errors = validateResourceName(name, path);
  if (!name.includes('/') && !isStandardQuotaResource(name)) {
    errors.push(path.invalid(name, 'must be a standard resource for quota'));
  }
  return errors;
}

/** Not negative, and whole where the resource is counted. */
export function validateResourceQuantity(name: string, amount: string, path: Path): FieldError[] {
  const errors: FieldError[] = [];
  checkResourceQuantity(errors, path, name, amount);
  return errors;
}
