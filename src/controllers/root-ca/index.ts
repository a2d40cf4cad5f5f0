import { configMaps } from '../../client/resources.ts';
import type { Controller, ControllerDefinition } from '../contract.ts';
import { NamespacedObjectController } from '../namespaced-object.ts';

const name = 'kube-root-ca.crt';
const key = 'ca.crt';
const annotations = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
    'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
};

const nothing: Controller = { run: () => Promise.resolve() };

/** Publishes whom to trust as the API server in every namespace, where Pods' tokens are mounted with it (KEP-1205). */
export const rootCAPublisher: ControllerDefinition = {
  name: 'root-ca-certificate-publisher-controller',
  alias: 'root-ca-cert-publisher',
  serviceAccount: 'root-ca-cert-publisher',
  create: (context) => {
    const { rootCA } = context.options;
    // Upstream leaves the controller out as well where no authority is given.
    if (rootCA === undefined) return nothing;
    return new NamespacedObjectController(context, {
      queue: 'root_ca_cert_publisher',
      resource: configMaps,
      name,
      wanted: (namespace) => ({ metadata: { name, namespace, annotations }, data: { [key]: rootCA } }),
      isAsWanted: ({ data, metadata }) =>
        data?.[key] === rootCA &&
        Object.keys(data).length === 1 &&
        metadata.annotations?.['kubernetes.io/description'] !== undefined,
    });
  },
};
