/** Single requests with credentials of the test's choice. */
import { request as httpsRequest } from 'node:https';
import type { TestServer } from './server.ts';

export interface HttpsRequest {
  readonly method?: string;
  readonly path: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: object;
  /** A client certificate, in PEM. */
  readonly certificate?: { readonly cert: string | Buffer; readonly key: string | Buffer };
}

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly json: unknown;
}

const timeoutMs = 10_000;

/** On a connection of its own. */
export function httpsAnswer(server: TestServer, wanted: HttpsRequest): Promise<HttpsAnswer> {
  const { method = 'GET', path, token, headers = {}, body, certificate } = wanted;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      new URL(path, server.url),
      {
        method,
        agent: false,
        ca: server.config.tls.ca,
        ...certificate,
        timeout: timeoutMs,
        headers: {
          ...(headers as Record<string, string | string[]>),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': payload.length }),
        },
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(pieces).toString('utf8');
          const isJson = /json/.test(response.headers['content-type'] ?? '');
          const json: unknown = isJson ? JSON.parse(text) : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      },
    );
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error(`no answer to ${method} ${path} in ${timeoutMs} ms`)));
    request.end(payload);
  });
}
