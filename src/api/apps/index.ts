import type { ResourceDefinition } from '../contract.ts';
import { controllerrevisions } from './controllerrevisions.ts';
import { daemonsets } from './daemonsets.ts';
import { deployments } from './deployments.ts';
import { replicasets } from './replicasets.ts';
import { statefulsets } from './statefulsets.ts';

export const appsDefinitions: readonly ResourceDefinition[] = [
  controllerrevisions,
  daemonsets,
  deployments,
  replicasets,
  statefulsets,
];
