import type { ControllerDefinition } from '../contract.ts';
import { DisruptionController } from './disruption-controller.ts';

export const disruptionController: ControllerDefinition = {
  name: 'disruption-controller',
  alias: 'disruption',
  serviceAccount: 'disruption-controller',
  create: (context) => new DisruptionController(context),
};
