import type { ControllerDefinition } from '../contract.ts';
import { BootstrapSigner } from './bootstrap-signer.ts';
import { TokenCleaner } from './token-cleaner.ts';

export const bootstrapSignerController: ControllerDefinition = {
  name: 'bootstrap-signer-controller',
  alias: 'bootstrapsigner',
  serviceAccount: 'bootstrap-signer',
  isOffByDefault: true,
  create: (context) => new BootstrapSigner(context),
};

export const tokenCleanerController: ControllerDefinition = {
  name: 'token-cleaner-controller',
  alias: 'tokencleaner',
  serviceAccount: 'token-cleaner',
  isOffByDefault: true,
  create: (context) => new TokenCleaner(context),
};
