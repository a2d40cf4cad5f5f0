import { ageColumn, column, integerColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import { statusOnlySubresource } from '../status-only.ts';
import type { ValidatingAdmissionPolicy } from '../types/admissionregistration.v1.ts';
import { setMatchResourcesDefaults } from './defaults.ts';
import { paramKindCell } from './policy-cells.ts';
import { validateValidatingPolicy, validateValidatingPolicyStatus } from './validation/policies.ts';

export const validatingadmissionpolicies = defineResource<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  categories: ['api-extensions'],
  namespaced: false,
  allowUnconditionalUpdate: false,
  validate: validateValidatingPolicy,
  defaults({ spec }) {
    if (spec === undefined || spec === null) return;
    spec.failurePolicy ??= 'Fail';
    setMatchResourcesDefaults(spec.matchConstraints);
  },
  columns: [
    nameColumn,
    integerColumn('Validations', ({ spec }) => (spec?.validations ?? []).length),
    column('ParamKind', ({ spec }) => paramKindCell(spec?.paramKind)),
    ageColumn,
  ],
  subresources: { status: statusOnlySubresource(validateValidatingPolicyStatus) },
});
