import type { UserInfo } from '../../api/contract.ts';
import type { WebhookClient } from '../webhook/webhook-client.ts';
import { WebhookError } from '../webhook/webhook-client.ts';
import { intersection } from './audiences.ts';
import { AuthenticationError } from './authentication-error.ts';
import type { Authenticated, TokenAuthenticator } from './contract.ts';

export interface WebhookTokenOptions {
  readonly client: WebhookClient;
  /** `--authentication-token-webhook-version`: of the TokenReview that is sent, and expected back. */
  readonly version: 'v1' | 'v1beta1';
  readonly apiAudiences: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Asks a webhook whose token it is (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication). */
export class WebhookTokenAuthenticator implements TokenAuthenticator {
  readonly #options: WebhookTokenOptions;

  constructor(options: WebhookTokenOptions) {
    this.#options = options;
  }

  async authenticateToken(token: string, audiences: readonly string[]): Promise<Authenticated | undefined> {
    const { client, version, apiAudiences } = this.#options;
    const apiVersion = `authentication.k8s.io/${version}`;
    let answer: unknown;
    try {
      answer = await client.ask({
        kind: 'TokenReview',
        apiVersion,
        metadata: { creationTimestamp: null },
        spec: { token, ...(audiences.length === 0 ? {} : { audiences }) },
        status: { user: {} },
      });
    } catch (error) {
      if (error instanceof WebhookError) throw new AuthenticationError(error.message);
      throw error;
    }
    const review = fieldsOf(answer);
    if (review['kind'] !== 'TokenReview' || review['apiVersion'] !== apiVersion) {
      throw new AuthenticationError(`the token webhook did not answer with a TokenReview of ${apiVersion}`);
    }
    const status = fieldsOf(review['status']);
    if (status['authenticated'] !== true) {
      const why = status['error'];
      if (typeof why === 'string' && why !== '') throw new AuthenticationError(why);
      return undefined;
    }
    // One that says nothing of audiences is taken for one that knows only this API.
    const named = textsOf(status['audiences']);
    const shared = intersection(audiences, named.length > 0 ? named : apiAudiences);
    if (shared.length === 0 && audiences.length > 0) return undefined;
    return { user: userOf(fieldsOf(status['user'])), audiences: shared, source: 'webhook' };
  }
}

function userOf({ username, uid, groups, extra }: Fields): UserInfo {
  const extras = Object.entries(fieldsOf(extra)).map(([key, values]) => [key, textsOf(values)] as const);
  return {
    username: typeof username === 'string' ? username : '',
    ...(typeof uid === 'string' && uid !== '' ? { uid } : {}),
    groups: textsOf(groups),
    ...(extras.length === 0 ? {} : { extra: Object.fromEntries(extras) }),
  };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
