import { ageColumn, column, labelSelectorCell, nameColumn } from '../columns.ts';
import { defineResource, specDiffers } from '../define.ts';
import type { NetworkPolicy } from '../types/networking.v1.ts';
import { validateNetworkPolicy, validateNetworkPolicyUpdate } from './validation/network-policy.ts';
import { networkPolicyWarnings } from '../warnings/networking.ts';

function defaults({ spec }: NetworkPolicy): void {
  if (spec === undefined || spec === null) return;
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of rule?.ports ?? []) port.protocol ??= 'TCP';
  }
  if ((spec.policyTypes ?? []).length > 0) return;
  spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

export const networkpolicies = defineResource<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  namespaced: true,
  defaults,
  validate: validateNetworkPolicy,
  validateUpdate: validateNetworkPolicyUpdate,
  generationChanges: specDiffers,
  warningsOnCreate: networkPolicyWarnings,
  warningsOnUpdate: networkPolicyWarnings,
  columns: [nameColumn, column('Pod-Selector', ({ spec }) => labelSelectorCell(spec?.podSelector)), ageColumn],
});
