/** An OpenID Connect issuer on this machine, as far as an API server looks at one. */
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { jwkOf } from '../../src/machinery/jwt/jwk.ts';
import { JwtSigner } from '../../src/machinery/jwt/jws.ts';
import type { JsonObject } from '../../src/machinery/jwt/jws.ts';
import { systemRandom } from '../../src/machinery/random.ts';
import { certificatePem, issueSelfSigned } from '../../src/machinery/x509/certificate.ts';

const hourMs = 60 * 60 * 1000;

export class TokenIssuer {
  readonly url: string;
  /** PEM of whom to trust. */
  readonly ca: string;
  readonly #server: Server;
  #signer: JwtSigner;
  #published: object[];
  /** How often the keys were fetched. */
  fetches = 0;
  /** What a token at `/groups` claims, for who shows `groups-token`. */
  groups: unknown = ['a', 'b'];

  private constructor(server: Server, ca: string) {
    this.#server = server;
    this.ca = ca;
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { privateKey } = newKey();
    this.#signer = new JwtSigner(privateKey);
    this.#published = [jwkOf(privateKey)];
    server.on('request', (request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/.well-known/openid-configuration') {
        response.end(JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/keys` }));
      } else if (request.url === '/keys') {
        this.fetches++;
        response.end(JSON.stringify({ keys: this.#published }));
      } else if (request.url === '/groups' && request.headers.authorization === 'Bearer groups-token') {
        response.end(this.issue({ groups: this.groups }));
      } else response.writeHead(404).end();
    });
  }

  static async start(): Promise<TokenIssuer> {
    const { privateKey } = newKey();
    const now = Date.now();
    const der = issueSelfSigned(
      {
        subject: { commonName: 'issuer', organizations: [] },
        notBeforeMs: now - hourMs,
        notAfterMs: now + hourMs,
        purpose: ['serverAuth'],
        alternativeNames: ['127.0.0.1'],
      },
      privateKey,
      systemRandom,
    );
    const ca = certificatePem(der);
    const server = createServer({ cert: ca, key: privateKey.export({ type: 'sec1', format: 'pem' }) });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TokenIssuer(server, ca);
  }

  /** A token for the audience `kubernetes`, for an hour, unless `claims` say otherwise. */
  issue(claims: JsonObject = {}): string {
    const now = Math.floor(Date.now() / 1000);
    return this.#signer.sign({ iss: this.url, aud: 'kubernetes', iat: now, exp: now + 3600, ...claims });
  }

  /** Signs with a new key, and publishes it alone. */
  rotate(): void {
    const { privateKey } = newKey();
    this.#signer = new JwtSigner(privateKey);
    this.#published = [jwkOf(privateKey)];
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function newKey(): { readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}
