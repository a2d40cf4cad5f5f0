import type { ResourceDefinition } from '../contract.ts';
import { deviceclasses } from './deviceclasses.ts';
import { resourceclaims } from './resourceclaims.ts';
import { resourceclaimtemplates } from './resourceclaimtemplates.ts';
import { resourceslices } from './resourceslices.ts';

export const resourceDefinitions: readonly ResourceDefinition[] = [
  deviceclasses,
  resourceclaims,
  resourceclaimtemplates,
  resourceslices,
];
