import type { ResourceDefinition } from '../contract.ts';
import { leases } from './leases.ts';

export const coordinationDefinitions: readonly ResourceDefinition[] = [leases];
