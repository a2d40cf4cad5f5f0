/** The flags of authentication, in upstream's names. */
import type { AuthenticationOptions, OidcOptions } from '../authentication/options.ts';
import { FlagError, flag, section } from '../../machinery/flags/flag-set.ts';
import type { FlagValues } from '../../machinery/flags/flag-set.ts';
import * as types from '../../machinery/flags/flag-types.ts';
import { FlagValueError } from '../../machinery/flags/flag-types.ts';
import type { FlagType } from '../../machinery/flags/flag-types.ts';
import { jwsAlgorithms } from '../../machinery/jwt/algorithms.ts';

/** kubeadm's name of the cluster's issuer. */
const defaultIssuer = 'https://kubernetes.default.svc.cluster.local';
const hourMs = 60 * 60 * 1000;
const maxExpirationMs = 2 ** 32 * 1000;

/** Texts that may hold commas; given again, more of them. */
const texts: FlagType<readonly string[]> = {
  name: 'stringArray',
  parse: (value) => [value],
  print: (value) => types.list.print(value),
  merge: (earlier, later) => [...earlier, ...later],
};

/** `key=value`; given again, more of them. */
const keyValues: FlagType<readonly { readonly claim: string; readonly value: string }[]> = {
  name: 'mapStringString',
  parse(text) {
    const equals = text.indexOf('=');
    if (equals <= 0) throw new FlagValueError('must be claim=value');
    return [{ claim: text.slice(0, equals).trim(), value: text.slice(equals + 1).trim() }];
  },
  print: (pairs) => pairs.map(({ claim, value }) => `${claim}=${value}`).join(','),
  merge: (earlier, later) => [...earlier.filter(({ claim }) => claim !== later[0]?.claim), ...later],
};

export const authenticationFlags = section('Authentication', {
  'anonymous-auth': flag(
    types.boolean,
    false,
    'Let requests without credentials in as system:anonymous of system:unauthenticated. As upstream, this has no effect with the mode AlwaysAllow. Health checks and /version are open in any case.',
  ),
  'api-audiences': flag(
    types.list,
    [],
    'Whom tokens for this API are for: one of these must be among the audiences of a token. Default: the issuers of service account tokens.',
  ),
  'authentication-config': flag(
    types.optionalText,
    undefined,
    'A `file` with an AuthenticationConfiguration: issuers of JSON Web Tokens, and where anonymous requests are let in. It is read again when it changes.',
  ),
  'authentication-token-webhook-cache-ttl': flag(
    types.durationMs({ minMs: 0 }),
    2 * 60 * 1000,
    'How long the answers of the token webhook are kept.',
  ),
  'authentication-token-webhook-config-file': flag(
    types.optionalText,
    undefined,
    'A kubeconfig `file` of a webhook that is asked whose a bearer token is.',
  ),
  'authentication-token-webhook-version': flag(
    types.choice(['v1', 'v1beta1']),
    'v1beta1',
    'The version of the TokenReview that is sent to the token webhook.',
  ),
  'client-ca-file': flag(
    types.optionalText,
    undefined,
    'The `file` with the authorities whose client certificates are believed, in PEM, in place of ca.crt in --cert-dir. It is read again when it changes.',
  ),
  'enable-bootstrap-token-auth': flag(
    types.boolean,
    false,
    'Believe tokens that stand in Secrets of type bootstrap.kubernetes.io/token in kube-system: with them nodes join the cluster.',
  ),
  'oidc-ca-file': flag(
    types.optionalText,
    undefined,
    "The `file` with the authorities of the OpenID issuer's server, in PEM. Default: the machine's own authorities.",
  ),
  'oidc-client-id': flag(types.text, '', 'The client that tokens of the OpenID issuer must be for.'),
  'oidc-groups-claim': flag(types.text, '', 'The claim that names the groups: a text or a list of texts.'),
  'oidc-groups-prefix': flag(types.text, '', 'Put before each group of the OpenID issuer.'),
  'oidc-issuer-url': flag(
    types.text,
    '',
    'The https URL of an OpenID issuer whose tokens are believed. --authentication-config can say more, of several.',
  ),
  'oidc-required-claim': flag(
    keyValues,
    [],
    'A claim that tokens of the OpenID issuer must have, and its value: claim=value. May be given several times.',
  ),
  'oidc-signing-algs': flag(
    types.choices([...jwsAlgorithms.keys()]),
    ['RS256'],
    `The algorithms that tokens of the OpenID issuer may be signed with: ${[...jwsAlgorithms.keys()].join(', ')}.`,
  ),
  'oidc-username-claim': flag(types.text, 'sub', 'The claim that names the user.'),
  'oidc-username-prefix': flag(
    types.text,
    '',
    'Put before each user name. Default: the issuer and # for every claim but email. -: nothing.',
  ),
  'requestheader-allowed-names': flag(
    types.list,
    [],
    'Common names of front proxies, whose headers are believed. Default: front-proxy-client with the authority in --cert-dir, and with another authority every name.',
  ),
  'requestheader-client-ca-file': flag(
    types.optionalText,
    undefined,
    'The `file` with the authorities of front proxies, in PEM, in place of front-proxy-ca.crt in --cert-dir.',
  ),
  'requestheader-extra-headers-prefix': flag(
    types.list,
    ['X-Remote-Extra-'],
    'Prefixes of the headers in which a front proxy says more of the user.',
  ),
  'requestheader-group-headers': flag(
    types.list,
    ['X-Remote-Group'],
    'The headers in which a front proxy names the groups of the user.',
  ),
  'requestheader-uid-headers': flag(
    types.list,
    ['X-Remote-Uid'],
    'The headers in which a front proxy says the uid of the user; the first that is there counts.',
  ),
  'requestheader-username-headers': flag(
    types.list,
    ['X-Remote-User'],
    'The headers in which a front proxy names the user; the first that is there counts.',
  ),
  'service-account-extend-token-expiration': flag(
    types.boolean,
    false,
    'Let tokens of Pods, which are renewed each hour, be good for a year, and count those that were not renewed.',
  ),
  'service-account-issuer': flag(
    texts,
    [],
    `Who issues service account tokens: the first issues, all are believed. An https URL can be discovered. Default: ${defaultIssuer}.`,
  ),
  'service-account-jwks-uri': flag(
    types.optionalText,
    undefined,
    'Where the keys of service account tokens are found, for the discovery document. Default: at this server.',
  ),
  'service-account-key-file': flag(
    texts,
    [],
    'A `file` of RSA or ECDSA keys, public or private, that service account tokens are verified with, beside the key that signs; may be given several times. It is read again when it changes.',
  ),
  'service-account-lookup': flag(
    types.boolean,
    true,
    'Believe tokens that stand in Secrets only as long as the Secrets do.',
  ),
  'service-account-max-token-expiration': flag(
    types.durationMs({ minMs: 0 }),
    0,
    'How long service account tokens are good for at most; who asks for more gets this. 0: no bound.',
  ),
  'service-account-signing-key-file': flag(
    types.optionalText,
    undefined,
    'The `file` with the RSA or ECDSA key that signs service account tokens, in PEM, in place of sa.key in --cert-dir. It is read again when it changes.',
  ),
  'token-auth-file': flag(
    types.optionalText,
    undefined,
    'A CSV `file` of bearer tokens: token, user name, user uid, and optionally groups, quoted and with commas.',
  ),
});

type Values = FlagValues<typeof authenticationFlags>;

export function authenticationOptionsOf(values: Values): AuthenticationOptions {
  const webhookFile = values['authentication-token-webhook-config-file'];
  const given = values['service-account-issuer'];
  const [issuer = defaultIssuer, ...otherIssuers] = given;
  const issuers = [issuer, ...otherIssuers] as const;
  const audiences = values['api-audiences'];
  const frontProxyCa = values['requestheader-client-ca-file'];
  const frontProxies = values['requestheader-allowed-names'];
  return {
    apiAudiences: audiences.length > 0 ? audiences : issuers,
    bootstrapTokens: values['enable-bootstrap-token-auth'],
    serviceAccounts: {
      issuers,
      keySetUri: values['service-account-jwks-uri'],
      keyFiles: values['service-account-key-file'],
      signingKeyFile: values['service-account-signing-key-file'],
      maxExpirationSeconds: Math.floor(values['service-account-max-token-expiration'] / 1000),
      extendExpiration: values['service-account-extend-token-expiration'],
      lookup: values['service-account-lookup'],
    },
    webhook:
      webhookFile === undefined
        ? undefined
        : {
            configFile: webhookFile,
            version: values['authentication-token-webhook-version'],
            cacheTtlMs: values['authentication-token-webhook-cache-ttl'],
          },
    configFile: values['authentication-config'],
    oidc: oidcOptionsOf(values),
    requestHeader: {
      clientCaFile: frontProxyCa,
      allowedNames: frontProxies.length === 0 && frontProxyCa === undefined ? ['front-proxy-client'] : frontProxies,
      headers: {
        username: values['requestheader-username-headers'],
        uid: values['requestheader-uid-headers'],
        group: values['requestheader-group-headers'],
        extraPrefix: values['requestheader-extra-headers-prefix'],
      },
    },
  };
}

function oidcOptionsOf(values: Values): OidcOptions | undefined {
  if (values['oidc-issuer-url'] === '') return undefined;
  return {
    issuerUrl: values['oidc-issuer-url'],
    clientId: values['oidc-client-id'],
    caFile: values['oidc-ca-file'],
    usernameClaim: values['oidc-username-claim'],
    usernamePrefix: values['oidc-username-prefix'],
    groupsClaim: values['oidc-groups-claim'],
    groupsPrefix: values['oidc-groups-prefix'],
    requiredClaims: values['oidc-required-claim'],
    signingAlgorithms: values['oidc-signing-algs'],
  };
}

/** Refuses what is wrong for the server, in upstream's words where it has any. Throws FlagError. */
export function checkAuthentication(values: Values): void {
  const seen = new Set<string>();
  for (const issuer of values['service-account-issuer']) {
    if (issuer === '') throw new FlagError('service-account-issuer should not be an empty string');
    if (issuer.includes(':') && !URL.canParse(issuer)) {
      throw new FlagError(`service-account-issuer "${issuer}" contained a ':' but was not a valid URL`);
    }
    if (seen.has(issuer)) throw new FlagError(`service-account-issuer "${issuer}" is already specified`);
    seen.add(issuer);
  }
  const keySetUri = values['service-account-jwks-uri'];
  if (keySetUri !== undefined && URL.parse(keySetUri)?.protocol !== 'https:') {
    throw new FlagError(`service-account-jwks-uri requires https scheme, parsed as: ${keySetUri}`);
  }
  const expirationMs = values['service-account-max-token-expiration'];
  if (expirationMs !== 0 && (expirationMs < hourMs || expirationMs > maxExpirationMs)) {
    throw new FlagError('the service-account-max-token-expiration must be between 1 hour and 2^32 seconds');
  }
  checkOidc(values);
  for (const name of ['username', 'group'] as const) {
    if (values[`requestheader-${name}-headers`].some((header) => header.trim() === '')) {
      throw new FlagError(`empty value in "requestheader-${name}-headers"`);
    }
  }
}

const oidcTexts = ['client-id', 'groups-claim', 'groups-prefix', 'issuer-url', 'username-prefix'] as const;

function checkOidc(values: Values): void {
  const isAnySet =
    oidcTexts.some((name) => values[`oidc-${name}`] !== '') ||
    values['oidc-ca-file'] !== undefined ||
    values['oidc-required-claim'].length > 0;
  if (!isAnySet) return;
  if (values['authentication-config'] !== undefined) {
    throw new FlagError('authentication-config file and oidc-* flags are mutually exclusive');
  }
  if (values['oidc-issuer-url'] === '' || values['oidc-client-id'] === '') {
    throw new FlagError('oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set');
  }
}
