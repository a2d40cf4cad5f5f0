/** The cluster roles of the components (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#core-component-roles). */
import type { PolicyRule } from '../../../../api/types/rbac.v1.ts';
import { eventsRule, read, readUpdate, readWrite, rule, type RoleTable } from './notation.ts';

const certificates = 'certificates.k8s.io';
const signerRule = (verb: string, name: string): PolicyRule =>
  rule(verb, certificates, 'signers', `kubernetes.io/${name}`);
const tokenReviews = rule('create', 'authentication.k8s.io', 'tokenreviews');
const accessReviews = rule('create', 'authorization.k8s.io', 'subjectaccessreviews');

/** What the Node authorizer allows every node, where it does not look at the object; and the role `system:node`. */
export const nodeRules: readonly PolicyRule[] = [
  tokenReviews,
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews localsubjectaccessreviews'),
  rule(read, 'core', 'services'),
  rule('create get list watch', 'core', 'nodes'),
  rule('update patch', 'core', 'nodes/status'),
  rule('update patch', 'core', 'nodes'),
  rule('create update patch', 'core events.k8s.io', 'events'),
  rule(read, 'core', 'pods'),
  // Mirror pods.
  rule('create delete', 'core', 'pods'),
  rule('update patch', 'core', 'pods/status'),
  rule('create', 'core', 'pods/eviction'),
  rule(read, 'core', 'secrets configmaps'),
  rule('get', 'core', 'persistentvolumeclaims persistentvolumes'),
  rule('get', 'core', 'endpoints'),
  rule('create get list watch', certificates, 'certificatesigningrequests'),
  rule('get create update patch delete', 'coordination.k8s.io', 'leases'),
  rule('get', 'storage.k8s.io', 'volumeattachments'),
  rule('create', 'core', 'serviceaccounts/token'),
  rule('get update patch', 'core', 'persistentvolumeclaims/status'),
  rule(read, 'storage.k8s.io', 'csidrivers'),
  rule('get create update patch delete', 'storage.k8s.io', 'csinodes'),
  rule(read, 'node.k8s.io', 'runtimeclasses'),
  rule('get', 'resource.k8s.io', 'resourceclaims'),
  rule('deletecollection', 'resource.k8s.io', 'resourceslices'),
  // For credential providers of images.
  rule('get', 'core', 'serviceaccounts'),
];

const schedulerRules: readonly PolicyRule[] = [
  eventsRule,
  rule('create', 'coordination.k8s.io', 'leases'),
  rule('get update list watch', 'coordination.k8s.io', 'leases', 'kube-scheduler'),
  rule(readWrite, 'coordination.k8s.io', 'leasecandidates'),
  rule(read, 'core', 'nodes'),
  rule('get list watch delete', 'core', 'pods'),
  rule('create', 'core', 'pods/binding bindings'),
  rule('patch update', 'core', 'pods/status'),
  rule(read, 'core', 'services replicationcontrollers'),
  rule(read, 'apps extensions', 'replicasets'),
  rule(read, 'apps', 'statefulsets'),
  rule(read, 'policy', 'poddisruptionbudgets'),
  rule(read, 'core', 'persistentvolumeclaims persistentvolumes'),
  tokenReviews,
  accessReviews,
  rule(read, 'storage.k8s.io', 'csinodes'),
  rule(read, 'storage.k8s.io', 'volumeattachments'),
  rule(read, 'core', 'namespaces'),
  rule(read, 'storage.k8s.io', 'csidrivers'),
  rule(read, 'storage.k8s.io', 'csistoragecapacities'),
  rule(read, 'resource.k8s.io', 'deviceclasses'),
  rule(readUpdate, 'resource.k8s.io', 'resourceclaims'),
  rule(readUpdate, 'resource.k8s.io', 'resourceclaims/status'),
  rule('update', 'core', 'pods/finalizers'),
  rule(read, 'resource.k8s.io', 'resourceslices'),
  rule('create delete', 'resource.k8s.io', 'resourceclaims'),
  rule('update patch', 'resource.k8s.io', 'resourceclaims/binding'),
];

export const componentRoles: RoleTable = {
  'system:heapster': [rule(read, 'core', 'events pods nodes namespaces'), rule(read, 'extensions', 'deployments')],
  'system:node': nodeRules,
  'system:node-problem-detector': [rule('get', 'core', 'nodes'), rule('patch', 'core', 'nodes/status'), eventsRule],
  'system:node-bootstrapper': [rule('create get list watch', certificates, 'certificatesigningrequests')],
  'system:auth-delegator': [tokenReviews, accessReviews],
  'system:kube-aggregator': [rule(read, 'core', 'services endpoints')],
  'system:kube-controller-manager': [
    eventsRule,
    rule('create', 'coordination.k8s.io', 'leases'),
    rule('get update', 'coordination.k8s.io', 'leases', 'kube-controller-manager'),
    rule('create', 'core', 'secrets serviceaccounts'),
    rule('delete', 'core', 'secrets'),
    rule('get', 'core', 'namespaces secrets serviceaccounts configmaps'),
    rule('update', 'core', 'secrets serviceaccounts'),
    tokenReviews,
    accessReviews,
    rule('list watch', '*', '*'),
    rule('create', 'core', 'serviceaccounts/token'),
  ],
  'system:kube-dns': [rule('list watch', 'core', 'endpoints services')],
  'system:persistent-volume-provisioner': [
    rule('get list watch create delete', 'core', 'persistentvolumes'),
    rule('get list watch update', 'core', 'persistentvolumeclaims'),
    rule(read, 'storage.k8s.io', 'storageclasses'),
    rule('watch', 'core', 'events'),
    eventsRule,
  ],
  'system:certificates.k8s.io:certificatesigningrequests:nodeclient': [
    rule('create', certificates, 'certificatesigningrequests/nodeclient'),
  ],
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': [
    rule('create', certificates, 'certificatesigningrequests/selfnodeclient'),
  ],
  'system:volume-scheduler': [
    rule(readUpdate, 'core', 'persistentvolumes'),
    rule(read, 'storage.k8s.io', 'storageclasses'),
    rule(readUpdate, 'core', 'persistentvolumeclaims'),
  ],
  'system:certificates.k8s.io:legacy-unknown-approver': [signerRule('approve', 'legacy-unknown')],
  'system:certificates.k8s.io:kubelet-serving-approver': [signerRule('approve', 'kubelet-serving')],
  'system:certificates.k8s.io:kube-apiserver-client-approver': [signerRule('approve', 'kube-apiserver-client')],
  'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver': [
    signerRule('approve', 'kube-apiserver-client-kubelet'),
  ],
  'system:kubelet-api-admin': [
    rule(read, 'core', 'nodes'),
    rule('proxy', 'core', 'nodes'),
    rule('*', 'core', 'nodes/proxy nodes/metrics nodes/stats nodes/log'),
    rule('*', 'core', 'nodes/pods nodes/healthz nodes/configz'),
  ],
  'system:node-proxier': [
    rule('list watch', 'core', 'services endpoints'),
    rule(read, 'core', 'nodes'),
    eventsRule,
    rule('list watch', 'networking.k8s.io', 'servicecidrs'),
    rule('list watch', 'discovery.k8s.io', 'endpointslices'),
  ],
  'system:kube-scheduler': schedulerRules,
};
