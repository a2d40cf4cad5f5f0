import type { ControllerDefinition } from '../contract.ts';
import { CronJobController } from './cron-job-controller.ts';

export const cronJobController: ControllerDefinition = {
  name: 'cronjob-controller',
  alias: 'cronjob',
  serviceAccount: 'cronjob-controller',
  create: (context) => new CronJobController(context),
};
