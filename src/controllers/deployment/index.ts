import type { ControllerDefinition } from '../contract.ts';
import { DeploymentController } from './deployment-controller.ts';

export const deploymentController: ControllerDefinition = {
  name: 'deployment-controller',
  alias: 'deployment',
  serviceAccount: 'deployment-controller',
  create: (context) => new DeploymentController(context),
};
