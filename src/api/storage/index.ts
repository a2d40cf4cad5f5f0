import type { ResourceDefinition } from '../contract.ts';
import { csidrivers } from './csidrivers.ts';
import { csinodes } from './csinodes.ts';
import { csistoragecapacities } from './csistoragecapacities.ts';
import { storageclasses } from './storageclasses.ts';
import { volumeattachments } from './volumeattachments.ts';
import { volumeattributesclasses } from './volumeattributesclasses.ts';

export const storageDefinitions: readonly ResourceDefinition[] = [
  csidrivers,
  csinodes,
  csistoragecapacities,
  storageclasses,
  volumeattachments,
  volumeattributesclasses,
];
