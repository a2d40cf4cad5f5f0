import { ageColumn, column, integerColumn, nameColumn } from '../columns.ts';
import { defineResource, specDiffers } from '../define.ts';
import type { MutatingAdmissionPolicy } from '../types/admissionregistration.v1.ts';
import { setMatchResourcesDefaults } from './defaults.ts';
import { paramKindCell } from './policy-cells.ts';
import { validateMutatingPolicy } from './validation/policies.ts';

export const mutatingadmissionpolicies = defineResource<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  categories: ['api-extensions'],
  namespaced: false,
  allowUnconditionalUpdate: false,
  validate: validateMutatingPolicy,
  defaults({ spec }) {
    if (spec === undefined || spec === null) return;
    spec.failurePolicy ??= 'Fail';
    setMatchResourcesDefaults(spec.matchConstraints);
  },
  generationChanges: specDiffers,
  columns: [
    nameColumn,
    integerColumn('Mutations', ({ spec }) => (spec?.mutations ?? []).length),
    column('ParamKind', ({ spec }) => paramKindCell(spec?.paramKind)),
    ageColumn,
  ],
});
