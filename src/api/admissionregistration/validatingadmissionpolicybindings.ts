import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource, specDiffers } from '../define.ts';
import type { ValidatingAdmissionPolicyBinding } from '../types/admissionregistration.v1.ts';
import { setMatchResourcesDefaults, setParamRefDefaults } from './defaults.ts';
import { paramRefCell } from './policy-cells.ts';
import { validateValidatingPolicyBinding } from './validation/policies.ts';

export const validatingadmissionpolicybindings = defineResource<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  categories: ['api-extensions'],
  namespaced: false,
  allowUnconditionalUpdate: false,
  validate: validateValidatingPolicyBinding,
  defaults({ spec }) {
    setMatchResourcesDefaults(spec?.matchResources);
    setParamRefDefaults(spec?.paramRef);
  },
  generationChanges: specDiffers,
  columns: [
    nameColumn,
    column('PolicyName', ({ spec }) => spec?.policyName ?? ''),
    column('ParamRef', ({ spec }) => paramRefCell(spec?.paramRef)),
    ageColumn,
  ],
});
