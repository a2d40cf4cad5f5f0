/** What authentication is set up from: flags, read and checked. */
import type { RequestHeaderNames } from './request-header.ts';

/** One issuer of OpenID Connect, as the older flags describe it. */
export interface OidcOptions {
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly caFile: string | undefined;
  readonly usernameClaim: string;
  readonly usernamePrefix: string;
  readonly groupsClaim: string;
  readonly groupsPrefix: string;
  readonly requiredClaims: readonly { readonly claim: string; readonly value: string }[];
  readonly signingAlgorithms: readonly string[];
}

export interface AuthenticationOptions {
  /** `--api-audiences`, or else the issuers. */
  readonly apiAudiences: readonly string[];
  readonly bootstrapTokens: boolean;
  readonly serviceAccounts: {
    /** The first issues tokens; those of all are believed. */
    readonly issuers: readonly [string, ...string[]];
    /** Undefined: at this server. */
    readonly keySetUri: string | undefined;
    readonly keyFiles: readonly string[];
    /** Undefined: the PKI's. */
    readonly signingKeyFile: string | undefined;
    /** 0: no bound. */
    readonly maxExpirationSeconds: number;
    readonly extendExpiration: boolean;
    readonly lookup: boolean;
  };
  /** `--authentication-token-webhook-*`; undefined: no webhook is asked. */
  readonly webhook:
    | { readonly configFile: string; readonly version: 'v1' | 'v1beta1'; readonly cacheTtlMs: number }
    | undefined;
  /** `--authentication-config` */
  readonly configFile: string | undefined;
  /** `--oidc-*`; undefined: none is believed. */
  readonly oidc: OidcOptions | undefined;
  readonly requestHeader: {
    /** Undefined: the PKI's `front-proxy-ca.crt`. */
    readonly clientCaFile: string | undefined;
    /** Empty: every certificate of the authority will do. */
    readonly allowedNames: readonly string[];
    readonly headers: RequestHeaderNames;
  };
}
