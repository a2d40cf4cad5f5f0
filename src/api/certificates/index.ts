import type { ResourceDefinition } from '../contract.ts';
import { certificatesigningrequests } from './certificatesigningrequests.ts';

export const certificatesDefinitions: readonly ResourceDefinition[] = [certificatesigningrequests];
