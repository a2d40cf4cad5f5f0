import { column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { ComponentCondition, ComponentStatus } from '../types/core.v1.ts';

function health(object: ComponentStatus): ComponentCondition | undefined {
  return object.conditions?.find(({ type }) => type === 'Healthy');
}

function healthCell(object: ComponentStatus): string {
  const condition = health(object);
  if (condition === undefined) return 'Unknown';
  return condition.status === 'True' ? 'Healthy' : 'Unhealthy';
}

export const componentstatuses = defineResource<ComponentStatus>({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  shortNames: ['cs'],
  namespaced: false,
  verbs: ['get', 'list'],
  storage: 'none',
  deprecationWarning: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    nameColumn,
    column('Status', healthCell),
    column('Message', (object) => health(object)?.message ?? ''),
    column('Error', (object) => health(object)?.error ?? ''),
  ],
});
