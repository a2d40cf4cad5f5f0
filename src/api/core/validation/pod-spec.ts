/** The spec of a Pod and of every pod template (upstream's `ValidatePodSpec`). */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { validateLabels } from '../../../machinery/label-validation.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../../../machinery/names.ts';
import type { PodResourceClaim, PodSchedulingGate, PodSpec } from '../../types/core.v1.ts';
import type { ObjectMeta } from '../../types/meta.v1.ts';
import { checkAffinity } from './affinity.ts';
import { containersWithPaths } from './all-containers.ts';
import {
  addInvalid,
  checkDNSSubdomain,
  checkQualifiedName,
  checkRange,
  hasItems,
  listOf,
  maxInt32,
  type Maybe,
} from '../../field-rules.ts';
import { checkContainers, checkEphemeralContainers, checkInitContainers, type ContainerContext } from './containers.ts';
import { checkOperatingSystem } from './operating-system.ts';
import {
  checkDNSConfig,
  checkDNSPolicy,
  checkHostAliases,
  checkHostNetworkPorts,
  checkHostnames,
} from './pod-network.ts';
import type { PodOptions } from './pod-options.ts';
import { checkOverhead, checkPodResources } from './resource-requirements.ts';
import { checkPodSecurityContext } from './security-contexts.ts';
import { checkTolerations } from './tolerations.ts';
import { checkTopologySpread } from './topology-spread.ts';
import { checkVolumes } from './volumes.ts';
import { checkHostProcess } from './windows-options.ts';

const noNames: ReadonlySet<string> = new Set();
const deadlineSeconds = [1, maxInt32] as const;

/** @param metadata Of a Pod whose name is known; absent for a template. */
export function checkPodSpec(
  errors: FieldError[],
  path: Path,
  spec: PodSpec,
  metadata: ObjectMeta | undefined,
  options: PodOptions,
): void {
  const gracePeriodSeconds = spec.terminationGracePeriodSeconds;
  if (gracePeriodSeconds === undefined) errors.push(path.child('terminationGracePeriodSeconds').required());
  const volumes = checkVolumes(errors, path.child('volumes'), spec.volumes, metadata, options);
  const claims = listOf(spec.resourceClaims);
  const claimNames = claims.length === 0 ? noNames : new Set(claims.map(({ name }) => name).filter(Boolean));
  if (claims.length > 0) checkResourceClaims(errors, path.child('resourceClaims'), claims);
  const context: ContainerContext = {
    errors,
    options,
    spec,
    volumes,
    claimNames,
    lifetime: { gracePeriodSeconds, os: spec.os },
  };
  checkContainers(path.child('containers'), context);
  checkInitContainers(path.child('initContainers'), context);
  checkEphemeralContainers(path.child('ephemeralContainers'), context);
  if (spec.resources) checkPodResources(errors, path.child('resources'), spec, claimNames, options);
  checkHostNetworkPorts(errors, path, spec, options);
  checkRestartPolicy(errors, path.child('restartPolicy'), spec.restartPolicy);
  checkDNSPolicy(errors, path.child('dnsPolicy'), spec.dnsPolicy);
  if (spec.nodeSelector) errors.push(...validateLabels(spec.nodeSelector, path.child('nodeSelector')));
  checkPodSecurityContext(errors, path.child('securityContext'), spec, options);
  checkPlacement(errors, path, spec, options);
  checkHostProcess(errors, path, spec);
  checkHostUsers(errors, path, spec, options);
  checkReferences(errors, path, spec);
  checkRemaining(errors, path, spec, options);
  checkOperatingSystem(errors, path, spec);
}

const restartPolicies = ['Always', 'OnFailure', 'Never'];

function checkRestartPolicy(errors: FieldError[], path: Path, policy: string | undefined): void {
  if (!policy) errors.push(path.required());
  else if (!restartPolicies.includes(policy)) errors.push(path.notSupported(policy, restartPolicies));
}

function checkPlacement(errors: FieldError[], path: Path, spec: PodSpec, options: PodOptions): void {
  if (spec.affinity) checkAffinity(errors, path.child('affinity'), spec.affinity, options);
  checkDNSConfig(errors, path.child('dnsConfig'), spec, options);
  for (const [index, { conditionType = '' }] of listOf(spec.readinessGates).entries()) {
    checkQualifiedName(errors, path.child('readinessGates').index(index).child('conditionType'), conditionType);
  }
  checkSchedulingGates(errors, path.child('schedulingGates'), spec.schedulingGates);
  if (spec.topologySpreadConstraints) {
    checkTopologySpread(errors, path.child('topologySpreadConstraints'), spec.topologySpreadConstraints, options);
  }
}

function checkSchedulingGates(errors: FieldError[], path: Path, gates: Maybe<PodSchedulingGate>): void {
  if (!hasItems(gates)) return;
  const seen = new Set<string>();
  for (const [index, { name = '' }] of listOf(gates).entries()) {
    checkQualifiedName(errors, path.index(index), name);
    if (seen.has(name)) errors.push(path.index(index).duplicate(name));
    seen.add(name);
  }
}

/** A Pod with user IDs of its own cannot share namespaces with the node, nor use block devices (KEP-127). */
function checkHostUsers(errors: FieldError[], path: Path, spec: PodSpec, options: PodOptions): void {
  if (spec.hostUsers !== false) return;
  const refusal = 'when `pod.Spec.HostUsers` is false';
  if (spec.hostNetwork === true && options.allowUserNamespaceOnHostNetwork !== true) {
    errors.push(path.child('hostNetwork').forbidden(refusal));
  }
  if (spec.hostPID === true) errors.push(path.child('HostPID').forbidden(refusal));
  if (spec.hostIPC === true) errors.push(path.child('HostIPC').forbidden(refusal));
  if (options.allowUserNamespaceWithDevices === true) return;
  for (const { container, at } of containersWithPaths(spec, path)) {
    if (hasItems(container.volumeDevices)) errors.push(at().child('volumeDevices').forbidden(refusal));
  }
}

/** Names of other objects. */
function checkReferences(errors: FieldError[], path: Path, spec: PodSpec): void {
  checkName(errors, path, 'serviceAccountName', spec.serviceAccountName);
  checkName(errors, path, 'nodeName', spec.nodeName);
  if (spec.activeDeadlineSeconds !== undefined) {
    checkRange(errors, path, 'activeDeadlineSeconds', spec.activeDeadlineSeconds, deadlineSeconds);
  }
  checkHostnames(errors, path, spec);
}

function checkName(errors: FieldError[], parent: Path, field: string, name: string | undefined): void {
  if (!name) return;
  const sentences = isDNS1123Subdomain(name);
  if (sentences.length > 0) addInvalid(errors, parent.child(field), name, sentences);
}

function checkRemaining(errors: FieldError[], path: Path, spec: PodSpec, options: PodOptions): void {
  if (spec.tolerations) checkTolerations(errors, path.child('tolerations'), spec.tolerations, options);
  if (spec.hostAliases) checkHostAliases(errors, path.child('hostAliases'), spec.hostAliases, options);
  checkName(errors, path, 'priorityClassName', spec.priorityClassName);
  if (spec.runtimeClassName !== undefined) {
    checkDNSSubdomain(errors, path.child('runtimeClassName'), spec.runtimeClassName);
  }
  const policy: string | undefined = spec.preemptionPolicy;
  if (policy === '') errors.push(path.child('preemptionPolicy').required());
  else if (policy !== undefined && policy !== 'PreemptLowerPriority' && policy !== 'Never') {
    errors.push(path.child('preemptionPolicy').notSupported(policy, ['PreemptLowerPriority', 'Never']));
  }
  if (spec.overhead) checkOverhead(errors, path.child('overhead'), spec.overhead, options);
  const group = spec.schedulingGroup?.podGroupName;
  if (group !== undefined) checkDNSSubdomain(errors, path.child('schedulingGroup', 'podGroupName'), group);
}

function checkResourceClaims(errors: FieldError[], path: Path, claims: readonly PodResourceClaim[]): void {
  const names = new Set<string>();
  for (const [index, claim] of claims.entries()) {
    const { name = '', resourceClaimName, resourceClaimTemplateName } = claim;
    const at = path.index(index);
    if (name === '') errors.push(at.child('name').required());
    else if (names.has(name)) errors.push(at.child('name').duplicate(name));
    else {
      addInvalid(errors, at.child('name'), name, isDNS1123Label(name));
      names.add(name);
    }
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      const rule = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.push(at.invalid(claim, rule));
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      const rule = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
      errors.push(at.invalid(claim, rule));
    }
    if (resourceClaimName !== undefined) checkDNSSubdomain(errors, at.child('resourceClaimName'), resourceClaimName);
    if (resourceClaimTemplateName !== undefined) {
      checkDNSSubdomain(errors, at.child('resourceClaimTemplateName'), resourceClaimTemplateName);
    }
  }
}
