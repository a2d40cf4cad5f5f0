import type { ResourceDefinition } from '../contract.ts';
import { priorityclasses } from './priorityclasses.ts';

export const schedulingDefinitions: readonly ResourceDefinition[] = [priorityclasses];
