import type { ResourceDefinition } from '../contract.ts';
import { clusterrolebindings } from './clusterrolebindings.ts';
import { clusterroles } from './clusterroles.ts';
import { rolebindings } from './rolebindings.ts';
import { roles } from './roles.ts';

export const rbacDefinitions: readonly ResourceDefinition[] = [clusterrolebindings, clusterroles, rolebindings, roles];
