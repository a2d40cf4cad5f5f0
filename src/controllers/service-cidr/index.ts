import type { ControllerDefinition } from '../contract.ts';
import { ServiceCIDRController } from './service-cidr-controller.ts';

export const serviceCIDRController: ControllerDefinition = {
  name: 'service-cidr-controller',
  serviceAccount: 'service-cidrs-controller',
  create: (context) => new ServiceCIDRController(context),
};
