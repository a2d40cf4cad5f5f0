import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource, specDiffers } from '../define.ts';
import type { IngressClass } from '../types/networking.v1.ts';
import { validateIngressClass, validateIngressClassUpdate } from './validation/ingress-class.ts';

function parametersCell({ spec }: IngressClass): string {
  const parameters = spec?.parameters;
  if (!parameters) return '<none>';
  const group = parameters.apiGroup === undefined || parameters.apiGroup === null ? '' : `.${parameters.apiGroup}`;
  return `${parameters.kind ?? ''}${group}/${parameters.name ?? ''}`;
}

export const ingressclasses = defineResource<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  namespaced: false,
  defaults({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
  },
  generationChanges: specDiffers,
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
  columns: [
    nameColumn,
    column('Controller', ({ spec }) => spec?.controller ?? ''),
    column('Parameters', parametersCell),
    ageColumn,
  ],
});
