import type { ControllerDefinition } from '../contract.ts';
import { StatefulSetController } from './stateful-set-controller.ts';

export const statefulSetController: ControllerDefinition = {
  name: 'statefulset-controller',
  alias: 'statefulset',
  serviceAccount: 'statefulset-controller',
  create: (context) => new StatefulSetController(context),
};
