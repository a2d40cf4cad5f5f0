import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../machinery/clock.ts';

export interface GetOptions {
  readonly clock: Clock;
  /** PEM of whom to trust; undefined: the machine's own authorities. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
  /** A bearer token to show. */
  readonly token?: string;
}

/** Key sets, discovery documents and tokens are small. */
const maxBytes = 1024 * 1024;

/** The text at an https URL; redirects are not followed. Rejects with an Error that says what went wrong. */
export async function getText(url: string, { clock, ca, timeoutMs, token }: GetOptions): Promise<string> {
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asked = request(url, {
      agent: false,
      headers: { accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...(ca === undefined ? {} : { ca }),
    });
    const timer = clock.setTimeout(() => asked.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs).unref();
    asked.on('close', () => timer.cancel());
    asked.on('error', reject);
    asked.on('response', (response) => {
      readAll(response).then((body) => resolve({ status: response.statusCode ?? 0, text: body }), reject);
    });
    asked.end();
  });
  if (status !== 200) throw new Error(`Get ${JSON.stringify(url)}: status ${status}`);
  return text;
}

/** The JSON at an https URL. Rejects as `getText` does. */
export async function getJson(url: string, options: GetOptions): Promise<unknown> {
  return JSON.parse(await getText(url, options)) as unknown;
}

async function readAll(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
