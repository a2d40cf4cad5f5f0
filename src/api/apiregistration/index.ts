import type { ResourceDefinition } from '../contract.ts';
import { apiservices } from './apiservices.ts';

export const apiregistrationDefinitions: readonly ResourceDefinition[] = [apiservices];
