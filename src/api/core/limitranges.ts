import { defineResource } from '../define.ts';
import type { LimitRange, LimitRangeItem, ResourceList } from '../types/core.v1.ts';
import { roundUpResourceList } from './resource-list.ts';
import { validateLimitRange } from './validation/limitranges.ts';

function setItemDefaults(item: LimitRangeItem): void {
  for (const list of [item.max, item.min, item.default, item.defaultRequest, item.maxLimitRequestRatio]) {
    roundUpResourceList(list);
  }
  if (item.type !== 'Container') return;
  // What is given wins; a limit comes from the maximum, a request from the limit or else from the minimum.
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  setOrDelete(item, 'default', limits);
  setOrDelete(item, 'defaultRequest', requests);
}

function setOrDelete(item: LimitRangeItem, field: 'default' | 'defaultRequest', list: ResourceList): void {
  if (Object.keys(list).length > 0) item[field] = list;
  else delete item[field];
}

export const limitranges = defineResource<LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
  namespaced: true,
  allowCreateOnUpdate: true,
  defaults: (object) => {
    for (const item of object.spec?.limits ?? []) setItemDefaults(item);
  },
  validate: validateLimitRange,
});
