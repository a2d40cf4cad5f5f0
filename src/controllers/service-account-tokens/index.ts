import type { Controller, ControllerDefinition } from '../contract.ts';
import { LegacyTokenCleaner } from './legacy-token-cleaner.ts';
import { TokensController } from './tokens-controller.ts';

const nothing: Controller = { run: () => Promise.resolve() };

export const serviceAccountTokenController: ControllerDefinition = {
  name: 'serviceaccount-token-controller',
  alias: 'serviceaccount-token',
  serviceAccount: 'tokens-controller',
  // Upstream starts it before any account has credentials.
  actsAsManager: true,
  create: (context) => {
    const { serviceAccountKey } = context.options;
    return serviceAccountKey === undefined ? nothing : new TokensController(context, serviceAccountKey);
  },
};

export const legacyTokenCleanerController: ControllerDefinition = {
  name: 'legacy-serviceaccount-token-cleaner-controller',
  alias: 'legacy-service-account-token-cleaner',
  serviceAccount: 'legacy-service-account-token-cleaner',
  create: (context) => new LegacyTokenCleaner(context),
};
