import type { ControllerDefinition } from '../contract.ts';
import { NamespacedObjectController } from '../namespaced-object.ts';
import { serviceAccounts } from '../../client/resources.ts';

/** Gives every namespace its ServiceAccount `default`, and gives it again when it is deleted. */
export const serviceAccountController: ControllerDefinition = {
  name: 'serviceaccount-controller',
  alias: 'serviceaccount',
  serviceAccount: 'service-account-controller',
  create: (context) =>
    new NamespacedObjectController(context, {
      queue: 'serviceaccount',
      resource: serviceAccounts,
      name: 'default',
      wanted: (namespace) => ({ metadata: { name: 'default', namespace } }),
      // Whatever others add to it is theirs.
      isAsWanted: () => true,
    }),
};
