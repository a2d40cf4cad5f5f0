/** What authenticators find out, and promise each other. */
import type { UserInfo } from '../../api/contract.ts';

/** What credentials stand for. May be kept and given to several requests: not to be changed. */
export interface Authenticated {
  readonly user: UserInfo;
  /** What kind of token it was, for audit; absent: the authenticator's name says it. */
  readonly source?: string;
  /** Of the audiences that were asked for, those that the credentials are for. Undefined: they are for none in particular. */
  readonly audiences?: readonly string[];
  /** For the client of each request. */
  readonly warnings?: readonly string[];
  /** For the audit event of each request. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** False once something that this was found out from has changed, or its time is over. Absent: that cannot happen. */
  isCurrent?(): boolean;
}

/** Knows whose token a token is; one after the other is asked. */
export interface TokenAuthenticator {
  /**
   * Undefined: not a token of this kind. Throws (or rejects with) an AuthenticationError for one that is, and is bad.
   * @param audiences Whom the token should be for: one of these will do.
   */
  authenticateToken(
    token: string,
    audiences: readonly string[],
  ): Authenticated | undefined | Promise<Authenticated | undefined>;
}
