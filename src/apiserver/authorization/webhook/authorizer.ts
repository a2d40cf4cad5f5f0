/** `--authorization-mode=Webhook` (https://kubernetes.io/docs/reference/access-authn-authz/webhook/). */
import type { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from '../../../api/types/authorization.v1.ts';
import { BoundedCache } from '../../../machinery/bounded.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { AuthorizationAttributes, Authorizer, Decision, RuleResolution } from '../../contract.ts';
import type { WebhookClient } from '../../webhook/webhook-client.ts';
import { WebhookError } from '../../webhook/webhook-client.ts';
import type { MatchConditions } from './match-conditions.ts';
import type { WebhookMetrics } from './metrics.ts';
import { reviewSpecOf } from './review.ts';
import type { WebhookSettings } from './settings.ts';

export interface WebhookParts {
  readonly client: Pick<WebhookClient, 'ask'>;
  readonly clock: Clock;
  readonly metrics: WebhookMetrics;
  /** Absent: every request is asked about. */
  readonly conditions?: MatchConditions;
}

/** Upstream keeps so many answers, and none to questions longer than this. */
const maxAnswers = 8192;
const maxCachedQuestionLength = 10_000;

export class WebhookAuthorizer implements Authorizer {
  readonly name = 'Webhook';
  readonly #settings: WebhookSettings;
  readonly #parts: WebhookParts;
  readonly #allowed: BoundedCache<string, Decision> | undefined;
  readonly #others: BoundedCache<string, Decision> | undefined;
  /** Requests that come together with the same question wait for one answer. */
  readonly #pending = new Map<string, Promise<Decision>>();

  constructor(settings: WebhookSettings, parts: WebhookParts) {
    this.#settings = settings;
    this.#parts = parts;
    const cache = (ttlMs: number | undefined): BoundedCache<string, Decision> | undefined =>
      ttlMs === undefined || ttlMs <= 0
        ? undefined
        : new BoundedCache({ maxEntries: maxAnswers, ttlMs, clock: parts.clock });
    this.#allowed = cache(settings.authorizedTtlMs);
    this.#others = cache(settings.unauthorizedTtlMs);
  }

  authorize(attributes: AuthorizationAttributes): Decision | Promise<Decision> {
    const spec = reviewSpecOf(attributes);
    const excluded = this.#excluded(spec);
    if (excluded !== undefined) return excluded;
    const key = JSON.stringify(spec);
    const known = this.#allowed?.get(key) ?? this.#others?.get(key);
    if (known !== undefined) return known;
    const asked = this.#pending.get(key);
    if (asked !== undefined) return asked;
    const asking = this.#ask(spec, key).finally(() => this.#pending.delete(key));
    this.#pending.set(key, asking);
    return asking;
  }

  rulesFor(): RuleResolution {
    const errors = ['webhook authorizer does not support user rule resolution'];
    return { resourceRules: [], nonResourceRules: [], incomplete: true, errors };
  }

  #excluded(spec: SubjectAccessReviewSpec): Decision | undefined {
    const { conditions, metrics } = this.#parts;
    if (conditions === undefined) return undefined;
    const startMs = metrics.now();
    const { matches, error } = conditions.match(spec);
    metrics.matched(this.#settings.name, matches ? 'matches' : error === undefined ? 'excluded' : 'error', startMs);
    if (matches) return undefined;
    return error === undefined ? noOpinion : this.#onError(error);
  }

  async #ask(spec: SubjectAccessReviewSpec, key: string): Promise<Decision> {
    const { name, version, failurePolicy } = this.#settings;
    const { client, metrics } = this.#parts;
    const apiVersion = `authorization.k8s.io/${version}`;
    const startMs = metrics.now();
    try {
      const answer = await client.ask({
        kind: 'SubjectAccessReview',
        apiVersion,
        metadata: { creationTimestamp: null },
        spec: version === 'v1' ? spec : specOfV1beta1(spec),
        status: { allowed: false },
      });
      const decision = decisionOf(answer, apiVersion);
      metrics.asked(name, 'success', startMs);
      if (key.length <= maxCachedQuestionLength) {
        (decision.verdict === 'allow' ? this.#allowed : this.#others)?.set(key, decision);
      }
      return decision;
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      const result = /no answer in/.test(error.message) ? 'timeout' : 'error';
      metrics.asked(name, result, startMs);
      if (failurePolicy === 'NoOpinion') metrics.failedOpen(name, result);
      return this.#onError(error.message);
    }
  }

  #onError(error: string): Decision {
    return { verdict: this.#settings.failurePolicy === 'Deny' ? 'deny' : 'noOpinion', reason: '', error };
  }
}

const noOpinion: Decision = { verdict: 'noOpinion', reason: '' };

/** The older version calls the groups of the user `group`. */
function specOfV1beta1({ groups, ...spec }: SubjectAccessReviewSpec): object {
  return groups === undefined ? spec : { ...spec, group: groups };
}

function decisionOf(answer: unknown, apiVersion: string): Decision {
  const review = (typeof answer === 'object' && answer !== null ? answer : {}) as Readonly<Record<string, unknown>>;
  if (review['kind'] !== 'SubjectAccessReview' || review['apiVersion'] !== apiVersion) {
    throw new WebhookError(`the webhook did not answer with a SubjectAccessReview of ${apiVersion}`);
  }
  const status = (review['status'] ?? {}) as Partial<SubjectAccessReviewStatus>;
  const reason = typeof status.reason === 'string' ? status.reason : '';
  if (status.denied === true) {
    if (status.allowed !== true) return { verdict: 'deny', reason };
    return { verdict: 'deny', reason, error: 'webhook subject access review returned both allow and deny response' };
  }
  return { verdict: status.allowed === true ? 'allow' : 'noOpinion', reason };
}
