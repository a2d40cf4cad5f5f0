/**
 * What of each resource is not there yet, besides what the definitions themselves say. Written by hand: whoever fills a
 * gap takes its line away here and runs `npm run docs`.
 */

/** What an object of the kind waits for: it is kept, checked and served, and this is what should follow from it. */
const noController = 'Nothing acts on it: its controller is not there yet.';

/** By `<plural>` in the core group, else `<plural>.<group>`. */
export const gaps: Readonly<Record<string, string>> = {
  endpoints: 'Made by hand alone, but for those of the `kubernetes` Service: their controller is not there yet.',
  namespaces: 'A deletion waits for who empties the namespace: its controller is not there yet.',
  nodes: 'No kubelet registers or reports yet; no controller judges what they report.',
  persistentvolumeclaims: 'Not bound to volumes: the controller is not there yet.',
  persistentvolumes: 'Not bound, provisioned or reclaimed: the controller is not there yet.',
  pods: 'Not scheduled and not run yet.',
  resourcequotas: 'Usage is counted when objects are written; it is not yet counted anew in the background.',
  secrets: 'Those of type `kubernetes.io/service-account-token` get no token: their controller is not there yet.',
  serviceaccounts: 'No `default` account is made in new namespaces yet: its controller is not there.',
  services: 'Addresses and ports are given; no traffic follows them yet, and no EndpointSlices are made.',
  'mutatingadmissionpolicies.admissionregistration.k8s.io':
    'Not applied to requests yet; expressions are not compiled, so wrong ones are stored.',
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': 'Not applied to requests yet.',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io':
    'Webhooks are not called yet; the expressions of match conditions are not compiled.',
  'validatingadmissionpolicies.admissionregistration.k8s.io':
    'Not applied to requests yet; expressions are not compiled, so wrong ones are stored, and none are type-checked.',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': 'Not applied to requests yet.',
  'validatingwebhookconfigurations.admissionregistration.k8s.io':
    'Webhooks are not called yet; the expressions of match conditions are not compiled.',
  'daemonsets.apps': noController,
  'statefulsets.apps': noController,
  'horizontalpodautoscalers.autoscaling': noController,
  'cronjobs.batch': noController,
  'jobs.batch': noController,
  'certificatesigningrequests.certificates.k8s.io': 'Nothing signs yet, nor approves what kubelets ask for.',
  'endpointslices.discovery.k8s.io':
    'Made by hand alone, but for those of the `kubernetes` Service: their controller is not there yet.',
  'flowschemas.flowcontrol.apiserver.k8s.io': 'Requests are not told apart by them yet: two limits hold for all.',
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io':
    'Requests are not queued by them yet: two limits hold for all.',
  'ingresses.networking.k8s.io': 'Left to an ingress controller, as upstream leaves it.',
  'networkpolicies.networking.k8s.io': 'Not enforced: there is no network yet.',
  'servicecidrs.networking.k8s.io': 'Its conditions and finalizer are not kept: the controller is not there yet.',
  'poddisruptionbudgets.policy': 'Evictions ask it; its status is not computed: the controller is not there yet.',
  'deviceclasses.resource.k8s.io': 'Expressions with `cel.bind` are stored unjudged; nothing allocates devices.',
  'resourceclaims.resource.k8s.io': 'Expressions with `cel.bind` are stored unjudged; nothing allocates devices.',
  'resourceclaimtemplates.resource.k8s.io': 'No claims are made of it: the controller is not there yet.',
  'csistoragecapacities.storage.k8s.io': 'Read by the scheduler, which is not there yet.',
  'storageclasses.storage.k8s.io': 'Nothing provisions yet.',
  'volumeattachments.storage.k8s.io': 'Nothing attaches yet.',
};
