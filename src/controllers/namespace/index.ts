import type { ControllerDefinition } from '../contract.ts';
import { NamespaceController } from './namespace-controller.ts';

export const namespaceController: ControllerDefinition = {
  name: 'namespace-controller',
  alias: 'namespace',
  serviceAccount: 'namespace-controller',
  create: (context) => new NamespaceController(context),
};
