import type { Controller, ControllerDefinition } from '../contract.ts';
import { ApprovingController } from './approving-controller.ts';
import { CleanerController } from './cleaner-controller.ts';
import { SigningController } from './signing-controller.ts';

const serviceAccount = 'certificate-controller';
const nothing: Controller = { run: () => Promise.resolve() };

export const certificateApprovingController: ControllerDefinition = {
  name: 'certificatesigningrequest-approving-controller',
  alias: 'csrapproving',
  serviceAccount,
  create: (context) => new ApprovingController(context),
};

export const certificateSigningController: ControllerDefinition = {
  name: 'certificatesigningrequest-signing-controller',
  alias: 'csrsigning',
  serviceAccount,
  create: (context) => {
    const { clusterSigning } = context.options;
    // Without an authority there is nobody to sign as.
    return clusterSigning === undefined ? nothing : new SigningController(context, clusterSigning);
  },
};

export const certificateCleanerController: ControllerDefinition = {
  name: 'certificatesigningrequest-cleaner-controller',
  alias: 'csrcleaner',
  serviceAccount,
  create: (context) => new CleanerController(context),
};
