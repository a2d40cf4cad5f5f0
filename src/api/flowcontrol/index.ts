import type { ResourceDefinition } from '../contract.ts';
import { flowschemas } from './flowschemas.ts';
import { prioritylevelconfigurations } from './prioritylevelconfigurations.ts';

export const flowcontrolDefinitions: readonly ResourceDefinition[] = [flowschemas, prioritylevelconfigurations];
