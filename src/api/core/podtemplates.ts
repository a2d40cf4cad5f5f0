import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { root } from '../../machinery/field-error.ts';
import { column, containerImages, containerNames, labelsCell, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { PodTemplate } from '../types/core.v1.ts';
import { setPodTemplateDefaults } from './pod-defaults.ts';
import { validatePodTemplateSpec } from './validation/pod-template.ts';
import { podTemplateWarnings } from '../warnings/pod-template.ts';

const templatePath = root('template');

export const podtemplates = defineResource<PodTemplate>({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  namespaced: true,
  returnsDeletedObject: true,
  defaults: (object) => setPodTemplateDefaults(object.template),
  validate: ({ template }) => validatePodTemplateSpec(template, templatePath),
  validateUpdate: ({ template }, old) => validatePodTemplateSpec(template, templatePath, old.template),
  warningsOnCreate: ({ template }) => podTemplateWarnings(template, templatePath),
  warningsOnUpdate: ({ metadata, template }, old) =>
    metadata?.generation === old.metadata?.generation ? [] : podTemplateWarnings(template, templatePath),
  generationChanges: (object, old) => !semanticDeepEqual(object.template, old.template),
  columns: [
    nameColumn,
    column('Containers', (object) => containerNames(object.template?.spec)),
    column('Images', (object) => containerImages(object.template?.spec)),
    column('Pod Labels', (object) => labelsCell(object.template?.metadata?.labels)),
  ],
});
