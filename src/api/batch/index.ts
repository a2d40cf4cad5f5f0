import type { ResourceDefinition } from '../contract.ts';
import { cronjobs } from './cronjobs.ts';
import { jobs } from './jobs.ts';

export const batchDefinitions: readonly ResourceDefinition[] = [cronjobs, jobs];
