import type { ControllerDefinition } from '../contract.ts';
import { DaemonSetController } from './daemon-set-controller.ts';

export const daemonSetController: ControllerDefinition = {
  name: 'daemonset-controller',
  alias: 'daemonset',
  serviceAccount: 'daemon-set-controller',
  eventSource: 'daemonset-controller',
  create: (context) => new DaemonSetController(context),
};
