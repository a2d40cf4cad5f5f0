import type { ControllerDefinition } from '../contract.ts';
import { EndpointsController } from './endpoints-controller.ts';

export const endpointsController: ControllerDefinition = {
  name: 'endpoints-controller',
  alias: 'endpoint',
  serviceAccount: 'endpoint-controller',
  create: (context) => new EndpointsController(context),
};
