import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import tls from 'node:tls';
import { CIDR } from '../../machinery/cidr.ts';
import { FlagError } from '../../machinery/flags/flag-set.ts';
import { chosenPlugins } from '../admission/plugin-names.ts';
import { apiServerFlags } from './flags.ts';
import { parseApiServerOptions } from './options.ts';
import type { ServerRunOptions } from './options.ts';
import { cipherSuites, openSslCiphers } from './tls-names.ts';
import { unimplementedApiServerFlags } from './unimplemented-flags.ts';

function run(...args: readonly string[]): { options: ServerRunOptions; warnings: readonly string[] } {
  const line = parseApiServerOptions(args, 100);
  assert.ok(line.action === 'run');
  return line;
}
const refusal = (...args: readonly string[]): string => {
  try {
    parseApiServerOptions(args, 100);
  } catch (error) {
    assert.ok(error instanceof FlagError);
    return error.message;
  }
  throw new assert.AssertionError({ message: `${args.join(' ')} was accepted` });
};

test("defaults are upstream's", () => {
  const { options, warnings } = run('--data-dir=/d');
  assert.deepEqual(warnings, []);
  assert.deepEqual(options, {
    bindAddress: '0.0.0.0',
    securePort: 6443,
    advertiseAddress: undefined,
    dataDirectory: '/d',
    certDirectory: '/d/pki',
    tlsFiles: undefined,
    tlsMinVersion: 'TLSv1.2',
    tlsCiphers: [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-RSA-CHACHA20-POLY1305',
      'ECDHE-ECDSA-AES128-SHA',
      'ECDHE-ECDSA-AES256-SHA',
      'ECDHE-RSA-AES128-SHA',
      'ECDHE-RSA-AES256-SHA',
    ].join(':'),
    clientCaFile: undefined,
    tokenAuthFile: undefined,
    anonymousAuth: false,
    // Has a test of its own.
    authentication: options.authentication,
    authorization: { modes: ['Node', 'RBAC'] },
    admission: {
      plugins: chosenPlugins({ enabled: [], disabled: [] }),
      configFile: undefined,
      tolerations: { notReadySeconds: 300, unreachableSeconds: 300 },
    },
    serviceRanges: [CIDR.parse('10.96.0.0/12')],
    audit: { policyFile: undefined, log: undefined, webhook: undefined },
    encryption: undefined,
    runtimeConfig: [],
    nodePorts: { first: 30000, last: 32767 },
    priorityAndFairness: true,
    maxReadsInFlight: 400,
    maxWritesInFlight: 200,
    requestTimeoutMs: 60_000,
    minRequestTimeoutSeconds: 1800,
    shutdownDelayMs: 0,
    eventTtlSeconds: 3600,
    retention: { historyMs: 300_000, historyRevisions: 10_000 },
    writeKubeconfig: undefined,
    logging: { format: 'text', verbosity: 0 },
  });
});

test('every flag reaches its option', () => {
  const line = `
    --bind-address=127.0.0.1 --secure-port=0 --advertise-address=192.0.2.1 --cert-dir=/c --data-dir=/d
    --tls-cert-file=/t.crt --tls-private-key-file=/t.key --tls-min-version=VersionTLS13
    --tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 --client-ca-file=/ca --token-auth-file=/tokens
    --anonymous-auth --authorization-mode=AlwaysDeny --service-cluster-ip-range=10.0.0.0/16,fd00::/108
    --service-node-port-range=1-2 --runtime-config=api/beta=true --max-requests-inflight=3 --max-mutating-requests-inflight=4
    --request-timeout=5s --min-request-timeout=6 --shutdown-delay-duration=7s --event-ttl=1m30.5s
    --history-hours=0.5 --history-revisions=8 --write-kubeconfig=/k --logging-format=json -v9
    --enable-priority-and-fairness=false
    --enable-admission-plugins=AlwaysDeny --disable-admission-plugins=NamespaceLifecycle
    --admission-control-config-file=/a --default-not-ready-toleration-seconds=9
    --default-unreachable-toleration-seconds=10`;
  const { options } = run(...line.trim().split(/\s+/));
  assert.deepEqual(
    { ...options, serviceRanges: options.serviceRanges.length },
    {
      bindAddress: '127.0.0.1',
      securePort: 0,
      advertiseAddress: '192.0.2.1',
      dataDirectory: '/d',
      certDirectory: '/c',
      tlsFiles: { certificate: '/t.crt', key: '/t.key' },
      tlsMinVersion: 'TLSv1.3',
      tlsCiphers:
        'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
      clientCaFile: '/ca',
      tokenAuthFile: '/tokens',
      anonymousAuth: true,
      authentication: options.authentication,
      authorization: { modes: ['AlwaysDeny'] },
      admission: {
        plugins: chosenPlugins({ enabled: ['AlwaysDeny'], disabled: ['NamespaceLifecycle'] }),
        configFile: '/a',
        tolerations: { notReadySeconds: 9, unreachableSeconds: 10 },
      },
      audit: { policyFile: undefined, log: undefined, webhook: undefined },
      encryption: undefined,
      serviceRanges: 2,
      runtimeConfig: ['api/beta=true'],
      nodePorts: { first: 1, last: 2 },
      priorityAndFairness: false,
      maxReadsInFlight: 3,
      maxWritesInFlight: 4,
      requestTimeoutMs: 5000,
      minRequestTimeoutSeconds: 6,
      shutdownDelayMs: 7000,
      eventTtlSeconds: 91,
      retention: { historyMs: 1_800_000, historyRevisions: 8 },
      writeKubeconfig: '/k',
      logging: { format: 'json', verbosity: 9 },
    },
  );
});

describe('together', () => {
  test('history lasts for the longer of two times, or for ever', () => {
    assert.equal(run('--history-hours=0.01').options.retention.historyMs, 300_000);
    assert.equal(run('--etcd-compaction-interval=0').options.retention.historyMs, Infinity);
  });

  test('anonymous requests and AlwaysAllow do not go together', () => {
    assert.equal(run('--anonymous-auth=true').options.anonymousAuth, true);
    const { options, warnings } = run('--anonymous-auth=true', '--authorization-mode=AlwaysAllow');
    assert.equal(options.anonymousAuth, false);
    assert.match(warnings.join(), /AnonymousAuth is not allowed with the AlwaysAllow authorizer/);
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['--tls-cert-file=/c', /--tls-cert-file and --tls-private-key-file go together/],
    ['--authorization-mode=ABAC', /invalid argument "ABAC" for --authorization-mode: ABAC is not implemented yet/],
    ['--authorization-mode=Node,ABAC', /ABAC is not implemented yet; must be one of AlwaysAllow, AlwaysDeny/],
    ['--authorization-mode=Any', /must be one of AlwaysAllow, AlwaysDeny/],
    ['--authorization-mode=AlwaysDeny,AlwaysDeny', /AlwaysDeny is given more than once/],
    ['--authorization-mode=', /at least one authorization-mode must be passed/],
    ['--authorization-mode=Webhook', /^authorization-mode Webhook's authorization config file not passed$/],
    ['--authorization-webhook-config-file=/w', /--authorization-webhook-config-file without mode Webhook/],
    ['--authorization-webhook-version=v2', /must be one of v1, v1beta1/],
    [
      '--service-cluster-ip-range=10.0.0.0/8',
      /"10.0.0.0\/8" for --service-cluster-ip-range: the mask .* from \/12 to \/30/,
    ],
    ['--service-cluster-ip-range=fd00::/32', /from \/64 to \/126/],
    ['--advertise-address=::1', /not of the IP family of the first --service-cluster-ip-range/],
    ['--etcd-servers=https://127.0.0.1:2379', /--etcd-servers=https:\/\/127.0.0.1:2379 is not implemented yet/],
    ['--enable-admission-plugins=ImagePolicyWebhook', /plugin "ImagePolicyWebhook" is not implemented yet/],
    ['--enable-admission-plugins=Nothing', /^enable-admission-plugins plugin "Nothing" is unknown$/],
    ['--disable-admission-plugins=Nothing', /^disable-admission-plugins plugin "Nothing" is unknown$/],
    ['--profiling', /--profiling=true is not implemented yet; it can only be --profiling=false/],
    ['--data-dir=', /must be a directory/],
    ['--write-kubeconfg=x', /unknown flag: --write-kubeconfg \(did you mean --write-kubeconfig\?\)/],
    ['--secure-port=65536', /invalid argument "65536" for --secure-port: must be a whole number from 0 to 65535/],
    ['--tls-min-version=VersionTLS10', /must be one of VersionTLS12, VersionTLS13/],
    ['--request-timeout=0', /must be a duration of 1s or more/],
  ];
  for (const [argument, pattern] of refused) test(argument, () => assert.match(refusal(argument), pattern));

  test('the defaults of upstream may be spelled out', () => {
    const harmless = ['--feature-gates=', '--etcd-prefix=/registry', '--watch-cache=true', '--audit-log-mode=blocking'];
    assert.deepEqual(run(...harmless).warnings, []);
  });
});

test('no flag is both implemented and not', () => {
  const both = Object.keys(unimplementedApiServerFlags).filter((name) => name in apiServerFlags);
  assert.deepEqual(both, []);
});

test('every cipher suite is one that OpenSSL has', () => {
  const known = new Set(tls.getCiphers());
  for (const [go, openssl] of Object.entries(cipherSuites)) assert.ok(known.has(openssl.toLowerCase()), go);
  assert.ok(tls.createSecureContext({ ciphers: openSslCiphers(Object.keys(cipherSuites)) ?? '' }) !== undefined);
});

test('help and version end the program', () => {
  const help = parseApiServerOptions(['--help'], 100);
  assert.ok(help.action === 'help');
  for (const name of Object.keys(apiServerFlags)) assert.ok(help.text.includes(`--${name}`), name);
  assert.ok(help.text.split('\n').every((line) => line.length <= 100));
  assert.deepEqual(parseApiServerOptions(['--version'], 100), { action: 'version', raw: false });
  assert.deepEqual(parseApiServerOptions(['--version=raw'], 100), { action: 'version', raw: true });
});
