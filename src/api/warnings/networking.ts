import { root, type Path } from '../../machinery/field-error.ts';
import { quote } from '../../machinery/quote.ts';
import type { Ingress, NetworkPolicy, NetworkPolicyPeer } from '../types/networking.v1.ts';
import { networkWarnings } from './addresses.ts';

const classAnnotation = 'kubernetes.io/ingress.class';
const spec = root('spec');

export function ingressWarnings({ metadata, spec: ingress }: Ingress): string[] {
  const isAnnotated = metadata?.annotations?.[classAnnotation] !== undefined;
  if (!isAnnotated || (ingress?.ingressClassName ?? undefined) !== undefined) return [];
  return [`annotation ${quote(classAnnotation)} is deprecated, please use 'spec.ingressClassName' instead`];
}

export function networkPolicyWarnings({ spec: policy }: NetworkPolicy): string[] {
  const warnings: string[] = [];
  for (const [index, rule] of (policy?.ingress ?? []).entries()) {
    warnings.push(...peerWarnings(rule.from, spec.child('ingress').index(index).child('from')));
  }
  for (const [index, rule] of (policy?.egress ?? []).entries()) {
    warnings.push(...peerWarnings(rule.to, spec.child('egress').index(index).child('to')));
  }
  return warnings;
}

function peerWarnings(peers: readonly NetworkPolicyPeer[] | null | undefined, path: Path): string[] {
  const warnings: string[] = [];
  for (const [index, { ipBlock }] of (peers ?? []).entries()) {
    if (!ipBlock) continue;
    const at = path.index(index).child('ipBlock');
    warnings.push(...networkWarnings(at.child('cidr'), ipBlock.cidr));
    for (const [number, except] of (ipBlock.except ?? []).entries()) {
      warnings.push(...networkWarnings(at.child('except').index(number), except));
    }
  }
  return warnings;
}
