import type { KubernetesObject, UserInfo } from '../api/contract.ts';
import type { Condition } from '../api/types/meta.v1.ts';
import type { ServiceCIDR } from '../api/types/networking.v1.ts';
import { isLoopback } from './advertise-address.ts';
import { InternalExchange, type InternalResponse } from './http/internal.ts';

/** Upstream's name for the API server when it acts for itself. */
export const serverUser: UserInfo = {
  username: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
};

export interface BootstrapOptions {
  /** Serves a request in a user's name. */
  serveAs(user: UserInfo, exchange: InternalExchange): Promise<void>;
  /** The first address of each service network, the first being the `kubernetes` Service's own. */
  readonly serviceAddresses: readonly string[];
  /** The service networks, in CIDR form. */
  readonly serviceNetworks: readonly string[];
  /** An RFC 3339 time. */
  readonly now: string;
  readonly securePort: number;
  /** Where clients in the cluster reach this server. */
  readonly advertiseAddress: string;
}

/** An object to write; its other fields are the API's to check. */
type NamedObject = KubernetesObject & { readonly metadata: { readonly name: string } } & Readonly<
    Record<string, unknown>
  >;

const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'default'];

/** The classes of what a cluster cannot do without (KEP-268). */
const systemPriorityClasses: readonly NamedObject[] = [
  systemPriorityClass(
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ),
  systemPriorityClass(
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ),
];

function systemPriorityClass(name: string, value: number, description: string): NamedObject {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description };
}

/** What every cluster has from its first moment. What is there is left as it is, but for this server's own endpoints. */
export async function bootstrap(options: BootstrapOptions): Promise<void> {
  await Promise.all([
    ...systemNamespaces.map((name) =>
      createMissing(options, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
    ),
    settleServiceCIDR(options),
    ...systemPriorityClasses.map((object) =>
      createMissing(options, '/apis/scheduling.k8s.io/v1/priorityclasses', object),
    ),
  ]);
  await Promise.all([
    createMissing(options, '/api/v1/namespaces/default/services', kubernetesService(options)),
    createMissing(options, '/api/v1/namespaces/kube-system/configmaps', legacyTokenTracking(options)),
  ]);
  await publishEndpoints(options);
}

async function request(
  options: BootstrapOptions,
  method: string,
  target: string,
  body?: object,
): Promise<InternalResponse> {
  const exchange = new InternalExchange({
    method,
    target,
    headers: { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'kube-apiserver' },
    ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
  });
  await options.serveAs(serverUser, exchange);
  return exchange.response;
}

function checkAnswer(response: InternalResponse, what: string): void {
  if (response.status < 300) return;
  throw new Error(`${what}: ${response.body.toString('utf8')}`);
}

async function createMissing(options: BootstrapOptions, path: string, object: NamedObject): Promise<void> {
  const existing = await request(options, 'GET', `${path}/${object.metadata.name}`);
  if (existing.status === 200) return;
  const created = await request(options, 'POST', path, object);
  // Another server of the same cluster may be starting at the same time.
  if (created.status !== 409) checkAnswer(created, `creating ${path}/${object.metadata.name}`);
}

/** Says since when it is noted which tokens in Secrets are used (KEP-2799): whoever cleans them up has to know. */
function legacyTokenTracking({ now }: BootstrapOptions): NamedObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' },
    data: { since: now.slice(0, 10) },
  };
}

function familyOf(address: string): 'IPv4' | 'IPv6' {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

const serviceCIDRs = '/apis/networking.k8s.io/v1/servicecidrs';

/** The networks that the server was started with, as an object that others can read (KEP-1880). */
function defaultServiceCIDR({ serviceNetworks, now }: BootstrapOptions): NamedObject & ServiceCIDR {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes' },
    spec: { cidrs: [...serviceNetworks] },
    status: { conditions: [readyCondition(now)] },
  };
}

function readyCondition(now: string): Condition {
  const message = 'Kubernetes default Service CIDR is ready';
  return { type: 'Ready', status: 'True', reason: '', message, lastTransitionTime: now };
}

/**
 * Sees to it that there is a default ServiceCIDR. One of a single network gets the second that the server was started
 * with; one that nobody has judged is ready when its networks are those of the server. What differs otherwise is left
 * to its administrator, as is what is being deleted.
 */
async function settleServiceCIDR(options: BootstrapOptions): Promise<void> {
  const wanted = defaultServiceCIDR(options);
  await createMissing(options, serviceCIDRs, wanted);
  const path = `${serviceCIDRs}/${wanted.metadata.name}`;
  const response = await request(options, 'GET', path);
  checkAnswer(response, `reading ${path}`);
  const found = JSON.parse(response.body.toString('utf8')) as ServiceCIDR;
  if (found.metadata.deletionTimestamp !== undefined) return;
  const cidrs = found.spec?.cidrs ?? [];
  const { serviceNetworks, now } = options;
  if (cidrs.length === 1 && serviceNetworks.length === 2 && cidrs[0] === serviceNetworks[0]) {
    const grown = { ...found, spec: { ...found.spec, cidrs: serviceNetworks } };
    checkAnswer(await request(options, 'PUT', path, grown), `writing ${path}`);
    return;
  }
  const conditions = found.status?.conditions ?? [];
  const isJudged = conditions.some(({ type, status }) => type === 'Ready' && status !== 'Unknown');
  if (isJudged || cidrs.join() !== serviceNetworks.join()) return;
  const others = conditions.filter(({ type }) => type !== 'Ready');
  const ready = { ...found, status: { ...found.status, conditions: [...others, readyCondition(now)] } };
  checkAnswer(await request(options, 'PUT', `${path}/status`, ready), `writing ${path}/status`);
}

function kubernetesService({ serviceAddresses, securePort }: BootstrapOptions): NamedObject {
  const [clusterIP = ''] = serviceAddresses;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: [familyOf(clusterIP)],
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: securePort }],
    },
  };
}

/** Says where this server is: the Endpoints and EndpointSlice behind the `kubernetes` Service. */
async function publishEndpoints(options: BootstrapOptions): Promise<void> {
  const { advertiseAddress, securePort } = options;
  // On a machine without a network there is no address that the API would take: the Service then leads nowhere.
  if (isLoopback(advertiseAddress)) return;
  const ports = [{ name: 'https', port: securePort, protocol: 'TCP' }];
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'kubernetes', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: advertiseAddress }], ports }],
  };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: familyOf(advertiseAddress),
    endpoints: [{ addresses: [advertiseAddress], conditions: { ready: true } }],
    ports,
  };
  await Promise.all([
    replace(options, '/api/v1/namespaces/default/endpoints', endpoints),
    replace(options, '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', slice),
  ]);
}

async function replace(options: BootstrapOptions, path: string, object: NamedObject): Promise<void> {
  const { name } = object.metadata;
  await createMissing(options, path, object);
  checkAnswer(await request(options, 'PUT', `${path}/${name}`, object), `writing ${path}/${name}`);
}
