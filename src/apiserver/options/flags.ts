/** The API server's flags, in upstream's names; what is ours alone stands in the section kubets. */
import { homedir } from 'node:os';
import { chosenPlugins } from '../admission/plugin-names.ts';
import { flag, section } from '../../machinery/flags/flag-set.ts';
import * as types from '../../machinery/flags/flag-types.ts';
import { loggingFlags } from '../../machinery/flags/logging-flags.ts';
import { CIDR } from '../../machinery/cidr.ts';
import { auditFlags } from './audit-flags.ts';
import { authenticationFlags } from './authentication-flags.ts';
import { authorizationFlags } from './authorization-flags.ts';
import { cipherSuites, tlsVersions } from './tls-names.ts';

const natural = types.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
/** kubeadm's network for services; upstream's own default is deprecated. */
const defaultServiceRange = '10.96.0.0/12';

export const apiServerFlags = {
  ...section('Generic', {
    'advertise-address': flag(
      types.optionalAddress,
      undefined,
      'The IP address that members of the cluster reach this server by. Default: --bind-address, or where that is unspecified, the address of the interface with the default route.',
    ),
    'enable-priority-and-fairness': flag(
      types.boolean,
      true,
      'Let FlowSchemas and PriorityLevelConfigurations say who waits when there is more to do than the two limits on requests in flight allow, which are then one limit together.',
    ),
    'event-ttl': flag(types.durationMs({ minMs: 1000 }), 60 * 60 * 1000, 'How long events are kept.'),
    'max-mutating-requests-inflight': flag(
      natural,
      200,
      'So many requests that change something are worked on at a time; more are answered with 429. 0: no limit.',
    ),
    'max-requests-inflight': flag(
      natural,
      400,
      'So many requests that only read are worked on at a time; more are answered with 429. 0: no limit.',
    ),
    'min-request-timeout': flag(
      natural,
      1800,
      'Seconds that a watch without a timeout of its own is kept open at least; it ends after this and up to as much again.',
    ),
    'request-timeout': flag(
      types.durationMs({ minMs: 1000 }),
      60_000,
      'How long a request may take, watches and the like aside.',
    ),
    'runtime-config': flag(
      types.list,
      [],
      'Versions to serve besides the stable ones, as `group/version[/resource]=true`; api/beta=true: all of them.',
    ),
    'shutdown-delay-duration': flag(
      types.durationMs({ minMs: 0 }),
      0,
      'How long the server goes on serving when it is told to end, while /readyz already fails.',
    ),
    'service-cluster-ip-range': flag(
      types.networks,
      [CIDR.parse(defaultServiceRange)].filter((cidr) => cidr !== undefined),
      'The network (or an IPv4 and an IPv6 network, with a comma) that services get their addresses from.',
    ),
    'service-node-port-range': flag(
      types.portRange,
      { first: 30000, last: 32767 },
      'The ports for services of type NodePort, both ends included.',
    ),
  }),
  ...section('Etcd', {
    'etcd-compaction-interval': flag(
      types.durationMs({ minMs: 0 }),
      5 * 60 * 1000,
      'How long history is kept at least, so that watches and continued lists can go on from it. 0: for ever.',
    ),
  }),
  ...section('Encryption at rest', {
    'encryption-provider-config': flag(
      types.optionalText,
      undefined,
      'The `file` that says which objects are stored encrypted, and how: an EncryptionConfiguration.',
    ),
    'encryption-provider-config-automatic-reload': flag(
      types.boolean,
      false,
      'Read --encryption-provider-config again when it changes.',
    ),
  }),
  ...section('Secure serving', {
    'bind-address': flag(types.address, '0.0.0.0', 'The `ip` address to listen on; 0.0.0.0 and :: mean all.'),
    'cert-dir': flag(
      types.optionalText,
      undefined,
      'The directory with the certificates of the control plane, which are made there when they are missing. Default: pki in --data-dir.',
    ),
    'secure-port': flag(
      types.integer({ min: 0, max: 65535 }),
      6443,
      'The port to serve HTTPS on. 0 takes one that is free.',
    ),
    'tls-cert-file': flag(
      types.optionalText,
      undefined,
      "The `file` with the server's certificate and its chain, in PEM, in place of the one in --cert-dir.",
    ),
    'tls-cipher-suites': flag(
      types.choices(Object.keys(cipherSuites)),
      [],
      `The cipher suites for TLS 1.2. Default: all of these. Known: ${Object.keys(cipherSuites).join(', ')}.`,
    ),
    'tls-min-version': flag(
      types.choice(Object.keys(tlsVersions)),
      'VersionTLS12',
      `The oldest version of TLS to speak: ${Object.keys(tlsVersions).join(', ')}.`,
    ),
    'tls-private-key-file': flag(types.optionalText, undefined, 'The `file` with the key of --tls-cert-file, in PEM.'),
  }),
  ...auditFlags,
  ...authenticationFlags,
  ...authorizationFlags,
  ...section('Admission', {
    'admission-control-config-file': flag(
      types.optionalText,
      undefined,
      'The `file` with the configuration of admission plugins, an AdmissionConfiguration.',
    ),
    'default-not-ready-toleration-seconds': flag(
      types.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
      300,
      'The tolerationSeconds of the toleration for notReady:NoExecute that is added to every pod that does not have one.',
    ),
    'default-unreachable-toleration-seconds': flag(
      types.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
      300,
      'The tolerationSeconds of the toleration for unreachable:NoExecute that is added to every pod that does not have one.',
    ),
    'disable-admission-plugins': flag(
      types.list,
      [],
      'Admission plugins to leave out, though they are there by default. Their order is no matter.',
    ),
    'enable-admission-plugins': flag(
      types.list,
      [],
      `Admission plugins to use besides the default ones (${chosenPlugins({ enabled: [], disabled: [] }).join(', ')}). Their order is no matter.`,
    ),
  }),
  ...section('kubets', {
    'data-dir': flag(
      types.text,
      defaultDataDirectory(),
      'The `directory` that holds the store, and pki unless --cert-dir says otherwise.',
    ),
    'history-hours': flag(
      types.decimal({ min: 0, max: 100 * 365 * 24 }),
      0,
      'Keep the history of every object for so many hours, where that is longer than --etcd-compaction-interval.',
    ),
    'history-revisions': flag(natural, 10_000, 'Keep so many revisions of history at least, however old they are.'),
    'write-kubeconfig': flag(
      types.optionalText,
      undefined,
      'Write a kubeconfig for an administrator to this `file` when the server is ready.',
    ),
  }),
  ...loggingFlags,
};

/** Where a service keeps its state: for root, and for everybody else (XDG Base Directory Specification). */
function defaultDataDirectory(): string {
  if (process.getuid?.() === 0) return '/var/lib/kubets';
  return `${process.env['XDG_DATA_HOME'] ?? `${homedir()}/.local/share`}/kubets`;
}
