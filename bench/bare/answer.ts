import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Readable } from 'node:stream';
import type { Objects } from './objects.ts';

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const json = 'application/json';
const notFound: Answer = { status: 404, body: Buffer.from('{}') };

export function answerHttp1(objects: Objects, request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? '/';
  const collection = watchedCollection(url);
  if (collection !== undefined) {
    response.writeHead(200, { 'content-type': json }).flushHeaders();
    response.on(
      'close',
      objects.watch(collection, (event) => void response.write(event)),
    );
    return;
  }
  void bodyOf(request)
    .then((body) => answerTo(objects, request.method ?? '', url, body))
    .then(({ status, body }) => {
      response.writeHead(status, { 'content-type': json, 'content-length': body.length });
      response.end(body);
    });
}

export function answerHttp2(objects: Objects, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const url = headers[':path'] ?? '/';
  // The load cuts its watches.
  stream.on('error', () => {});
  const collection = watchedCollection(url);
  if (collection !== undefined) {
    stream.respond({ ':status': 200, 'content-type': json });
    stream.on(
      'close',
      objects.watch(collection, (event) => void stream.write(event)),
    );
    return;
  }
  void bodyOf(stream)
    .then((body) => answerTo(objects, headers[':method'] ?? '', url, body))
    .then(({ status, body }) => {
      stream.respond({ ':status': status, 'content-type': json, 'content-length': body.length });
      stream.end(body);
    });
}

function bodyOf(stream: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('end', () => resolve(pieces.length === 1 ? (pieces[0] ?? notFound.body) : Buffer.concat(pieces)));
    stream.on('error', reject);
  });
}

function watchedCollection(url: string): string | undefined {
  return url.includes('?watch=1') ? url.slice(0, url.indexOf('?')) : undefined;
}

/** Paths are `/api/v1/namespaces/NAMESPACE/COLLECTION[/NAME[/status]]`, or the namespaces themselves. */
async function answerTo(objects: Objects, method: string, url: string, body: Buffer): Promise<Answer> {
  const [path = '', query = ''] = url.split('?', 2);
  const segments = path.split('/');
  const collection = segments.slice(0, 6).join('/');
  const name = segments[6];
  if (method === 'POST') return { status: 201, body: await objects.create(path, body) };
  if (name === undefined) {
    const shard = /labelSelector=shard%3D(\d+)/.exec(query)?.[1] ?? '';
    const limit = Number(/limit=(\d+)/.exec(query)?.[1] ?? 0);
    return { status: 200, body: objects.list(collection, shard, limit) };
  }
  const found =
    method === 'GET'
      ? objects.get(collection, name)
      : method === 'PATCH'
        ? await objects.patch(collection, name, body)
        : await objects.delete(collection, name);
  return found === undefined ? notFound : { status: 200, body: found };
}
