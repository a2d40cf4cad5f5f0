import { defineResource } from '../define.ts';
import type { SelfSubjectReview } from '../types/authentication.v1.ts';

/** A question that the server answers: nothing is stored. */
export const selfsubjectreviews = defineResource<SelfSubjectReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  namespaced: false,
  verbs: ['create'],
  storage: 'none',
});
