import type { ResourceDefinition } from '../contract.ts';
import { endpointslices } from './endpointslices.ts';

export const discoveryDefinitions: readonly ResourceDefinition[] = [endpointslices];
