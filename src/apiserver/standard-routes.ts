import type { Clock } from '../machinery/clock.ts';
import { methodNotAllowed, pathNotFound } from '../machinery/status.ts';
import type { Discovery } from './discovery/discovery.ts';
import type { Exchange } from './contract.ts';
import { healthEndpoints, type HealthChecks } from '../machinery/health-checks.ts';
import { parseAccept } from './http/negotiation.ts';
import type { OpenApiDocuments } from './openapi/documents.ts';
import { acceptsGzip, indented, sendJson, sendPageNotFound } from './registry/respond.ts';
import type { Routes } from './routes.ts';

export interface StandardRoutesOptions {
  readonly clock: Clock;
  readonly discovery: Discovery;
  /** Loaded when first asked for: most servers' clients never ask. */
  loadOpenApi(): Promise<OpenApiDocuments>;
  readonly health: HealthChecks;
  /** What `/version` says. */
  readonly version: object;
  /** `/metrics` in Prometheus' text format. */
  renderMetrics(): Promise<string>;
}

/** Lists of groups may be asked for by any method; versions and resources by GET alone, as upstream. */
function refuseOtherThanGet({ method, path }: Exchange): void {
  if (method === 'GET' || method === 'HEAD' || /^\/apis(?:\/[^/]*)?\/?$/.test(path)) return;
  throw methodNotAllowed();
}

/** The paths that every API server has beside its resources. */
export function addStandardRoutes(routes: Routes, options: StandardRoutesOptions): void {
  const { clock, discovery, health, version, loadOpenApi, renderMetrics } = options;

  routes.add('/', (exchange) => {
    const paths = new Set([...routes.paths(), ...discovery.paths()]);
    return sendJson(exchange, 200, { paths: [...paths].sort() });
  });
  const serveVersion = (exchange: Exchange): Promise<void> => {
    refuseOtherThanGet(exchange);
    return sendJson(exchange, 200, version);
  };
  routes.add('/version', serveVersion);
  routes.add('/version/', (exchange) => {
    if (exchange.path !== '/version/') throw pathNotFound();
    return serveVersion(exchange);
  });
  routes.add('/metrics', async (exchange) => {
    sendText(exchange, 200, 'text/plain; version=0.0.4; charset=utf-8', await renderMetrics());
  });

  const serveDiscovery = (exchange: Exchange): void => {
    const document = discovery.serve(exchange.path, parseAccept(exchange.header('accept') || '*/*'));
    if (document === undefined) throw pathNotFound();
    refuseOtherThanGet(exchange);
    const { contentType, etag } = document;
    const bytes = contentType.startsWith('application/json') ? indented(exchange, document.bytes) : document.bytes;
    if (etag === undefined) {
      exchange.respond(200, { 'content-type': contentType, 'cache-control': 'no-cache, private' }, bytes);
    } else {
      sendTagged(exchange, etag, { 'content-type': contentType, 'cache-control': 'public' }, bytes);
    }
  };
  for (const path of ['/api', '/api/', '/apis', '/apis/']) routes.add(path, serveDiscovery);

  for (const endpoint of healthEndpoints) {
    const serve = async (exchange: Exchange): Promise<void> => {
      if (exchange.path.endsWith('/')) return sendPageNotFound(exchange);
      const answer = await health.respond(exchange.path, exchange.query);
      if (answer === undefined) return sendPageNotFound(exchange);
      sendText(exchange, answer.status, answer.contentType, answer.body);
    };
    routes.add(`/${endpoint}`, serve);
    routes.add(`/${endpoint}/`, serve);
  }

  routes.add('/openapi/v2', async (exchange) => {
    sendOpenApi(exchange, await (await loadOpenApi()).v2(exchange.header('accept')));
  });
  routes.add('/openapi/v3', async (exchange) => sendOpenApi(exchange, await (await loadOpenApi()).v3Index()));
  routes.add('/openapi/v3/', async (exchange) => {
    const place = exchange.path.slice('/openapi/v3/'.length);
    const document = await (await loadOpenApi()).v3(place, exchange.header('accept'));
    if (document === undefined) {
      // As upstream: no Status, no page.
      exchange.respond(404, { 'cache-control': 'no-cache, private' });
      return;
    }
    const hash = exchange.query.get('hash');
    if (hash !== null && hash !== document.hash) {
      const current = `${exchange.path}?hash=${document.hash}`;
      exchange.respond(301, { location: current, 'content-type': 'text/plain' }, Buffer.from(`see ${current}\n`));
      return;
    }
    // What is asked for by its hash never changes.
    sendOpenApi(exchange, document, hash === null ? undefined : clock.now() + yearMs);
  });
}

type OpenApiDocument = Awaited<ReturnType<OpenApiDocuments['v2']>>;

const yearMs = 365 * 24 * 3600 * 1000;

function sendOpenApi(exchange: Exchange, document: OpenApiDocument, expiresMs?: number): void {
  const { contentType, etag } = document;
  const isCompressed = acceptsGzip(exchange);
  const headers = {
    'content-type': contentType,
    'cache-control': expiresMs === undefined ? 'no-cache, private' : 'public, immutable',
    ...(expiresMs === undefined ? {} : { expires: new Date(expiresMs).toUTCString() }),
    ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
  };
  sendTagged(exchange, etag, headers, isCompressed ? document.gzip : document.bytes);
}

function sendTagged(exchange: Exchange, etag: string, headers: Readonly<Record<string, string>>, bytes: Buffer): void {
  const all = { ...headers, etag, vary: 'Accept' };
  if (isNamed(etag, exchange.header('if-none-match'))) exchange.respond(304, all);
  else exchange.respond(200, all, bytes);
}

/** Whether a client has what a tag stands for: `If-None-Match` lists tags, and their weakness does not matter (RFC 9110). */
function isNamed(etag: string, header: string | undefined): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return [...header.matchAll(/(?:^|,)[ \t]*(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)/g)].some(
    ([, tag]) => tag === etag,
  );
}

function sendText(exchange: Exchange, status: number, contentType: string, text: string): void {
  exchange.respond(
    status,
    { 'content-type': contentType, 'cache-control': 'no-cache, private', 'x-content-type-options': 'nosniff' },
    Buffer.from(text, 'utf8'),
  );
}
