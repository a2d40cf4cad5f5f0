import type { ResourceDefinition } from '../contract.ts';
import { runtimeclasses } from './runtimeclasses.ts';

export const nodeDefinitions: readonly ResourceDefinition[] = [runtimeclasses];
