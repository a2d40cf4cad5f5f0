import { root } from '../../machinery/field-error.ts';
import type { Service, ServiceSpec } from '../types/core.v1.ts';
import { addressWarnings, networkWarnings } from './addresses.ts';

const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints';
const modeAnnotation = 'service.kubernetes.io/topology-mode';
const path = root('spec');

export function serviceWarnings({ metadata, spec }: Service): string[] {
  const warnings: string[] = [];
  if (metadata?.annotations?.[hintsAnnotation] !== undefined) {
    warnings.push(`annotation ${hintsAnnotation} is deprecated, please use ${modeAnnotation} instead`);
  }
  if (!spec) return warnings;
  return [...warnings, ...addressesOf(spec), ...ignoredFields(spec)];
}

function isHeadless({ type, clusterIP }: ServiceSpec): boolean {
  return type === 'ClusterIP' && clusterIP === 'None';
}

function hasClusterIP({ type, clusterIP }: ServiceSpec): boolean {
  return type !== 'ExternalName' && clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None';
}

function addressesOf(spec: ServiceSpec): string[] {
  const warnings: string[] = [];
  if (hasClusterIP(spec)) {
    for (const [index, ip] of (spec.clusterIPs ?? []).entries()) {
      warnings.push(...addressWarnings(path.child('clusterIPs').index(index), ip));
    }
  }
  const externalIPs = spec.externalIPs ?? [];
  if (isHeadless(spec)) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  for (const [index, ip] of externalIPs.entries()) {
    warnings.push(...addressWarnings(path.child('externalIPs').index(index), ip));
  }
  if (externalIPs.length > 0 && !isHeadless(spec) && spec.type !== 'ExternalName') {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  }
  warnings.push(...addressWarnings(path.child('loadBalancerIP'), spec.loadBalancerIP));
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    warnings.push(...networkWarnings(path.child('loadBalancerSourceRanges').index(index), range));
  }
  return warnings;
}

function ignoredFields({ type, externalIPs, externalName, trafficDistribution }: ServiceSpec): string[] {
  const warnings: string[] = [];
  const isExternal = type === 'ExternalName';
  if (isExternal && externalIPs && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (!isExternal && externalName) warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}
