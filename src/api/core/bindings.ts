import { defineResource } from '../define.ts';
import type { Binding } from '../types/core.v1.ts';

/** The old way to bind a Pod, which `metadata.name` names: the same as creating its `binding` subresource. */
export const bindings = defineResource<Binding>({
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  namespaced: true,
  verbs: ['create'],
  storage: 'none',
});
