import type { ResourceDefinition } from '../contract.ts';
import { selfsubjectreviews } from './selfsubjectreviews.ts';
import { tokenreviews } from './tokenreviews.ts';

export const authenticationDefinitions: readonly ResourceDefinition[] = [selfsubjectreviews, tokenreviews];
