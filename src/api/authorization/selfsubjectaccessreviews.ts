import { defineResource } from '../define.ts';
import type { SelfSubjectAccessReview } from '../types/authorization.v1.ts';

/** A question that the server answers: nothing is stored. */
export const selfsubjectaccessreviews = defineResource<SelfSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  namespaced: false,
  verbs: ['create'],
  storage: 'none',
});
