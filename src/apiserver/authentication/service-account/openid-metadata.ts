/**
 * What others need to verify the cluster's tokens (KEP-1393): OpenID Connect Discovery 1.0, and the keys.
 */
import { jwkOf } from '../../../machinery/jwt/jwk.ts';
import { methodNotAllowed } from '../../../machinery/status.ts';
import type { Exchange } from '../../contract.ts';
import type { Routes } from '../../routes.ts';
import type { VerificationKeys } from './keys.ts';

export const configurationPath = '/.well-known/openid-configuration';
export const keySetPath = '/openid/v1/jwks';
/** Both may be kept for an hour: a new key must be published for so long before it signs. */
const maxAgeSeconds = 3600;

export interface OpenIdOptions {
  readonly issuer: string;
  /** `--service-account-jwks-uri`; undefined: at this server. */
  readonly keySetUri: string | undefined;
  /** HOST:PORT. */
  serverAddress(): string;
  readonly keys: VerificationKeys;
}

/** Why an issuer cannot be discovered; undefined when it can. */
export function undiscoverable(issuer: string): string | undefined {
  const url = URL.parse(issuer);
  if (url?.protocol !== 'https:') return `issuer URL must use https scheme, got: ${issuer}`;
  if (url.search !== '') return `issuer URL may not include a query, got: ${issuer}`;
  if (url.hash !== '') return `issuer URL may not include a fragment, got: ${issuer}`;
  return undefined;
}

export function addOpenIdRoutes(routes: Routes, options: OpenIdOptions): void {
  const { keys } = options;
  routes.add(configurationPath, (exchange) => {
    const uri = options.keySetUri ?? `https://${options.serverAddress()}${keySetPath}`;
    const algorithms = new Set(keys.all.map(({ key }) => jwkOf(key).alg));
    send(exchange, 'application/json', {
      issuer: options.issuer,
      jwks_uri: uri,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [...algorithms].sort(),
    });
  });
  routes.add(keySetPath, (exchange) => {
    send(exchange, 'application/jwk-set+json', { keys: keys.all.map(({ key }) => jwkOf(key)) });
  });
}

function send(exchange: Exchange, contentType: string, document: object): void {
  if (exchange.method !== 'GET') throw methodNotAllowed();
  exchange.respond(
    200,
    { 'content-type': contentType, 'cache-control': `public, max-age=${maxAgeSeconds}` },
    Buffer.from(JSON.stringify(document), 'utf8'),
  );
}
