/**
 * Upstream's flags that do nothing here yet, and the values that ask for what happens anyway, which are mostly their
 * defaults. Any other value is refused: nobody is to believe in a setting that is not there.
 */
import type { UnimplementedFlag } from '../../machinery/flags/flag-set.ts';
import { unimplementedLoggingFlags } from '../../machinery/flags/logging-flags.ts';

/** A switch that can only be this. */
const only = (value: boolean): UnimplementedFlag => ({ isBoolean: true, harmless: [String(value)] });
/** A flag that can only have one of these values. */
const values = (...harmless: readonly string[]): UnimplementedFlag => ({ isBoolean: false, harmless });

const generic: Readonly<Record<string, UnimplementedFlag>> = {
  'allow-privileged': only(true),
  'apiserver-count': values('1'),
  'cors-allowed-origins': values(''),
  'debug-socket-path': values(''),
  'disable-http2-serving': only(false),
  'emulated-version': values('', '1.36'),
  'emulation-forward-compatible': only(false),
  'enable-logs-handler': only(false),
  'endpoint-reconciler-type': values('lease'),
  'external-hostname': values(''),
  'feature-gates': values(''),
  'goaway-chance': values('0'),
  'http2-max-streams-per-connection': values('0', '250'),
  'kubernetes-service-node-port': values('0'),
  'livez-grace-period': values('0', '0s'),
  'max-connection-bytes-per-sec': values('0'),
  'min-compatibility-version': values(''),
  'permit-address-sharing': only(false),
  'permit-port-sharing': only(false),
  'runtime-config-emulation-forward-compatible': only(false),
  'shutdown-send-retry-after': only(false),
  'shutdown-watch-termination-grace-period': values('0', '0s'),
  'strict-transport-security-directives': values(''),
  'tls-curve-preferences': values(''),
  'tls-sni-cert-key': values(''),
};

const storage: Readonly<Record<string, UnimplementedFlag>> = {
  'default-watch-cache-size': values('100'),
  'delete-collection-workers': values('1'),
  'enable-garbage-collector': only(true),
  'etcd-cafile': values(''),
  'etcd-certfile': values(''),
  'etcd-count-metric-poll-period': values('1m', '1m0s'),
  'etcd-db-metric-poll-interval': values('30s'),
  'etcd-healthcheck-timeout': values('2s'),
  'etcd-keyfile': values(''),
  'etcd-prefix': values('/registry'),
  'etcd-readycheck-timeout': values('2s'),
  'etcd-servers': values(),
  'etcd-servers-overrides': values(''),
  'lease-reuse-duration-seconds': values('60'),
  'storage-backend': values('', 'etcd3'),
  'storage-initialization-timeout': values('1m', '1m0s'),
  'storage-media-type': values('application/json'),
  'watch-cache': only(true),
  'watch-cache-sizes': values(''),
};

const authentication: Readonly<Record<string, UnimplementedFlag>> = {
  'service-account-signing-endpoint': values(''),
};

const authorizationAndAdmission: Readonly<Record<string, UnimplementedFlag>> = {
  'admission-control': values(''),
  'authorization-policy-file': values(''),
};

const connections: Readonly<Record<string, UnimplementedFlag>> = {
  'aggregator-reject-forwarding-redirect': only(true),
  'egress-selector-config-file': values(''),
  'enable-aggregator-routing': only(false),
  'kubelet-certificate-authority': values(''),
  'kubelet-client-certificate': values(''),
  'kubelet-client-key': values(''),
  'kubelet-port': values('10250'),
  'kubelet-preferred-address-types': values('Hostname,InternalDNS,InternalIP,ExternalDNS,ExternalIP'),
  'kubelet-read-only-port': values('10255'),
  'kubelet-timeout': values('5s'),
  'peer-advertise-ip': values(''),
  'peer-advertise-port': values(''),
  'peer-ca-file': values(''),
  'proxy-client-cert-file': values(''),
  'proxy-client-key-file': values(''),
};

const observation: Readonly<Record<string, UnimplementedFlag>> = {
  'allow-metric-labels': values(''),
  'allow-metric-labels-manifest': values(''),
  'contention-profiling': only(false),
  'disabled-metrics': values(''),
  profiling: only(false),
  'show-hidden-metrics-for-version': values(''),
  'tracing-config-file': values(''),
};

export const unimplementedApiServerFlags: Readonly<Record<string, UnimplementedFlag>> = {
  ...generic,
  ...storage,
  ...authentication,
  ...authorizationAndAdmission,
  ...connections,
  ...observation,
  ...unimplementedLoggingFlags,
};
