/** Answers to those who ask what somebody may do (`kubectl auth can-i`). */
import type { UserInfo } from '../../api/contract.ts';
import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from '../../api/types/authorization.v1.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { badRequest, invalid } from '../../machinery/status.ts';
import type { Authorizer } from '../contract.ts';
import type { VirtualRequest, VirtualResource } from '../handler.ts';
import { answerReview, readReview } from '../reviews.ts';
import { aggregated } from './aggregated.ts';
import { reviewedAttributes, reviewedUser } from './review-attributes.ts';
import { validateLocalReview, validateReview, validateSelfReview } from './review-validation.ts';

/** The handlers by `<plural>.<group>`. */
export function accessReviews(authorizer: Authorizer): readonly (readonly [string, VirtualResource])[] {
  return [
    [
      'selfsubjectaccessreviews.authorization.k8s.io',
      async (request) => {
        const review = await readReview<SelfSubjectAccessReview>(request);
        check(request, validateSelfReview(review));
        await answerReview(request, review, await decide(authorizer, request.user, review.spec));
      },
    ],
    [
      'subjectaccessreviews.authorization.k8s.io',
      async (request) => {
        const review = await readReview<SubjectAccessReview>(request);
        check(request, validateReview(review));
        await answerReview(request, review, await decide(authorizer, reviewedUser(review.spec), review.spec));
      },
    ],
    [
      'localsubjectaccessreviews.authorization.k8s.io',
      async (request) => {
        const review = await readReview<LocalSubjectAccessReview>(request);
        const { namespace } = request.info;
        const given = review.metadata?.namespace ?? '';
        if (given !== '' && given !== namespace) {
          throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
        }
        check(request, validateLocalReview({ ...review, metadata: { ...review.metadata, namespace } }));
        await answerReview(request, review, await decide(authorizer, reviewedUser(review.spec), review.spec));
      },
    ],
    [
      'selfsubjectrulesreviews.authorization.k8s.io',
      async (request) => {
        const review = await readReview<SelfSubjectRulesReview>(request);
        const namespace = review.spec?.namespace ?? '';
        if (namespace === '') throw badRequest('no namespace on request');
        await answerReview(request, review, rulesStatus(authorizer, request.user, namespace));
      },
    ],
  ];
}

function check({ definition }: VirtualRequest, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(definition, '', errors);
}

async function decide(
  authorizer: Authorizer,
  user: UserInfo,
  spec: Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>,
): Promise<SubjectAccessReviewStatus> {
  const { attributes, errors } = reviewedAttributes(user, spec);
  const { verdict, reason, error } = await authorizer.authorize(attributes);
  const all = error === undefined ? errors : [error, ...errors];
  return {
    allowed: verdict === 'allow',
    ...(verdict === 'deny' ? { denied: true } : {}),
    ...(reason === '' ? {} : { reason }),
    ...(all.length === 0 ? {} : { evaluationError: aggregated(all) }),
  };
}

function rulesStatus(authorizer: Authorizer, user: UserInfo, namespace: string): object {
  const resolved = authorizer.rulesFor?.(user, namespace);
  const errors = resolved?.errors ?? [];
  return {
    resourceRules: resolved?.resourceRules ?? [],
    nonResourceRules: resolved?.nonResourceRules ?? [],
    incomplete: resolved?.incomplete ?? true,
    ...(errors.length === 0 ? {} : { evaluationError: aggregated(errors) }),
  };
}
