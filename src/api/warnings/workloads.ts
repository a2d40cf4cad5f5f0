import { root } from '../../machinery/field-error.ts';
import type { KubernetesObject, ResourceDefinition } from '../contract.ts';
import type { StatefulSet } from '../types/apps.v1.ts';
import type { PodTemplateSpec } from '../types/core.v1.ts';
import { claimSpecWarnings } from './claim-spec.ts';
import { podNameWarnings } from './names.ts';
import { podTemplateWarnings } from './pod-template.ts';

const templatePath = root('spec').child('template');

type Workload = KubernetesObject & { spec?: { template?: PodTemplateSpec } };
type Warnings = Pick<ResourceDefinition<Workload>, 'warningsOnCreate' | 'warningsOnUpdate'>;

function templateOf({ spec }: Workload): string[] {
  return podTemplateWarnings(spec?.template, templatePath);
}

/** Whether an update changed what is desired: what was warned of once is not repeated with every label. */
export function isNewGeneration({ metadata }: KubernetesObject, old: KubernetesObject): boolean {
  return metadata?.generation !== old.metadata?.generation;
}

/** Of kinds that make Pods from a template and give them names of their own. */
export const workloadWarnings: Warnings = {
  warningsOnCreate: (workload) => [...podNameWarnings(workload), ...templateOf(workload)],
  warningsOnUpdate: (workload, old) => (isNewGeneration(workload, old) ? templateOf(workload) : []),
};

/** Of kinds whose names are checked, or not used for host names. */
export const templateWarnings: Warnings = {
  warningsOnCreate: templateOf,
  warningsOnUpdate: (workload, old) => (isNewGeneration(workload, old) ? templateOf(workload) : []),
};

export const statefulSetWarnings: Pick<ResourceDefinition<StatefulSet>, 'warningsOnCreate' | 'warningsOnUpdate'> = {
  warningsOnCreate: (statefulSet) => [...templateOf(statefulSet), ...ofStatefulSet(statefulSet, '')],
  // Upstream's path, with an extra name in it.
  warningsOnUpdate: (statefulSet, old) => [
    ...(isNewGeneration(statefulSet, old) ? templateOf(statefulSet) : []),
    ...ofStatefulSet(statefulSet, 'Spec'),
  ],
};

function ofStatefulSet({ spec }: StatefulSet, below: string): string[] {
  const warnings: string[] = [];
  for (const [index, claim] of (spec?.volumeClaimTemplates ?? []).entries()) {
    const at = root('spec').child('volumeClaimTemplates').index(index).child(below);
    warnings.push(...claimSpecWarnings(claim.spec, at));
  }
  if ((spec?.revisionHistoryLimit ?? 0) < 0) {
    const advice = 'a value >= 0 is recommended';
    warnings.push(`spec.revisionHistoryLimit: a negative value retains all historical revisions; ${advice}`);
  }
  return warnings;
}
