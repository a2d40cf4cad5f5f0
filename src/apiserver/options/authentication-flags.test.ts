import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlagError } from '../../machinery/flags/flag-set.ts';
import type { AuthenticationOptions } from '../authentication/options.ts';
import { parseApiServerOptions } from './options.ts';

const issuer = 'https://kubernetes.default.svc.cluster.local';

function optionsOf(...args: readonly string[]): AuthenticationOptions {
  const line = parseApiServerOptions(args, 100);
  assert.ok(line.action === 'run');
  return line.options.authentication;
}

test('without flags, the cluster issues tokens for itself, and believes its own front proxy', () => {
  assert.deepEqual(optionsOf(), {
    apiAudiences: [issuer],
    bootstrapTokens: false,
    serviceAccounts: {
      issuers: [issuer],
      keySetUri: undefined,
      keyFiles: [],
      signingKeyFile: undefined,
      maxExpirationSeconds: 0,
      extendExpiration: false,
      lookup: true,
    },
    webhook: undefined,
    configFile: undefined,
    oidc: undefined,
    requestHeader: {
      clientCaFile: undefined,
      allowedNames: ['front-proxy-client'],
      headers: {
        username: ['X-Remote-User'],
        uid: ['X-Remote-Uid'],
        group: ['X-Remote-Group'],
        extraPrefix: ['X-Remote-Extra-'],
      },
    },
  });
});

test('every flag reaches its option', () => {
  const line = `
    --api-audiences=a,b --enable-bootstrap-token-auth --service-account-issuer=https://one --service-account-issuer=two
    --service-account-jwks-uri=https://keys --service-account-key-file=/k1 --service-account-key-file=/k2
    --service-account-signing-key-file=/s --service-account-max-token-expiration=2h
    --service-account-extend-token-expiration --service-account-lookup=false
    --authentication-token-webhook-config-file=/w --authentication-token-webhook-version=v1
    --authentication-token-webhook-cache-ttl=9s --requestheader-client-ca-file=/f --requestheader-allowed-names=x,y
    --requestheader-username-headers=X-U --requestheader-uid-headers=X-I --requestheader-group-headers=X-G,X-H
    --requestheader-extra-headers-prefix=X-E- --authentication-config=/c`;
  assert.deepEqual(optionsOf(...line.trim().split(/\s+/)), {
    apiAudiences: ['a', 'b'],
    bootstrapTokens: true,
    serviceAccounts: {
      issuers: ['https://one', 'two'],
      keySetUri: 'https://keys',
      keyFiles: ['/k1', '/k2'],
      signingKeyFile: '/s',
      maxExpirationSeconds: 7200,
      extendExpiration: true,
      lookup: false,
    },
    webhook: { configFile: '/w', version: 'v1', cacheTtlMs: 9000 },
    configFile: '/c',
    oidc: undefined,
    requestHeader: {
      clientCaFile: '/f',
      allowedNames: ['x', 'y'],
      headers: { username: ['X-U'], uid: ['X-I'], group: ['X-G', 'X-H'], extraPrefix: ['X-E-'] },
    },
  });
});

test('the older flags describe one OpenID issuer', () => {
  const line = `
    --oidc-issuer-url=https://i --oidc-client-id=c --oidc-ca-file=/ca --oidc-username-claim=email
    --oidc-username-prefix=- --oidc-groups-claim=g --oidc-groups-prefix=p: --oidc-required-claim=a=1
    --oidc-required-claim=b=2=3 --oidc-required-claim=a=4 --oidc-signing-algs=ES256,PS512`;
  assert.deepEqual(optionsOf(...line.trim().split(/\s+/)).oidc, {
    issuerUrl: 'https://i',
    clientId: 'c',
    caFile: '/ca',
    usernameClaim: 'email',
    usernamePrefix: '-',
    groupsClaim: 'g',
    groupsPrefix: 'p:',
    requiredClaims: [
      { claim: 'b', value: '2=3' },
      { claim: 'a', value: '4' },
    ],
    signingAlgorithms: ['ES256', 'PS512'],
  });
});

test('another authority of front proxies stands for every name', () => {
  assert.deepEqual(optionsOf('--requestheader-client-ca-file=/f').requestHeader.allowedNames, []);
});

test('what cannot be is refused in upstream’s words', () => {
  const cases: readonly (readonly [args: string[], message: RegExp])[] = [
    [['--service-account-issuer='], /service-account-issuer should not be an empty string/],
    [['--service-account-issuer=https://[x'], /"https:\/\/\[x" contained a ':' but was not a valid URL/],
    [['--service-account-issuer=a', '--service-account-issuer=a'], /service-account-issuer "a" is already specified/],
    [['--service-account-jwks-uri=http://x'], /service-account-jwks-uri requires https scheme, parsed as: http:\/\/x/],
    [
      ['--service-account-max-token-expiration=59m'],
      /service-account-max-token-expiration must be between 1 hour and 2\^32 seconds/,
    ],
    [['--oidc-client-id=c'], /oidc-issuer-url and oidc-client-id must be specified together/],
    [['--oidc-signing-algs=HS256'], /must be one of RS256, /],
    [['--oidc-required-claim=a'], /must be claim=value/],
    [
      ['--authentication-config=/c', '--oidc-issuer-url=https://i', '--oidc-client-id=c'],
      /authentication-config file and oidc-\* flags are mutually exclusive/,
    ],
    [['--authentication-token-webhook-version=v2'], /must be one of v1, v1beta1/],
    [['--requestheader-username-headers=X-U,'], /empty value in "requestheader-username-headers"/],
  ];
  for (const [args, message] of cases) {
    assert.throws(
      () => optionsOf(...args),
      (error) => {
        assert.ok(error instanceof FlagError);
        assert.match(error.message, message);
        return true;
      },
    );
  }
});
