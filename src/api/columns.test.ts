// What tables show: names, types, formats and priorities of all columns, which scripts and clients know.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinCatalog } from './catalog.ts';
import { podRowConditions } from './core/pod-columns.ts';
import type { ResourceDefinition } from './contract.ts';

/** By `<plural>.<group>`; `:` goes before a type other than string, `/` before a format, `+` marks what is only wide. */
const expected: Readonly<Record<string, string>> = {
  componentstatuses: 'Name/name, Status, Message, Error',
  configmaps: 'Name/name, Data, Age',
  endpoints: 'Name/name, Endpoints, Age',
  events: 'Last Seen, Type, Reason, Object, Subobject+, Source+, Message, First Seen+, Count+, Name/name+',
  namespaces: 'Name/name, Status, Age',
  nodes:
    'Name/name, Status, Roles, Age, Version, Internal-IP+, External-IP+, OS-Image+, Kernel-Version+, Container-Runtime+',
  persistentvolumeclaims:
    'Name/name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, VolumeMode+',
  persistentvolumes:
    'Name/name, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age, VolumeMode+',
  pods: 'Name/name, Ready, Status, Restarts, Age, IP+, Node+, Nominated Node+, Readiness Gates+',
  podtemplates: 'Name/name, Containers, Images, Pod Labels',
  replicationcontrollers:
    'Name/name, Desired:integer, Current:integer, Ready:integer, Age, Containers+, Images+, Selector+',
  resourcequotas: 'Name/name, Request, Limit, Age',
  secrets: 'Name/name, Type, Data, Age',
  serviceaccounts: 'Name/name, Age',
  services: 'Name/name, Type, Cluster-IP, External-IP, Port(s), Age, Selector+',
  'apiservices.apiregistration.k8s.io': 'Name/name, Service, Available, Age',
  'controllerrevisions.apps': 'Name/name, Controller, Revision, Age',
  'daemonsets.apps':
    'Name/name, Desired:integer, Current:integer, Ready:integer, Up-to-date:integer, Available:integer, Node Selector, Age, Containers+, Images+, Selector+',
  'deployments.apps': 'Name/name, Ready, Up-to-date, Available, Age, Containers+, Images+, Selector+',
  'replicasets.apps':
    'Name/name, Desired:integer, Current:integer, Ready:integer, Age, Containers+, Images+, Selector+',
  'statefulsets.apps': 'Name/name, Ready, Age, Containers+, Images+',
  'events.events.k8s.io':
    'Last Seen, Type, Reason, Object, Subobject+, Source+, Message, First Seen+, Count+, Name/name+',
  'horizontalpodautoscalers.autoscaling': 'Name/name, Reference, Targets, MinPods, MaxPods, Replicas, Age',
  'cronjobs.batch':
    'Name/name, Schedule, Timezone, Suspend:boolean, Active:integer, Last Schedule, Age, Containers+, Images+, Selector+',
  'jobs.batch': 'Name/name, Status, Completions, Duration, Age, Containers+, Images+, Selector+',
  'certificatesigningrequests.certificates.k8s.io':
    'Name/name, Age, SignerName, Requestor, RequestedDuration, Condition',
  'ingressclasses.networking.k8s.io': 'Name/name, Controller, Parameters, Age',
  'ingresses.networking.k8s.io': 'Name/name, Class, Hosts, Address, Ports, Age',
  'ipaddresses.networking.k8s.io': 'Name/name, ParentRef',
  'networkpolicies.networking.k8s.io': 'Name/name, Pod-Selector, Age',
  'servicecidrs.networking.k8s.io': 'Name/name, CIDRs, Age',
  'poddisruptionbudgets.policy': 'Name/name, Min Available, Max Unavailable, Allowed Disruptions:integer, Age',
  'clusterrolebindings.rbac.authorization.k8s.io': 'Name/name, Role, Age, Users+, Groups+, ServiceAccounts+',
  'rolebindings.rbac.authorization.k8s.io': 'Name/name, Role, Age, Users+, Groups+, ServiceAccounts+',
  'csidrivers.storage.k8s.io':
    'Name/name, AttachRequired:boolean, PodInfoOnMount:boolean, StorageCapacity:boolean, TokenRequests, RequiresRepublish:boolean, Modes, Age',
  'csinodes.storage.k8s.io': 'Name/name, Drivers:integer, Age',
  'csistoragecapacities.storage.k8s.io': 'Name/name, StorageClassName, Capacity',
  'storageclasses.storage.k8s.io':
    'Name/name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age',
  'volumeattachments.storage.k8s.io': 'Name/name, Attacher/name, PV, Node, Attached:boolean, Age',
  'volumeattributesclasses.storage.k8s.io': 'Name/name, DriverName, Age',
  'mutatingadmissionpolicies.admissionregistration.k8s.io': 'Name/name, Mutations:integer, ParamKind, Age',
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': 'Name/name, PolicyName, ParamRef, Age',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': 'Name/name, Webhooks:integer, Age',
  'validatingadmissionpolicies.admissionregistration.k8s.io': 'Name/name, Validations:integer, ParamKind, Age',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': 'Name/name, PolicyName, ParamRef, Age',
  'validatingwebhookconfigurations.admissionregistration.k8s.io': 'Name/name, Webhooks:integer, Age',
  'priorityclasses.scheduling.k8s.io': 'Name/name, Value:integer, Global-Default:boolean, Age, PreemptionPolicy',
  'leases.coordination.k8s.io': 'Name/name, Holder, Age',
  'runtimeclasses.node.k8s.io': 'Name/name, Handler, Age',
  'endpointslices.discovery.k8s.io': 'Name/name, AddressType, Ports, Endpoints, Age',
  'deviceclasses.resource.k8s.io': 'Name/name, Age',
  'resourceclaims.resource.k8s.io': 'Name/name, State, Age',
  'resourceclaimtemplates.resource.k8s.io': 'Name/name, Age',
  'resourceslices.resource.k8s.io': 'Name/name, Node, Driver, Pool, Age',
  'flowschemas.flowcontrol.apiserver.k8s.io':
    'Name/name, PriorityLevel, MatchingPrecedence, DistinguisherMethod, Age, MissingPL',
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io':
    'Name/name, Type, NominalConcurrencyShares, Queues, HandSize, QueueLengthLimit, Age',
};

function columnsOf({ columns = [] }: ResourceDefinition): string {
  return columns
    .map(({ name, type, format, priority = 0 }) => {
      const shownType = type === 'string' ? '' : `:${type}`;
      return `${name}${shownType}${format === undefined ? '' : `/${format}`}${priority === 0 ? '' : '+'}`;
    })
    .join(', ');
}

test('every kind has the columns that upstream prints, in every version', () => {
  const shown = new Map<string, string>();
  for (const definition of builtinCatalog().definitions) {
    const name = definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`;
    const columns = columnsOf(definition);
    assert.equal(shown.get(name) ?? columns, columns, `${name} in ${definition.version}`);
    if (definition.columns !== undefined) shown.set(name, columns);
  }
  assert.deepEqual(Object.fromEntries(shown), expected);
});

test('the row of a Pod that has ended says so', () => {
  const conditions = (phase: 'Succeeded' | 'Failed' | 'Running'): unknown =>
    podRowConditions({ metadata: {}, spec: { containers: [] }, status: { phase } });
  assert.deepEqual(conditions('Running'), []);
  assert.deepEqual(conditions('Succeeded'), [
    { type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' },
  ]);
  assert.deepEqual(conditions('Failed'), [
    { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' },
  ]);
});
