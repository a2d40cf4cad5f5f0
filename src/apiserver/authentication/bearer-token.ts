import type { Authenticator, Exchange } from '../contract.ts';
import { AuthenticationError } from './authentication-error.ts';
import type { Authenticated, TokenAuthenticator } from './contract.ts';

/** A token in a WebSocket's list of protocols, for browsers, which cannot set headers there. */
const webSocketProtocolPrefix = 'base64url.bearer.authorization.k8s.io.';
/** Upstream's text for a token that nobody knows, which it also gives for one that somebody knows and refuses. */
const invalidToken = 'invalid bearer token';

/** `Authorization: Bearer TOKEN`, and its form for WebSockets. A token that nobody knows is refused with 401. */
export class BearerTokenAuthenticator implements Authenticator {
  readonly name = 'bearer-token';
  readonly #tokens: TokenAuthenticator;

  constructor(tokens: TokenAuthenticator) {
    this.#tokens = tokens;
  }

  authenticate(exchange: Exchange, audiences: readonly string[]): Authenticated | undefined | Promise<Authenticated> {
    const token = headerToken(exchange) ?? webSocketToken(exchange);
    if (token === undefined) return undefined;
    try {
      const answer = this.#tokens.authenticateToken(token, audiences);
      return answer instanceof Promise ? answer.then(known, refuse) : known(answer);
    } catch (error) {
      return refuse(error);
    }
  }
}

function known(answer: Authenticated | undefined): Authenticated {
  if (answer === undefined) throw new AuthenticationError(invalidToken);
  return answer;
}

function refuse(error: unknown): never {
  throw error instanceof AuthenticationError ? new AuthenticationError(invalidToken, ...error.reasons) : error;
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
  if (carriers.length > 1) throw new AuthenticationError('multiple base64.bearer.authorization tokens specified');
  if (!/^[A-Za-z0-9_-]*$/.test(encoded))
    throw new AuthenticationError('invalid base64.bearer.authorization token encoding');
  const bytes = Buffer.from(encoded, 'base64url');
  const token = bytes.toString('utf8');
  if (!Buffer.from(token, 'utf8').equals(bytes))
    throw new AuthenticationError('invalid base64.bearer.authorization token');
  // A server that selects the carrier as the protocol would send the token back: there must be another to select.
  if (protocols.length === 1) throw new AuthenticationError('missing additional subprotocol');
  return token === '' ? undefined : token;
}
