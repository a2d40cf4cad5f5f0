import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { statefulsets } from '../apps/statefulsets.ts';
import { cronjobs } from '../batch/cronjobs.ts';
import { jobs } from '../batch/jobs.ts';
import { endpoints } from '../core/endpoints.ts';
import { nodes } from '../core/nodes.ts';
import { persistentvolumeclaims } from '../core/persistentvolumeclaims.ts';
import { persistentvolumes } from '../core/persistentvolumes.ts';
import { podtemplates } from '../core/podtemplates.ts';
import { serviceaccounts } from '../core/serviceaccounts.ts';
import { services } from '../core/services.ts';
import { endpointslices } from '../discovery/endpointslices.ts';
import { ingresses } from '../networking/ingresses.ts';
import { networkpolicies } from '../networking/networkpolicies.ts';
import { runtimeclasses } from '../node/runtimeclasses.ts';
import { csistoragecapacities } from '../storage/csistoragecapacities.ts';
import { storageclasses } from '../storage/storageclasses.ts';
import { testWarnings, updateWarnings } from './test-support.ts';

const metadata = { name: 'n' };
const future = 'will be considered invalid in a future Kubernetes release';
const oldArch = 'deprecated since v1.14; use "kubernetes.io/arch" instead';

describe('services', () => {
  testWarnings(services, [
    ['none', { metadata, spec: { ports: [{ port: 80 }] } }],
    [
      'fields that a headless Service has no use for',
      {
        metadata: { ...metadata, annotations: { 'service.kubernetes.io/topology-aware-hints': 'auto' } },
        spec: {
          clusterIP: 'None',
          loadBalancerIP: '1.2.3.4',
          externalIPs: ['1.2.3.4'],
          sessionAffinity: 'ClientIP',
          trafficDistribution: 'PreferClose',
        },
      },
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
      'spec.loadBalancerIP is ignored for headless services',
      'spec.externalIPs is ignored for headless services',
      'spec.SessionAffinity is ignored for headless services',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ],
    [
      'addresses in other forms',
      {
        metadata,
        spec: {
          clusterIP: 'FD00::1',
          clusterIPs: ['FD00::1'],
          externalIPs: ['010.2.3.4'],
          externalName: 'x',
          loadBalancerSourceRanges: ['10.0.0.1/8', 'FD00::/64', '::ffff:10.0.0.0/104'],
        },
      },
      'spec.clusterIPs[0]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
      `spec.externalIPs[0]: non-standard IP address "010.2.3.4" ${future}: use "10.2.3.4"`,
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
      'spec.loadBalancerSourceRanges[0]: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
      'spec.loadBalancerSourceRanges[1]: IPv6 CIDR value "FD00::/64" should be in RFC 5952 canonical format ("fd00::/64")',
      `spec.loadBalancerSourceRanges[2]: non-standard CIDR value "::ffff:10.0.0.0/104" ${future}: use "10.0.0.0/8"`,
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ],
    [
      'addresses of a name',
      { metadata, spec: { type: 'ExternalName', externalName: 'x', externalIPs: ['1.2.3.4'] } },
      'spec.externalIPs is ignored when spec.type is "ExternalName"',
    ],
  ]);
});

describe('endpoints', () => {
  const subsets = [{ addresses: [{ ip: '01.2.3.4' }], notReadyAddresses: [{ ip: '1.2.3.4' }, { ip: '1::0' }] }];
  testWarnings(endpoints, [
    [
      'addresses in other forms',
      { metadata, subsets },
      `subsets[0].addresses[0].ip: non-standard IP address "01.2.3.4" ${future}: use "1.2.3.4"`,
      'subsets[0].notReadyAddresses[1].ip: IPv6 address "1::0" should be in RFC 5952 canonical format ("1::")',
    ],
    [
      'none for the controller',
      { metadata: { ...metadata, labels: { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' } }, subsets },
    ],
  ]);
  const slice = { metadata, addressType: 'IPv4', endpoints: [{ addresses: ['01.2.3.4'] }] };
  testWarnings(endpointslices, [
    [
      'addresses in other forms',
      slice,
      `endpoints[0].addresses[0]: non-standard IP address "01.2.3.4" ${future}: use "1.2.3.4"`,
    ],
    [
      'host names',
      { metadata, addressType: 'FQDN', endpoints: [{ addresses: ['a.b'] }] },
      'spec.addressType: FQDN endpoints are deprecated',
    ],
    [
      'none for the controller',
      {
        ...slice,
        metadata: {
          ...metadata,
          labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
        },
      },
    ],
  ]);
});

describe('volumes', () => {
  const annotations = { 'volume.beta.kubernetes.io/storage-class': 'a' };
  const annotated =
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead';
  testWarnings(persistentvolumes, [
    [
      'what is no longer done so',
      {
        metadata: { ...metadata, annotations },
        spec: {
          persistentVolumeReclaimPolicy: 'Recycle',
          glusterfs: { endpoints: 'e', path: 'p' },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'beta.kubernetes.io/arch', operator: 'Exists' }] }],
            },
          },
        },
      },
      annotated,
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
      `spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/arch is ${oldArch}`,
      'spec.glusterfs: deprecated in v1.25, non-functional in v1.26+',
    ],
  ]);
  testWarnings(persistentvolumeclaims, [
    [
      'what is no longer done so',
      {
        metadata: { ...metadata, annotations },
        spec: { resources: { requests: { storage: '1.5' }, limits: { storage: '2' } } },
      },
      annotated,
      'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
    ],
  ]);
  testWarnings(storageclasses, [
    [
      'old labels of nodes',
      {
        metadata,
        provisioner: 'p',
        allowedTopologies: [{ matchLabelExpressions: [{ key: 'beta.kubernetes.io/arch', values: ['a'] }] }],
      },
      `allowedTopologies[0].matchLabelExpressions[0].key: beta.kubernetes.io/arch is ${oldArch}`,
    ],
  ]);
  testWarnings(csistoragecapacities, [
    [
      'old labels of nodes',
      { metadata, storageClassName: 's', nodeTopology: { matchLabels: { 'beta.kubernetes.io/arch': 'a' } } },
      `nodeTopology.matchLabels.beta.kubernetes.io/arch: ${oldArch}`,
    ],
  ]);
});

describe('workloads', () => {
  const template = {
    metadata: { labels: { a: 'b' } },
    spec: { containers: [{ name: 'c', image: 'i' }], nodeSelector: { 'beta.kubernetes.io/arch': 'a' } },
  };
  const dns =
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is ' +
    'recommended: [must not contain dots]';
  testWarnings(jobs, [
    [
      'more indexes than are kept',
      {
        metadata: { name: 'a.b' },
        spec: { completionMode: 'Indexed', completions: 100_001, parallelism: 10_001, template },
      },
      dns,
      'spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes ' +
        'might not be able to track completedIndexes when a big number of indexes fail',
      `spec.template.spec.nodeSelector[beta.kubernetes.io/arch]: ${oldArch}`,
    ],
  ]);
  testWarnings(cronjobs, [
    [
      'a time zone in the schedule',
      { metadata: { name: 'a.b' }, spec: { schedule: 'TZ=UTC * * * * *', jobTemplate: { spec: { template } } } },
      dns,
      `spec.jobTemplate.spec.template.spec.nodeSelector[beta.kubernetes.io/arch]: ${oldArch}`,
      'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see ' +
        'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
    ],
  ]);
  testWarnings(podtemplates, [
    ['its template', { metadata, template }, `template.spec.nodeSelector[beta.kubernetes.io/arch]: ${oldArch}`],
  ]);
  const claims = {
    metadata,
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { ...template, spec: { containers: template.spec.containers } },
      revisionHistoryLimit: -1,
      volumeClaimTemplates: [{ metadata, spec: { resources: { requests: { storage: '1m' } } } }],
    },
  };
  const fraction = 'fractional byte value "1m" is invalid, must be an integer';
  const history =
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended';
  testWarnings(statefulsets, [
    ['its claims', claims, `spec.volumeClaimTemplates[0].resources.requests[storage]: ${fraction}`, history],
  ]);
  test('an update of a StatefulSet is warned of under another path', () => {
    assert.deepEqual(updateWarnings(statefulsets, claims, claims), [
      `spec.volumeClaimTemplates[0].Spec.resources.requests[storage]: ${fraction}`,
      history,
    ]);
  });
});

describe('other kinds', () => {
  const secretive = { ...metadata, annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } };
  const mountable =
    'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to ' +
    'isolate access to mounted secrets';
  testWarnings(serviceaccounts, [['an annotation', { metadata: secretive }, mountable]]);
  test('an annotation that was there before', () => {
    assert.deepEqual(updateWarnings(serviceaccounts, { metadata: secretive }, { metadata: secretive }), []);
    assert.deepEqual(updateWarnings(serviceaccounts, { metadata: secretive }, { metadata }), [mountable]);
  });
  testWarnings(nodes, [
    [
      'fields without effect',
      { metadata, spec: { configSource: {}, externalID: 'x' } },
      'spec.configSource: the feature is removed',
      'spec.externalID: this field is deprecated, and is unused by Kubernetes',
    ],
  ]);
  testWarnings(runtimeclasses, [
    [
      'old labels of nodes',
      { metadata, handler: 'h', scheduling: { nodeSelector: { 'beta.kubernetes.io/arch': 'a', b: 'c' } } },
      `scheduling.nodeSelector: ${oldArch}`,
    ],
  ]);
  const annotations = { 'kubernetes.io/ingress.class': 'a' };
  testWarnings(ingresses, [
    [
      'a class by annotation',
      { metadata: { ...metadata, annotations }, spec: {} },
      `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
    ],
    ['a class by both', { metadata: { ...metadata, annotations }, spec: { ingressClassName: 'a' } }],
  ]);
  testWarnings(networkpolicies, [
    [
      'networks in other forms',
      {
        metadata,
        spec: {
          ingress: [{ from: [{ ipBlock: { cidr: '010.0.0.0/8', except: ['10.1.1.1/16'] } }] }],
          egress: [{ to: [{ podSelector: {} }, { ipBlock: { cidr: '0::/1' } }] }],
        },
      },
      `spec.ingress[0].from[0].ipBlock.cidr: non-standard CIDR value "010.0.0.0/8" ${future}: use "10.0.0.0/8"`,
      'spec.ingress[0].from[0].ipBlock.except[0]: CIDR value "10.1.1.1/16" is ambiguous in this context (should be "10.1.0.0/16" or "10.1.1.1/32"?)',
      'spec.egress[0].to[1].ipBlock.cidr: IPv6 CIDR value "0::/1" should be in RFC 5952 canonical format ("::/1")',
    ],
  ]);
});
