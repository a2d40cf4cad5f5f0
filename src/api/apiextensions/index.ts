import type { ResourceDefinition } from '../contract.ts';
import { customresourcedefinitions } from './customresourcedefinitions.ts';

export const apiextensionsDefinitions: readonly ResourceDefinition[] = [customresourcedefinitions];
