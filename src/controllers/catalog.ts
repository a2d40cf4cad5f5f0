import type { ControllerDefinition } from './contract.ts';
import { deploymentController } from './deployment/index.ts';
import { replicaSetController, replicationControllerController } from './replica-set/index.ts';

/** Every controller, in the order in which they start. */
export const controllerDefinitions: readonly ControllerDefinition[] = [
  deploymentController,
  replicaSetController,
  replicationControllerController,
];
