import { type CIDR, parseWrittenCIDR } from '../../../machinery/cidr.ts';
import { FieldError, root, type Path } from '../../../machinery/field-error.ts';
import { validateLabelName } from '../../../machinery/label-validation.ts';
import { isConfigMapKey, isDNS1123Label, isDNS1123Subdomain, isLabelValue } from '../../../machinery/names.ts';
import { validateCIDRForLegacyField } from '../../../machinery/network-validation.ts';
import type { ConfigMapNodeConfigSource, Node, NodeConfigSource, ResourceList, Taint } from '../../types/core.v1.ts';
import { validateResourceQuantity } from './resource-names.ts';

const metadataPath = root('metadata');
const specPath = root('spec');
const statusPath = root('status');
const podCIDRsPath = specPath.child('podCIDRs');
const taintEffects: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateNode(node: Node): FieldError[] {
  const errors: FieldError[] = [];
  // Upstream says `metadata` for taints, where they once were an annotation.
  validateTaints(node.spec?.taints, metadataPath.child('taints'), errors);
  validateNodeResources(node, errors);
  validatePodCIDRs(node.spec?.podCIDRs ?? [], errors);
  return errors;
}

export function validateTaints(taints: readonly Taint[] | undefined, path: Path, errors: FieldError[]): void {
  const seen = new Set<string>();
  for (const [index, taint] of (taints ?? []).entries()) {
    const at = path.index(index);
    const { key = '', value = '' } = taint;
    const effect: string = taint.effect ?? '';
    errors.push(...validateLabelName(key, at.child('key')));
    const wrong = isLabelValue(value);
    if (wrong.length > 0) errors.push(at.child('value').invalid(value, wrong.join(';')));
    validateTaintEffect(effect, at.child('effect'), errors);
    const identity = `${effect} ${key}`;
    if (seen.has(identity)) {
      const shown = { Key: key, Value: value, Effect: effect, TimeAdded: taint.timeAdded ?? null };
      const message = 'taints must be unique by key and effect pair';
      errors.push(new FieldError('FieldValueDuplicate', at.toString(), shown, message));
    }
    seen.add(identity);
  }
}

function validateTaintEffect(effect: string, path: Path, errors: FieldError[]): void {
  if (effect === '') errors.push(path.required());
  else if (!taintEffects.includes(effect)) errors.push(path.notSupported(effect, taintEffects));
}

function validateNodeResources({ status }: Node, errors: FieldError[]): void {
  validateResources(status?.capacity, statusPath.child('capacity'), errors);
  validateResources(status?.allocatable, statusPath.child('allocatable'), errors);
}

function validateResources(resources: ResourceList | undefined, path: Path, errors: FieldError[]): void {
  for (const [name, amount] of Object.entries(resources ?? {})) {
    errors.push(...validateResourceQuantity(name, amount, path.child(name)));
  }
}

function validatePodCIDRs(podCIDRs: readonly string[], errors: FieldError[]): void {
  for (const [index, podCIDR] of podCIDRs.entries()) {
    errors.push(...validateCIDRForLegacyField(podCIDRsPath.index(index), podCIDR, { strict: true }));
  }
  if (podCIDRs.length < 2) return;
  const networks = podCIDRs.map((podCIDR) => parseWrittenCIDR(podCIDR)?.network);
  const wrong = networks.indexOf(undefined);
  if (wrong >= 0) {
    const why = `invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${podCIDRs[wrong]})`;
    errors.push(podCIDRsPath.internalError(`invalid PodCIDRs. failed to check with dual stack with error:${why}`));
  }
  const families = new Set(networks.map((network: CIDR | undefined) => network?.family));
  if (wrong >= 0 || families.size < 2 || podCIDRs.length > 2) {
    errors.push(podCIDRsPath.invalid(podCIDRs, 'may specify no more than one CIDR for each IP family'));
  }
  for (const [index, podCIDR] of podCIDRs.entries()) {
    if (podCIDRs.indexOf(podCIDR) < index) errors.push(podCIDRsPath.index(index).duplicate(podCIDR));
  }
}

/** Also for the status subresource. */
export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const errors: FieldError[] = [];
  const spec = node.spec ?? {};
  const oldSpec = old.spec ?? {};
  validateNodeResources(node, errors);
  validateNodeAddresses(node, errors);
  validatePodCIDRsUpdate(spec.podCIDRs ?? [], oldSpec.podCIDRs ?? [], errors);
  if (oldSpec.providerID && oldSpec.providerID !== spec.providerID) {
    const message = 'node updates may not change providerID except from "" to valid';
    errors.push(specPath.child('providerID').forbidden(message));
  }
  if (spec.configSource) validateConfigSource(spec.configSource, specPath.child('configSource'), false, errors);
  const config = node.status?.config;
  for (const field of ['assigned', 'active', 'lastKnownGood'] as const) {
    const source = config?.[field];
    if (source) validateConfigSource(source, statusPath.child('config', field), true, errors);
  }
  validateTaints(spec.taints, metadataPath.child('taints'), errors);
  if ((spec.externalID ?? '') !== (oldSpec.externalID ?? '')) {
    errors.push(specPath.child('externalID').forbidden('may not be updated'));
  }
  return errors;
}

function validateNodeAddresses({ status }: Node, errors: FieldError[]): void {
  const seen = new Set<string>();
  for (const [index, { type = '', address = '' }] of (status?.addresses ?? []).entries()) {
    const identity = `${type} ${address}`;
    if (seen.has(identity)) {
      errors.push(statusPath.child('addresses').index(index).duplicate({ Type: type, Address: address }));
    }
    seen.add(identity);
  }
}

/** Set once, by whoever numbers the pods' networks. */
function validatePodCIDRsUpdate(podCIDRs: readonly string[], old: readonly string[], errors: FieldError[]): void {
  if (old.length === 0) return;
  const message = 'node updates may not change podCIDR except from "" to valid';
  if (podCIDRs.length !== old.length) {
    errors.push(podCIDRsPath.forbidden(message));
    return;
  }
  for (const [index, podCIDR] of old.entries()) {
    if (podCIDR !== podCIDRs[index]) errors.push(podCIDRsPath.forbidden(message));
  }
}

function validateConfigSource(source: NodeConfigSource, path: Path, isInStatus: boolean, errors: FieldError[]): void {
  if (source.configMap) validateConfigMapSource(source.configMap, path.child('configMap'), isInStatus, errors);
  else errors.push(path.invalid({ ConfigMap: null }, 'exactly one reference subfield must be non-nil'));
}

function validateConfigMapSource(
  source: ConfigMapNodeConfigSource,
  path: Path,
  isInStatus: boolean,
  errors: FieldError[],
): void {
  for (const field of ['uid', 'resourceVersion'] as const) {
    if (isInStatus && !source[field]) errors.push(path.child(field).required(`${field} must be set in status`));
    if (!isInStatus && source[field]) errors.push(path.child(field).forbidden(`${field} must not be set in spec`));
  }
  const rules = { namespace: isDNS1123Label, name: isDNS1123Subdomain, kubeletConfigKey: isConfigMapKey } as const;
  for (const field of ['namespace', 'name', 'kubeletConfigKey'] as const) {
    const value = source[field] ?? '';
    if (value === '') errors.push(path.child(field).required(`${field} must be set`));
    else for (const sentence of rules[field](value)) errors.push(path.child(field).invalid(value, sentence));
  }
}
