import { defineResource } from '../define.ts';
import type { TokenReview } from '../types/authentication.v1.ts';

/** A question that the server answers: nothing is stored. */
export const tokenreviews = defineResource<TokenReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  namespaced: false,
  verbs: ['create'],
  storage: 'none',
});
