import type { ResourceDefinition } from '../contract.ts';
import { localsubjectaccessreviews } from './localsubjectaccessreviews.ts';
import { selfsubjectaccessreviews } from './selfsubjectaccessreviews.ts';
import { selfsubjectrulesreviews } from './selfsubjectrulesreviews.ts';
import { subjectaccessreviews } from './subjectaccessreviews.ts';

export const authorizationDefinitions: readonly ResourceDefinition[] = [
  localsubjectaccessreviews,
  selfsubjectaccessreviews,
  selfsubjectrulesreviews,
  subjectaccessreviews,
];
