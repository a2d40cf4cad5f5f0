import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { parseExactJson } from '../../api/schema/exact-json.ts';
import type { TypeMeta } from '../../api/schema/protobuf/envelope.ts';
import type { StatusError } from '../../machinery/status.ts';
import type { Exchange } from '../contract.ts';
import { negotiate, negotiateMediaType, protobufType, type MediaType } from '../http/negotiation.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { encoderFor, objectOf } from './convert.ts';
import { encodeStored, encodeTyped, offerOf } from './protobuf.ts';
import type { ResourceRequest } from './request.ts';
import { parseIncludeObject, partialMetadata, tableOf } from './table.ts';

type TextMediaType = Exclude<MediaType, typeof protobufType>;

const json = 'application/json';
const gzipAsync = promisify(gzip);

/** Smaller bodies are not worth compressing: upstream's threshold. */
const gzipThresholdBytes = 128 * 1024;
/** Upstream's level: most of the gain at a fraction of the cost. */
export const gzipLevel = 1;

export function acceptsGzip(exchange: Exchange): boolean {
  return /(?:^|,)\s*gzip\s*(?:;\s*q=(?:0*\.\d*[1-9]|1)|,|$)/i.test(exchange.header('accept-encoding') ?? '');
}

/** People's tools get indented JSON, as upstream gives it to them. */
function wantsPretty(exchange: Exchange): boolean {
  const pretty = exchange.query.get('pretty');
  if (pretty !== null) return pretty !== 'false' && pretty !== '0';
  const agent = exchange.header('user-agent');
  return agent !== undefined && /^(?:curl|Wget|Mozilla\/5\.0)/.test(agent);
}

/** Sends complete JSON bytes in the form of JSON or YAML that the client wants. */
export async function sendJsonBytes(
  exchange: Exchange,
  status: number,
  bytes: Buffer,
  mediaType: TextMediaType = json,
): Promise<void> {
  if (mediaType === 'application/yaml') {
    await sendBytes(exchange, status, mediaType, await yamlOf(parseExactJson(bytes)));
  } else await sendBytes(exchange, status, json, indented(exchange, bytes));
}

/** YAML is asked for by few: what prints it is loaded then. */
async function yamlOf(value: unknown): Promise<Buffer> {
  const { formatYaml } = await import('../../api/schema/yaml-text.ts');
  return Buffer.from(formatYaml(value), 'utf8');
}

/** JSON bytes, indented where the client is one that people look at. */
export function indented(exchange: Exchange, bytes: Buffer): Buffer {
  if (!wantsPretty(exchange)) return bytes;
  return Buffer.from(`${JSON.stringify(parseExactJson(bytes), undefined, 2)}\n`, 'utf8');
}

/** Sends a complete body as it is, compressed where that is worth it. */
export async function sendBytes(
  exchange: Exchange,
  status: number,
  contentType: MediaType,
  bytes: Buffer,
): Promise<void> {
  let body = bytes;
  const headers: Record<string, string> = { 'cache-control': 'no-cache, private', 'content-type': contentType };
  if (body.length > gzipThresholdBytes && acceptsGzip(exchange)) {
    body = await gzipAsync(body, { level: gzipLevel });
    headers['content-encoding'] = 'gzip';
    headers['vary'] = 'Accept-Encoding';
  }
  exchange.respond(status, headers, body);
}

/** Sends what is no kind of the API: always JSON. */
export function sendJson(exchange: Exchange, status: number, value: unknown): Promise<void> {
  return sendJsonBytes(exchange, status, Buffer.from(JSON.stringify(value), 'utf8'));
}

/** Sends an object that says what kind it is, in a media type or else in the one that the client likes best. */
export function sendTyped<T extends TypeMeta>(
  exchange: Exchange,
  status: number,
  object: T,
  mediaType: MediaType = negotiateMediaType(exchange.header('accept')),
): Promise<void> {
  if (mediaType === protobufType) return sendBytes(exchange, status, mediaType, encodeTyped(object));
  return sendJsonBytes(exchange, status, Buffer.from(JSON.stringify(object), 'utf8'), mediaType);
}

/** Answers a request that cannot be worked on now, as upstream does: in plain text, before anything else is known of it. */
export function sendTooManyRequests(exchange: Exchange, retryAfterSeconds: number): void {
  if (exchange.answered) return;
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'retry-after': String(retryAfterSeconds),
    'x-content-type-options': 'nosniff',
  };
  exchange.respond(429, headers, Buffer.from('Too many requests, please try again later.\n', 'utf8'));
}

/** Answers where no API is, as a plain web server does. */
export function sendPageNotFound(exchange: Exchange): void {
  const headers = {
    'cache-control': 'no-cache, private',
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  };
  exchange.respond(404, headers, Buffer.from('404 page not found\n', 'utf8'));
}

/** Answers with an error's Status, unless an answer has begun. */
export async function sendError(exchange: Exchange, error: StatusError): Promise<void> {
  if (exchange.answered) return;
  const { retryAfterSeconds } = error.details ?? {};
  if (retryAfterSeconds !== undefined) exchange.setHeader('retry-after', String(retryAfterSeconds));
  const status = error.toStatus();
  const mediaType = negotiateMediaType(exchange.header('accept'));
  let body: Buffer;
  if (mediaType === protobufType) body = encodeTyped(status);
  else if (mediaType === 'application/yaml') body = await yamlOf(status);
  else body = indented(exchange, Buffer.from(JSON.stringify(status), 'utf8'));
  if (exchange.answered) return;
  exchange.respond(error.code, { 'cache-control': 'no-cache, private', 'content-type': mediaType }, body);
}

/** Answers with one object, in the representation that the client asks for. */
export async function sendObject(request: ResourceRequest, object: CachedObject, status: number): Promise<void> {
  const { exchange, definition, cache, registry } = request;
  const { as, asVersion, mediaType } = negotiate(exchange.header('accept'), offerOf(definition));
  if (as === 'object') {
    if (mediaType === protobufType) {
      await sendBytes(exchange, status, mediaType, encodeStored(definition, cache, object));
    } else await sendJsonBytes(exchange, status, encoderFor(definition, cache).encode(object), mediaType);
    return;
  }
  const whole = objectOf(definition, cache, object);
  const apiVersion = `meta.k8s.io/${asVersion}`;
  const answer =
    as === 'Table'
      ? tableOf(
          definition,
          [whole],
          { resourceVersion: String(object.revision) },
          {
            apiVersion,
            nowMs: registry.clock.now(),
            includeObject: parseIncludeObject(exchange.query),
          },
        )
      : partialMetadata(whole, apiVersion);
  await sendTyped(exchange, status, answer, mediaType);
}
