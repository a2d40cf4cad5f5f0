import { defineResource } from '../define.ts';
import type { Pod } from '../types/core.v1.ts';
import { proxySubresource } from './proxy-subresource.ts';
import { podBinding, podEviction } from './pod-actions.ts';
import { podColumns, podRowConditions } from './pod-columns.ts';
import { setPodDefaults } from './pod-defaults.ts';
import { podGracePeriodSeconds, preparePodForCreate } from './pod-strategy.ts';
import { podEphemeralContainers, podResize, podStatus } from './pod-views.ts';
import { validatePod, validatePodUpdate } from './validation/pods.ts';
import { podWarnings } from '../warnings/pod-template.ts';

const streamVerbs = ['create', 'get'];

export const pods = defineResource<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  defaults: setPodDefaults,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  warningsOnCreate: podWarnings,
  prepareForCreate: preparePodForCreate,
  returnsDeletedObject: true,
  gracePeriodSeconds: podGracePeriodSeconds,
  columns: podColumns,
  rowConditions: podRowConditions,
  // Read on every write of a Pod: property reads alone.
  selectableFields: {
    'spec.nodeName': (pod) => pod.spec?.nodeName ?? '',
    'spec.host': (pod) => pod.spec?.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec?.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec?.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => (pod.spec?.hostNetwork === true ? 'true' : 'false'),
    'status.phase': (pod) => pod.status?.phase ?? '',
    'status.podIP': (pod) => pod.status?.podIP ?? pod.status?.podIPs?.[0]?.ip ?? '',
    // Upstream accepts the label and gives it no value.
    'status.podIPs': () => '',
    'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
  },
  subresources: {
    attach: { shape: 'connect', kind: 'PodAttachOptions', verbs: streamVerbs },
    binding: podBinding,
    ephemeralcontainers: podEphemeralContainers,
    eviction: podEviction,
    exec: { shape: 'connect', kind: 'PodExecOptions', verbs: streamVerbs },
    log: { shape: 'connect', kind: 'Pod', verbs: ['get'] },
    portforward: { shape: 'connect', kind: 'PodPortForwardOptions', verbs: streamVerbs },
    proxy: proxySubresource('PodProxyOptions'),
    resize: podResize,
    status: podStatus,
  },
});
