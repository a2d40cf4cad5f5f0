/** What access reviews must look like. The sentences are upstream's. */
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
} from '../../api/types/authorization.v1.ts';
import type { ObjectMeta } from '../../api/types/meta.v1.ts';
import { root, type FieldError, type Path } from '../../machinery/field-error.ts';
import { isLabelValue, isQualifiedName } from '../../machinery/names.ts';

type Attributes = Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

const specPath = root('spec');

export function validateSelfReview({ spec = {}, metadata }: Partial<SelfSubjectAccessReview>): FieldError[] {
  return [...validateAttributes(spec), ...validateMetadata(metadata, [], 'must be empty')];
}

export function validateReview({ spec = {}, metadata }: Partial<SubjectAccessReview>): FieldError[] {
  return [...validateSubjectSpec(spec), ...validateMetadata(metadata, [], 'must be empty')];
}

/** @param metadata Its namespace is the request's, unless the object says another. */
export function validateLocalReview({ spec = {}, metadata }: Partial<LocalSubjectAccessReview>): FieldError[] {
  const errors = [
    ...validateSubjectSpec(spec),
    ...validateMetadata(metadata, ['namespace'], 'must be empty except for namespace'),
  ];
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (resource !== undefined && (resource.namespace ?? '') !== (metadata?.namespace ?? '')) {
    errors.push(
      root('spec.resourceAttributes.namespace').invalid(resource.namespace ?? '', 'must match metadata.namespace'),
    );
  }
  if (path !== undefined) {
    errors.push(root('spec.nonResourceAttributes').invalid(path, 'disallowed on this kind of request'));
  }
  return errors;
}

function validateSubjectSpec(spec: SubjectAccessReviewSpec): FieldError[] {
  const errors = validateAttributes(spec);
  if ((spec.user ?? '') === '' && (spec.groups ?? []).length === 0) {
    errors.push(specPath.child('user').invalid(spec.user ?? '', 'at least one of user or group must be specified'));
  }
  return errors;
}

function validateAttributes({ resourceAttributes: resource, nonResourceAttributes: path }: Attributes): FieldError[] {
  const errors: FieldError[] = [];
  if (resource !== undefined && path !== undefined) {
    errors.push(
      specPath
        .child('nonResourceAttributes')
        .invalid(path, 'cannot be specified in combination with resourceAttributes'),
    );
  }
  const resourcePath = specPath.child('resourceAttributes');
  if (resource === undefined && path === undefined) {
    errors.push(
      resourcePath.invalid(undefined, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'),
    );
  }
  const { fieldSelector, labelSelector } = resource ?? {};
  if (fieldSelector !== undefined) validateFields(fieldSelector, resourcePath.child('fieldSelector'), errors);
  if (labelSelector !== undefined) validateLabels(labelSelector, resourcePath.child('labelSelector'), errors);
  return errors;
}

/** Either text or requirements, and one of them. */
function validateForm(
  { rawSelector = '', requirements = [] }: FieldSelectorAttributes | LabelSelectorAttributes,
  path: Path,
  errors: FieldError[],
): void {
  if (rawSelector !== '' && requirements.length > 0) {
    errors.push(path.child('rawSelector').invalid(rawSelector, 'may not specified at the same time as requirements'));
  }
  if (rawSelector === '' && requirements.length === 0) {
    const detail = `when ${String(path)} is specified, requirements or rawSelector is required`;
    errors.push(path.child('requirements').required(detail));
  }
}

/** Operators that are not known are let through: what they say is left out of the question. */
function validateValues(operator: string, values: readonly string[], path: Path, errors: FieldError[]): void {
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    errors.push(path.child('values').required("must be specified when `operator` is 'In' or 'NotIn'"));
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    errors.push(path.child('values').forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  }
}

function validateFields(selector: FieldSelectorAttributes, path: Path, errors: FieldError[]): void {
  validateForm(selector, path, errors);
  (selector.requirements ?? []).forEach(({ key, operator, values = [] }, index) => {
    const at = path.child('requirements').index(index);
    if (key === '') errors.push(at.child('key').required('must be specified'));
    validateValues(operator, values, at, errors);
  });
}

function validateLabels(selector: LabelSelectorAttributes, path: Path, errors: FieldError[]): void {
  validateForm(selector, path, errors);
  (selector.requirements ?? []).forEach(({ key, operator, values = [] }, index) => {
    const at = path.child('requirements').index(index);
    validateValues(operator, values, at, errors);
    for (const sentence of isQualifiedName(key)) errors.push(at.child('key').invalid(key, sentence));
    values.forEach((value, position) => {
      for (const sentence of isLabelValue(value)) {
        errors.push(at.child('values').index(position).invalid(value, sentence));
      }
    });
  });
}

function validateMetadata(
  metadata: ObjectMeta | undefined,
  allowed: readonly string[],
  sentence: string,
): FieldError[] {
  const isEmpty = Object.entries(metadata ?? {}).every(
    ([field, value]) =>
      field === 'managedFields' || allowed.includes(field) || value === undefined || value === null || value === '',
  );
  return isEmpty ? [] : [root('metadata').invalid(metadata, sentence)];
}
