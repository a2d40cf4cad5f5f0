/** The `status` view of a Pod: what kubelets and the scheduler report. */
import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../../../machinery/names.ts';
import { parseWrittenIP } from '../../../machinery/ip-address.ts';
import { validateIPForLegacyField } from '../../../machinery/network-validation.ts';
import type {
  Container,
  Pod,
  PodCondition,
  PodExtendedResourceClaimStatus,
  PodResourceClaimStatus,
  PodSpec,
} from '../../types/core.v1.ts';
import {
  addInvalid,
  checkDNSSubdomain,
  checkQualifiedName,
  hasItems,
  fieldIsImmutable,
  listOf,
  type Maybe,
} from '../../field-rules.ts';
import { checkStateTransitions, checkStatusResources, checkStatusUsers } from './container-statuses.ts';
import { podUpdateOptions } from './pod-options.ts';
import { checkAnnotationUpdate, specOf } from './pods.ts';

const statusPath = root('status');
const mustNotBeNegative = 'must be a non-negative integer';

export function validatePodStatus(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const [spec, oldSpec] = [specOf(pod), specOf(old)];
  const { status = {} } = pod;
  const { status: oldStatus = {} } = old;
  checkAnnotationUpdate(errors, pod, old, podUpdateOptions(oldSpec, old.metadata));
  checkConditions(errors, statusPath.child('conditions'), status.conditions);
  if ((spec.nodeName ?? '') !== (oldSpec.nodeName ?? '')) {
    errors.push(statusPath.child('nodeName').forbidden('may not be changed directly'));
  }
  checkNomination(errors, status.nominatedNodeName ?? '', oldStatus.nominatedNodeName ?? '', oldSpec);
  const { observedGeneration = 0, qosClass = '' } = status;
  if (observedGeneration < 0) {
    errors.push(statusPath.child('observedGeneration').invalid(observedGeneration, mustNotBeNegative));
  }
  if (qosClass !== (oldStatus.qosClass ?? ''))
    errors.push(statusPath.child('qosClass').invalid(qosClass, fieldIsImmutable));
  for (const { field, containers } of statusLists(oldSpec)) {
    checkStateTransitions(errors, statusPath.child(field), status[field], oldStatus[field], oldSpec, containers);
  }
  checkClaims(errors, statusPath.child('resourceClaimStatuses'), status.resourceClaimStatuses, spec);
  if (status.extendedResourceClaimStatus) {
    const path = statusPath.child('extendedResourceClaimStatus');
    checkExtendedClaim(errors, path, status.extendedResourceClaimStatus, spec);
  }
  checkAddresses(errors, statusPath.child('podIPs'), status.podIPs, oldStatus.podIPs);
  if (hasItems(status.hostIPs)) {
    const first = status.hostIPs?.[0]?.ip ?? '';
    const path = statusPath.child('hostIPs');
    if ((status.hostIP ?? '') !== first) {
      errors.push(path.index(0).child('ip').invalid(first, 'must be equal to `hostIP`'));
    }
    checkAddresses(errors, path, status.hostIPs, oldStatus.hostIPs);
  }
  for (const { field } of statusLists(spec)) checkStatusUsers(errors, statusPath.child(field), status[field], spec.os);
  for (const { field, containers } of statusLists(spec)) {
    checkStatusResources(errors, statusPath.child(field), status[field], containers);
  }
  return errors;
}

interface StatusList {
  readonly field: 'containerStatuses' | 'ephemeralContainerStatuses' | 'initContainerStatuses';
  /** None for ephemeral containers: they never start again, and have no resources of their own. */
  readonly containers: Maybe<Container>;
}

function statusLists(spec: PodSpec): readonly StatusList[] {
  return [
    { field: 'containerStatuses', containers: listOf(spec.containers) },
    { field: 'initContainerStatuses', containers: listOf(spec.initContainers) },
    { field: 'ephemeralContainerStatuses', containers: undefined },
  ];
}

const ownConditions: ReadonlySet<string> = new Set(['Initialized', 'PodScheduled', 'Ready']);

function checkConditions(errors: FieldError[], path: Path, conditions: Maybe<PodCondition>): void {
  for (const [index, { type = '', observedGeneration = 0 }] of listOf(conditions).entries()) {
    if (observedGeneration < 0) {
      errors.push(path.index(index).child('observedGeneration').invalid(observedGeneration, mustNotBeNegative));
    }
    if (!ownConditions.has(type)) checkQualifiedName(errors, path.index(index).child('Type'), type);
  }
}

/** The node that the scheduler makes room on, for a Pod that has none yet. */
function checkNomination(errors: FieldError[], name: string, oldName: string, oldSpec: PodSpec): void {
  if (name === '' || name === oldName) return;
  const path = statusPath.child('nominatedNodeName');
  addInvalid(errors, path, name, isDNS1123Subdomain(name));
  if (oldSpec.nodeName) errors.push(path.forbidden('may not be set on pods that are already bound to a node'));
}

function checkClaims(errors: FieldError[], path: Path, statuses: Maybe<PodResourceClaimStatus>, spec: PodSpec): void {
  const seen = new Set<string>();
  for (const [index, { name = '', resourceClaimName }] of listOf(statuses).entries()) {
    const at = path.index(index).child('name');
    if (!listOf(spec.resourceClaims).some((claim) => (claim.name ?? '') === name)) {
      errors.push(at.invalid(name, 'must match the name of an entry in `spec.resourceClaims`'));
    }
    if (seen.has(name)) errors.push(at.duplicate(name));
    seen.add(name);
    if (resourceClaimName !== undefined) checkDNSSubdomain(errors, at, resourceClaimName);
  }
}

function checkExtendedClaim(
  errors: FieldError[],
  path: Path,
  status: PodExtendedResourceClaimStatus,
  spec: PodSpec,
): void {
  const containers = new Map<string, Container>();
  for (const container of [...listOf(spec.initContainers), ...listOf(spec.containers)]) {
    containers.set(container.name ?? '', container);
  }
  const mappings = listOf(status.requestMappings);
  const mappingsPath = path.child('requestMappings');
  if (mappings.length === 0) errors.push(mappingsPath.required('at least one request mapping is required'));
  const seen = new Set<string>();
  for (const [index, { containerName = '', resourceName = '', requestName = '' }] of mappings.entries()) {
    const at = mappingsPath.index(index);
    const container = containers.get(containerName);
    if (container === undefined) {
      const rule = 'must match the name of an entry in spec.initContainers.name or spec.containers.name';
      errors.push(at.child('containerName').invalid(containerName, rule));
    } else if (!Object.hasOwn(container.resources?.requests ?? {}, resourceName)) {
      const rule =
        'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests';
      errors.push(at.child('resourceName').invalid(resourceName, rule));
    }
    addInvalid(errors, path.child('requestName'), requestName, isDNS1123Label(requestName));
    const key = JSON.stringify([containerName, resourceName, requestName]);
    if (seen.has(key)) {
      errors.push(at.child('containerName').duplicate(containerName));
      errors.push(at.child('resourceName').duplicate(resourceName));
      errors.push(at.child('requestName').duplicate(requestName));
    }
    seen.add(key);
  }
  const { resourceClaimName = '' } = status;
  if (resourceClaimName === '') errors.push(path.child('resourceClaimName').required());
  else checkDNSSubdomain(errors, path.child('resourceClaimName'), resourceClaimName);
}

/** One address of each family at most; what is stored may stay, whatever it looks like. */
function checkAddresses(
  errors: FieldError[],
  path: Path,
  addresses: Maybe<{ readonly ip?: string }>,
  old: Maybe<{ readonly ip?: string }>,
): void {
  if (!hasItems(addresses)) return;
  const oldValues = listOf(old).map(({ ip = '' }) => ip);
  const list = listOf(addresses).map(({ ip = '' }) => ip);
  for (const [index, ip] of list.entries()) {
    errors.push(...validateIPForLegacyField(path.index(index), ip, { strict: true, oldValues }));
  }
  if (list.length < 2) return;
  const families = new Set(list.map((ip) => parseWrittenIP(ip)?.family));
  if (list.length > 2 || families.size < 2 || families.has(undefined)) {
    errors.push(path.invalid(addresses, 'may specify no more than one IP for each IP family'));
  }
}
