import tls from 'node:tls';
import type { ClientConfig } from '../../src/client/client-config.ts';
import type { Random } from '../../src/machinery/random.ts';
import { tlsOptions } from '../support/wire.ts';

/** A server that waits for the rest of a request does so for its own time, not for the test's. */
const patienceMs = 200;

/** Opens a connection and sends bytes that are no request, or only the beginning of one. The server must not mind. */
export function sendGarbage(config: ClientConfig, random: Random): Promise<void> {
  const noise = Buffer.from(random.bytes(1 + random.int(2000)));
  const texts = [
    noise,
    Buffer.concat([Buffer.from('GET / HTTP/1.1\r\n'), noise]),
    Buffer.from('POST /api/v1/namespaces/default/pods HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{'),
    Buffer.from('POST /api/v1/namespaces HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
    Buffer.from(`GET /api HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`),
    Buffer.from('GET /api/v1/pods?watch=1 HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
    Buffer.from('GET /api HTTP/1.1\r\nhost: x\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'),
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), noise]),
  ];
  const kind = random.int(texts.length);
  return new Promise((resolve) => {
    const socket = tls.connect({
      host: config.server.hostname,
      port: Number(config.server.port),
      ...tlsOptions(config),
      ALPNProtocols: kind === texts.length - 1 ? ['h2'] : ['http/1.1'],
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.on('data', () => {});
    socket.on('secureConnect', () => socket.end(texts[kind] ?? noise));
    socket.setTimeout(patienceMs, () => socket.destroy());
  });
}
