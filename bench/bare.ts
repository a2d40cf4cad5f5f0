// The baseline: a Node server that does nothing but TLS, JSON, a durable write, and keeping bytes. What a server of one
// thread can reach at most. It knows just what the load asks for, and checks nothing.
//
//   node bench/bare.ts --pki DIR --data-dir DIR [--http 1.1|2]
//
// DIR holds ca.crt, apiserver.crt and apiserver.key, as an API server made them. Prints one line, as an API server does:
// `ready in N ms on https://127.0.0.1:PORT`.
import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDisk } from './bare/disk.ts';
import { answerHttp1, answerHttp2 } from './bare/answer.ts';
import { Objects } from './bare/objects.ts';

const { values } = parseArgs({
  options: {
    pki: { type: 'string', default: '' },
    'data-dir': { type: 'string', default: '' },
    http: { type: 'string', default: '1.1' },
  },
});
const tls = {
  cert: readFileSync(join(values.pki, 'apiserver.crt')),
  key: readFileSync(join(values.pki, 'apiserver.key')),
  ca: readFileSync(join(values.pki, 'ca.crt')),
  requestCert: true,
};
const objects = new Objects(openDisk(join(values['data-dir'], 'bare.mdb')));
const server =
  values.http === '2'
    ? createSecureServer({ ...tls, maxSessionMemory: 256, settings: { maxConcurrentStreams: 250 } }).on(
        'stream',
        (stream, headers) => answerHttp2(objects, stream as ServerHttp2Stream, headers),
      )
    : createServer({ ...tls, keepAliveTimeout: 180_000, noDelay: true }, (request, response) =>
        answerHttp1(objects, request, response),
      );
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`ready in ${Math.round(performance.now())} ms on https://127.0.0.1:${port}`);
});
