import type { Client } from '../../client/client.ts';
import { pods } from '../../client/resources.ts';
import type { Plugin } from '../contract.ts';

/** Writes the binding. */
export function defaultBinder(client: Client): Plugin {
  return {
    name: 'DefaultBinder',
    async bind(_state, { metadata }, nodeName) {
      const { namespace = '', name = '', uid = '', resourceVersion } = metadata;
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { namespace, name, uid },
        target: { kind: 'Node', name: nodeName },
      };
      await client.causedBy(resourceVersion).createSubresource(pods, namespace, name, 'binding', binding);
      return true;
    },
  };
}
