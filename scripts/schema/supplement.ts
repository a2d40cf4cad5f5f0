// What the facts file does not hold: types declared outside the files it was read from, structs without JSON tags,
// and fields of type interface{}. Each is as Kubernetes v1.36 declares it.
import type { Facts, FieldFacts } from './facts.ts';

const field = (name: string, goType: string, more: Partial<FieldFacts> = {}): FieldFacts => ({ name, goType, ...more });
/** Fields with protobuf numbers 1, 2, 3 … in the order given. */
const numbered = (...fields: readonly FieldFacts[]): FieldFacts[] =>
  fields.map((each, index) => ({ ...each, protobuf: index + 1 }));
const omitEmpty = { omitEmpty: true, optional: true };

const meta = 'k8s.io/apimachinery/pkg/apis/meta/v1';
const extender = 'k8s.io/kube-scheduler/extender/v1';
const logs = 'k8s.io/component-base/logs/api/v1';

/** Values of the Go constants that `+default=ref(…)` markers name. */
export const constants: Readonly<Record<string, string>> = {
  AzureDataDiskCachingReadWrite: 'ReadWrite',
  AzureSharedBlobDisk: 'Shared',
};

/**
 * Fields with Go's `omitzero`, which the facts do not tell apart from `omitempty`
 * (kubernetes/kubernetes pull request 130989): a zero time here is left out, elsewhere it prints null.
 */
export const omitZeroFields: ReadonlySet<string> = new Set([`${meta}.ObjectMeta.creationTimestamp`]);

/** Named slices that `+protobuf.nullable` turns into a message of their own with one repeated field `items`. */
export const protobufListMessages: ReadonlySet<string> = new Set(['ExtraValue', 'Verbs']);

export const supplement: Facts = {
  [meta]: {
    GroupVersionKind: {
      fields: numbered(field('group', 'string'), field('version', 'string'), field('kind', 'string')),
    },
    GroupVersionResource: {
      fields: numbered(field('group', 'string'), field('version', 'string'), field('resource', 'string')),
    },
    GroupKind: { fields: numbered(field('group', 'string'), field('kind', 'string')) },
    GroupResource: { fields: numbered(field('group', 'string'), field('resource', 'string')) },
    WatchEvent: { fields: numbered(field('type', 'string'), field('object', 'runtime.RawExtension')) },
    TableRow: {
      fields: [
        field('cells', '[]any', { listType: 'atomic' }),
        field('conditions', '[]TableRowCondition', { ...omitEmpty, listType: 'atomic' }),
        field('object', 'runtime.RawExtension', omitEmpty),
      ],
    },
  },
  'k8s.io/api/apiserverinternal/v1alpha1': { StorageVersionSpec: { fields: [] } },
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1': { CustomResourceSubresourceStatus: { fields: [] } },
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1': { CustomResourceSubresourceStatus: { fields: [] } },
  'k8s.io/apiserver/pkg/apis/apiserver/v1': { IdentityConfiguration: { fields: [] } },
  // The structs of the scheduler's extender carry no JSON tags: Go's own names go over the wire.
  [extender]: {
    ExtenderPreemptionResult: { fields: [field('NodeNameToMetaVictims', 'map[string]*MetaVictims')] },
    ExtenderPreemptionArgs: {
      fields: [
        field('Pod', '*corev1.Pod'),
        field('NodeNameToVictims', 'map[string]*Victims'),
        field('NodeNameToMetaVictims', 'map[string]*MetaVictims'),
      ],
    },
    Victims: { fields: [field('Pods', '[]*corev1.Pod'), field('NumPDBViolations', 'int64')] },
    MetaPod: { fields: [field('UID', 'string')] },
    MetaVictims: { fields: [field('Pods', '[]*MetaPod'), field('NumPDBViolations', 'int64')] },
    ExtenderArgs: {
      fields: [field('Pod', '*corev1.Pod'), field('Nodes', '*corev1.NodeList'), field('NodeNames', '*[]string')],
    },
    ExtenderFilterResult: {
      fields: [
        field('Nodes', '*corev1.NodeList'),
        field('NodeNames', '*[]string'),
        field('FailedNodes', 'FailedNodesMap'),
        field('FailedAndUnresolvableNodes', 'FailedNodesMap'),
        field('Error', 'string'),
      ],
    },
    ExtenderBindingArgs: {
      fields: [
        field('PodName', 'string'),
        field('PodNamespace', 'string'),
        field('PodUID', 'types.UID'),
        field('Node', 'string'),
      ],
    },
    ExtenderBindingResult: { fields: [field('Error', 'string')] },
    HostPriority: { fields: [field('Host', 'string'), field('Score', 'int64')] },
  },
  'k8s.io/component-base/config/v1alpha1': {
    ClientConnectionConfiguration: {
      fields: [
        field('kubeconfig', 'string'),
        field('acceptContentTypes', 'string'),
        field('contentType', 'string'),
        field('qps', 'float32'),
        field('burst', 'int32'),
      ],
    },
    LeaderElectionConfiguration: {
      fields: [
        field('leaderElect', '*bool'),
        field('leaseDuration', 'metav1.Duration'),
        field('renewDeadline', 'metav1.Duration'),
        field('retryPeriod', 'metav1.Duration'),
        field('resourceLock', 'string'),
        field('resourceName', 'string'),
        field('resourceNamespace', 'string'),
      ],
    },
    DebuggingConfiguration: {
      fields: [field('enableProfiling', '*bool', omitEmpty), field('enableContentionProfiling', '*bool', omitEmpty)],
    },
  },
  'k8s.io/component-base/tracing/api/v1': {
    TracingConfiguration: {
      fields: [field('endpoint', '*string', omitEmpty), field('samplingRatePerMillion', '*int32', omitEmpty)],
    },
  },
  [logs]: {
    LoggingConfiguration: {
      fields: [
        field('format', 'string', omitEmpty),
        // A duration, or for compatibility a number of nanoseconds.
        field('flushFrequency', 'any'),
        field('verbosity', 'VerbosityLevel'),
        field('vmodule', 'VModuleConfiguration', omitEmpty),
        field('options', 'FormatOptions', omitEmpty),
      ],
    },
    VerbosityLevel: { alias: 'uint32' },
    VModuleConfiguration: { alias: '[]VModuleItem' },
    VModuleItem: { fields: [field('filePattern', 'string'), field('verbosity', 'VerbosityLevel')] },
    FormatOptions: {
      fields: [field('text', 'TextOptions', omitEmpty), field('json', 'JSONOptions', omitEmpty)],
    },
    TextOptions: { fields: [field('', 'OutputRoutingOptions', { inline: true })] },
    JSONOptions: { fields: [field('', 'OutputRoutingOptions', { inline: true })] },
    OutputRoutingOptions: {
      fields: [field('splitStream', 'bool', omitEmpty), field('infoBufferSize', 'resource.Quantity', omitEmpty)],
    },
  },
};
