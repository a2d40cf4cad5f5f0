import type { UserInfo } from '../../api/contract.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logging.ts';
import { internalError, type StatusError } from '../../machinery/status.ts';
import { addAuditAnnotation } from '../admission/audit-annotations.ts';
import type { Exchange, RequestInfo } from '../contract.ts';
import type { AuditBackend } from './contract.ts';
import { AuditEvent } from './event.ts';
import type { AuditMetrics } from './metrics.ts';
import type { AuditPolicy } from './policy.ts';
import { RequestRecord, type ImpersonatedUser, type RecordKeeper } from './request-audit.ts';
import { sourceIPs } from './source-ips.ts';

/** Says what vouched for the user of a request: the authenticator, or the kind of token. Ours alone. */
export const authenticatorAnnotation = 'authentication.kubets.dev/authenticator';

export interface AuditorOptions {
  readonly policy: AuditPolicy;
  readonly backend: AuditBackend;
  readonly metrics: AuditMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A user agent is cut beyond this: upstream's number. */
const maxUserAgentLength = 1024;

/** Records requests as the policy says, and gives their events to the backend. */
export class Auditor {
  readonly #options: AuditorOptions;
  readonly #keeper: RecordKeeper;
  /** Users are asked for again and again; their text is made once. */
  readonly #userTexts = new WeakMap<UserInfo, string>();

  constructor(options: AuditorOptions) {
    this.#options = options;
    this.#keeper = {
      nowMs: () => options.clock.now(),
      emit: (event) => this.#emit(event),
      failed: (message, error) => options.log.error(message, error),
    };
  }

  nowMs(): number {
    return this.#options.clock.now();
  }

  /**
   * Begins the record of a request, of which it is known who asks; undefined when it is not audited. Throws (or rejects
   * with) 500 when it must be and cannot.
   * @param authenticator What vouched for the user.
   */
  begin(
    exchange: Exchange,
    info: RequestInfo,
    user: UserInfo,
    authenticator: string,
    receivedMs: number,
    isLongRunning: boolean,
  ): RequestRecord | Promise<RequestRecord> | undefined {
    const { policy, metrics } = this.#options;
    const config = policy.evaluate(user, info);
    metrics.level(config.level);
    if (config.level === 'None') return undefined;
    addAuditAnnotation(exchange, authenticatorAnnotation, authenticator);
    const record = new RequestRecord(this.#keeper, {
      exchange,
      info,
      config,
      receivedMs,
      isLongRunning,
      requestText: this.#requestText(exchange, info, user),
    });
    const refuse = (): never => {
      metrics.rejected.inc();
      throw internalError(new Error('failed to store audit event'));
    };
    const isKept = record.received();
    if (isKept instanceof Promise) return isKept.then((kept) => (kept ? record : refuse()));
    return isKept ? record : refuse();
  }

  /** Records a request whose credentials were refused, as upstream does: with its answer alone. */
  refused(exchange: Exchange, info: RequestInfo, receivedMs: number, status: StatusError): void {
    const { policy, metrics, clock } = this.#options;
    const { level, omitStages } = policy.evaluate(undefined, info);
    metrics.level(level);
    if (level === 'None' || omitStages.has('ResponseStarted')) return;
    const { isResourceRequest, namespace, name, resource, subresource, apiGroup, apiVersion } = info;
    const reference = { resource, namespace, name, apiGroup, apiVersion, subresource };
    const given = Object.entries(reference).filter(([, value]) => value !== '');
    void this.#emit(
      new AuditEvent({
        headText: `"level":"${level}","auditID":${JSON.stringify(exchange.auditId)}`,
        stage: 'ResponseStarted',
        requestText: this.#requestText(exchange, info, undefined)(undefined),
        objectRef: isResourceRequest ? Object.fromEntries(given) : undefined,
        responseStatus: {
          metadata: {},
          status: 'Failure',
          message: refusalText(exchange),
          reason: status.reason,
          code: status.code,
        },
        receivedMs,
        stageMs: clock.now(),
        annotations: { [authenticatorAnnotation]: '' },
      }),
    );
  }

  close(): Promise<void> {
    return this.#options.backend.close();
  }

  #emit(event: AuditEvent): boolean | Promise<boolean> {
    const { backend, metrics } = this.#options;
    metrics.events.inc();
    return backend.process([event]);
  }

  #requestText(
    exchange: Exchange,
    info: RequestInfo,
    user: UserInfo | undefined,
  ): (impersonated: ImpersonatedUser | undefined) => string {
    const agent = exchange.header('user-agent') ?? '';
    const userAgent = agent.length > maxUserAgentLength ? `${agent.slice(0, maxUserAgentLength)}...TRUNCATED` : agent;
    const addresses = sourceIPs(exchange);
    const before = `"requestURI":${JSON.stringify(exchange.target)},"verb":${JSON.stringify(info.verb)},"user":${this.#textOf(user)}`;
    let after = addresses.length === 0 ? '' : `,"sourceIPs":${JSON.stringify(addresses)}`;
    if (userAgent !== '') after += `,"userAgent":${JSON.stringify(userAgent)}`;
    return (impersonated) => {
      if (impersonated === undefined) return before + after;
      const { constraint } = impersonated;
      const how =
        constraint === '' ? '' : `,"authenticationMetadata":{"impersonationConstraint":${JSON.stringify(constraint)}}`;
      return `${before},"impersonatedUser":${JSON.stringify(impersonated.user)}${how}${after}`;
    };
  }

  #textOf(user: UserInfo | undefined): string {
    if (user === undefined) return '{}';
    let text = this.#userTexts.get(user);
    if (text === undefined) {
      const { username, uid, groups, extra } = user;
      const isPlain = extra === undefined || Object.keys(extra).length === 0;
      text = JSON.stringify({
        username,
        uid: uid === '' ? undefined : uid,
        groups: groups.length === 0 ? undefined : groups,
        extra: isPlain ? undefined : extra,
      });
      this.#userTexts.set(user, text);
    }
    return text;
  }
}

/** Which credentials a refused request came with, in upstream's words. */
function refusalText(exchange: Exchange): string {
  const [scheme = ''] = (exchange.header('authorization') ?? '').split(' ');
  const methods: string[] = [];
  if (scheme.toLowerCase() === 'basic') methods.push('basic');
  if (scheme.toLowerCase() === 'bearer') methods.push('bearer');
  const { connection } = exchange;
  if (exchange.query.has('access_token')) methods.push('access_token');
  if (connection.clientCertificate !== undefined || connection.clientCertificateProblem !== undefined) {
    methods.push('x509');
  }
  return methods.length === 0
    ? 'Authentication failed, no credentials provided'
    : `Authentication failed, attempted: ${methods.join(', ')}`;
}
