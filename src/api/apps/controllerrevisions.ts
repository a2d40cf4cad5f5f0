import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { ControllerRevision } from '../types/apps.v1.ts';
import { validateControllerRevision, validateControllerRevisionUpdate } from './validation/controllerrevision.ts';

/** `daemonset.apps/fluentd`: the owner that controls the object. */
function controllerCell({ metadata }: ControllerRevision): string {
  const controller = (metadata?.ownerReferences ?? []).find((owner) => owner?.controller === true);
  if (controller === undefined) return '<none>';
  const apiVersion = controller.apiVersion ?? '';
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const groupKind = group === '' ? (controller.kind ?? '') : `${controller.kind ?? ''}.${group}`;
  return groupKind === '' ? (controller.name ?? '') : `${groupKind.toLowerCase()}/${controller.name ?? ''}`;
}

export const controllerrevisions = defineResource<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  namespaced: true,
  validate: validateControllerRevision,
  validateUpdate: validateControllerRevisionUpdate,
  columns: [
    nameColumn,
    column('Controller', controllerCell),
    column('Revision', ({ revision }) => revision ?? 0),
    ageColumn,
  ],
});
