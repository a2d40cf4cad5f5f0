import { gunzipSync } from 'node:zlib';
import { parseExactJson } from '../../api/schema/exact-json.ts';
import { readProtobuf } from '../../api/schema/protobuf/decode.ts';
import { openEnvelope } from '../../api/schema/protobuf/envelope.ts';
import { parseYaml } from '../../api/schema/yaml.ts';
import type { StatusError } from '../../machinery/status.ts';
import { auditAnnotationsOf } from '../admission/audit-annotations.ts';
import type { Exchange, Headers, RequestAudit, RequestInfo } from '../contract.ts';
import { limits } from '../contract.ts';
import { protobufType } from '../http/negotiation.ts';
import { schemaOf } from '../registry/protobuf.ts';
import type { AuditStage, RequestAuditConfig } from './contract.ts';
import { AuditEvent } from './event.ts';
import { withoutManagedFields } from './managed-fields.ts';

/** What a record needs of who keeps it. */
export interface RecordKeeper {
  nowMs(): number;
  /** Takes an event; false (or a promise of it) when the request must not go on. */
  emit(event: AuditEvent): boolean | Promise<boolean>;
  /** Told what could not be put into an event. */
  failed(message: string, error: unknown): void;
}

export interface AuditedRequest {
  readonly exchange: Exchange;
  readonly info: RequestInfo;
  readonly config: RequestAuditConfig;
  readonly receivedMs: number;
  readonly isLongRunning: boolean;
  /** `"requestURI":…` up to `"userAgent":…`; with the user whom somebody acts as, once that is known. */
  requestText(impersonated: ImpersonatedUser | undefined): string;
}

export interface ImpersonatedUser {
  readonly user: object;
  /** '' for the older way. */
  readonly constraint: string;
}

interface ObjectReference {
  resource?: string | undefined;
  namespace?: string | undefined;
  name?: string | undefined;
  uid?: string | undefined;
  apiGroup?: string | undefined;
  apiVersion?: string | undefined;
  resourceVersion?: string | undefined;
  subresource?: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const closedEarly = { metadata: {}, status: 'Success', message: 'Connection closed early', code: 200 };

/** What is recorded of one request, from stage to stage. */
export class RequestRecord implements RequestAudit {
  readonly #keeper: RecordKeeper;
  readonly #request: AuditedRequest;
  readonly #headText: string;
  readonly #objectRef: ObjectReference | undefined;
  #requestText: string;
  #responseStatus: object | undefined;
  #requestObject: string | undefined;
  #responseObject: string | undefined;
  #failure: StatusError | undefined;
  #panic: unknown;
  #isComplete = false;

  constructor(keeper: RecordKeeper, request: AuditedRequest) {
    this.#keeper = keeper;
    this.#request = request;
    const { info, config, exchange } = request;
    this.#headText = `"level":"${config.level}","auditID":${JSON.stringify(exchange.auditId)}`;
    this.#requestText = request.requestText(undefined);
    if (!info.isResourceRequest) return;
    this.#objectRef = {
      resource: info.resource || undefined,
      namespace: info.namespace || undefined,
      name: info.name || undefined,
      uid: undefined,
      apiGroup: info.apiGroup || undefined,
      apiVersion: info.apiVersion || undefined,
      resourceVersion: undefined,
      subresource: info.subresource || undefined,
    };
  }

  /** The request was understood, and it is known who asks. */
  received(): boolean | Promise<boolean> {
    return this.#emit('RequestReceived');
  }

  /** Who asks acts as somebody else. */
  impersonates(impersonated: ImpersonatedUser): void {
    this.#requestText = this.#request.requestText(impersonated);
  }

  get needsAnswer(): boolean {
    return this.#keepsResponse();
  }

  requestObject(object: object): void {
    const { metadata } = object as { readonly metadata?: Fields };
    const ref = this.#objectRef;
    if (ref !== undefined && metadata !== undefined) {
      for (const field of ['namespace', 'name', 'uid', 'resourceVersion'] as const) {
        const value = metadata[field];
        if (ref[field] === undefined && typeof value === 'string' && value !== '') ref[field] = value;
      }
    }
    if (this.#keepsRequest()) this.#requestObject = JSON.stringify(this.#trimmed(object));
  }

  requestPatch(patch: unknown): void {
    if (this.#keepsRequest()) this.#requestObject = JSON.stringify(patch);
  }

  /** The request is answered with an error; `cause` is what came unexpected. */
  fails(status: StatusError, cause: unknown): void {
    this.#failure = status;
    this.#panic = isMistake(cause) ? cause : undefined;
  }

  answered(status: number, headers: Headers, body: Buffer | readonly Buffer[] | undefined): void {
    if (this.#isComplete) return;
    const whole = this.#statusOf(status, headers, body);
    this.#responseStatus = { metadata: {}, ...whole, code: status };
    const { isLongRunning } = this.#request;
    if (isLongRunning) void this.#emit('ResponseStarted');
    if (!isLongRunning) this.complete();
  }

  /** Nobody works on the request any more. A stream that is open goes on. */
  handled(): void {
    const { exchange, isLongRunning } = this.#request;
    if (isLongRunning && exchange.answered) exchange.onClose(() => this.complete());
    else this.complete();
  }

  /** The answer has ended, or there was none. */
  complete(): void {
    if (this.#isComplete) return;
    this.#isComplete = true;
    if (this.#panic !== undefined) {
      const message = `APIServer panic'd: ${this.#panic instanceof Error ? this.#panic.message : String(this.#panic)}`;
      this.#responseStatus = { metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 };
      void this.#emit('Panic');
      return;
    }
    if (this.#responseStatus === undefined) {
      this.#responseStatus = closedEarly;
      if (this.#request.isLongRunning) void this.#emit('ResponseStarted');
    }
    void this.#emit('ResponseComplete');
  }

  /** What the event's Status has besides the code; keeps the answer where the level asks for it. */
  #statusOf(code: number, headers: Headers, body: Buffer | readonly Buffer[] | undefined): object {
    if (this.#failure !== undefined) {
      const { kind: _kind, apiVersion: _version, ...status } = this.#failure.toStatus();
      if (this.#keepsResponse()) this.#responseObject = JSON.stringify(this.#failure.toStatus());
      return status;
    }
    const isStatus = this.#request.info.verb === 'delete' && code < 300;
    if (!this.#keepsResponse() && !isStatus) return {};
    const answer = this.#answerOf(headers, body);
    if (answer === undefined) return {};
    if (this.#keepsResponse()) this.#responseObject = JSON.stringify(this.#trimmed(answer));
    const { kind, apiVersion, ...status } = answer as Fields;
    return kind === 'Status' && apiVersion === 'v1' ? status : {};
  }

  /** The answer's body as an object; undefined for what is none. */
  #answerOf(headers: Headers, body: Buffer | readonly Buffer[] | undefined): object | undefined {
    if (body === undefined || !this.#request.info.isResourceRequest) return undefined;
    try {
      let bytes = Buffer.isBuffer(body) ? body : Buffer.concat(body);
      if (headers['content-encoding'] === 'gzip') bytes = gunzipSync(bytes);
      const value = decodeAnswer(String(headers['content-type']), bytes);
      return typeof value === 'object' && value !== null ? value : undefined;
    } catch (error) {
      this.#keeper.failed('Encoding failed of response object', error);
      return undefined;
    }
  }

  #keepsRequest(): boolean {
    return this.#request.config.level === 'Request' || this.#keepsResponse();
  }

  #keepsResponse(): boolean {
    return this.#request.config.level === 'RequestResponse';
  }

  #trimmed(object: object): object {
    return this.#request.config.omitManagedFields ? withoutManagedFields(object) : object;
  }

  #emit(stage: AuditStage): boolean | Promise<boolean> {
    const { config, exchange, receivedMs } = this.#request;
    if (config.omitStages.has(stage)) return true;
    const annotations = auditAnnotationsOf(exchange);
    return this.#keeper.emit(
      new AuditEvent({
        headText: this.#headText,
        stage,
        requestText: this.#requestText,
        objectRef: this.#objectRef,
        responseStatus: this.#responseStatus,
        requestObject: this.#requestObject,
        responseObject: this.#responseObject,
        receivedMs,
        stageMs: stage === 'RequestReceived' ? receivedMs : this.#keeper.nowMs(),
        annotations: annotations === undefined ? undefined : Object.fromEntries(annotations),
      }),
    );
  }
}

/** Errors that Go programs panic with: a mistake in the program, not something that the world did. */
function isMistake(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}

function decodeAnswer(contentType: string, bytes: Buffer): unknown {
  if (contentType === protobufType) {
    const { kind, apiVersion, raw } = openEnvelope(bytes);
    return { kind, apiVersion, ...readProtobuf(schemaOf({ kind, apiVersion }), raw) };
  }
  if (contentType === 'application/yaml') return parseYaml(bytes, { depth: limits.depth }).value;
  return contentType.startsWith('application/json') ? parseExactJson(bytes) : undefined;
}
