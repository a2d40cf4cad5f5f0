import type { ControllerDefinition } from '../contract.ts';
import { EndpointSliceController } from './endpoint-slice-controller.ts';

export const endpointSliceController: ControllerDefinition = {
  name: 'endpointslice-controller',
  alias: 'endpointslice',
  serviceAccount: 'endpointslice-controller',
  create: (context) => new EndpointSliceController(context),
};
