// Go packages and what they are called elsewhere: API group and version, OpenAPI prefix, generated file.

export interface GoPackage {
  /** Go import path, such as `k8s.io/api/core/v1`. */
  readonly path: string;
  /** Prefix of OpenAPI names, such as `io.k8s.api.core.v1`. */
  readonly openapi: string;
  /** API groups whose kinds the package declares; empty when it declares no kinds. */
  readonly groups: readonly string[];
  readonly version: string;
  /** Base name of the TypeScript file, such as `core.v1`. */
  readonly file: string;
  /** Whether it belongs to components' configuration rather than to the API server's resources. */
  readonly config: boolean;
}

/** Groups whose name is not the folder's plus `.k8s.io`. */
const apiGroups: Readonly<Record<string, string>> = {
  core: '',
  apps: 'apps',
  autoscaling: 'autoscaling',
  batch: 'batch',
  policy: 'policy',
  apiserverinternal: 'internal.apiserver.k8s.io',
  flowcontrol: 'flowcontrol.apiserver.k8s.io',
  rbac: 'rbac.authorization.k8s.io',
};

/** Packages outside k8s.io/api: file name without version, groups. */
const others: ReadonlyArray<readonly [prefix: string, file: string, groups: readonly string[]]> = [
  ['k8s.io/apimachinery/pkg/apis/meta/', 'meta', ['meta.k8s.io']],
  ['k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/', 'apiextensions', ['apiextensions.k8s.io']],
  ['k8s.io/kube-aggregator/pkg/apis/apiregistration/', 'apiregistration', ['apiregistration.k8s.io']],
  ['k8s.io/metrics/pkg/apis/custom_metrics/', 'custom-metrics', ['custom.metrics.k8s.io']],
  ['k8s.io/metrics/pkg/apis/external_metrics/', 'external-metrics', ['external.metrics.k8s.io']],
  ['k8s.io/metrics/pkg/apis/metrics/', 'metrics', ['metrics.k8s.io']],
];
const configs: ReadonlyArray<readonly [prefix: string, file: string, groups: readonly string[]]> = [
  ['k8s.io/kubelet/config/', 'kubelet-config', ['kubelet.config.k8s.io']],
  ['k8s.io/kubelet/pkg/apis/credentialprovider/', 'credentialprovider', ['credentialprovider.kubelet.k8s.io']],
  ['k8s.io/kubelet/pkg/apis/stats/', 'kubelet-stats', []],
  ['k8s.io/kube-proxy/config/', 'kubeproxy-config', ['kubeproxy.config.k8s.io']],
  ['k8s.io/kube-scheduler/config/', 'kubescheduler-config', ['kubescheduler.config.k8s.io']],
  ['k8s.io/kube-scheduler/extender/', 'kubescheduler-extender', []],
  ['k8s.io/component-base/config/', 'component-config', []],
  ['k8s.io/component-base/logs/api/', 'logs', []],
  ['k8s.io/component-base/tracing/api/', 'tracing', []],
  [
    'k8s.io/apiserver/pkg/admission/plugin/policy/config/apis/policyconfig/',
    'policy-config',
    ['apiserver.config.k8s.io'],
  ],
  [
    'k8s.io/apiserver/pkg/admission/plugin/resourcequota/apis/resourcequota/',
    'resourcequota-config',
    ['apiserver.config.k8s.io', 'resourcequota.admission.k8s.io'],
  ],
  [
    'k8s.io/apiserver/pkg/admission/plugin/webhook/config/apis/webhookadmission/',
    'webhookadmission-config',
    ['apiserver.config.k8s.io'],
  ],
  ['k8s.io/apiserver/pkg/apis/apiserver/', 'apiserver-config', ['apiserver.config.k8s.io', 'apiserver.k8s.io']],
  ['k8s.io/apiserver/pkg/apis/audit/', 'audit', ['audit.k8s.io']],
  ['k8s.io/apiserver/pkg/server/flagz/api/', 'flagz', ['config.k8s.io']],
  ['k8s.io/apiserver/pkg/server/statusz/api/', 'statusz', ['config.k8s.io']],
];

export function describePackage(path: string): GoPackage {
  const version = path.slice(path.lastIndexOf('/') + 1);
  const openapi = path.replace(/^k8s\.io\//, 'io.k8s.').replaceAll('/', '.');
  const api = /^k8s\.io\/api\/([^/]+)\/[^/]+$/.exec(path);
  if (api !== null) {
    const folder = api[1] ?? '';
    const group = apiGroups[folder] ?? `${folder}.k8s.io`;
    return { path, openapi, groups: [group], version, file: `${folder}.${version}`, config: false };
  }
  for (const [list, config] of [
    [others, false],
    [configs, true],
  ] as const) {
    const entry = list.find(([prefix]) => path === prefix + version);
    if (entry !== undefined) {
      return { path, openapi, groups: entry[2], version, file: `${entry[1]}.${version}`, config };
    }
  }
  throw new Error(`${path}: name this package and its API groups in scripts/schema/packages.ts`);
}
