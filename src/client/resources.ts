/** The built-in resources that components watch and write, each with the type of its objects. */
import type * as corev1 from '../api/types/core.v1.ts';
import type * as appsv1 from '../api/types/apps.v1.ts';
import type * as authorizationv1 from '../api/types/authorization.v1.ts';
import type * as autoscalingv2 from '../api/types/autoscaling.v2.ts';
import type * as batchv1 from '../api/types/batch.v1.ts';
import type * as certificatesv1 from '../api/types/certificates.v1.ts';
import type * as coordinationv1 from '../api/types/coordination.v1.ts';
import type * as discoveryv1 from '../api/types/discovery.v1.ts';
import type * as eventsv1 from '../api/types/events.v1.ts';
import type * as networkingv1 from '../api/types/networking.v1.ts';
import type * as nodev1 from '../api/types/node.v1.ts';
import type * as policyv1 from '../api/types/policy.v1.ts';
import type * as rbacv1 from '../api/types/rbac.v1.ts';
import type * as resourcev1 from '../api/types/resource.v1.ts';
import type * as schedulingv1 from '../api/types/scheduling.v1.ts';
import type * as storagev1 from '../api/types/storage.v1.ts';
import type { KubernetesObject } from '../api/contract.ts';
import type { Resource } from './resource.ts';

function namespaced<T extends KubernetesObject>(apiVersion: string, plural: string, kind: string): Resource<T> {
  return { ...groupOf(apiVersion), plural, kind, namespaced: true };
}

function clusterScoped<T extends KubernetesObject>(apiVersion: string, plural: string, kind: string): Resource<T> {
  return { ...groupOf(apiVersion), plural, kind, namespaced: false };
}

function groupOf(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) };
}

export const bindings = namespaced<corev1.Binding>('v1', 'bindings', 'Binding');
export const configMaps = namespaced<corev1.ConfigMap>('v1', 'configmaps', 'ConfigMap');
export const endpoints = namespaced<corev1.Endpoints>('v1', 'endpoints', 'Endpoints');
export const events = namespaced<corev1.Event>('v1', 'events', 'Event');
export const limitRanges = namespaced<corev1.LimitRange>('v1', 'limitranges', 'LimitRange');
export const namespaces = clusterScoped<corev1.Namespace>('v1', 'namespaces', 'Namespace');
export const nodes = clusterScoped<corev1.Node>('v1', 'nodes', 'Node');
export const persistentVolumeClaims = namespaced<corev1.PersistentVolumeClaim>(
  'v1',
  'persistentvolumeclaims',
  'PersistentVolumeClaim',
);
export const persistentVolumes = clusterScoped<corev1.PersistentVolume>('v1', 'persistentvolumes', 'PersistentVolume');
export const pods = namespaced<corev1.Pod>('v1', 'pods', 'Pod');
export const podTemplates = namespaced<corev1.PodTemplate>('v1', 'podtemplates', 'PodTemplate');
export const replicationControllers = namespaced<corev1.ReplicationController>(
  'v1',
  'replicationcontrollers',
  'ReplicationController',
);
export const resourceQuotas = namespaced<corev1.ResourceQuota>('v1', 'resourcequotas', 'ResourceQuota');
export const secrets = namespaced<corev1.Secret>('v1', 'secrets', 'Secret');
export const serviceAccounts = namespaced<corev1.ServiceAccount>('v1', 'serviceaccounts', 'ServiceAccount');
export const services = namespaced<corev1.Service>('v1', 'services', 'Service');

export const controllerRevisions = namespaced<appsv1.ControllerRevision>(
  'apps/v1',
  'controllerrevisions',
  'ControllerRevision',
);
export const daemonSets = namespaced<appsv1.DaemonSet>('apps/v1', 'daemonsets', 'DaemonSet');
export const deployments = namespaced<appsv1.Deployment>('apps/v1', 'deployments', 'Deployment');
export const replicaSets = namespaced<appsv1.ReplicaSet>('apps/v1', 'replicasets', 'ReplicaSet');
export const statefulSets = namespaced<appsv1.StatefulSet>('apps/v1', 'statefulsets', 'StatefulSet');

export const subjectAccessReviews = clusterScoped<authorizationv1.SubjectAccessReview>(
  'authorization.k8s.io/v1',
  'subjectaccessreviews',
  'SubjectAccessReview',
);

export const horizontalPodAutoscalers = namespaced<autoscalingv2.HorizontalPodAutoscaler>(
  'autoscaling/v2',
  'horizontalpodautoscalers',
  'HorizontalPodAutoscaler',
);

export const cronJobs = namespaced<batchv1.CronJob>('batch/v1', 'cronjobs', 'CronJob');
export const jobs = namespaced<batchv1.Job>('batch/v1', 'jobs', 'Job');

export const certificateSigningRequests = clusterScoped<certificatesv1.CertificateSigningRequest>(
  'certificates.k8s.io/v1',
  'certificatesigningrequests',
  'CertificateSigningRequest',
);

export const leases = namespaced<coordinationv1.Lease>('coordination.k8s.io/v1', 'leases', 'Lease');

export const endpointSlices = namespaced<discoveryv1.EndpointSlice>(
  'discovery.k8s.io/v1',
  'endpointslices',
  'EndpointSlice',
);

/** Events of the newer API, with series (KEP-383). */
export const newEvents = namespaced<eventsv1.Event>('events.k8s.io/v1', 'events', 'Event');

export const ingressClasses = clusterScoped<networkingv1.IngressClass>(
  'networking.k8s.io/v1',
  'ingressclasses',
  'IngressClass',
);
export const ingresses = namespaced<networkingv1.Ingress>('networking.k8s.io/v1', 'ingresses', 'Ingress');
export const ipAddresses = clusterScoped<networkingv1.IPAddress>('networking.k8s.io/v1', 'ipaddresses', 'IPAddress');
export const networkPolicies = namespaced<networkingv1.NetworkPolicy>(
  'networking.k8s.io/v1',
  'networkpolicies',
  'NetworkPolicy',
);
export const serviceCIDRs = clusterScoped<networkingv1.ServiceCIDR>(
  'networking.k8s.io/v1',
  'servicecidrs',
  'ServiceCIDR',
);

export const runtimeClasses = clusterScoped<nodev1.RuntimeClass>('node.k8s.io/v1', 'runtimeclasses', 'RuntimeClass');

export const podDisruptionBudgets = namespaced<policyv1.PodDisruptionBudget>(
  'policy/v1',
  'poddisruptionbudgets',
  'PodDisruptionBudget',
);

export const clusterRoleBindings = clusterScoped<rbacv1.ClusterRoleBinding>(
  'rbac.authorization.k8s.io/v1',
  'clusterrolebindings',
  'ClusterRoleBinding',
);
export const clusterRoles = clusterScoped<rbacv1.ClusterRole>(
  'rbac.authorization.k8s.io/v1',
  'clusterroles',
  'ClusterRole',
);
export const roleBindings = namespaced<rbacv1.RoleBinding>(
  'rbac.authorization.k8s.io/v1',
  'rolebindings',
  'RoleBinding',
);
export const roles = namespaced<rbacv1.Role>('rbac.authorization.k8s.io/v1', 'roles', 'Role');

export const deviceClasses = clusterScoped<resourcev1.DeviceClass>(
  'resource.k8s.io/v1',
  'deviceclasses',
  'DeviceClass',
);
export const resourceClaims = namespaced<resourcev1.ResourceClaim>(
  'resource.k8s.io/v1',
  'resourceclaims',
  'ResourceClaim',
);
export const resourceClaimTemplates = namespaced<resourcev1.ResourceClaimTemplate>(
  'resource.k8s.io/v1',
  'resourceclaimtemplates',
  'ResourceClaimTemplate',
);
export const resourceSlices = clusterScoped<resourcev1.ResourceSlice>(
  'resource.k8s.io/v1',
  'resourceslices',
  'ResourceSlice',
);

export const priorityClasses = clusterScoped<schedulingv1.PriorityClass>(
  'scheduling.k8s.io/v1',
  'priorityclasses',
  'PriorityClass',
);

export const csiDrivers = clusterScoped<storagev1.CSIDriver>('storage.k8s.io/v1', 'csidrivers', 'CSIDriver');
export const csiNodes = clusterScoped<storagev1.CSINode>('storage.k8s.io/v1', 'csinodes', 'CSINode');
export const csiStorageCapacities = namespaced<storagev1.CSIStorageCapacity>(
  'storage.k8s.io/v1',
  'csistoragecapacities',
  'CSIStorageCapacity',
);
export const storageClasses = clusterScoped<storagev1.StorageClass>(
  'storage.k8s.io/v1',
  'storageclasses',
  'StorageClass',
);
export const volumeAttachments = clusterScoped<storagev1.VolumeAttachment>(
  'storage.k8s.io/v1',
  'volumeattachments',
  'VolumeAttachment',
);
export const volumeAttributesClasses = clusterScoped<storagev1.VolumeAttributesClass>(
  'storage.k8s.io/v1',
  'volumeattributesclasses',
  'VolumeAttributesClass',
);
