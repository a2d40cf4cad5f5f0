/** Authorization checks in expressions: `authorizer.group('').resource('pods').check('create').allowed()`. */
import { isDNS1123Label, isDNS1123Subdomain } from '../../names.ts';
import type { Library } from '../declarations.ts';
import { member, object, string } from '../declarations.ts';
import { fail } from '../failure.ts';
import { boolType, objectType, stringType } from '../types.ts';
import type { CelType } from '../types.ts';
import { CelObject } from '../values.ts';

export const authorizerType = objectType('kubernetes.authorization.Authorizer');
export const pathCheckType = objectType('kubernetes.authorization.PathCheck');
export const groupCheckType = objectType('kubernetes.authorization.GroupCheck');
export const resourceCheckType = objectType('kubernetes.authorization.ResourceCheck');
export const decisionType = objectType('kubernetes.authorization.Decision');

/** Who is asked about: a service account, or else whoever made the request. */
export interface CheckedServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/** What an expression asks. Absent parts are empty texts, as in a SubjectAccessReview; the version is always `*`. */
export type AuthorizationQuestion = {
  readonly verb: string;
  readonly serviceAccount?: CheckedServiceAccount;
} & (
  | { readonly kind: 'path'; readonly path: string }
  | {
      readonly kind: 'resource';
      readonly group: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
      readonly fieldSelector: string;
      readonly labelSelector: string;
    }
);

export interface AuthorizationAnswer {
  readonly isAllowed: boolean;
  readonly reason: string;
  /** What went wrong, when something did. */
  readonly error?: string;
}

/** Answers the questions of one request; given by whoever evaluates an expression. */
export interface CelAuthorizer {
  /** A promise makes the evaluation wait: see `evaluateAsync`. */
  authorize(question: AuthorizationQuestion): AuthorizationAnswer | Promise<AuthorizationAnswer>;
}

/** Ends an evaluation that needs an answer which is not there yet. */
export class AnswerPending {
  readonly answered: Promise<void>;
  constructor(answered: Promise<void>) {
    this.answered = answered;
  }
}

/** Remembers the answers that came, so that an evaluation can be begun again with them. */
class Answers {
  readonly #authorizer: CelAuthorizer;
  readonly #known = new Map<string, AuthorizationAnswer>();

  constructor(authorizer: CelAuthorizer) {
    this.#authorizer = authorizer;
  }

  ask(question: AuthorizationQuestion): AuthorizationAnswer {
    const key = JSON.stringify(question);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const answer = this.#authorizer.authorize(question);
    if (!(answer instanceof Promise)) return answer;
    throw new AnswerPending(answer.then((value) => void this.#known.set(key, value)));
  }
}

/** Only its methods can be used: there is nothing in it to be shown or compared. */
abstract class Receiver extends CelObject {
  override equals(other: CelObject): boolean {
    return this === other;
  }

  override toJSON(): undefined {
    return undefined;
  }
}

class Authorizer extends Receiver {
  readonly celType: CelType = authorizerType;
  readonly answers: Answers;
  readonly serviceAccount: CheckedServiceAccount | undefined;

  constructor(answers: Answers, serviceAccount?: CheckedServiceAccount) {
    super();
    this.answers = answers;
    this.serviceAccount = serviceAccount;
  }

  ask(question: AuthorizationQuestion): Decision {
    const { serviceAccount } = this;
    return new Decision(this.answers.ask(serviceAccount === undefined ? question : { ...question, serviceAccount }));
  }
}

class PathCheck extends Receiver {
  readonly celType: CelType = pathCheckType;
  readonly authorizer: Authorizer;
  readonly path: string;

  constructor(authorizer: Authorizer, path: string) {
    super();
    this.authorizer = authorizer;
    this.path = path;
  }
}

class GroupCheck extends Receiver {
  readonly celType: CelType = groupCheckType;
  readonly authorizer: Authorizer;
  readonly group: string;

  constructor(authorizer: Authorizer, group: string) {
    super();
    this.authorizer = authorizer;
    this.group = group;
  }
}

type ResourceParts = Readonly<
  Record<'group' | 'resource' | 'subresource' | 'namespace' | 'name' | 'fieldSelector' | 'labelSelector', string>
>;

class ResourceCheck extends Receiver {
  readonly celType: CelType = resourceCheckType;
  readonly authorizer: Authorizer;
  readonly parts: ResourceParts;

  constructor(authorizer: Authorizer, parts: ResourceParts) {
    super();
    this.authorizer = authorizer;
    this.parts = parts;
  }

  with(part: keyof ResourceParts, value: string): ResourceCheck {
    return new ResourceCheck(this.authorizer, { ...this.parts, [part]: value });
  }
}

class Decision extends Receiver {
  readonly celType: CelType = decisionType;
  readonly answer: AuthorizationAnswer;

  constructor(answer: AuthorizationAnswer) {
    super();
    this.answer = answer;
  }
}

const noParts = { subresource: '', namespace: '', name: '', fieldSelector: '', labelSelector: '' };

/** The value of the variable `authorizer`. Make one for each evaluation. */
export function authorizerValue(authorizer: CelAuthorizer): CelObject {
  return new Authorizer(new Answers(authorizer));
}

/** The value of the variable `authorizer.requestResource`: a check of what the request is about. */
export function requestResourceValue(
  authorizer: CelAuthorizer,
  request: Pick<ResourceParts, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>,
): CelObject {
  return new ResourceCheck(new Authorizer(new Answers(authorizer)), { ...noParts, ...request });
}

const authorizer = object(authorizerType, Authorizer);
const pathCheck = object(pathCheckType, PathCheck);
const groupCheck = object(groupCheckType, GroupCheck);
const resourceCheck = object(resourceCheckType, ResourceCheck);
const decision = object(decisionType, Decision);

function serviceAccount(one: Authorizer, namespace: string, name: string): Authorizer {
  if (isDNS1123Subdomain(name).length > 0) fail('Invalid service account name');
  if (isDNS1123Label(namespace).length > 0) fail('Invalid service account namespace');
  return new Authorizer(one.answers, { namespace, name });
}

function part(id: string, name: keyof ResourceParts): Library[string] {
  return [member(id, [resourceCheck, string], resourceCheckType, (check, value) => check.with(name, value))];
}

export const authorizerLibrary: Library = {
  path: [
    member('authorizer_path', [authorizer, string], pathCheckType, (one, path) =>
      path.trim() === '' ? fail('path must not be empty') : new PathCheck(one, path),
    ),
  ],
  group: [member('authorizer_group', [authorizer, string], groupCheckType, (one, group) => new GroupCheck(one, group))],
  serviceAccount: [member('authorizer_serviceaccount', [authorizer, string, string], authorizerType, serviceAccount)],
  resource: [
    member('groupcheck_resource', [groupCheck, string], resourceCheckType, (check, resource) =>
      resource.trim() === ''
        ? fail('resource must not be empty')
        : new ResourceCheck(check.authorizer, { ...noParts, group: check.group, resource }),
    ),
  ],
  subresource: part('resourcecheck_subresource', 'subresource'),
  namespace: part('resourcecheck_namespace', 'namespace'),
  name: part('resourcecheck_name', 'name'),
  fieldSelector: part('authorizer_fieldselector', 'fieldSelector'),
  labelSelector: part('authorizer_labelselector', 'labelSelector'),
  check: [
    member('pathcheck_check', [pathCheck, string], decisionType, (check, verb) =>
      check.authorizer.ask({ kind: 'path', path: check.path, verb }),
    ),
    member('resourcecheck_check', [resourceCheck, string], decisionType, (check, verb) =>
      check.authorizer.ask({ kind: 'resource', ...check.parts, verb }),
    ),
  ],
  errored: [member('decision_errored', [decision], boolType, ({ answer }) => answer.error !== undefined)],
  error: [member('decision_error', [decision], stringType, ({ answer }) => answer.error ?? '')],
  allowed: [member('decision_allowed', [decision], boolType, ({ answer }) => answer.isAllowed)],
  reason: [member('decision_reason', [decision], stringType, ({ answer }) => answer.reason)],
};
