import type { ControllerDefinition } from './contract.ts';
import { replicaSetController, replicationControllerController } from './replica-set/index.ts';

/** Every controller, in the order in which they start. */
export const controllerDefinitions: readonly ControllerDefinition[] = [
  replicaSetController,
  replicationControllerController,
];
