/** Sends random requests to a server and watches that each is answered as an API server answers. */
import { builtinCatalog } from '../../src/api/catalog.ts';
import type { ClientConfig } from '../../src/client/client-config.ts';
import { seededRandom } from '../../src/machinery/random.ts';
import { Http1Connection, Http2Connection, type WireRequest } from '../support/wire.ts';
import { isWatch, problemOf } from './answers.ts';
import { createSamples, readEverything } from './everything.ts';
import { sendGarbage } from './garbage.ts';
import { RequestGenerator } from './requests.ts';

export interface FuzzOptions {
  /** Of the server. */
  readonly config: ClientConfig;
  readonly seed: string;
  readonly requests: number;
  /** Told now and then how far it is. */
  onProgress?(done: number): void;
}

export interface FuzzReport {
  /** How many answers there were of each status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** What is stored in the end, by path. */
  readonly everything: Readonly<Record<string, unknown>>;
}

/** Requests at a time. */
const concurrency = 64;
/** One of so many goes over HTTP/1.1. */
const requestsPerHttp1 = 8;
/** How long a watch may be silent before the client leaves it. */
const watchIdleMs = 50;
/** So many requests apart, everything that is stored is read in every form: what was let in must be fit to be seen. */
const requestsPerCheck = 1000;
/** One of so many is accompanied by a connection that speaks no HTTP at all. */
const requestsPerGarbage = 250;

/** Throws at the first answer that should not be, with what led to it. */
export async function fuzz({ config, seed, requests, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const { definitions } = builtinCatalog();
  const random = seededRandom(seed);
  const generator = new RequestGenerator(random, definitions);
  const statuses = new Map<number, number>();
  const http1 = new Http1Connection(config);
  const http2 = new Http2Connection(config);
  let drawn = 0;
  /** One of many, who draw from one source: a seed draws the same requests, whatever the order of the answers. */
  const work = async (until: number): Promise<void> => {
    while (drawn < until) {
      const index = drawn++;
      const request = generator.next();
      if (index % requestsPerGarbage === 0) await sendGarbage(config, random);
      const connection = index % requestsPerHttp1 === 0 && canBeHttp1(request) ? http1 : http2;
      const leaveAfterMs = isWatch(request.path) ? watchIdleMs : undefined;
      const answer = await connection.send({ ...request, leaveAfterMs }).catch((error: unknown) => {
        throw new Error(describe(seed, index, request, `no answer: ${String(error)}`), { cause: error });
      });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const problem = problemOf(request, answer);
      if (problem !== undefined) throw new Error(describe(seed, index, request, problem));
    }
  };
  try {
    let everything = {};
    for (let done = 0; done < requests; done = drawn) {
      await createSamples(http2, definitions);
      const until = Math.min(done + requestsPerCheck, requests);
      await Promise.all(Array.from({ length: concurrency }, () => work(until)));
      everything = await readEverything(http2, definitions).catch((error: unknown) => {
        throw new Error(`seed ${seed}, before request ${until}: ${String(error)}`, { cause: error });
      });
      onProgress?.(until);
    }
    return { statuses, everything };
  } finally {
    http1.close();
    http2.close();
  }
}

/** Node's own HTTP/1.1 client refuses to send some things that a server may be sent. */
function canBeHttp1({ method, path }: WireRequest): boolean {
  return /^[A-Z]+$/.test(method) && method !== 'FOO' && /^[\x21-\x7e]+$/.test(path);
}

function describe(seed: string, index: number, { method, path, headers, body }: WireRequest, problem: string): string {
  const sent =
    body === undefined
      ? ''
      : `\nbody (base64): ${body.toString('base64')}\nbody: ${body.toString('utf8').slice(0, 2000)}`;
  return `seed ${seed}, request ${index}: ${problem}\n${method} ${path}\n${JSON.stringify(headers)}${sent}`;
}
