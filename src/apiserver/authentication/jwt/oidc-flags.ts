import type { JWTAuthenticator } from '../../../api/types/apiserver-config.v1.ts';
import type { OidcOptions } from '../options.ts';

/** Stands for no prefix at all. */
const noPrefix = '-';

/** The older flags as the configuration that says the same. `ca` is the content of `--oidc-ca-file`. */
export function authenticatorOfFlags(options: OidcOptions, ca: string | undefined): JWTAuthenticator {
  const { issuerUrl, clientId, usernameClaim, usernamePrefix, groupsClaim, groupsPrefix, requiredClaims } = options;
  return {
    issuer: { url: issuerUrl, audiences: [clientId], ...(ca === undefined ? {} : { certificateAuthority: ca }) },
    claimMappings: {
      username: { claim: usernameClaim, prefix: prefixOf(issuerUrl, usernameClaim, usernamePrefix) },
      ...(groupsClaim === '' ? {} : { groups: { claim: groupsClaim, prefix: groupsPrefix } }),
    },
    claimValidationRules: requiredClaims.map(({ claim, value }) => ({ claim, requiredValue: value })),
  };
}

/** Names are unique only within their issuer; addresses are unique by themselves. */
function prefixOf(issuerUrl: string, claim: string, prefix: string): string {
  if (prefix === noPrefix) return '';
  return prefix === '' && claim !== 'email' ? `${issuerUrl}#` : prefix;
}
