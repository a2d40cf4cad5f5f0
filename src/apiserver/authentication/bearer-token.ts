import type { UserInfo } from '../../api/contract.ts';
import { unauthorized } from '../../machinery/status.ts';
import type { Authenticator, Exchange } from '../contract.ts';

/** Knows whose token a token is; one after the other is asked. */
export interface TokenAuthenticator {
  /** Undefined: not a token of this kind. Throws (or rejects with) a 401 StatusError for one that is, and is bad. */
  authenticateToken(token: string): UserInfo | undefined | Promise<UserInfo | undefined>;
}

/** A token in a WebSocket's list of protocols, for browsers, which cannot set headers there. */
const webSocketProtocolPrefix = 'base64url.bearer.authorization.k8s.io.';

/** `Authorization: Bearer TOKEN`, and its form for WebSockets. A token that nobody knows is refused with 401. */
export class BearerTokenAuthenticator implements Authenticator {
  readonly name = 'bearer-token';
  readonly #authenticators: readonly TokenAuthenticator[];

  constructor(authenticators: readonly TokenAuthenticator[]) {
    this.#authenticators = authenticators;
  }

  authenticate(exchange: Exchange): UserInfo | undefined | Promise<UserInfo> {
    const token = headerToken(exchange) ?? webSocketToken(exchange);
    return token === undefined ? undefined : this.#ask(token, 0);
  }

  /** Stays synchronous for as long as those who are asked do. */
  #ask(token: string, first: number): UserInfo | Promise<UserInfo> {
    for (let index = first; index < this.#authenticators.length; index++) {
      const answer = this.#authenticators[index]?.authenticateToken(token);
      if (answer instanceof Promise) return answer.then((user) => user ?? this.#ask(token, index + 1));
      if (answer !== undefined) return answer;
    }
    throw unauthorized();
  }
}

function headerToken(exchange: Exchange): string | undefined {
  const header = exchange.header('authorization')?.trim();
  if (header === undefined || header === '') return undefined;
  const [scheme = '', token] = header.split(' ');
  if (token === undefined || scheme.toLowerCase() !== 'bearer') return undefined;
  if (token === '') {
    exchange.addWarning(
      'the provided Authorization header contains extra space before the bearer token, and is ignored',
    );
    return undefined;
  }
  return token;
}

function webSocketToken(exchange: Exchange): string | undefined {
  if (exchange.header('upgrade')?.toLowerCase() !== 'websocket') return undefined;
  const protocols = (exchange.header('sec-websocket-protocol') ?? '').split(',').map((protocol) => protocol.trim());
  const carriers = protocols.filter((protocol) => protocol.startsWith(webSocketProtocolPrefix));
  const [carrier] = carriers;
  if (carrier === undefined) return undefined;
  const encoded = carrier.slice(webSocketProtocolPrefix.length);
  const isEncoded = /^[A-Za-z0-9_-]*$/.test(encoded);
  const bytes = Buffer.from(encoded, 'base64url');
  const token = bytes.toString('utf8');
  // A server that selects the carrier as the protocol would send the token back: there must be another to select.
  if (carriers.length > 1 || protocols.length === 1 || !isEncoded || !Buffer.from(token, 'utf8').equals(bytes)) {
    throw unauthorized();
  }
  return token === '' ? undefined : token;
}
