import { defineResource } from '../define.ts';
import type { SubjectAccessReview } from '../types/authorization.v1.ts';

/** A question that the server answers: nothing is stored. */
export const subjectaccessreviews = defineResource<SubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  namespaced: false,
  verbs: ['create'],
  storage: 'none',
});
