import http, { type IncomingMessage } from 'node:http';
import http2, { type ServerHttp2Stream } from 'node:http2';
import tls, { type TLSSocket } from 'node:tls';
import { constants } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../machinery/clock.ts';
import { limits, type Connection, type Exchange } from '../contract.ts';
import { Http1Exchange } from './http1.ts';
import { Http2Exchange } from './http2.ts';
import { WebSocketExchange } from './websocket.ts';

export interface TlsMaterial {
  readonly certificate: string | Buffer;
  readonly key: string | Buffer;
  /** Whom client certificates must be signed by; absent: none are asked for. */
  readonly clientCa: string | Buffer | undefined;
  readonly minVersion?: tls.SecureVersion;
  readonly ciphers?: string;
}

export interface ListenerOptions {
  readonly clock: Clock;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly tls: TlsMaterial;
  /** Must answer the exchange, whatever happens. */
  handle(exchange: Exchange): void;
}

/** Go clients multiplex all their watches over one connection: upstream's number of streams per connection. */
const maxConcurrentStreams = 250;
/** Node's default of 10 MB breaks a client's connection once its watches hold more than that. */
const maxSessionMemoryMb = 256;
/** Room for a client's bodies in flight; the protocol's default of 64 KiB makes large lists crawl. */
const windowBytes = 1024 * 1024;
/** Streams that a client opened and reset at once, per second, before the connection is cut (CVE-2023-44487). */
const maxResetsPerSecond = 200;
/** Upstream's read-header timeout. */
const headersTimeoutMs = 32_000;
/** Longer than any client's own idle timeout (client-go: 90 s), so that the client closes first. */
const keepAliveTimeoutMs = 180_000;

function connectionOf(socket: TLSSocket): Connection {
  const memory = new Map<object, unknown>();
  const certificate = socket.getPeerX509Certificate();
  const isVerified = socket.authorized && certificate !== undefined;
  return {
    clientCertificate: isVerified ? certificate.raw : undefined,
    ...(isVerified ? { clientIntermediates: intermediatesOf(certificate) } : {}),
    ...(!isVerified && certificate !== undefined ? { clientCertificateProblem: problemOf(socket) } : {}),
    remoteAddress: socket.remoteAddress ?? '',
    memory,
  };
}

/** More than these no client needs to send. */
const maxIntermediates = 8;

function intermediatesOf(certificate: X509Certificate): Uint8Array[] {
  const intermediates: Uint8Array[] = [];
  let issuer = certificate.issuerCertificate;
  while (issuer !== undefined && intermediates.length < maxIntermediates) {
    intermediates.push(issuer.raw);
    issuer = issuer.issuerCertificate;
  }
  return intermediates;
}

/** OpenSSL's word for why a certificate is not believed, in upstream's words. */
function problemOf({ authorizationError }: TLSSocket): string {
  const code = String(authorizationError);
  if (/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/.test(code)) return 'x509: certificate has expired or is not yet valid';
  if (/INVALID_PURPOSE/.test(code)) return 'x509: certificate specifies an incompatible key usage';
  return 'x509: certificate signed by unknown authority';
}

function secureContextOf({ certificate, key, clientCa, minVersion, ciphers }: TlsMaterial): tls.SecureContextOptions {
  return {
    cert: certificate,
    key,
    ...(clientCa === undefined ? {} : { ca: clientCa }),
    minVersion: minVersion ?? 'TLSv1.2',
    ...(ciphers === undefined ? {} : { ciphers, honorCipherOrder: true }),
    // A session that is resumed has forgotten the certificates that came with the client's own.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** Listens with TLS and turns HTTP/1.1 requests, HTTP/2 streams and WebSocket upgrades into exchanges. */
export class Listener {
  readonly #clock: Clock;
  readonly #tls: tls.Server;
  readonly #tlsMaterial: TlsMaterial;
  readonly #http1: http.Server;
  readonly #http2: http2.Http2Server;
  readonly #sockets = new Set<TLSSocket>();
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  #closing = false;

  private constructor(options: ListenerOptions) {
    this.#clock = options.clock;
    const connections = new WeakMap<object, Connection>();
    const connection = (socket: object): Connection => {
      let known = connections.get(socket);
      if (known === undefined) {
        known = connectionOf(socket as TLSSocket);
        connections.set(socket, known);
      }
      return known;
    };

    this.#http1 = http.createServer({
      maxHeaderSize: limits.headerBytes,
      headersTimeout: headersTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      requestTimeout: 0,
      noDelay: true,
    });
    // It never listens itself, and keeps track of connections (idle ones, slow headers) only from this event on.
    this.#http1.emit('listening');
    this.#http1.on('request', (request, response) =>
      options.handle(new Http1Exchange(request, response, connection(request.socket))),
    );
    this.#http1.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
      if (/^websocket$/i.test(request.headers.upgrade ?? '')) {
        options.handle(new WebSocketExchange(request, socket, head, connection(socket)));
      } else {
        socket.end('HTTP/1.1 501 Not Implemented\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      }
    });

    this.#http2 = http2.createServer({
      maxSessionMemory: maxSessionMemoryMb,
      maxSessionRejectedStreams: maxConcurrentStreams,
      streamResetBurst: maxResetsPerSecond * 5,
      streamResetRate: maxResetsPerSecond,
      settings: {
        maxConcurrentStreams,
        initialWindowSize: windowBytes,
        maxHeaderListSize: limits.headerBytes,
        enablePush: false,
      },
    });
    this.#http2.on('session', (session) => {
      this.#sessions.add(session);
      session.setLocalWindowSize(windowBytes * 8);
      session.on('close', () => this.#sessions.delete(session));
      session.on('error', () => {});
    });
    this.#http2.on('stream', (stream, headers, _flags, rawHeaders: readonly string[]) => {
      const session = stream.session;
      if (session === undefined) return;
      options.handle(new Http2Exchange(stream as ServerHttp2Stream, headers, rawHeaders, connection(session.socket)));
    });
    // The errors of single connections end those connections; 'close' follows.
    this.#http2.on('sessionError', () => {});

    this.#tlsMaterial = options.tls;
    this.#tls = tls.createServer({
      ...secureContextOf(options.tls),
      requestCert: options.tls.clientCa !== undefined,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: 10_000,
      noDelay: true,
    });
    this.#tls.on('secureConnection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
      if (this.#closing) socket.destroy();
      else if (socket.alpnProtocol === 'h2') this.#http2.emit('connection', socket);
      else this.#http1.emit('connection', socket);
    });
    this.#tls.on('tlsClientError', () => {});
  }

  /** Rejects with the socket's error, e.g. EADDRINUSE. */
  static async listen(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    await new Promise<void>((resolve, reject) => {
      listener.#tls.once('error', reject);
      listener.#tls.listen({ host: options.host, port: options.port, backlog: 1024 }, () => {
        listener.#tls.off('error', reject);
        listener.#tls.on('error', () => {});
        resolve();
      });
    });
    return listener;
  }

  /** Asks for client certificates of these authorities from now on, on new connections. */
  trustClientsOf(clientCa: string): void {
    this.#tls.setSecureContext(secureContextOf({ ...this.#tlsMaterial, clientCa }));
  }

  get address(): AddressInfo {
    const address = this.#tls.address();
    if (address === null || typeof address === 'string') throw new Error('the listener has no address');
    return address;
  }

  /**
   * Takes no new connections, lets requests that run finish, and closes. Connections still busy after `graceMs` are cut.
   * Long-running responses (watches) must have been ended by their owners.
   */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#tls.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    this.#http1.closeIdleConnections();
    // `http1` never listened itself: what it knows of are the connections it was handed.
    const sweep = this.#clock.setInterval(() => this.#http1.closeIdleConnections(), 20);
    const cut = this.#clock.setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await closed;
    this.#http1.close();
    sweep.cancel();
    cut.cancel();
  }
}
