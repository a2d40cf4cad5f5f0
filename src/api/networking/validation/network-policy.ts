import { parseWrittenCIDR, type CIDR } from '../../../machinery/cidr.ts';
import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { validateLabelSelector, type LabelSelectorValidationOptions } from '../../../machinery/label-validation.ts';
import { isPortName, isPortNumber } from '../../../machinery/names.ts';
import { validateCIDRForLegacyField } from '../../../machinery/network-validation.ts';
import { listOf, orZero, validateByRule, validateEnum } from '../../field-rules.ts';
import { hasInvalidLabelValue } from '../../label-selector-ratchet.ts';
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '../../types/networking.v1.ts';

const specPath = root('spec');
const policyTypesPath = specPath.child('policyTypes');
const protocols = ['TCP', 'UDP', 'SCTP'];
const policyTypes = ['Ingress', 'Egress'];

interface PolicyOptions extends LabelSelectorValidationOptions {
  /** Networks that the stored policy holds, and may keep however they are written. */
  readonly oldCIDRs: readonly string[];
}

function isSet<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: Path, errors: FieldError[]): void {
  validateEnum(protocol, protocols, path.child('protocol'), errors);
  const endPath = path.child('endPort');
  if (!isSet(port)) {
    if (isSet(endPort)) errors.push(endPath.invalid(endPort, 'may not be specified when `port` is not specified'));
    return;
  }
  if (typeof port === 'string') {
    if (isSet(endPort)) errors.push(endPath.invalid(endPort, 'may not be specified when `port` is non-numeric'));
    validateByRule(isPortName, port, path.child('port'), errors);
    return;
  }
  for (const sentence of isPortNumber(port)) errors.push(path.child('port').invalid(port, sentence));
  if (!isSet(endPort)) return;
  // Upstream shows the port here, not the end.
  if (endPort < port) errors.push(endPath.invalid(port, 'must be greater than or equal to `port`'));
  for (const sentence of isPortNumber(endPort)) errors.push(endPath.invalid(endPort, sentence));
}

/** Whether `inner` lies within `outer` and is smaller. */
function isStrictSubset(inner: CIDR, outer: CIDR): boolean {
  return inner.prefixLength > outer.prefixLength && outer.overlaps(inner);
}

function validateIPBlock(block: IPBlock, { oldCIDRs }: PolicyOptions, path: Path, errors: FieldError[]): void {
  const cidr = block.cidr ?? '';
  if (cidr === '') {
    errors.push(path.child('cidr').required());
    return;
  }
  const options = { strict: true, oldValues: oldCIDRs };
  errors.push(...validateCIDRForLegacyField(path.child('cidr'), cidr, options));
  const network = parseWrittenCIDR(cidr)?.network;
  if (network === undefined) return;
  listOf(block.except).forEach((except, index) => {
    const exceptPath = path.child('except').index(index);
    errors.push(...validateCIDRForLegacyField(exceptPath, except, options));
    const excepted = parseWrittenCIDR(except)?.network;
    if (excepted === undefined || isStrictSubset(excepted, network)) return;
    errors.push(exceptPath.invalid(except, 'must be a strict subset of `cidr`'));
  });
}

function validatePeer(peer: NetworkPolicyPeer, options: PolicyOptions, path: Path, errors: FieldError[]): void {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  errors.push(...validateLabelSelector(podSelector, options, path.child('podSelector')));
  errors.push(...validateLabelSelector(namespaceSelector, options, path.child('namespaceSelector')));
  const hasSelector = isSet(podSelector) || isSet(namespaceSelector);
  if (isSet(ipBlock)) {
    validateIPBlock(ipBlock, options, path.child('ipBlock'), errors);
    if (hasSelector) errors.push(path.forbidden('may not specify both ipBlock and another peer'));
  } else if (!hasSelector) {
    errors.push(path.required('must specify a peer'));
  }
}

function validateRule(
  ports: readonly NetworkPolicyPort[] | null | undefined,
  peers: readonly NetworkPolicyPeer[] | null | undefined,
  peersField: 'from' | 'to',
  options: PolicyOptions,
  path: Path,
  errors: FieldError[],
): void {
  listOf(ports).forEach((port, index) => validatePort(port, path.child('ports').index(index), errors));
  listOf(peers).forEach((peer, index) => validatePeer(peer, options, path.child(peersField).index(index), errors));
}

function validateSpec(spec: Partial<NetworkPolicySpec>, options: PolicyOptions): FieldError[] {
  const errors = validateLabelSelector(spec.podSelector, options, specPath.child('podSelector'));
  listOf(spec.ingress).forEach((rule, index) => {
    validateRule(rule.ports, rule.from, 'from', options, specPath.child('ingress').index(index), errors);
  });
  listOf(spec.egress).forEach((rule, index) => {
    validateRule(rule.ports, rule.to, 'to', options, specPath.child('egress').index(index), errors);
  });
  const types = listOf(spec.policyTypes);
  if (types.length > policyTypes.length) {
    errors.push(policyTypesPath.invalid(types, 'may not specify more than two policyTypes'));
    return errors;
  }
  types.forEach((type, index) => validateEnum(type, policyTypes, policyTypesPath.index(index), errors));
  return errors;
}

export function validateNetworkPolicy(policy: NetworkPolicy): FieldError[] {
  return validateSpec(orZero(policy.spec), { oldCIDRs: [] });
}

function cidrsOf({ ingress, egress }: Partial<NetworkPolicySpec>): string[] {
  const peers = [
    ...listOf(ingress).flatMap((rule) => listOf(rule.from)),
    ...listOf(egress).flatMap((rule) => listOf(rule.to)),
  ];
  return peers.flatMap(({ ipBlock }) => (isSet(ipBlock) ? [ipBlock.cidr ?? '', ...listOf(ipBlock.except)] : []));
}

export function validateNetworkPolicyUpdate(policy: NetworkPolicy, old: NetworkPolicy): FieldError[] {
  return validateSpec(orZero(policy.spec), {
    oldCIDRs: cidrsOf(orZero(old.spec)),
    allowInvalidLabelValueInSelector: hasInvalidLabelValue(old.spec?.podSelector),
  });
}
