/** Watches over every way that a client may take: HTTP/1.1, HTTP/2, WebSocket. */
import http2 from 'node:http2';
import https from 'node:https';
import { WebSocket } from 'ws';
import type { ClientConfig } from '../../src/client/client-config.ts';
import { tlsOptions } from './wire.ts';

export interface WatchedObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly name?: string;
    readonly namespace?: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export interface WatchedEvent {
  readonly type: string;
  readonly object: WatchedObject;
}

export const transports = ['HTTP/1.1', 'HTTP/2', 'WebSocket'] as const;
export type WatchTransport = (typeof transports)[number];

/** How long an event that must come may take. */
const patienceMs = 15_000;

/** One open watch: its events as they come. */
export class WatchStream {
  readonly #events: WatchedEvent[] = [];
  #rest = '';
  #ended: 'no' | 'well' | 'broken' = 'no';
  #wake = (): void => {};
  /** Stops and resumes taking bytes from the connection. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly #leave: () => void;

  constructor(control: { pause(): void; resume(): void; leave(): void }) {
    this.pause = control.pause;
    this.resume = control.resume;
    this.#leave = control.leave;
  }

  /** Bytes that came: whole lines are events. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.#events.push(JSON.parse(line) as WatchedEvent);
    this.#wake();
  }

  finish(how: 'well' | 'broken'): void {
    if (this.#ended === 'no') this.#ended = how;
    this.#wake();
  }

  /** The next `count` events. Throws when the watch ends before, or nothing comes. */
  async take(count: number): Promise<WatchedEvent[]> {
    await this.#until(`${count} events`, () => this.#events.length >= count || this.#ended !== 'no');
    if (this.#events.length < count) {
      throw new Error(
        `the watch ended (${this.#ended}) after ${JSON.stringify(this.#events)}, ${count} events were due`,
      );
    }
    return this.#events.splice(0, count);
  }

  /** The next event. */
  async next(): Promise<WatchedEvent> {
    const [event] = await this.take(1);
    if (event === undefined) throw new Error('no event');
    return event;
  }

  /** All events until the server ends the watch. Throws when it was broken off instead. */
  async toEnd(): Promise<WatchedEvent[]> {
    await this.#until('its end', () => this.#ended !== 'no');
    if (this.#ended === 'broken') throw new Error('the watch was broken off');
    return this.#events.splice(0);
  }

  /** Goes away as a client does that has lost interest, or its network. */
  leave(): void {
    this.#leave();
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const timer = setTimeout(() => this.#wake(), patienceMs);
    const deadline = performance.now() + patienceMs;
    try {
      while (!isSo()) {
        if (performance.now() >= deadline) {
          throw new Error(`waited ${patienceMs} ms for ${what}; came: ${JSON.stringify(this.#events).slice(0, 2000)}`);
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Opens a watch. Rejects with the status of a refusal. */
export function openWatch(
  config: ClientConfig,
  transport: WatchTransport,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<WatchStream> {
  switch (transport) {
    case 'HTTP/1.1':
      return overHttp1(config, path, headers);
    case 'HTTP/2':
      return overHttp2(config, path, headers);
    case 'WebSocket':
      return overWebSocket(config, path, headers);
  }
}

type Headers = Readonly<Record<string, string>>;

function refusal(status: number, body: string): Error {
  return new Error(`status ${status}: ${body}`);
}

function overHttp1(config: ClientConfig, path: string, headers: Headers): Promise<WatchStream> {
  const { hostname, port } = config.server;
  return new Promise((resolve, reject) => {
    const request = https.get({ ...tlsOptions(config), hostname, port, path, headers: { ...headers }, agent: false });
    request.on('error', reject);
    request.on('response', (response) => {
      response.setEncoding('utf8');
      const stream = new WatchStream({
        pause: () => response.pause(),
        resume: () => response.resume(),
        leave: () => request.destroy(),
      });
      if (response.statusCode !== 200) {
        void response.toArray().then((pieces: string[]) => reject(refusal(response.statusCode ?? 0, pieces.join(''))));
        return;
      }
      response.on('data', (text: string) => stream.push(text));
      response.on('end', () => stream.finish('well'));
      response.on('close', () => stream.finish('broken'));
      response.on('error', () => stream.finish('broken'));
      resolve(stream);
    });
  });
}

function overHttp2(config: ClientConfig, path: string, headers: Headers): Promise<WatchStream> {
  const session = http2.connect(config.server, tlsOptions(config) as http2.SecureClientSessionOptions);
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const request = session.request({ ...headers, ':path': path });
    request.setEncoding('utf8');
    const stream = new WatchStream({
      pause: () => request.pause(),
      resume: () => request.resume(),
      leave: () => session.destroy(),
    });
    request.on('response', ({ ':status': status = 0 }) => {
      if (status === 200) {
        request.on('data', (text: string) => stream.push(text));
        resolve(stream);
        return;
      }
      void request.toArray().then((pieces: string[]) => {
        session.destroy();
        reject(refusal(status, pieces.join('')));
      });
    });
    request.on('end', () => stream.finish('well'));
    request.on('error', (error) => {
      stream.finish('broken');
      reject(error);
    });
    request.on('close', () => {
      stream.finish('broken');
      session.close();
    });
  });
}

function overWebSocket(config: ClientConfig, path: string, headers: Headers): Promise<WatchStream> {
  const url = new URL(path, config.server);
  url.protocol = 'wss:';
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { ...tlsOptions(config), headers });
    const stream = new WatchStream({
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      leave: () => socket.terminate(),
    });
    socket.on('unexpected-response', (_request, response) => {
      response.setEncoding('utf8');
      void response.toArray().then((pieces: string[]) => reject(refusal(response.statusCode ?? 0, pieces.join(''))));
    });
    socket.on('error', reject);
    socket.on('open', () => resolve(stream));
    socket.on('message', (data, isBinary) => {
      if (isBinary) throw new Error('a watch sends text');
      const text = String(data as Buffer);
      stream.push(text.endsWith('\n') ? text : `${text}\n`);
    });
    socket.on('close', (code) => stream.finish(code === 1000 ? 'well' : 'broken'));
  });
}
