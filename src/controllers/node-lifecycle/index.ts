import type { ControllerDefinition } from '../contract.ts';
import { NodeLifecycleController } from './node-lifecycle-controller.ts';

export const nodeLifecycleController: ControllerDefinition = {
  name: 'node-lifecycle-controller',
  alias: 'nodelifecycle',
  serviceAccount: 'node-controller',
  create: (context) => new NodeLifecycleController(context),
};
