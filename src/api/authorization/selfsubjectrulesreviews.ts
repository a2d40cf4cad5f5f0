import { defineResource } from '../define.ts';
import type { SelfSubjectRulesReview } from '../types/authorization.v1.ts';

/** A question that the server answers: nothing is stored. */
export const selfsubjectrulesreviews = defineResource<SelfSubjectRulesReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  namespaced: false,
  verbs: ['create'],
  storage: 'none',
});
