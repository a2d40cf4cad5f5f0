import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  ResourceAttributes,
  SubjectAccessReviewSpec,
} from '../../../api/types/authorization.v1.ts';
import type { LabelOperator } from '../../../machinery/label-requirement.ts';
import type { AuthorizationAttributes } from '../../contract.ts';

/** The question about a request as an object: what webhooks are sent, and match conditions see. */
export function reviewSpecOf({ user, request, selectors }: AuthorizationAttributes): SubjectAccessReviewSpec {
  const { username, uid, groups, extra } = user;
  const who = {
    user: username,
    ...(uid === undefined ? {} : { uid }),
    groups: [...groups],
    ...(extra === undefined
      ? {}
      : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
  };
  if (!request.isResourceRequest) return { ...who, nonResourceAttributes: { path: request.path, verb: request.verb } };
  const { namespace, verb, apiGroup: group, apiVersion: version, resource, subresource, name } = request;
  const attributes: ResourceAttributes = {};
  for (const [field, value] of Object.entries({ namespace, verb, group, version, resource, subresource, name })) {
    if (value !== '') Object.assign(attributes, { [field]: value });
  }
  const fieldSelector = fieldSelectorOf(selectors);
  const labelSelector = labelSelectorOf(selectors);
  return {
    ...who,
    resourceAttributes: {
      ...attributes,
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    },
  };
}

function fieldSelectorOf(selectors: AuthorizationAttributes['selectors']): FieldSelectorAttributes | undefined {
  const { fields = [] } = selectors ?? {};
  if (fields.length === 0) return undefined;
  return {
    requirements: fields.map(({ field, operator, value }) => ({
      key: field,
      operator: operator === '=' ? 'In' : 'NotIn',
      values: [value],
    })),
  };
}

const labelOperators: Readonly<Partial<Record<LabelOperator, string>>> = {
  in: 'In',
  '=': 'In',
  '==': 'In',
  notin: 'NotIn',
  '!=': 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

/** What an object cannot say is left out: the question is then about more than the request. */
function labelSelectorOf(selectors: AuthorizationAttributes['selectors']): LabelSelectorAttributes | undefined {
  const requirements = (selectors?.labels ?? []).flatMap(({ key, operator, values }) => {
    const known = labelOperators[operator];
    if (known === undefined) return [];
    return [{ key, operator: known, ...(values.length === 0 ? {} : { values: [...values] }) }];
  });
  return requirements.length === 0 ? undefined : { requirements };
}
