/** What the API server is started with: read from flags, checked as a whole. */
import { choiceErrors, chosenPlugins } from '../admission/plugin-names.ts';
import type { PluginChoice, PluginName } from '../admission/plugin-names.ts';
import type { AuditOptions } from '../audit/options.ts';
import type { AuthenticationOptions } from '../authentication/options.ts';
import type { AuthorizationOptions } from '../authorization/options.ts';
import type { EncryptionOptions } from '../encryption/setup.ts';
import { FlagError, parseFlags } from '../../machinery/flags/flag-set.ts';
import type { FlagSet, FlagValues } from '../../machinery/flags/flag-set.ts';
import type { PortRange } from '../../machinery/flags/flag-types.ts';
import { helpText } from '../../machinery/flags/help.ts';
import { addressBits } from '../../machinery/ip-address.ts';
import type { CIDR } from '../../machinery/cidr.ts';
import { auditOptionsOf, checkAudit } from './audit-flags.ts';
import { authenticationOptionsOf, checkAuthentication } from './authentication-flags.ts';
import { authorizationOptionsOf, checkAuthorization } from './authorization-flags.ts';
import { apiServerFlags } from './flags.ts';
import { openSslCiphers, tlsVersions } from './tls-names.ts';
import { unimplementedApiServerFlags } from './unimplemented-flags.ts';

export interface ServerRunOptions {
  readonly bindAddress: string;
  /** 0: any free port. */
  readonly securePort: number;
  /** `--advertise-address`; undefined: to be found out. */
  readonly advertiseAddress: string | undefined;
  readonly dataDirectory: string;
  readonly certDirectory: string;
  readonly tlsFiles: { readonly certificate: string; readonly key: string } | undefined;
  readonly tlsMinVersion: 'TLSv1.2' | 'TLSv1.3';
  /** In OpenSSL's form. */
  readonly tlsCiphers: string;
  readonly clientCaFile: string | undefined;
  readonly tokenAuthFile: string | undefined;
  readonly anonymousAuth: boolean;
  readonly authentication: AuthenticationOptions;
  readonly authorization: AuthorizationOptions;
  readonly admission: AdmissionOptions;
  readonly audit: AuditOptions;
  /** Undefined: nothing is encrypted at rest. */
  readonly encryption: EncryptionOptions | undefined;
  /** The network of service addresses; a second one is of the other IP family. */
  readonly serviceRanges: readonly CIDR[];
  /** `group/version=true` and the like: what to serve besides what is served always. */
  readonly runtimeConfig: readonly string[];
  readonly nodePorts: PortRange;
  /** Whether flow schemas say who waits when there is too much to do; otherwise the two limits below do. */
  readonly priorityAndFairness: boolean;
  /** 0: no limit. */
  readonly maxReadsInFlight: number;
  /** 0: no limit. */
  readonly maxWritesInFlight: number;
  readonly requestTimeoutMs: number;
  readonly minRequestTimeoutSeconds: number;
  readonly shutdownDelayMs: number;
  readonly eventTtlSeconds: number;
  /** History is kept for the longer of the two; for ever when `historyMs` is Infinity. */
  readonly retention: { readonly historyMs: number; readonly historyRevisions: number };
  readonly writeKubeconfig: string | undefined;
  readonly logging: { readonly format: 'text' | 'json'; readonly verbosity: number };
}

export interface AdmissionOptions {
  /** In the order in which they run. */
  readonly plugins: readonly PluginName[];
  readonly configFile: string | undefined;
  /** What DefaultTolerationSeconds sets. */
  readonly tolerations: { readonly notReadySeconds: number; readonly unreachableSeconds: number };
}

/** What a command line asks for. */
export type ApiServerCommandLine =
  | { readonly action: 'help'; readonly text: string }
  | { readonly action: 'version'; readonly raw: boolean }
  | { readonly action: 'run'; readonly options: ServerRunOptions; readonly warnings: readonly string[] };

/** The program's name in messages and help. */
const program = 'kube-apiserver';
const set: FlagSet<typeof apiServerFlags> = {
  program,
  flags: apiServerFlags,
  unimplemented: unimplementedApiServerFlags,
};
const description =
  'The Kubernetes API server keeps the objects of a cluster (pods, services, and all others), checks what is written ' +
  'to them, and tells everybody who watches. Every other component is a client of it.';

/** Reads the arguments after the program's name; help is laid out for `columns`. Throws FlagError. */
export function parseApiServerOptions(args: readonly string[], columns: number): ApiServerCommandLine {
  const { values, help, warnings } = parseFlags(set, args);
  if (help) return { action: 'help', text: helpText(set, { description, usage: `${program} [flags]` }, columns) };
  if (values.version !== 'false') return { action: 'version', raw: values.version === 'raw' };
  checkTogether(values);
  const found = [...warnings];
  const isOpen = values['authorization-mode']?.includes('AlwaysAllow') === true;
  if (values['anonymous-auth'] && isOpen) {
    found.push(
      'AnonymousAuth is not allowed with the AlwaysAllow authorizer. Resetting AnonymousAuth to false. You should use a different authorizer',
    );
  }
  return { action: 'run', options: optionsOf(values, isOpen), warnings: found };
}

function optionsOf(values: FlagValues<typeof apiServerFlags>, isOpen: boolean): ServerRunOptions {
  const [certificate, key] = [values['tls-cert-file'], values['tls-private-key-file']];
  const keptMs = values['etcd-compaction-interval'];
  return {
    bindAddress: values['bind-address'],
    securePort: values['secure-port'],
    advertiseAddress: values['advertise-address'],
    dataDirectory: values['data-dir'],
    certDirectory: values['cert-dir'] ?? `${values['data-dir']}/pki`,
    tlsFiles: certificate === undefined || key === undefined ? undefined : { certificate, key },
    tlsMinVersion: tlsVersions[values['tls-min-version']] ?? 'TLSv1.2',
    tlsCiphers: openSslCiphers(values['tls-cipher-suites']),
    clientCaFile: values['client-ca-file'],
    tokenAuthFile: values['token-auth-file'],
    anonymousAuth: values['anonymous-auth'] && !isOpen,
    authentication: authenticationOptionsOf(values),
    authorization: authorizationOptionsOf(values),
    admission: {
      plugins: chosenPlugins(pluginChoice(values)),
      configFile: values['admission-control-config-file'],
      tolerations: {
        notReadySeconds: values['default-not-ready-toleration-seconds'],
        unreachableSeconds: values['default-unreachable-toleration-seconds'],
      },
    },
    audit: auditOptionsOf(values),
    encryption: encryptionOptionsOf(values),
    serviceRanges: values['service-cluster-ip-range'],
    runtimeConfig: values['runtime-config'],
    nodePorts: values['service-node-port-range'],
    priorityAndFairness: values['enable-priority-and-fairness'],
    maxReadsInFlight: values['max-requests-inflight'],
    maxWritesInFlight: values['max-mutating-requests-inflight'],
    requestTimeoutMs: values['request-timeout'],
    minRequestTimeoutSeconds: values['min-request-timeout'],
    shutdownDelayMs: values['shutdown-delay-duration'],
    eventTtlSeconds: Math.ceil(values['event-ttl'] / 1000),
    retention: {
      historyMs: keptMs === 0 ? Infinity : Math.max(keptMs, values['history-hours'] * 60 * 60 * 1000),
      historyRevisions: values['history-revisions'],
    },
    writeKubeconfig: values['write-kubeconfig'],
    logging: { format: values['logging-format'], verbosity: values.v },
  };
}

function encryptionOptionsOf(values: FlagValues<typeof apiServerFlags>): EncryptionOptions | undefined {
  const configFile = values['encryption-provider-config'];
  const automaticReload = values['encryption-provider-config-automatic-reload'];
  return configFile === undefined ? undefined : { configFile, automaticReload };
}

function pluginChoice(values: FlagValues<typeof apiServerFlags>): PluginChoice {
  return { enabled: values['enable-admission-plugins'], disabled: values['disable-admission-plugins'] };
}

function seats(values: FlagValues<typeof apiServerFlags>): number {
  return values['max-requests-inflight'] + values['max-mutating-requests-inflight'];
}

/** The widest networks that services can be numbered in, as upstream bounds them. */
const minPrefixLength = { 4: 12, 6: 64 } as const;

/** Refuses values that are right each for itself and wrong together, or wrong for the server. Throws FlagError. */
function checkTogether(values: FlagValues<typeof apiServerFlags>): void {
  if ((values['tls-cert-file'] === undefined) !== (values['tls-private-key-file'] === undefined)) {
    throw new FlagError('--tls-cert-file and --tls-private-key-file go together: give both or neither');
  }
  if (values['enable-priority-and-fairness'] && seats(values) === 0) {
    throw new FlagError(
      'invalid configuration: MaxRequestsInFlight=0 and MaxMutatingRequestsInFlight=0; they must add up to something positive',
    );
  }
  checkAuthentication(values);
  if (values['data-dir'] === '') throw new FlagError('invalid argument "" for --data-dir: must be a directory');
  for (const network of values['service-cluster-ip-range']) {
    const { family, prefixLength } = network;
    const [least, most] = [minPrefixLength[family], addressBits(family) - 2];
    if (prefixLength >= least && prefixLength <= most) continue;
    throw new FlagError(
      `invalid argument "${network}" for --service-cluster-ip-range: ` +
        `the mask of an IPv${family} network must be from /${least} to /${most}`,
    );
  }
  checkAuthorization(values);
  checkAudit(values);
  if (values['encryption-provider-config-automatic-reload'] && values['encryption-provider-config'] === undefined) {
    throw new FlagError('--encryption-provider-config-automatic-reload must be set with --encryption-provider-config');
  }
  const [wrongChoice] = choiceErrors(pluginChoice(values));
  if (wrongChoice !== undefined) throw new FlagError(wrongChoice);
  const [first] = values['service-cluster-ip-range'];
  const advertised = values['advertise-address'];
  if (first !== undefined && advertised !== undefined && advertised.includes(':') !== (first.family === 6)) {
    throw new FlagError(
      `--advertise-address=${advertised} is not of the IP family of the first --service-cluster-ip-range: ` +
        `the kubernetes Service could not lead to it`,
    );
  }
}
