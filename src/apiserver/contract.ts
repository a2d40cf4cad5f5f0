/**
 * The API server from inside: what its rooms promise each other. A request passes `http/` (an Exchange), then
 * `authentication/`, then `authorization/`, then the handler that its RequestInfo selects.
 */
import type { UserInfo } from '../api/contract.ts';
import type { NonResourceRule, ResourceRule } from '../api/types/authorization.v1.ts';
import type { StatusError } from '../machinery/status.ts';
import type { RequestSelectors } from './authorization/selectors.ts';
import type { Authenticated } from './authentication/contract.ts';

/** One TCP connection, as far as requests on it share anything. */
export interface Connection {
  /** DER of the client's certificate when TLS verified it against one of the authorities; undefined otherwise. */
  readonly clientCertificate: Uint8Array | undefined;
  /** DER of the certificates that came with it, to lead to an authority. */
  readonly clientIntermediates?: readonly Uint8Array[];
  /** Why the client's certificate was not verified; absent when it was, and when there is none. */
  readonly clientCertificateProblem?: string;
  /** The address of the client. */
  readonly remoteAddress: string;
  /** What authenticators remember about this connection, by authenticator. */
  readonly memory: Map<object, unknown>;
}

/** Header names in lower case. */
export type Headers = Record<string, string | readonly string[]>;

/** One piece of a streamed response. Its framings are made once, however many streams send it. */
export interface Frame {
  readonly bytes: Buffer;
  /** The bytes as one HTTP/1.1 chunk. */
  readonly chunk: Buffer;
  /** What a transport sends that keeps messages apart, in binary; absent where that is the text of `bytes`. */
  readonly message?: Buffer;
}

/** A response body that is written piece by piece. */
export interface ResponseStream {
  /** False when more than the stream's high-water mark is waiting to be sent. */
  write(frame: Frame): boolean;
  /** Bytes accepted and not yet given to the kernel. */
  readonly pendingBytes: number;
  onDrain(listener: () => void): void;
  /** Ends the response properly. */
  end(): void;
  /** Breaks the connection (HTTP/1.1) or resets the stream (HTTP/2). */
  destroy(): void;
}

/** One request and the way to answer it, alike for HTTP/1.1 and HTTP/2. Exactly one answer is given. */
export interface Exchange {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** The path as sent, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly connection: Connection;
  readonly httpVersion: '1.1' | '2';
  /** The request's id (a UUID, or what the client sent as Audit-ID): it names the request in every record. */
  readonly auditId: string;
  header(name: string): string | undefined;
  /** All values, joined by comma where the header came several times. */
  headers(): Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The values of a header, one for each time that it came: nothing in a value makes two of it. */
  headerValues(name: string): readonly string[];
  /** The whole body. Rejects with 413 beyond `limitBytes`, with 400 when it ends early. */
  readBody(limitBytes: number): Promise<Buffer>;
  /** Adds a header to whatever answer comes. */
  setHeader(name: string, value: string): void;
  addWarning(text: string): void;
  respond(status: number, headers: Headers, body?: Buffer | readonly Buffer[]): void;
  respondStream(status: number, headers: Headers): ResponseStream;
  readonly answered: boolean;
  /** The status that was answered; 0 before. */
  readonly status: number;
  /** Bytes of the answer's body, so far. */
  readonly bodyBytes: number;
  /** Called once when the client is gone or the answer is complete. */
  onClose(listener: () => void): void;
  /** What is recorded of the request; undefined while, or because, nothing is. */
  audit?: RequestAudit | undefined;
}

/** Told what a request is about, where that is recorded. */
export interface RequestAudit {
  /** Whether `answered` must be given the whole answer, where that can be. */
  readonly needsAnswer: boolean;
  /** What was sent, decoded; it is not kept and may be changed afterwards. */
  requestObject(object: object): void;
  /** What a patch was sent as: plain JSON. */
  requestPatch(patch: unknown): void;
  /** The answer is to be an error; `cause` is what was thrown. */
  fails(status: StatusError, cause: unknown): void;
  /** Called just before an answer is sent. `body` is undefined for streams. */
  answered(status: number, headers: Headers, body: Buffer | readonly Buffer[] | undefined): void;
}

/** What a path and method mean (`k8s.io/apiserver/pkg/endpoints/request.RequestInfo`). */
export interface RequestInfo {
  readonly isResourceRequest: boolean;
  readonly path: string;
  /** get, list, watch, create, update, patch, delete, deletecollection; for non-resource paths the method in lower case. */
  readonly verb: string;
  readonly apiPrefix: string;
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** What follows the subresource in the path: `proxy/<this>`. */
  readonly remainder: string;
}

/** Finds out who asks. */
export interface Authenticator {
  /** Its upstream name, for audit and metrics. */
  readonly name: string;
  /**
   * The user; undefined when the request carries none of this authenticator's credentials. Throws (or rejects with)
   * an AuthenticationError when it carries bad ones.
   * @param audiences Whom the credentials should be for, where they say it.
   */
  authenticate(
    exchange: Exchange,
    audiences: readonly string[],
  ): Authenticated | undefined | Promise<Authenticated | undefined>;
}

export interface AuthorizationAttributes {
  readonly user: UserInfo;
  readonly request: RequestInfo;
  /** What a list, watch or deletecollection is narrowed to (KEP-4601). Absent: nothing. */
  readonly selectors?: RequestSelectors;
}

/** Decides whether they may. `reason` goes into the 403's message. */
export interface Authorizer {
  readonly name: string;
  authorize(attributes: AuthorizationAttributes): Decision | Promise<Decision>;
  /** What a user may do in a namespace, as far as it can be listed. Absent: this authorizer has nothing to list. */
  rulesFor?(user: UserInfo, namespace: string): RuleResolution;
}

/** An authorizer's answer to a SelfSubjectRulesReview. */
export interface RuleResolution {
  readonly resourceRules: readonly ResourceRule[];
  readonly nonResourceRules: readonly NonResourceRule[];
  /** There may be more than what is listed. */
  readonly incomplete: boolean;
  readonly errors: readonly string[];
}

export interface Decision {
  readonly verdict: 'allow' | 'deny' | 'noOpinion';
  readonly reason: string;
  /** What went wrong while it was made, for access reviews and logs. */
  readonly error?: string;
}

/** Bounds on what a client may send, each with upstream's number. */
export const limits = {
  /** `--max-request-body-bytes` of a resource request. */
  bodyBytes: 3 * 1024 * 1024,
  /** etcd's request limit: an object beyond it cannot be stored. */
  objectBytes: 1.5 * 1024 * 1024,
  /** Go's default header limit is 1 MiB; Node's must be set explicitly. */
  headerBytes: 64 * 1024,
  /** Nesting of JSON and YAML. */
  depth: 1000,
  /** All annotations of one object together. */
  annotationBytes: 256 * 1024,
  /** Operations of one JSON patch. */
  patchOperations: 10_000,
} as const;
