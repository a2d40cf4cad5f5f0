import type { ControllerDefinition } from '../contract.ts';
import { JobController } from './job-controller.ts';

export const jobController: ControllerDefinition = {
  name: 'job-controller',
  alias: 'job',
  serviceAccount: 'job-controller',
  create: (context) => new JobController(context),
};
