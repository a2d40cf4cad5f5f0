import type { UserInfo } from '../../api/contract.ts';
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  SubjectAccessReviewSpec,
} from '../../api/types/authorization.v1.ts';
import type { FieldRequirement } from '../../machinery/field-selector.ts';
import type { LabelRequirement } from '../../machinery/label-requirement.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';
import { quote } from '../../machinery/quote.ts';
import type { AuthorizationAttributes } from '../contract.ts';
import { readSelectors, type RequestSelectors } from './selectors.ts';

type Subject = Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

/** Who is asked about, where a review says it. */
export function reviewedUser({ user = '', groups = [], uid, extra }: SubjectAccessReviewSpec): UserInfo {
  return {
    username: user,
    groups,
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined
      ? {}
      : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key.toLowerCase(), values])) }),
  };
}

/** The question that a review asks, with what is wrong with its selectors, in upstream's words. */
export function reviewedAttributes(
  user: UserInfo,
  { resourceAttributes: resource, nonResourceAttributes: path }: Subject,
): { readonly attributes: AuthorizationAttributes; readonly errors: readonly string[] } {
  const request = {
    isResourceRequest: resource !== undefined,
    path: path?.path ?? '',
    verb: resource?.verb ?? path?.verb ?? '',
    apiPrefix: '',
    apiGroup: resource?.group ?? '',
    apiVersion: resource?.version ?? '',
    namespace: resource?.namespace ?? '',
    resource: resource?.resource ?? '',
    subresource: resource?.subresource ?? '',
    name: resource?.name ?? '',
    remainder: '',
  };
  const { fieldSelector, labelSelector } = resource ?? {};
  if (fieldSelector === undefined && labelSelector === undefined) return { attributes: { user, request }, errors: [] };
  const ofFields = fieldSelector === undefined ? noSelectors : readFields(fieldSelector);
  const ofLabels = labelSelector === undefined ? noSelectors : readLabels(labelSelector);
  return {
    attributes: {
      user,
      request,
      selectors: {
        fields: ofFields.fields,
        labels: ofLabels.labels,
        errors: [...ofFields.errors, ...ofLabels.errors],
      },
    },
    errors: [
      ...ignored('fieldSelector', ofFields.fields.length, ofFields.errors),
      ...ignored('labelSelector', ofLabels.labels.length, ofLabels.errors),
    ],
  };
}

const noSelectors: RequestSelectors = { fields: [], labels: [], errors: [] };

function ignored(field: string, understood: number, errors: readonly string[]): string[] {
  if (errors.length === 0) return [];
  const how = understood > 0 ? 'partially ignored' : 'ignored';
  return [`spec.resourceAttributes.${field} ${how} due to parse error`];
}

function readFields({ rawSelector = '', requirements = [] }: FieldSelectorAttributes): RequestSelectors {
  if (rawSelector !== '') return readSelectors(rawSelector, '');
  const fields: FieldRequirement[] = [];
  const errors: string[] = [];
  for (const { key, operator, values = [] } of requirements) {
    const [value = ''] = values;
    if (operator === 'Exists' || operator === 'DoesNotExist') {
      errors.push(`fieldSelectors do not yet support ${operator}`);
    } else if (operator !== 'In' && operator !== 'NotIn') {
      errors.push(`${quote(operator)} is not a valid field selector operator`);
    } else if (values.length !== 1) errors.push('fieldSelectors do not yet support multiple values');
    else fields.push({ field: key, operator: operator === 'In' ? '=' : '!=', value });
  }
  return { fields, labels: [], errors };
}

function readLabels({ rawSelector = '', requirements = [] }: LabelSelectorAttributes): RequestSelectors {
  if (rawSelector !== '') return readSelectors('', rawSelector);
  const labels: LabelRequirement[] = [];
  const errors: string[] = [];
  for (const expression of requirements) {
    try {
      labels.push(...LabelSelector.fromObject({ matchExpressions: [expression] }).requirements);
    } catch (error) {
      errors.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { fields: [], labels, errors };
}
