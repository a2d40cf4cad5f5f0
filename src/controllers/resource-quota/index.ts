import type { ControllerDefinition } from '../contract.ts';
import { ResourceQuotaController } from './resource-quota-controller.ts';

export const resourceQuotaController: ControllerDefinition = {
  name: 'resourcequota-controller',
  alias: 'resourcequota',
  serviceAccount: 'resourcequota-controller',
  create: (context) => new ResourceQuotaController(context),
};
