/** How traffic reaches a Service: session affinity, traffic policies, distribution, load balancer. */
import { root, type FieldError } from '../../../machinery/field-error.ts';
import { parseWrittenIP } from '../../../machinery/ip-address.ts';
import { isDNS1123Subdomain, isPortNumber, isQualifiedName } from '../../../machinery/names.ts';
import { validateCIDRForLegacyField, validateIPForLegacyField } from '../../../machinery/network-validation.ts';
import type { LoadBalancerIngress, Service, ServiceSpec } from '../../types/core.v1.ts';
import { isExternallyAccessible } from '../service-defaults.ts';

const specPath = root('spec');
const affinities: ReadonlySet<string> = new Set(['ClientIP', 'None']);
const trafficPolicies: ReadonlySet<string> = new Set(['Cluster', 'Local']);
const distributions: ReadonlySet<string> = new Set(['PreferClose', 'PreferSameNode', 'PreferSameZone']);
const ipModes: ReadonlySet<string> = new Set(['Proxy', 'VIP']);
/** A day. */
const maxAffinitySeconds = 86_400;
const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const onlyForLoadBalancers = "may only be used when `type` is 'LoadBalancer'";

export function validateSessionAffinity(spec: ServiceSpec, errors: FieldError[]): void {
  const { sessionAffinity: affinity, sessionAffinityConfig: config } = spec;
  const path = specPath.child('sessionAffinity');
  if (!affinity) errors.push(path.required());
  else if (!affinities.has(affinity)) errors.push(path.notSupported(affinity, affinities));
  const configPath = specPath.child('sessionAffinityConfig');
  if (affinity === 'None' && config) {
    errors.push(configPath.forbidden('must not be set when session affinity is None'));
  }
  if (affinity !== 'ClientIP') return;
  const isRequired = 'when session affinity type is ClientIP';
  const timeoutPath = configPath.child('clientIP', 'timeoutSeconds');
  const seconds = config?.clientIP?.timeoutSeconds;
  if (!config) errors.push(configPath.required(isRequired));
  else if (!config.clientIP) errors.push(configPath.child('clientIP').required(isRequired));
  else if (seconds === undefined || seconds === null) errors.push(timeoutPath.required(isRequired));
  else if (seconds <= 0 || seconds > maxAffinitySeconds) {
    errors.push(timeoutPath.invalid(seconds, `must be greater than 0 and less than ${maxAffinitySeconds}`));
  }
}

export function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

export function validateTrafficPolicies(spec: ServiceSpec, errors: FieldError[]): void {
  validateExternalTrafficPolicy(spec, errors);
  validateHealthCheckNodePort(spec, errors);
  const { type, internalTrafficPolicy, trafficDistribution } = spec;
  const path = specPath.child('internalTrafficPolicy');
  if (internalTrafficPolicy === undefined || internalTrafficPolicy === null) {
    if (type === 'ClusterIP' || type === 'NodePort' || type === 'LoadBalancer') errors.push(path.required());
  } else if (!trafficPolicies.has(internalTrafficPolicy)) {
    errors.push(path.notSupported(internalTrafficPolicy, trafficPolicies));
  }
  if (trafficDistribution === undefined || trafficDistribution === null) return;
  if (distributions.has(trafficDistribution)) return;
  errors.push(specPath.child('trafficDistribution').notSupported(trafficDistribution, distributions));
}

function validateExternalTrafficPolicy(spec: ServiceSpec, errors: FieldError[]): void {
  const { externalTrafficPolicy: policy } = spec;
  const path = specPath.child('externalTrafficPolicy');
  if (!isExternallyAccessible(spec)) {
    if (policy) errors.push(path.invalid(policy, 'may only be set for externally-accessible services'));
  } else if (!policy) errors.push(path.required());
  else if (!trafficPolicies.has(policy)) errors.push(path.notSupported(policy, trafficPolicies));
}

function validateHealthCheckNodePort(spec: ServiceSpec, errors: FieldError[]): void {
  const { healthCheckNodePort: port = 0 } = spec;
  const path = specPath.child('healthCheckNodePort');
  if (needsHealthCheck(spec)) {
    if (port === 0) errors.push(path.required());
    else for (const sentence of isPortNumber(port)) errors.push(path.invalid(port, sentence));
  } else if (port !== 0) {
    const message = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(path.invalid(port, message));
  }
}

export function validateHealthCheckNodePortUpdate(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (!needsHealthCheck(old) || !needsHealthCheck(spec)) return [];
  if ((spec.healthCheckNodePort ?? 0) === (old.healthCheckNodePort ?? 0)) return [];
  return [specPath.child('healthCheckNodePort').forbidden('field is immutable')];
}

/** The networks that a load balancer lets in, from the field or else from the annotation that preceded it. */
export function validateSourceRanges(service: Service, old: Service | undefined, errors: FieldError[]): void {
  const { type, loadBalancerSourceRanges: ranges = [] } = service.spec ?? {};
  if (ranges.length > 0) {
    const path = specPath.child('LoadBalancerSourceRanges');
    if (type !== 'LoadBalancer') errors.push(path.forbidden(onlyForLoadBalancers));
    const oldValues = (old?.spec?.loadBalancerSourceRanges ?? []).map((range) => range.trim());
    for (const [index, range] of ranges.entries()) {
      // Blanks around them are allowed for the sake of values copied from the annotation.
      errors.push(...validateCIDRForLegacyField(path.index(index), range.trim(), { strict: true, oldValues }));
    }
    return;
  }
  const annotation = service.metadata?.annotations?.[sourceRangesAnnotation];
  if (annotation === undefined) return;
  const path = root('metadata').child('annotations').key(sourceRangesAnnotation);
  if (type !== 'LoadBalancer') errors.push(path.forbidden(onlyForLoadBalancers));
  if (annotation.trim() === '') return;
  const oldValues = old?.metadata?.annotations?.[sourceRangesAnnotation]?.split(',').map((range) => range.trim()) ?? [];
  for (const range of annotation.split(',')) {
    errors.push(...validateCIDRForLegacyField(path, range.trim(), { strict: true, oldValues }));
  }
}

export function validateLoadBalancer(spec: ServiceSpec, errors: FieldError[]): void {
  const { allocateLoadBalancerNodePorts: allocates } = spec;
  const isSet = allocates !== undefined && allocates !== null;
  if (isSet && spec.type !== 'LoadBalancer') {
    errors.push(specPath.child('allocateLoadBalancerNodePorts').forbidden(onlyForLoadBalancers));
  }
  // The path without `spec` is upstream's.
  if (!isSet && spec.type === 'LoadBalancer') errors.push(root('allocateLoadBalancerNodePorts').required());
  errors.push(...validateLoadBalancerClass(spec, undefined));
}

export function validateLoadBalancerClass(spec: ServiceSpec, old: ServiceSpec | undefined): FieldError[] {
  const { loadBalancerClass: name } = spec;
  const path = specPath.child('loadBalancerClass');
  const errors: FieldError[] = [];
  const isSet = name !== undefined && name !== null;
  if (spec.type !== 'LoadBalancer') return isSet ? [path.forbidden(onlyForLoadBalancers)] : [];
  if (old?.type === 'LoadBalancer' && (old.loadBalancerClass ?? undefined) !== (name ?? undefined)) {
    errors.push(path.invalid(name, 'may not change once set'));
  }
  if (isSet) for (const sentence of isQualifiedName(name)) errors.push(path.invalid(name, sentence));
  return errors;
}

/** What a load balancer reports about itself. */
export function validateLoadBalancerStatus(service: Service, old: Service): FieldError[] {
  const path = root('status').child('loadBalancer', 'ingress');
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  if (service.spec?.type !== 'LoadBalancer' && ingress.length > 0) {
    return [path.forbidden("may only be used when `spec.type` is 'LoadBalancer'")];
  }
  const oldValues = (old.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? '');
  return ingress.flatMap((point, index) => validateIngressPoint(point, oldValues, path.index(index)));
}

function validateIngressPoint(
  { ip, ipMode, hostname }: LoadBalancerIngress,
  oldValues: readonly string[],
  path: ReturnType<typeof root>,
): FieldError[] {
  const errors: FieldError[] = [];
  if (ip) errors.push(...validateIPForLegacyField(path.child('ip'), ip, { strict: true, oldValues }));
  const modePath = path.child('ipMode');
  if (ipMode === undefined || ipMode === null) {
    if (ip) errors.push(modePath.required('must be specified when `ip` is set'));
  } else if (!ip) errors.push(modePath.forbidden('may not be specified when `ip` is not set'));
  else if (!ipModes.has(ipMode)) errors.push(modePath.notSupported(ipMode, ipModes));
  if (!hostname) return errors;
  const hostnamePath = path.child('hostname');
  for (const sentence of isDNS1123Subdomain(hostname)) errors.push(hostnamePath.invalid(hostname, sentence));
  if (parseWrittenIP(hostname) !== undefined) {
    errors.push(hostnamePath.invalid(hostname, 'must be a DNS name, not an IP address'));
  }
  return errors;
}
