import { defineResource } from '../define.ts';
import type { LocalSubjectAccessReview } from '../types/authorization.v1.ts';

/** A question that the server answers: nothing is stored. */
export const localsubjectaccessreviews = defineResource<LocalSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  namespaced: true,
  verbs: ['create'],
  storage: 'none',
});
