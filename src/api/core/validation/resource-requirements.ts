/** Amounts that containers and Pods ask for. */
import { FieldError, type Path } from '../../../machinery/field-error.ts';
import type { PodSpec, ResourceClaim, ResourceList, ResourceRequirements } from '../../types/core.v1.ts';
import { aggregateContainerResources, isPodLevelResource } from '../pod-resources.ts';
import { quantityOf } from '../resource-list.ts';
import { checkDNSLabel, listOf, type Maybe } from '../../field-rules.ts';
import {
  checkContainerResourceName,
  checkResourceName,
  isHugePages,
  isOvercommitAllowed,
  isWholeHugePages,
} from './resource-kinds.ts';
import { checkResourceQuantity } from './resource-quantity.ts';

export interface ResourceOptions {
  /** Huge pages need not be whole ones: an object of old has such an amount. */
  readonly allowIndivisibleHugePages?: boolean;
}

type NameCheck = (errors: FieldError[], path: Path, name: string) => void;

/** A resource that can be requested for a Pod as a whole. */
function checkPodResourceName(errors: FieldError[], path: Path, name: string): void {
  if (!checkResourceName(errors, path, name) || isPodLevelResource(name)) return;
  errors.push(path.notSupported(name, ['cpu', 'hugepages-', 'memory']));
}

/** Limits and requests, each on its own and against each other. @param claimNames Names in `spec.resourceClaims`. */
export function checkContainerResources(
  errors: FieldError[],
  path: Path,
  resources: ResourceRequirements,
  claimNames: ReadonlySet<string>,
  options: ResourceOptions,
): void {
  checkRequirements(errors, path, resources, claimNames, options, checkContainerResourceName);
}

function checkRequirements(
  errors: FieldError[],
  path: Path,
  resources: ResourceRequirements,
  claimNames: ReadonlySet<string>,
  options: ResourceOptions,
  checkName: NameCheck,
): void {
  const limits = resources.limits ?? {};
  const requests = resources.requests ?? {};
  const limitsPath = path.child('limits');
  checkList(errors, limitsPath, limits, options, checkName);
  const requestsPath = path.child('requests');
  for (const name of Object.keys(requests)) {
    const text = requests[name] ?? '0';
    checkAmount(errors, requestsPath, name, text, options, checkName, () => {
      checkAgainstLimit(errors, { limitsPath, requestsPath }, name, text, ownAmount(limits, name));
    });
  }
  if (needsComputeBeside(limits, requests)) errors.push(path.forbidden('HugePages require cpu or memory'));
  if (resources.claims) checkClaims(errors, path.child('claims'), resources.claims, claimNames);
}

/** A list on its own, as `spec.overhead` is one. */
function checkList(
  errors: FieldError[],
  path: Path,
  list: ResourceList,
  options: ResourceOptions,
  checkName: NameCheck,
): void {
  for (const name of Object.keys(list)) checkAmount(errors, path, name, list[name] ?? '0', options, checkName);
}

function checkAmount(
  errors: FieldError[],
  list: Path,
  name: string,
  text: string,
  options: ResourceOptions,
  checkName: NameCheck,
  between?: () => void,
): void {
  if (isPlain(name, text)) {
    between?.();
    return;
  }
  const path = list.key(name);
  checkName(errors, path, name);
  checkResourceQuantity(errors, path, name, text);
  between?.();
  if (!isHugePages(name) || options.allowIndivisibleHugePages === true) return;
  if (!isWholeHugePages(name, quantityOf(text))) {
    errors.push(path.invalid(text, `${text} is not positive integer multiple of ${name}`));
  }
}

/** CPU or memory that is not negative: most of what is asked for, and nothing to say about it. */
function isPlain(name: string, text: string): boolean {
  return (name === 'cpu' || name === 'memory') && !text.startsWith('-');
}

function ownAmount(list: ResourceList, name: string): string | undefined {
  return Object.hasOwn(list, name) ? list[name] : undefined;
}

function checkAgainstLimit(
  errors: FieldError[],
  { limitsPath, requestsPath }: { readonly limitsPath: Path; readonly requestsPath: Path },
  name: string,
  request: string,
  limit: string | undefined,
): void {
  if (limit === undefined) {
    if (!isOvercommitAllowed(name)) {
      errors.push(limitsPath.required('Limit must be set for non overcommitable resources'));
    }
    return;
  }
  if (request === limit) return;
  const order = quantityOf(request).compare(quantityOf(limit));
  if (order !== 0 && !isOvercommitAllowed(name)) {
    errors.push(requestsPath.invalid(request, `must be equal to ${name} limit of ${limit}`));
  } else if (order > 0) {
    errors.push(requestsPath.invalid(request, `must be less than or equal to ${name} limit of ${limit}`));
  }
}

function needsComputeBeside(limits: ResourceList, requests: ResourceList): boolean {
  let hasPages = false;
  for (const list of [limits, requests]) {
    if (list['cpu'] !== undefined || list['memory'] !== undefined) return false;
    for (const name in list) hasPages ||= isHugePages(name);
  }
  return hasPages;
}

function checkClaims(
  errors: FieldError[],
  path: Path,
  claims: Maybe<ResourceClaim>,
  claimNames: ReadonlySet<string>,
): void {
  const seen = new Set<string>();
  for (const [index, { name = '', request = '' }] of listOf(claims).entries()) {
    const at = path.index(index);
    if (name === '') {
      errors.push(at.required());
      continue;
    }
    if (seen.has(name)) errors.push(at.duplicate(name));
    else {
      const key = request === '' ? name : `${name}/${request}`;
      if (request !== '') checkDNSLabel(errors, at.child('request'), request);
      if (seen.has(key)) errors.push(at.duplicate(key));
      // The whole claim comes after some of its requests.
      else if (request === '')
        for (const other of seen) if (other.startsWith(`${name}/`)) errors.push(at.duplicate(name));
      seen.add(key);
    }
    if (!claimNames.has(name)) errors.push(unknownClaim(at, name, claimNames));
  }
}

function unknownClaim(path: Path, name: string, claimNames: ReadonlySet<string>): FieldError {
  const known = claimNames.size === 0 ? ' which is empty' : `: ${[...claimNames].sort().join(', ')}`;
  const detail = `must be one of the names in pod.spec.resourceClaims${known}`;
  return new FieldError('FieldValueNotFound', path.toString(), name, detail);
}

const noClaims: ReadonlySet<string> = new Set();

/** `spec.overhead`: upstream reads it as limits. */
export function checkOverhead(
  errors: FieldError[],
  path: Path,
  overhead: ResourceList,
  options: ResourceOptions,
): void {
  checkContainerResources(errors, path, { limits: overhead }, noClaims, options);
}

/** `spec.resources`: what the whole Pod asks for, which its containers must fit into. */
export function checkPodResources(
  errors: FieldError[],
  path: Path,
  spec: PodSpec,
  claimNames: ReadonlySet<string>,
  options: ResourceOptions,
): void {
  const { resources } = spec;
  if (!resources) return;
  if (resources.claims) errors.push(path.child('claims').forbidden('claims cannot be set for Resources at pod-level'));
  checkRequirements(errors, path, resources, claimNames, options, checkPodResourceName);
  for (const [name, amount] of aggregateContainerResources(spec, ({ requests }) => requests)) {
    const own = ownAmount(resources.requests ?? {}, name);
    if (amount.compare(quantityOf(own)) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container requests of ${amount.toString()}`;
    errors.push(
      path
        .child('requests')
        .key(name)
        .invalid(own ?? '0', detail),
    );
  }
  for (const [index, container] of listOf(spec.containers).entries()) {
    const limits = container.resources?.limits ?? {};
    for (const name of Object.keys(limits))
      checkContainerLimit(errors, path, index, name, limits, resources.limits ?? {});
  }
}

function checkContainerLimit(
  errors: FieldError[],
  path: Path,
  index: number,
  name: string,
  limits: ResourceList,
  podLimits: ResourceList,
): void {
  const most = ownAmount(podLimits, name);
  if (most === undefined) return;
  const limit = limits[name] ?? '0';
  if (limit === most || quantityOf(limit).compare(quantityOf(most)) <= 0) return;
  const at = path.child('containers').index(index).key(name).child('limits');
  errors.push(at.invalid(limit, `must be less than or equal to pod limits of ${most}`));
}
