/** For every kind that is served by default: a valid object, as small as upstream lets it be. */

export interface SampleObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

const container = { name: 'c', image: 'registry.example/c:1' };
const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [container] } };
const selector = { matchLabels: { app: 'x' } };
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
const subjects = [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }];
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const deviceRequests = { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } };
const matchConstraints = {
  resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
};

function webhooks(extra: object): object[] {
  return [
    {
      name: 'check.example.com',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      clientConfig: { url: 'https://example.com/check' },
      failurePolicy: 'Ignore',
      // Matches nothing, so that no other test waits for a webhook that is not there.
      rules: [{ apiGroups: ['nothing.example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['none'] }],
      ...extra,
    },
  ];
}

const certificateRequest = `-----BEGIN CERTIFICATE REQUEST-----
MIHWMH8CAQAwHTENMAsGA1UEAwwEamFuZTEMMAoGA1UECgwDZGV2MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEYJ//hWvAVacch4mDji13eusym6zg25ahEVq903Ur
QO990hHvn6LIWX2COufJEV5CZi6M6HFuDtJdcor7gijH/qAAMAoGCCqGSM49BAMC
A0cAMEQCIHERyFCRVwXUT60W/2gzHvx7Wa9aqNYlBdTGQKhh9yoAAiBCeQKm8ZdA
f0iz/LuQPRmlZtVb01JMVpm3ud0AuD3Viw==
-----END CERTIFICATE REQUEST-----
`;

/** By `<plural>.<group>/<version>`; without apiVersion, kind and metadata, which {@link sampleObject} adds. */
const samples: Readonly<Record<string, { readonly kind: string; readonly fields: object }>> = {
  'configmaps./v1': { kind: 'ConfigMap', fields: { data: { a: 'b' } } },
  'endpoints./v1': {
    kind: 'Endpoints',
    fields: { subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }] },
  },
  'events./v1': {
    kind: 'Event',
    fields: {
      involvedObject: { kind: 'Pod', name: 'p' },
      reason: 'Test',
      message: 'a test',
      type: 'Normal',
      source: { component: 'test' },
    },
  },
  'limitranges./v1': { kind: 'LimitRange', fields: { spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } } },
  'namespaces./v1': { kind: 'Namespace', fields: {} },
  'nodes./v1': { kind: 'Node', fields: {} },
  'persistentvolumeclaims./v1': { kind: 'PersistentVolumeClaim', fields: { spec: claim } },
  'persistentvolumes./v1': {
    kind: 'PersistentVolume',
    fields: {
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
    },
  },
  'pods./v1': { kind: 'Pod', fields: { spec: { containers: [container] } } },
  'podtemplates./v1': { kind: 'PodTemplate', fields: { template } },
  'replicationcontrollers./v1': {
    kind: 'ReplicationController',
    fields: { spec: { replicas: 1, selector: { app: 'x' }, template } },
  },
  'resourcequotas./v1': { kind: 'ResourceQuota', fields: { spec: { hard: { pods: '5' } } } },
  'secrets./v1': { kind: 'Secret', fields: { stringData: { a: 'b' } } },
  'serviceaccounts./v1': { kind: 'ServiceAccount', fields: {} },
  'services./v1': { kind: 'Service', fields: { spec: { selector: { app: 'x' }, ports: [{ port: 80 }] } } },
  'mutatingadmissionpolicies.admissionregistration.k8s.io/v1': {
    kind: 'MutatingAdmissionPolicy',
    fields: {
      spec: {
        matchConstraints,
        reinvocationPolicy: 'Never',
        mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }],
      },
    },
  },
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io/v1': {
    kind: 'MutatingAdmissionPolicyBinding',
    fields: { spec: { policyName: 'p' } },
  },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io/v1': {
    kind: 'MutatingWebhookConfiguration',
    fields: { webhooks: webhooks({ reinvocationPolicy: 'Never' }) },
  },
  'validatingadmissionpolicies.admissionregistration.k8s.io/v1': {
    kind: 'ValidatingAdmissionPolicy',
    fields: { spec: { matchConstraints, validations: [{ expression: 'true' }] } },
  },
  'validatingadmissionpolicybindings.admissionregistration.k8s.io/v1': {
    kind: 'ValidatingAdmissionPolicyBinding',
    fields: { spec: { policyName: 'p', validationActions: ['Audit'] } },
  },
  'validatingwebhookconfigurations.admissionregistration.k8s.io/v1': {
    kind: 'ValidatingWebhookConfiguration',
    fields: { webhooks: webhooks({}) },
  },
  'controllerrevisions.apps/v1': { kind: 'ControllerRevision', fields: { revision: 1, data: { a: 'b' } } },
  'daemonsets.apps/v1': { kind: 'DaemonSet', fields: { spec: { selector, template } } },
  'deployments.apps/v1': { kind: 'Deployment', fields: { spec: { replicas: 1, selector, template } } },
  'replicasets.apps/v1': { kind: 'ReplicaSet', fields: { spec: { replicas: 1, selector, template } } },
  'statefulsets.apps/v1': {
    kind: 'StatefulSet',
    fields: { spec: { replicas: 1, serviceName: 's', selector, template } },
  },
  'horizontalpodautoscalers.autoscaling/v1': {
    kind: 'HorizontalPodAutoscaler',
    fields: {
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
    },
  },
  'horizontalpodautoscalers.autoscaling/v2': {
    kind: 'HorizontalPodAutoscaler',
    fields: {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
        metrics: [
          { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
        ],
      },
    },
  },
  'cronjobs.batch/v1': {
    kind: 'CronJob',
    fields: {
      spec: {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } },
      },
    },
  },
  'jobs.batch/v1': {
    kind: 'Job',
    fields: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } },
  },
  'certificatesigningrequests.certificates.k8s.io/v1': {
    kind: 'CertificateSigningRequest',
    fields: {
      spec: {
        request: Buffer.from(certificateRequest).toString('base64'),
        signerName: 'example.com/signer',
        usages: ['client auth'],
      },
    },
  },
  'leases.coordination.k8s.io/v1': { kind: 'Lease', fields: { spec: { holderIdentity: 'me' } } },
  'endpointslices.discovery.k8s.io/v1': {
    kind: 'EndpointSlice',
    fields: { addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.1'] }], ports: [{ port: 80 }] },
  },
  'events.events.k8s.io/v1': {
    kind: 'Event',
    fields: {
      eventTime: '2026-01-02T15:04:05.000000Z',
      reportingController: 'example.com/test',
      reportingInstance: 'test-1',
      action: 'Testing',
      reason: 'Test',
      type: 'Normal',
      regarding: { kind: 'Pod', name: 'p' },
    },
  },
  'flowschemas.flowcontrol.apiserver.k8s.io/v1': {
    kind: 'FlowSchema',
    fields: {
      spec: {
        priorityLevelConfiguration: { name: 'exempt' },
        rules: [
          {
            subjects: [{ kind: 'User', user: { name: 'jane' } }],
            nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
          },
        ],
      },
    },
  },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io/v1': {
    kind: 'PriorityLevelConfiguration',
    fields: { spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } },
  },
  'ingressclasses.networking.k8s.io/v1': {
    kind: 'IngressClass',
    fields: { spec: { controller: 'example.com/controller' } },
  },
  'ingresses.networking.k8s.io/v1': {
    kind: 'Ingress',
    fields: { spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } },
  },
  'ipaddresses.networking.k8s.io/v1': {
    kind: 'IPAddress',
    fields: { spec: { parentRef: { resource: 'services', namespace: 'default', name: 'kubernetes' } } },
  },
  'networkpolicies.networking.k8s.io/v1': { kind: 'NetworkPolicy', fields: { spec: { podSelector: {} } } },
  'servicecidrs.networking.k8s.io/v1': { kind: 'ServiceCIDR', fields: { spec: { cidrs: ['198.51.100.0/24'] } } },
  'runtimeclasses.node.k8s.io/v1': { kind: 'RuntimeClass', fields: { handler: 'h' } },
  'poddisruptionbudgets.policy/v1': { kind: 'PodDisruptionBudget', fields: { spec: { minAvailable: 1, selector } } },
  'clusterrolebindings.rbac.authorization.k8s.io/v1': {
    kind: 'ClusterRoleBinding',
    fields: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' }, subjects },
  },
  'clusterroles.rbac.authorization.k8s.io/v1': { kind: 'ClusterRole', fields: { rules } },
  'rolebindings.rbac.authorization.k8s.io/v1': {
    kind: 'RoleBinding',
    fields: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' }, subjects },
  },
  'roles.rbac.authorization.k8s.io/v1': { kind: 'Role', fields: { rules } },
  'deviceclasses.resource.k8s.io/v1': { kind: 'DeviceClass', fields: { spec: {} } },
  'resourceclaims.resource.k8s.io/v1': { kind: 'ResourceClaim', fields: { spec: deviceRequests } },
  'resourceclaimtemplates.resource.k8s.io/v1': {
    kind: 'ResourceClaimTemplate',
    fields: { spec: { spec: deviceRequests } },
  },
  'resourceslices.resource.k8s.io/v1': {
    kind: 'ResourceSlice',
    fields: {
      spec: {
        driver: 'gpu.example.com',
        nodeName: 'n',
        pool: { name: 'n', generation: 1, resourceSliceCount: 1 },
        devices: [{ name: 'gpu-0' }],
      },
    },
  },
  'priorityclasses.scheduling.k8s.io/v1': { kind: 'PriorityClass', fields: { value: 5 } },
  'csidrivers.storage.k8s.io/v1': { kind: 'CSIDriver', fields: { spec: { attachRequired: false } } },
  'csinodes.storage.k8s.io/v1': { kind: 'CSINode', fields: { spec: { drivers: [] } } },
  'csistoragecapacities.storage.k8s.io/v1': { kind: 'CSIStorageCapacity', fields: { storageClassName: 's' } },
  'storageclasses.storage.k8s.io/v1': { kind: 'StorageClass', fields: { provisioner: 'example.com/p' } },
  'volumeattachments.storage.k8s.io/v1': {
    kind: 'VolumeAttachment',
    fields: { spec: { attacher: 'csi.example.com', nodeName: 'n', source: { persistentVolumeName: 'v' } } },
  },
  'volumeattributesclasses.storage.k8s.io/v1': {
    kind: 'VolumeAttributesClass',
    fields: { driverName: 'csi.example.com', parameters: { a: 'b' } },
  },
};

/** Names of kinds that do not take any. */
const nameOf: Readonly<Record<string, (name: string) => string>> = {
  'ipaddresses.networking.k8s.io/v1': (name) =>
    `203.0.113.${Buffer.from(name).reduce((sum, byte) => sum + byte) % 255}`,
};

/** An object of the kind, or undefined when the table has none: then a kind was added and not tested. */
export function sampleObject(
  resource: { readonly group: string; readonly version: string; readonly plural: string; readonly namespaced: boolean },
  name: string,
  namespace: string,
): SampleObject | undefined {
  const { group, version, plural, namespaced } = resource;
  const key = `${plural}.${group}/${version}`;
  const sample = samples[key];
  if (sample === undefined) return undefined;
  const object = structuredClone({
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind: sample.kind,
    metadata: { name: nameOf[key]?.(name) ?? name, ...(namespaced ? { namespace } : {}) },
    ...sample.fields,
  }) as SampleObject & { involvedObject?: object; regarding?: object };
  // An event is in the namespace of what it is about.
  for (const about of [object.involvedObject, object.regarding]) {
    if (about !== undefined) Object.assign(about, { namespace });
  }
  return object;
}
