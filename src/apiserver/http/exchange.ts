import { randomUUID } from 'node:crypto';
import type { Connection, Exchange, Headers, RequestAudit, ResponseStream } from '../contract.ts';
import { Warnings } from './warnings.ts';

/** Where the body of an answer to HEAD goes. */
const nowhere: ResponseStream = {
  pendingBytes: 0,
  write: () => true,
  onDrain: () => {},
  end: () => {},
  destroy: () => {},
};

const noQuery = new URLSearchParams();

/** What a client may send as its request's id. */
const auditIdPattern = /^[\w.-]{1,64}$/;

/** What an exchange is whatever carries it: path and query, headers gathered for the answer, closing. */
export abstract class BaseExchange implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly connection: Connection;
  abstract readonly httpVersion: '1.1' | '2';
  readonly auditId: string;
  audit: RequestAudit | undefined;
  protected readonly extra: Record<string, string | string[]>;
  #warnings: Warnings | undefined;
  #status = 0;
  #bodyBytes = 0;
  #closed = false;
  #closeListeners: (() => void)[] | undefined;

  constructor(method: string, target: string, connection: Connection, auditId: string | undefined) {
    this.method = method;
    this.target = target;
    this.auditId = auditId !== undefined && auditIdPattern.test(auditId) ? auditId : randomUUID();
    this.extra = { 'audit-id': this.auditId };
    this.connection = connection;
    const mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? noQuery : new URLSearchParams(target.slice(mark + 1));
  }

  abstract header(name: string): string | undefined;
  abstract headers(): Readonly<Record<string, string | readonly string[] | undefined>>;
  abstract headerValues(name: string): readonly string[];
  abstract readBody(limitBytes: number): Promise<Buffer>;
  protected abstract send(status: number, headers: Headers, body: Buffer | readonly Buffer[] | undefined): void;
  protected abstract open(status: number, headers: Headers): ResponseStream;

  get answered(): boolean {
    return this.#status !== 0;
  }

  get status(): number {
    return this.#status;
  }

  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  setHeader(name: string, value: string): void {
    this.extra[name] = value;
  }

  addWarning(text: string): void {
    if (this.#warnings === undefined) {
      this.#warnings = new Warnings();
      this.extra['warning'] = this.#warnings.headers;
    }
    this.#warnings.add(text);
  }

  respond(status: number, headers: Headers, body?: Buffer | readonly Buffer[]): void {
    this.#begin(status);
    this.audit?.answered(status, headers, body);
    if (body !== undefined) this.#bodyBytes = Buffer.isBuffer(body) ? body.length : totalLength(body);
    this.send(status, Object.assign(this.extra, headers), body);
  }

  respondStream(status: number, headers: Headers): ResponseStream {
    if (this.method === 'HEAD') {
      this.respond(status, headers);
      return nowhere;
    }
    this.#begin(status);
    this.audit?.answered(status, headers, undefined);
    return this.open(status, Object.assign(this.extra, headers));
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else (this.#closeListeners ??= []).push(listener);
  }

  /** Called by the carrier once, when the client is gone or the answer complete. */
  protected closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#closeListeners ?? []) listener();
  }

  #begin(status: number): void {
    if (this.#status !== 0) throw new Error(`${this.method} ${this.path} was answered twice`);
    this.#status = status;
  }
}

export function totalLength(pieces: readonly Buffer[]): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}
