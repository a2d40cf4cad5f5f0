/** Checks an AuthenticationConfiguration as upstream does, and compiles its expressions. */
import { X509Certificate } from 'node:crypto';
import type {
  AuthenticationConfiguration,
  ClaimMappings,
  Issuer,
  JWTAuthenticator,
  PrefixedClaimOrExpression,
} from '../../../api/types/apiserver-config.v1.ts';
import { validateDomainPrefixedPath } from '../../../machinery/domain-names.ts';
import { root } from '../../../machinery/field-error.ts';
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type { ClaimMapping, Source } from './claim-mapping.ts';
import { compileClaimRule, compileMapping, compileUserRule, readsClaim } from './expressions.ts';
import type { Compiled, Expression, Rule } from './expressions.ts';

/** One issuer, ready to be believed. */
export interface IssuerSpec {
  readonly url: string;
  readonly discoveryUrl: string | undefined;
  /** PEM */
  readonly ca: string | undefined;
  readonly audiences: readonly string[];
  readonly mapping: ClaimMapping;
}

export type Validated =
  | { readonly ok: true; readonly issuers: readonly IssuerSpec[] }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

const maxAuthenticators = 64;

/** @param disallowedIssuers Issuers that are ours: nobody else may speak for them. */
export function validateConfiguration(
  { jwt, anonymous }: AuthenticationConfiguration,
  disallowedIssuers: readonly string[],
): Validated {
  const errors: FieldError[] = [];
  const path = root('jwt');
  const authenticators = jwt ?? [];
  if (authenticators.length > maxAuthenticators) {
    return { ok: false, errors: [path.tooMany(authenticators.length, maxAuthenticators)] };
  }
  const issuers = authenticators.map((one, index) =>
    new AuthenticatorValidation(errors, path.index(index)).validate(one, disallowedIssuers),
  );
  checkDuplicates(authenticators, path, errors);
  if (anonymous !== undefined && !anonymous.enabled && (anonymous.conditions ?? []).length > 0) {
    errors.push(
      root('anonymous')
        .child('conditions')
        .invalid(anonymous.conditions, 'enabled should be set to true when conditions are defined'),
    );
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, issuers };
}

function checkDuplicates(authenticators: readonly JWTAuthenticator[], path: Path, errors: FieldError[]): void {
  for (const field of ['url', 'discoveryURL'] as const) {
    const seen = new Set<string>();
    for (const [index, { issuer }] of authenticators.entries()) {
      const url = issuer[field] ?? '';
      if (url !== '' && seen.has(url)) errors.push(path.index(index).child('issuer', field).duplicate(url));
      seen.add(url);
    }
  }
}

/** Gathers what is wrong with one authenticator. */
class AuthenticatorValidation {
  readonly #errors: FieldError[];
  readonly #path: Path;

  constructor(errors: FieldError[], path: Path) {
    this.#errors = errors;
    this.#path = path;
  }

  validate(authenticator: JWTAuthenticator, disallowedIssuers: readonly string[]): IssuerSpec {
    const { issuer } = authenticator;
    this.#issuer(issuer, disallowedIssuers, this.#path.child('issuer'));
    const mapping = this.#mapping(authenticator);
    return {
      url: issuer.url,
      discoveryUrl: issuer.discoveryURL || undefined,
      ca: issuer.certificateAuthority || undefined,
      audiences: issuer.audiences ?? [],
      mapping,
    };
  }

  #issuer(issuer: Issuer, disallowed: readonly string[], path: Path): void {
    const { url, discoveryURL = '', certificateAuthority = '', egressSelectorType = '' } = issuer;
    if (url === '') this.#errors.push(path.child('url').required());
    else this.#url(url, disallowed, path.child('url'));
    if (discoveryURL !== '') {
      const at = path.child('discoveryURL');
      const isSame = url !== '' && url.replace(/\/+$/, '') === discoveryURL.replace(/\/+$/, '');
      if (isSame) this.#errors.push(at.invalid(discoveryURL, 'discoveryURL must be different from URL'));
      this.#url(discoveryURL, [], at);
    }
    this.#audiences(issuer, path);
    if (certificateAuthority !== '') {
      try {
        void new X509Certificate(certificateAuthority);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        this.#errors.push(path.child('certificateAuthority').invalid('<omitted>', why));
      }
    }
    if (egressSelectorType !== '') {
      this.#errors.push(
        path.child('egressSelectorType').invalid(egressSelectorType, 'egress selectors are not implemented'),
      );
    }
  }

  #url(text: string, disallowed: readonly string[], path: Path): void {
    if (disallowed.includes(text)) {
      const all = [...disallowed].sort().join(' ');
      this.#errors.push(path.invalid(text, `URL must not overlap with disallowed issuers: [${all}]`));
    }
    const url = URL.parse(text);
    if (url === null) {
      this.#errors.push(path.invalid(text, `parse ${JSON.stringify(text)}: invalid URL`));
      return;
    }
    const problems: readonly (readonly [boolean, string])[] = [
      [url.protocol !== 'https:', 'URL scheme must be https'],
      [url.username !== '' || url.password !== '', 'URL must not contain a username or password'],
      [url.search !== '', 'URL must not contain a query'],
      [url.hash !== '', 'URL must not contain a fragment'],
    ];
    for (const [isSo, problem] of problems) if (isSo) this.#errors.push(path.invalid(text, problem));
  }

  #audiences({ audiences, audienceMatchPolicy = '' }: Issuer, issuerPath: Path): void {
    const path = issuerPath.child('audiences');
    const all = audiences ?? [];
    if (all.length === 0) {
      this.#errors.push(path.required(`at least one ${path.toString()} is required`));
      return;
    }
    const seen = new Set<string>();
    for (const [index, audience] of all.entries()) {
      if (audience === '') this.#errors.push(path.index(index).required());
      if (seen.has(audience)) this.#errors.push(path.index(index).duplicate(audience));
      seen.add(audience);
    }
    const policyPath = issuerPath.child('audienceMatchPolicy');
    const policy: string = audienceMatchPolicy;
    if (all.length > 1 && policy !== 'MatchAny') {
      this.#errors.push(policyPath.invalid(policy, 'audienceMatchPolicy must be MatchAny for multiple audiences'));
    } else if (all.length === 1 && policy !== '' && policy !== 'MatchAny') {
      this.#errors.push(
        policyPath.invalid(policy, 'audienceMatchPolicy must be empty or MatchAny for single audience'),
      );
    }
  }

  #mapping(authenticator: JWTAuthenticator): ClaimMapping {
    const { claimMappings } = authenticator;
    const rules = this.#claimRules(authenticator);
    const path = this.#path.child('claimMappings');
    const username = this.#source(claimMappings.username, path.child('username'), true);
    const groups = this.#source(claimMappings.groups ?? {}, path.child('groups'), false);
    const uid = this.#uid(claimMappings, path.child('uid'));
    const extra = this.#extra(claimMappings, path.child('extra'));
    this.#checkEmail(authenticator, path);
    return {
      username: username ?? { claim: '', prefix: '' },
      groups,
      uid,
      extra,
      ...rules,
      userRules: this.#userRules(authenticator),
    };
  }

  #claimRules({ claimValidationRules = [] }: JWTAuthenticator): Pick<ClaimMapping, 'requiredClaims' | 'claimRules'> {
    const claimRules: Rule[] = [];
    const requiredClaims: { claim: string; value: string }[] = [];
    const seenClaims = new Set<string>();
    const seenExpressions = new Set<string>();
    for (const [index, rule] of claimValidationRules.entries()) {
      const path = this.#path.child('claimValidationRules').index(index);
      const { claim = '', requiredValue = '', expression = '', message = '' } = rule;
      if (claim !== '' && expression !== '') {
        this.#errors.push(path.invalid(claim, "claim and expression can't both be set"));
      } else if (claim === '' && expression === '') {
        this.#errors.push(path.required('claim or expression is required'));
      } else if (claim !== '') {
        if (message !== '') {
          this.#errors.push(path.child('message').invalid(message, 'may not be specified when claim is set'));
        }
        if (seenClaims.has(claim)) this.#errors.push(path.child('claim').duplicate(claim));
        seenClaims.add(claim);
        requiredClaims.push({ claim, value: requiredValue });
      } else {
        if (requiredValue !== '') {
          this.#errors.push(
            path.child('requiredValue').invalid(requiredValue, 'may not be specified when expression is set'),
          );
        }
        if (seenExpressions.has(expression)) {
          this.#errors.push(path.child('expression').duplicate(expression));
          continue;
        }
        seenExpressions.add(expression);
        const compiled = this.#compiled(compileClaimRule(expression), expression, path.child('expression'));
        if (compiled !== undefined) claimRules.push({ expression: compiled, message });
      }
    }
    return { claimRules, requiredClaims };
  }

  #source(mapping: PrefixedClaimOrExpression, path: Path, isRequired: boolean): Source | undefined {
    const { claim = '', expression = '', prefix } = mapping;
    if (claim !== '' && expression !== '') {
      this.#errors.push(path.invalid('', "claim and expression can't both be set"));
      return undefined;
    }
    if (expression !== '') {
      if (prefix !== undefined) {
        this.#errors.push(path.child('prefix').invalid(prefix, 'may not be specified when expression is set'));
      }
      const compiled = this.#compiled(compileMapping(expression), expression, path.child('expression'));
      return compiled && { expression: compiled };
    }
    if (claim === '') {
      if (isRequired) this.#errors.push(path.required('claim or expression is required'));
      return undefined;
    }
    if (prefix === undefined) {
      this.#errors.push(
        path
          .child('prefix')
          .required('prefix is required when claim is set. It can be set to an empty string to disable prefixing'),
      );
    }
    return { claim, prefix: prefix ?? '' };
  }

  #uid({ uid }: ClaimMappings, path: Path): Source | undefined {
    const { claim = '', expression = '' } = uid ?? {};
    if (claim !== '' && expression !== '') {
      this.#errors.push(path.invalid('', "claim and expression can't both be set"));
      return undefined;
    }
    if (claim !== '') return { claim, prefix: '' };
    if (expression === '') return undefined;
    const compiled = this.#compiled(compileMapping(expression), expression, path.child('expression'));
    return compiled && { expression: compiled };
  }

  #extra({ extra = [] }: ClaimMappings, path: Path): ClaimMapping['extra'] {
    const mappings: { key: string; expression: Expression }[] = [];
    const seen = new Set<string>();
    for (const [index, { key, valueExpression }] of extra.entries()) {
      const at = path.index(index);
      this.#extraKey(key, at.child('key'));
      if (seen.has(key)) {
        this.#errors.push(at.child('key').duplicate(key));
        continue;
      }
      seen.add(key);
      if (valueExpression === '') {
        this.#errors.push(at.child('valueExpression').required());
        continue;
      }
      const compiled = this.#compiled(compileMapping(valueExpression), valueExpression, at.child('valueExpression'));
      if (compiled !== undefined) mappings.push({ key, expression: compiled });
    }
    return mappings;
  }

  /** `example.org/what`, not of Kubernetes' own domains. */
  #extraKey(key: string, path: Path): void {
    this.#errors.push(...validateDomainPrefixedPath(path, key));
    if (key !== key.toLowerCase()) this.#errors.push(path.invalid(key, 'must be lowercase'));
    if (/^(?:[^/]*\.)?(?:kubernetes|k8s)\.io\//.test(key)) {
      this.#errors.push(
        path.invalid(key, 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use'),
      );
    }
  }

  #userRules({ userValidationRules = [] }: JWTAuthenticator): Rule[] {
    const rules: Rule[] = [];
    const seen = new Set<string>();
    for (const [index, { expression, message = '' }] of userValidationRules.entries()) {
      const path = this.#path.child('userValidationRules').index(index).child('expression');
      if (expression === '') this.#errors.push(path.required());
      else if (seen.has(expression)) this.#errors.push(path.duplicate(expression));
      else {
        seen.add(expression);
        const compiled = this.#compiled(compileUserRule(expression), expression, path);
        if (compiled !== undefined) rules.push({ expression: compiled, message });
      }
    }
    return rules;
  }

  /** An address that is not verified names nobody: who maps it by an expression must look at `email_verified`. */
  #checkEmail({ claimMappings, claimValidationRules = [] }: JWTAuthenticator, path: Path): void {
    const { expression = '' } = claimMappings.username;
    if (!readsClaim(expression, 'email')) return;
    const others = [
      expression,
      ...(claimMappings.extra ?? []).map(({ valueExpression }) => valueExpression),
      ...claimValidationRules.map((rule) => rule.expression ?? ''),
    ];
    if (others.some((text) => readsClaim(text, 'email_verified'))) return;
    this.#errors.push(
      path
        .child('username', 'expression')
        .invalid(
          expression,
          'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression ' +
            'or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression',
        ),
    );
  }

  #compiled(result: Compiled, text: string, path: Path): Expression | undefined {
    if (result.ok) return result.expression;
    this.#errors.push(path.invalid(text, result.problem));
    return undefined;
  }
}
