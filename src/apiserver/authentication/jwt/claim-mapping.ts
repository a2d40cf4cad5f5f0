/** What claims a token's issuer may make, and which user they name. */
import type { UserInfo } from '../../../api/contract.ts';
import type { JsonObject } from '../../../machinery/jwt/jws.ts';
import { quote } from '../../../machinery/quote.ts';
import { AuthenticationError } from '../authentication-error.ts';
import { checkClaimRules, checkUserRules, textsOf, valueOf } from './expressions.ts';
import type { Expression, Rule } from './expressions.ts';

/** Where a value comes from: a claim with a prefix, or an expression. */
export type Source = { readonly claim: string; readonly prefix: string } | { readonly expression: Expression };

/** A validated configuration, its expressions compiled. */
export interface ClaimMapping {
  readonly username: Source;
  readonly groups: Source | undefined;
  readonly uid: Source | undefined;
  readonly extra: readonly { readonly key: string; readonly expression: Expression }[];
  readonly requiredClaims: readonly { readonly claim: string; readonly value: string }[];
  readonly claimRules: readonly Rule[];
  readonly userRules: readonly Rule[];
}

/** Throws an AuthenticationError for claims that name nobody, or that a rule refuses. */
export function userOfClaims(mapping: ClaimMapping, claims: JsonObject): UserInfo {
  const username = usernameOf(mapping.username, claims);
  const groups = mapping.groups === undefined ? [] : groupsOf(mapping.groups, claims);
  const uid = mapping.uid === undefined ? '' : uidOf(mapping.uid, claims);
  const extra = mapping.extra
    .map(
      ({ key, expression }) => [key, textsOf(expression, claims, 'error evaluating extra claim expression')] as const,
    )
    .filter(([, values]) => values.length > 0);
  checkRequired(mapping, claims);
  checkClaimRules(mapping.claimRules, claims);
  const user: UserInfo = {
    username,
    ...(uid === '' ? {} : { uid }),
    groups,
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
  checkUserRules(mapping.userRules, user);
  return user;
}

function usernameOf(source: Source, claims: JsonObject): string {
  if ('expression' in source) {
    const what = 'error evaluating username claim expression';
    const value = valueOf(source.expression, claims, what);
    if (typeof value !== 'string') {
      throw new AuthenticationError(`oidc: ${what}: username claim expression must return a string`);
    }
    // Nobody is called nothing: rules on names would not hold for such a user.
    if (value === '')
      throw new AuthenticationError(`oidc: ${what}: username claim expression returned an empty string`);
    return value;
  }
  const { claim, prefix } = source;
  const name = textClaim(claims, claim, `parse username claims ${quote(claim)}`);
  if (claim === 'email' && claims['email_verified'] !== undefined) {
    if (typeof claims['email_verified'] !== 'boolean') {
      throw new AuthenticationError("oidc: parse 'email_verified' claim: it is not a boolean");
    }
    if (!claims['email_verified']) throw new AuthenticationError('oidc: email not verified');
  }
  return prefix + name;
}

function groupsOf(source: Source, claims: JsonObject): readonly string[] {
  if ('expression' in source) return textsOf(source.expression, claims, 'error evaluating group claim expression');
  const { claim, prefix } = source;
  if (!Object.hasOwn(claims, claim)) return [];
  const value = claims[claim];
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = all.filter((each) => typeof each === 'string');
  if (texts.length !== all.length) {
    throw new AuthenticationError(
      `oidc: parse groups claim ${quote(claim)}: it is neither a string nor a list of strings`,
    );
  }
  return texts.map((text) => prefix + text);
}

function uidOf(source: Source, claims: JsonObject): string {
  if (!('expression' in source)) return textClaim(claims, source.claim, `parse uid claim ${quote(source.claim)}`);
  const what = 'error evaluating uid claim expression';
  const value = valueOf(source.expression, claims, what);
  if (typeof value === 'string') return value;
  throw new AuthenticationError(`oidc: ${what}: uid claim expression must return a string`);
}

function textClaim(claims: JsonObject, claim: string, what: string): string {
  if (!Object.hasOwn(claims, claim)) throw new AuthenticationError(`oidc: ${what}: claim not present`);
  const value = claims[claim];
  if (typeof value === 'string') return value;
  throw new AuthenticationError(`oidc: ${what}: it is not a string`);
}

function checkRequired({ requiredClaims }: ClaimMapping, claims: JsonObject): void {
  for (const { claim, value } of requiredClaims) {
    if (!Object.hasOwn(claims, claim)) {
      throw new AuthenticationError(`oidc: required claim ${claim} not present in ID token`);
    }
    const given = claims[claim];
    if (typeof given !== 'string') throw new AuthenticationError(`oidc: parse claim ${claim}: it is not a string`);
    if (given === value) continue;
    throw new AuthenticationError(
      `oidc: required claim ${claim} value does not match. Got = ${given}, want = ${value}`,
    );
  }
}
