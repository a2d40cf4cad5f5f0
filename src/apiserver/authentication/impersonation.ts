/**
 * Acting as somebody else, for those who may
 * (https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/).
 */
import type { UserInfo } from '../../api/contract.ts';
import { BoundedCache } from '../../machinery/bounded.ts';
import { quote } from '../../machinery/quote.ts';
import { badRequest, StatusError } from '../../machinery/status.ts';
import { attributesOf } from '../authorization/selectors.ts';
import type { AuthorizationAttributes, Authorizer, Exchange, RequestInfo } from '../contract.ts';
import { impersonationModes } from './impersonation-modes.ts';
import type { Impersonated, WantedUser } from './impersonation-modes.ts';

const userHeader = 'impersonate-user';
const groupHeader = 'impersonate-group';
const uidHeader = 'impersonate-uid';
const extraPrefix = 'impersonate-extra-';

/** Who impersonates does so again and again, in the same way: so many users are remembered with theirs. */
const maxRemembered = 1000;

/** Decides who may act as whom. */
export class Impersonation {
  readonly #authorizer: Authorizer;
  /** The mode that allowed it last, by who asked: tried first, so that what is allowed costs few questions. */
  readonly #lastModes = new BoundedCache<string, number>({ maxEntries: maxRemembered });

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  /**
   * For a request of `user`: the user whom its headers name, and by what right; undefined when they name none. Throws 400 when they
   * name something without a user; rejects with 403 when who asks may not act as that user, in one of the groups, with
   * one of the other attributes, or (where the right to impersonate is a constrained one) to make this request.
   */
  of(exchange: Exchange, user: UserInfo, request: RequestInfo): Promise<Impersonated> | undefined {
    if (!hasImpersonation(exchange.headers())) return undefined;
    const wanted = wantedUser(exchange);
    if (wanted.username === '') {
      throw badRequest(`requested ${goText(wanted)} without impersonating a user name`);
    }
    return this.#impersonate(wanted, attributesOf(user, request, exchange.query));
  }

  /** As upstream: one mode after the other; the refusal of the first that would have done is the answer. */
  async #impersonate(wanted: WantedUser, attributes: AuthorizationAttributes): Promise<Impersonated> {
    const { username } = attributes.user;
    const last = this.#lastModes.get(username);
    const order = [...impersonationModes.keys()];
    if (last !== undefined) order.sort((a, b) => Number(b === last) - Number(a === last));
    let refusal: StatusError | undefined;
    for (const index of order) {
      try {
        const found = await impersonationModes[index]?.(wanted, attributes, this.#authorizer);
        if (found === undefined) continue;
        this.#lastModes.set(username, index);
        return found;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        refusal ??= error;
      }
    }
    throw refusal ?? new Error('no way to impersonate was tried');
  }
}

function hasImpersonation(headers: ReturnType<Exchange['headers']>): boolean {
  for (const name in headers) {
    if (!name.startsWith('impersonate-')) continue;
    if (name === userHeader || name === groupHeader || name === uidHeader || name.startsWith(extraPrefix)) return true;
  }
  return false;
}

function wantedUser(exchange: Exchange): WantedUser {
  const [username = ''] = exchange.headerValues(userHeader);
  const [uid = ''] = exchange.headerValues(uidHeader);
  const names = Object.keys(exchange.headers()).filter((name) => name.startsWith(extraPrefix));
  return {
    username,
    uid,
    groups: exchange.headerValues(groupHeader),
    extra: Object.fromEntries(
      names.map((name) => [decodeKey(name.slice(extraPrefix.length)), exchange.headerValues(name)]),
    ),
  };
}

/** Keys are percent-encoded where a header's name could not hold them; what is not encoded rightly is meant as it is. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** A user as Go prints one with `%#v`, which is what upstream's refusal holds. */
function goText({ username, uid, groups, extra }: WantedUser): string {
  const list = (texts: readonly string[]): string => `[]string{${texts.map(quote).join(', ')}}`;
  const entries = Object.entries(extra).map(([key, values]) => `${quote(key)}:${list(values)}`);
  const groupText = groups.length === 0 ? '[]string(nil)' : list(groups);
  const extraText = entries.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${entries.join(', ')}}`;
  return `&user.DefaultInfo{Name:${quote(username)}, UID:${quote(uid)}, Groups:${groupText}, Extra:${extraText}}`;
}
