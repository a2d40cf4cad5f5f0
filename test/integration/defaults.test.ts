// Of every kind the smallest object that upstream takes, as it is stored: what was sent, these fields, and no others.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { builtinCatalog } from '../../src/api/catalog.ts';
import type { RestClient } from '../../src/client/rest.ts';
import { TestServer } from '../support/server.ts';
import { sampleObject } from './objects.ts';

type Json = Readonly<Record<string, unknown>>;

let server: TestServer;
let client: RestClient;
before(async () => {
  server = await TestServer.start();
  client = server.client();
});
after(async () => {
  client?.transport.close();
  await server?.stop();
});

const container = {
  resources: {},
  imagePullPolicy: 'IfNotPresent',
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};
const jobPodSpec = {
  containers: [container],
  dnsPolicy: 'ClusterFirst',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
  schedulerName: 'default-scheduler',
};
const template = { spec: { ...jobPodSpec, restartPolicy: 'Always' } };
const webhook = {
  rules: [{ scope: '*' }],
  matchPolicy: 'Equivalent',
  namespaceSelector: {},
  objectSelector: {},
  timeoutSeconds: 10,
};
const policySpec = {
  matchConstraints: {
    resourceRules: [{ scope: '*' }],
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
  },
  failurePolicy: 'Fail',
};
const deviceRequests = { devices: { requests: [{ exactly: { allocationMode: 'ExactCount', count: 1 } }] } };
const jobLabels = {
  'job-name': 'sample',
  'batch.kubernetes.io/job-name': 'sample',
  'controller-uid': 'UID',
  'batch.kubernetes.io/controller-uid': 'UID',
};

interface Expected {
  /** Absent: the kind has none. */
  readonly generation?: 1;
  /** What is added to the object that was sent; items of lists by their place. */
  readonly added?: Json;
}

/** By `<plural>.<group>/<version>`. What is not here gets nothing. */
const expectations: Readonly<Record<string, Expected>> = {
  'endpoints./v1': { added: { subsets: [{ ports: [{ protocol: 'TCP' }] }] } },
  'events./v1': {
    added: {
      firstTimestamp: null,
      lastTimestamp: null,
      eventTime: null,
      reportingComponent: '',
      reportingInstance: '',
    },
  },
  'limitranges./v1': { added: { spec: { limits: [{ default: { cpu: '1' }, defaultRequest: { cpu: '1' } }] } } },
  'namespaces./v1': { added: { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } } },
  'persistentvolumeclaims./v1': { added: { spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } } },
  'persistentvolumes./v1': {
    added: {
      spec: { hostPath: { type: '' }, persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' },
      status: { phase: 'Pending', lastPhaseTransitionTime: 'TIME' },
    },
  },
  'podtemplates./v1': { generation: 1, added: { template } },
  'replicationcontrollers./v1': { generation: 1, added: { spec: { template }, status: { replicas: 0 } } },
  'resourcequotas./v1': { added: { status: {} } },
  'secrets./v1': { added: { type: 'Opaque', data: { a: 'Yg==' } } },
  'services./v1': {
    added: {
      spec: {
        ports: [{ targetPort: 80, protocol: 'TCP' }],
        sessionAffinity: 'None',
        type: 'ClusterIP',
        internalTrafficPolicy: 'Cluster',
        ipFamilyPolicy: 'SingleStack',
        ipFamilies: ['IPv4'],
        clusterIPs: ['ADDRESS'],
        clusterIP: 'ADDRESS',
      },
      status: { loadBalancer: {} },
    },
  },
  'daemonsets.apps/v1': {
    generation: 1,
    added: {
      spec: {
        template,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        revisionHistoryLimit: 10,
      },
      status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
    },
  },
  'deployments.apps/v1': {
    generation: 1,
    added: {
      spec: {
        template,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
      status: {},
    },
  },
  'replicasets.apps/v1': { generation: 1, added: { spec: { template }, status: { replicas: 0 } } },
  'statefulsets.apps/v1': {
    generation: 1,
    added: {
      spec: {
        template,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        podManagementPolicy: 'OrderedReady',
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        revisionHistoryLimit: 10,
      },
      status: { replicas: 0, availableReplicas: 0 },
    },
  },
  'events.events.k8s.io/v1': {
    added: { deprecatedSource: {}, deprecatedFirstTimestamp: null, deprecatedLastTimestamp: null },
  },
  'horizontalpodautoscalers.autoscaling/v2': {
    generation: 1,
    added: { spec: { minReplicas: 1 }, status: { desiredReplicas: 0, currentMetrics: null } },
  },
  'horizontalpodautoscalers.autoscaling/v1': {
    generation: 1,
    added: {
      spec: { minReplicas: 1, targetCPUUtilizationPercentage: 80 },
      status: { currentReplicas: 0, desiredReplicas: 0 },
    },
  },
  'cronjobs.batch/v1': {
    generation: 1,
    added: {
      spec: {
        jobTemplate: { metadata: {}, spec: { template: { metadata: {}, spec: jobPodSpec } } },
        concurrencyPolicy: 'Allow',
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      },
      status: {},
    },
  },
  'jobs.batch/v1': {
    generation: 1,
    added: {
      spec: {
        template: { metadata: { labels: jobLabels }, spec: jobPodSpec },
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        suspend: false,
        manualSelector: false,
        podReplacementPolicy: 'TerminatingOrFailed',
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'UID' } },
      },
      status: {},
    },
  },
  'certificatesigningrequests.certificates.k8s.io/v1': {
    added: {
      spec: {
        username: 'kubernetes-admin',
        groups: ['system:masters', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=DIGEST'] },
      },
      status: {},
    },
  },
  'ingressclasses.networking.k8s.io/v1': { generation: 1 },
  'ingresses.networking.k8s.io/v1': { generation: 1, added: { status: { loadBalancer: {} } } },
  'networkpolicies.networking.k8s.io/v1': { generation: 1, added: { spec: { policyTypes: ['Ingress'] } } },
  'servicecidrs.networking.k8s.io/v1': { added: { status: {} } },
  'poddisruptionbudgets.policy/v1': {
    generation: 1,
    added: { status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 } },
  },
  'csidrivers.storage.k8s.io/v1': {
    generation: 1,
    added: {
      spec: {
        podInfoOnMount: false,
        storageCapacity: false,
        fsGroupPolicy: 'ReadWriteOnceWithFSType',
        volumeLifecycleModes: ['Persistent'],
        requiresRepublish: false,
        seLinuxMount: false,
      },
    },
  },
  'storageclasses.storage.k8s.io/v1': { added: { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' } },
  'volumeattachments.storage.k8s.io/v1': { added: { status: { attached: false } } },
  'mutatingadmissionpolicies.admissionregistration.k8s.io/v1': { generation: 1, added: { spec: policySpec } },
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io/v1': { generation: 1 },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io/v1': { generation: 1, added: { webhooks: [webhook] } },
  'validatingadmissionpolicies.admissionregistration.k8s.io/v1': {
    generation: 1,
    added: { spec: policySpec, status: {} },
  },
  'validatingadmissionpolicybindings.admissionregistration.k8s.io/v1': { generation: 1 },
  'validatingwebhookconfigurations.admissionregistration.k8s.io/v1': { generation: 1, added: { webhooks: [webhook] } },
  'priorityclasses.scheduling.k8s.io/v1': { generation: 1, added: { preemptionPolicy: 'PreemptLowerPriority' } },
  'endpointslices.discovery.k8s.io/v1': {
    generation: 1,
    added: { endpoints: [{ conditions: {} }], ports: [{ name: '', protocol: 'TCP' }] },
  },
  'deviceclasses.resource.k8s.io/v1': { generation: 1 },
  'resourceclaims.resource.k8s.io/v1': { added: { spec: deviceRequests, status: {} } },
  'resourceclaimtemplates.resource.k8s.io/v1': { added: { spec: { metadata: {}, spec: deviceRequests } } },
  'resourceslices.resource.k8s.io/v1': { generation: 1 },
  'flowschemas.flowcontrol.apiserver.k8s.io/v1': {
    generation: 1,
    added: { spec: { matchingPrecedence: 1000 }, status: {} },
  },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io/v1': {
    generation: 1,
    added: { spec: { limited: { nominalConcurrencyShares: 30, lendablePercent: 0 } }, status: {} },
  },
};

/** Admission adds to these what is not theirs; pod-defaults.test.ts has their own. */
const ofAdmission = new Set(['pods', 'nodes']);

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object with what is added to it, lists item by item. */
function merged(sent: unknown, added: unknown): unknown {
  if (Array.isArray(sent) && Array.isArray(added)) return sent.map((item, i) => merged(item, added[i]));
  if (!isJson(sent) || !isJson(added)) return added === undefined ? sent : added;
  const keys = new Set([...Object.keys(sent), ...Object.keys(added)]);
  return Object.fromEntries([...keys].map((key) => [key, key in added ? merged(sent[key], added[key]) : sent[key]]));
}

/** What differs from run to run, by what it is. */
function settled(object: object): unknown {
  return JSON.parse(
    JSON.stringify(object)
      .replaceAll(/"[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}"/g, '"UID"')
      .replaceAll(/"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"/g, '"TIME"')
      .replaceAll(/"10\.\d+\.\d+\.\d+"/g, '"ADDRESS"')
      .replaceAll(/X509SHA256=[\da-f]{64}/g, 'X509SHA256=DIGEST'),
  );
}

const creatable = builtinCatalog().definitions.filter(
  ({ verbs, storage, notImplemented, plural }) =>
    verbs.includes('create') && storage !== undefined && notImplemented === undefined && !ofAdmission.has(plural),
);

for (const definition of creatable) {
  const key = `${definition.plural}.${definition.group}/${definition.version}`;
  test(`defaults of ${key}`, async () => {
    const prefix = definition.group === '' ? '/api/v1' : `/apis/${definition.group}/${definition.version}`;
    let path = `${prefix}/${definition.plural}`;
    // One of their own: others limit or count what comes into theirs.
    const namespace = `defaults-${key.replaceAll(/[./]+/g, '-')}`.slice(0, 63);
    if (definition.namespaced) {
      await client.request('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
      path = `${prefix}/namespaces/${namespace}/${definition.plural}`;
    }
    const sample = sampleObject(definition, 'sample', namespace);
    assert.ok(sample, `test/integration/objects.ts has no ${key}`);
    const { metadata, ...object } = await client.request<Json & { metadata: { generation?: number } }>('POST', path, {
      body: sample,
    });
    const { added, generation } = expectations[key] ?? {};
    const { metadata: _metadata, stringData: _written, ...sent } = sample;
    assert.deepEqual(settled(object), merged(sent, added));
    assert.equal(metadata.generation, generation);
  });
}

test('every expectation is of a kind that is served', () => {
  const served = new Set(creatable.map(({ plural, group, version }) => `${plural}.${group}/${version}`));
  assert.deepEqual(
    Object.keys(expectations).filter((key) => !served.has(key)),
    [],
  );
});
