// Upstream's "should support … API operations"; and the same of every other resource that takes every verb.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { builtinCatalog } from '../../src/api/catalog.ts';
import { allVerbs } from '../../src/api/contract.ts';
import { startCluster } from './cluster.ts';
import { assertDiscoverable, exerciseOperations, type ServedKind } from './operations.ts';

// A server with priority and fairness writes the status of flow schemas by itself, between any two steps of these tests.
const cluster = startCluster(['--enable-priority-and-fairness=false']);
const view = ['get', 'patch', 'update'];

interface Item {
  readonly name: string;
  /** `plural.group` */
  readonly resource: string;
  /** Subresources that must be there, with their verbs. */
  readonly subresources?: Readonly<Record<string, readonly string[]>>;
}

const items: readonly Item[] = [
  {
    name: '[sig-api-machinery] API priority and fairness should support FlowSchema API operations',
    resource: 'flowschemas.flowcontrol.apiserver.k8s.io',
    subresources: { status: view },
  },
  {
    name: '[sig-api-machinery] API priority and fairness should support PriorityLevelConfiguration API operations',
    resource: 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
    subresources: { status: view },
  },
  {
    name: '[sig-api-machinery] ValidatingAdmissionPolicy should support ValidatingAdmissionPolicy API operations',
    resource: 'validatingadmissionpolicies.admissionregistration.k8s.io',
    subresources: { status: view },
  },
  {
    name: '[sig-api-machinery] ValidatingAdmissionPolicy should support ValidatingAdmissionPolicyBinding API operations',
    resource: 'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  },
  {
    name: '[sig-apps] CronJob should support CronJob API operations',
    resource: 'cronjobs.batch',
    subresources: { status: view },
  },
  {
    name: '[sig-auth] Certificates API should support CSR API operations',
    resource: 'certificatesigningrequests.certificates.k8s.io',
    subresources: { status: view, approval: view },
  },
  {
    name: '[sig-network] EndpointSlice should support creating EndpointSlice API operations',
    resource: 'endpointslices.discovery.k8s.io',
  },
  {
    name: '[sig-network] Ingress API should support creating Ingress API operations',
    resource: 'ingresses.networking.k8s.io',
    subresources: { status: view },
  },
  {
    name: '[sig-network] IngressClass API should support creating IngressClass API operations',
    resource: 'ingressclasses.networking.k8s.io',
  },
  {
    name: '[sig-node] RuntimeClass should support RuntimeClasses API operations',
    resource: 'runtimeclasses.node.k8s.io',
  },
  {
    name: '[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations',
    resource: 'csistoragecapacities.storage.k8s.io',
  },
];

/** Creating one is refused until it has a function. */
const notImplemented = builtinCatalog().definitions.filter((definition) => definition.notImplemented !== undefined);
const definitions = builtinCatalog().definitions.filter(
  (definition) => allVerbs.every((verb) => definition.verbs.includes(verb)) && !notImplemented.includes(definition),
);

function nameOf({ plural, group }: ServedKind): string {
  return group === '' ? plural : `${plural}.${group}`;
}

for (const { name, resource, subresources } of items) {
  test(name, async () => {
    const kinds = definitions.filter((definition) => nameOf(definition) === resource);
    assert.notEqual(kinds.length, 0);
    for (const kind of kinds) {
      await assertDiscoverable(cluster, kind, subresources);
      await exerciseOperations(cluster, kind);
    }
  });
}

describe('every other resource supports API operations', () => {
  const named = new Set(items.map(({ resource }) => resource));
  for (const definition of definitions.filter((definition) => !named.has(nameOf(definition)))) {
    test(`${nameOf(definition)} ${definition.version}`, async () => {
      await assertDiscoverable(cluster, definition);
      await exerciseOperations(cluster, definition);
    });
  }
});
