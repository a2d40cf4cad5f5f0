import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { StatusError } from '../../machinery/status.ts';
import type { Exchange } from '../contract.ts';
import { negotiate, type Representation } from '../http/negotiation.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { encoderFor, objectOf } from './convert.ts';
import type { ResourceRequest } from './request.ts';
import { partialMetadata, tableOf } from './table.ts';

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

/** Sends complete JSON bytes in the form that the client wants. */
export async function sendJsonBytes(
  exchange: Exchange,
  status: number,
  bytes: Buffer,
  mediaType: Representation['mediaType'] = json,
): Promise<void> {
  let body = bytes;
  let contentType: string = json;
  if (mediaType === 'application/yaml') {
    const { dump } = await import('js-yaml');
    body = Buffer.from(dump(JSON.parse(bytes.toString('utf8')), { lineWidth: -1, noRefs: true }), 'utf8');
    contentType = mediaType;
  } else if (wantsPretty(exchange)) {
    body = Buffer.from(`${JSON.stringify(JSON.parse(bytes.toString('utf8')), undefined, 2)}\n`, 'utf8');
  }
  const headers: Record<string, string> = { 'cache-control': 'no-cache, private', 'content-type': contentType };
  if (body.length > gzipThresholdBytes && acceptsGzip(exchange)) {
    body = await gzipAsync(body, { level: gzipLevel });
    headers['content-encoding'] = 'gzip';
    headers['vary'] = 'Accept-Encoding';
  }
  exchange.respond(status, headers, body);
}

export function sendJson(exchange: Exchange, status: number, value: unknown): Promise<void> {
  return sendJsonBytes(exchange, status, Buffer.from(JSON.stringify(value), 'utf8'));
}

/** Answers with an error's Status, unless an answer has begun. */
export function sendError(exchange: Exchange, error: StatusError): void {
  if (exchange.answered) return;
  const { retryAfterSeconds } = error.details ?? {};
  if (retryAfterSeconds !== undefined) exchange.setHeader('retry-after', String(retryAfterSeconds));
  exchange.respond(
    error.code,
    { 'cache-control': 'no-cache, private', 'content-type': json },
    Buffer.from(JSON.stringify(error.toStatus()), 'utf8'),
  );
}

/** Answers with one object, in the representation that the client asks for. */
export async function sendObject(request: ResourceRequest, object: CachedObject, status: number): Promise<void> {
  const { exchange, definition, cache, registry } = request;
  const representation = negotiate(exchange.header('accept'));
  if (representation.as === 'object') {
    const bytes = encoderFor(definition, cache).encode(object);
    await sendJsonBytes(exchange, status, bytes, representation.mediaType);
    return;
  }
  const whole = objectOf(definition, cache, object);
  const apiVersion = `meta.k8s.io/${representation.asVersion}`;
  const answer =
    representation.as === 'Table'
      ? tableOf(
          definition,
          [whole],
          { resourceVersion: String(object.revision) },
          {
            apiVersion,
            nowMs: registry.clock.now(),
            includeObject: exchange.query.get('includeObject') ?? 'Metadata',
          },
        )
      : partialMetadata(whole, apiVersion);
  await sendJsonBytes(exchange, status, Buffer.from(JSON.stringify(answer), 'utf8'), representation.mediaType);
}
