import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ClientConfig, ClientCredentials, Impersonation } from './client-config.ts';
import { ConnectionError, type ApiRequest, type ApiResponse, type Transport } from './contract.ts';

/** How long a connection may take to come about: client-go's dialer's bound. */
const dialTimeoutMs = 30_000;
/** Connections kept for the next request. */
const maxIdleConnections = 25;

/** Requests over HTTPS (or HTTP, for a URL that says so) with kept-alive connections. */
export class HttpsTransport implements Transport {
  readonly #config: ClientConfig;
  readonly #agent: http.Agent;
  readonly #isTls: boolean;
  /** A path under which the API server stands behind a gateway; '' mostly. */
  readonly #basePath: string;

  constructor(config: ClientConfig) {
    this.#config = config;
    const { server, tls, credentials } = config;
    this.#isTls = server.protocol === 'https:';
    this.#basePath = server.pathname.replace(/\/+$/, '');
    const options = { keepAlive: true, maxFreeSockets: maxIdleConnections, noDelay: true };
    const host = server.hostname.replace(/^\[|\]$/g, '');
    this.#agent = this.#isTls
      ? new https.Agent({
          ...options,
          ...(tls.ca === undefined ? {} : { ca: tls.ca }),
          rejectUnauthorized: !tls.insecureSkipVerify,
          // An address is no server name to announce (RFC 6066), but one that the certificate must have.
          servername: tls.serverName ?? (isIP(host) === 0 ? host : ''),
          ...(credentials.certificate === undefined ? {} : { cert: credentials.certificate }),
          ...(credentials.key === undefined ? {} : { key: credentials.key }),
        })
      : new http.Agent(options);
  }

  async send(request: ApiRequest): Promise<ApiResponse> {
    const { server, credentials, impersonate } = this.#config;
    const { promise, resolve, reject } = Promise.withResolvers<ApiResponse>();
    const headers: http.OutgoingHttpHeaders = {
      ...request.headers,
      ...identityHeaders(credentials, impersonate, this.#isTls),
    };
    const sent = (this.#isTls ? https : http).request(
      {
        agent: this.#agent,
        host: server.hostname.replace(/^\[|\]$/g, ''),
        port: server.port === '' ? (this.#isTls ? 443 : 80) : server.port,
        method: request.method,
        path: this.#basePath + request.path,
        headers: request.body === undefined ? headers : { ...headers, 'content-length': request.body.length },
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      },
      (response) => resolve(responseOf(response, (error) => this.#explain(error, request))),
    );
    sent.on('error', (error) => reject(this.#explain(error, request)));
    sent.on('socket', (socket) => {
      if (!socket.connecting) return;
      socket.setTimeout(dialTimeoutMs, () => sent.destroy(new Error('dial tcp: i/o timeout')));
      socket.once((socket as TLSSocket).encrypted ? 'secureConnect' : 'connect', () => socket.setTimeout(0));
    });
    sent.end(request.body);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }

  #explain(error: Error, { signal }: ApiRequest): unknown {
    if (signal?.aborted === true) return signal.reason;
    const code = 'code' in error ? error.code : undefined;
    const message =
      code === 'ECONNREFUSED'
        ? `The connection to the server ${this.#config.server.host} was refused - did you specify the right host or port?`
        : `Unable to connect to the server: ${error.message === '' ? String(code) : error.message}`;
    return new ConnectionError(message, { cause: error });
  }
}

function responseOf(response: http.IncomingMessage, explain: (error: Error) => unknown): ApiResponse {
  return {
    status: response.statusCode ?? 0,
    header: (name) => response.headersDistinct[name] ?? [],
    body: {
      async *[Symbol.asyncIterator]() {
        try {
          for await (const piece of response) yield piece as Buffer;
        } catch (error) {
          throw error instanceof Error ? explain(error) : error;
        }
      },
    },
  };
}

function identityHeaders(
  { token, basic }: ClientCredentials,
  impersonate: Impersonation | undefined,
  isTls: boolean,
): http.OutgoingHttpHeaders {
  const headers: http.OutgoingHttpHeaders = {};
  // Secrets travel over TLS only, as client-go has it.
  if (isTls && token !== undefined) headers['authorization'] = `Bearer ${token()}`;
  else if (isTls && basic !== undefined) {
    headers['authorization'] = `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`;
  }
  if (impersonate === undefined) return headers;
  headers['impersonate-user'] = impersonate.username;
  if (impersonate.uid !== undefined) headers['impersonate-uid'] = impersonate.uid;
  if (impersonate.groups.length > 0) headers['impersonate-group'] = [...impersonate.groups];
  for (const [key, values] of Object.entries(impersonate.extra)) {
    headers[`impersonate-extra-${encodeURIComponent(key).toLowerCase()}`] = [...values];
  }
  return headers;
}
