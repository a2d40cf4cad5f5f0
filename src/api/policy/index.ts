import type { ResourceDefinition } from '../contract.ts';
import { poddisruptionbudgets } from './poddisruptionbudgets.ts';

export const policyDefinitions: readonly ResourceDefinition[] = [poddisruptionbudgets];
