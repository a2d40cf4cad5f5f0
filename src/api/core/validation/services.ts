import { root, type FieldError } from '../../../machinery/field-error.ts';
import { validateLabels } from '../../../machinery/label-validation.ts';
import { isDNS1123Subdomain } from '../../../machinery/names.ts';
import { validateIPForLegacyField } from '../../../machinery/network-validation.ts';
import type { Service, ServiceSpec } from '../../types/core.v1.ts';
import { validateNonSpecialIP } from './addresses.ts';
import {
  isHeadless,
  validateClusterIPsUpdate,
  validateIPFamiliesUpdate,
  validateServiceAddresses,
} from './service-addresses.ts';
import { validatePortsOfType, validateServicePorts } from './service-ports.ts';
import {
  validateHealthCheckNodePortUpdate,
  validateLoadBalancer,
  validateLoadBalancerClass,
  validateSessionAffinity,
  validateSourceRanges,
  validateTrafficPolicies,
} from './service-traffic.ts';

const specPath = root('spec');
const portsPath = specPath.child('ports');
const types: ReadonlySet<string> = new Set(['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']);
const topologyHints = 'service.kubernetes.io/topology-aware-hints';
const topologyMode = 'service.kubernetes.io/topology-mode';

/** A Service as it is to be stored, its addresses and ports given out. */
export function validateService(service: Service): FieldError[] {
  return validateServiceAfter(service, undefined);
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const spec = service.spec ?? {};
  const oldSpec = old.spec ?? {};
  return [
    ...validateClusterIPsUpdate(spec, oldSpec),
    ...validateIPFamiliesUpdate(spec, oldSpec),
    ...validateLoadBalancerClass(spec, oldSpec),
    ...validateHealthCheckNodePortUpdate(spec, oldSpec),
    ...validateServiceAfter(service, old),
  ];
}

function validateServiceAfter(service: Service, old: Service | undefined): FieldError[] {
  const spec = service.spec ?? {};
  const errors: FieldError[] = [];
  validateTopologyAnnotations(service, errors);
  if ((spec.ports ?? []).length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName') {
    errors.push(portsPath.required());
  }
  validateFieldsOfType(spec, errors);
  validateServicePorts(spec, portsPath, errors);
  if (spec.selector) errors.push(...validateLabels(spec.selector, specPath.child('selector')));
  validateSessionAffinity(spec, errors);
  errors.push(...validateServiceAddresses(spec, old?.spec));
  validateExternalIPs(spec, old?.spec, errors);
  if (!spec.type) errors.push(specPath.child('type').required());
  else if (!types.has(spec.type)) errors.push(specPath.child('type').notSupported(spec.type, types));
  validatePortsOfType(spec, portsPath, errors);
  validateSourceRanges(service, old, errors);
  validateLoadBalancer(spec, errors);
  validateTrafficPolicies(spec, errors);
  return errors;
}

/** The annotation's old name and its new one must not contradict each other. */
function validateTopologyAnnotations({ metadata }: Service, errors: FieldError[]): void {
  const mode = metadata?.annotations?.[topologyMode];
  const hints = metadata?.annotations?.[topologyHints];
  if (mode === undefined || hints === undefined || mode === hints) return;
  const message = `must match annotations[${topologyHints}] when both are specified`;
  errors.push(root('metadata').child('annotations').key(topologyMode).invalid(mode, message));
}

function validateFieldsOfType(spec: ServiceSpec, errors: FieldError[]): void {
  const { type } = spec;
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    const message = `may not be set to 'None' for ${type} services`;
    errors.push(specPath.child('clusterIPs').index(0).invalid(spec.clusterIPs?.[0], message));
  }
  if (type !== 'ExternalName') return;
  const notAllowed = 'may not be set for ExternalName services';
  if ((spec.clusterIPs ?? []).length > 0) errors.push(specPath.child('clusterIPs').forbidden(notAllowed));
  if ((spec.ipFamilies ?? []).length > 0) errors.push(specPath.child('ipFamilies').forbidden(notAllowed));
  if (spec.ipFamilyPolicy) errors.push(specPath.child('ipFamilyPolicy').forbidden(notAllowed));
  // The dot at the end says that the name is complete.
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  const path = specPath.child('externalName');
  if (name === '') errors.push(path.required());
  else for (const sentence of isDNS1123Subdomain(name)) errors.push(path.invalid(name, sentence));
}

function validateExternalIPs(
  { externalIPs = [] }: ServiceSpec,
  old: ServiceSpec | undefined,
  errors: FieldError[],
): void {
  const path = specPath.child('externalIPs');
  const oldValues = old?.externalIPs ?? [];
  for (const [index, ip] of externalIPs.entries()) {
    const wrong = validateIPForLegacyField(path.index(index), ip, { strict: true, oldValues });
    errors.push(...(wrong.length > 0 ? wrong : validateNonSpecialIP(ip, path.index(index))));
  }
}
