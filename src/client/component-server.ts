import { createHash, generateKeyPairSync } from 'node:crypto';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { SubjectAccessReview } from '../api/types/authorization.v1.ts';
import type { TokenReview, UserInfo } from '../api/types/authentication.v1.ts';
import { BoundedCache } from '../machinery/bounded.ts';
import type { Clock } from '../machinery/clock.ts';
import type { HealthChecks } from '../machinery/health-checks.ts';
import type { Logger } from '../machinery/logging.ts';
import type { MetricsRegistry } from '../machinery/metrics.ts';
import type { Random } from '../machinery/random.ts';
import { certificatePem, issueSelfSigned } from '../machinery/x509/certificate.ts';
import type { Client } from './client.ts';
import type { Resource } from './resource.ts';

export interface ComponentServerOptions {
  /** Asked who a token belongs to and what they may: reviews are delegated to the API server. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly host: string;
  readonly port: number;
  /** PEM. Default: a certificate of its own, as upstream makes one. */
  readonly tls?: { readonly certificate: string | Buffer; readonly key: string | Buffer };
  /** PEM of whom client certificates must be signed by. */
  readonly clientCa?: string | Buffer;
  readonly health: HealthChecks;
  readonly metrics: MetricsRegistry;
  /** What the component runs with, for `/configz`. */
  readonly configz: unknown;
}

interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const tokenReviews: Resource<TokenReview> = {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'tokenreviews',
  kind: 'TokenReview',
  namespaced: false,
};
const subjectAccessReviews: Resource<SubjectAccessReview> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'subjectaccessreviews',
  kind: 'SubjectAccessReview',
  namespaced: false,
};

/** Open to everybody: upstream's `--authorization-always-allow-paths`. */
const openPaths = /^\/(?:healthz|livez|readyz)(?:\/|$)/;
/** Upstream's: reviews are remembered for so long, and so many of them. */
const reviewTtlMs = 10_000;
const maxReviews = 1024;
const validityMs = 365 * 24 * 60 * 60 * 1000;

/** The health, metrics and configuration of a component over HTTPS, open to those whom the API server lets see them. */
export class ComponentServer {
  readonly #options: ComponentServerOptions;
  readonly #server: https.Server;
  readonly #users: BoundedCache<string, UserInfo>;
  readonly #decisions: BoundedCache<string, boolean>;

  private constructor(options: ComponentServerOptions) {
    this.#options = options;
    const cache = { maxEntries: maxReviews, ttlMs: reviewTtlMs, clock: options.clock };
    this.#users = new BoundedCache(cache);
    this.#decisions = new BoundedCache(cache);
    const { certificate, key } = options.tls ?? selfSigned(options);
    this.#server = https.createServer(
      {
        cert: certificate,
        key,
        minVersion: 'TLSv1.2',
        ...(options.clientCa === undefined
          ? {}
          : { ca: options.clientCa, requestCert: true, rejectUnauthorized: false }),
      },
      (request, response) => {
        const url = new URL(request.url ?? '/', 'https://component');
        const { authorization } = request.headers;
        this.#answer(request.method ?? 'GET', url, authorization, request.socket as TLSSocket)
          .catch((error: unknown): Page => {
            options.log.error('A request could not be answered', error, { path: url.pathname });
            return text(500, 'Internal Server Error\n');
          })
          .then(({ status, contentType, body }) => {
            response.writeHead(status, { 'content-type': contentType, 'x-content-type-options': 'nosniff' });
            response.end(request.method === 'HEAD' ? undefined : body);
          })
          .catch((error: unknown) => options.log.error('An answer could not be sent', error));
      },
    );
  }

  /** Rejects with the socket's error, e.g. EADDRINUSE. */
  static async listen(options: ComponentServerOptions): Promise<ComponentServer> {
    const server = new ComponentServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen({ host: options.host, port: options.port }, () => resolve());
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(
    method: string,
    { pathname, searchParams }: URL,
    authorization: string | undefined,
    socket: TLSSocket,
  ): Promise<Page> {
    const { health, metrics, configz } = this.#options;
    if (!openPaths.test(pathname)) {
      const user = await this.#userOf(authorization, socket);
      if (user === undefined) return text(401, 'Unauthorized\n');
      if (!(await this.#mayDo(user, method.toLowerCase(), pathname)))
        return text(403, forbidden(user, method, pathname));
    }
    if (method !== 'GET' && method !== 'HEAD') return text(405, 'Method Not Allowed\n');
    const healthPage = await health.respond(pathname, searchParams);
    if (healthPage !== undefined) return healthPage;
    if (pathname === '/metrics') {
      return { status: 200, contentType: 'text/plain; version=0.0.4; charset=utf-8', body: metrics.render() };
    }
    if (pathname === '/configz') {
      return { status: 200, contentType: 'application/json', body: JSON.stringify(configz) };
    }
    return text(404, '404 page not found\n');
  }

  /** Undefined: credentials that nobody has. Who shows none is anonymous. */
  async #userOf(authorization: string | undefined, socket: TLSSocket): Promise<UserInfo | undefined> {
    if (socket.authorized) {
      const { subject } = socket.getPeerCertificate();
      const groups = [(subject as { O?: string | string[] }).O ?? []].flat();
      return { username: String(subject.CN), groups: [...groups, 'system:authenticated'] };
    }
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return { username: 'system:anonymous', groups: ['system:unauthenticated'] };
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.#users.get(key);
    if (known !== undefined) return known;
    const { status } = await this.#options.client.create(tokenReviews, { metadata: {}, spec: { token } });
    if (status?.authenticated !== true || status.user === undefined) return undefined;
    this.#users.set(key, status.user);
    return status.user;
  }

  async #mayDo({ username, uid, groups, extra }: UserInfo, verb: string, path: string): Promise<boolean> {
    const spec = {
      ...(username === undefined ? {} : { user: username }),
      ...(uid === undefined ? {} : { uid }),
      ...(groups === undefined || groups === null ? {} : { groups }),
      ...(extra === undefined ? {} : { extra }),
      nonResourceAttributes: { path, verb },
    };
    const key = JSON.stringify(spec);
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    const { status } = await this.#options.client.create(subjectAccessReviews, { metadata: {}, spec });
    const isAllowed = status?.allowed === true;
    this.#decisions.set(key, isAllowed);
    return isAllowed;
  }
}

function text(status: number, body: string): Page {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

function forbidden({ username = '' }: UserInfo, method: string, path: string): string {
  return `Forbidden: User ${JSON.stringify(username)} cannot ${method.toLowerCase()} path ${JSON.stringify(path)}\n`;
}

function selfSigned({ clock, random, host }: ComponentServerOptions): { certificate: string; key: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const nowMs = clock.now();
  const certificate = issueSelfSigned(
    {
      subject: { commonName: `${host}@${Math.floor(nowMs / 1000)}`, organizations: [] },
      notBeforeMs: nowMs - 60 * 60 * 1000,
      notAfterMs: nowMs + validityMs,
      purpose: ['serverAuth'],
      alternativeNames: ['localhost', '127.0.0.1'],
    },
    privateKey,
    random,
  );
  return { certificate: certificatePem(certificate), key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
}
