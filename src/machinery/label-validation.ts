import type { FieldError, Path } from './field-error.ts';
import type { Labels } from './label-requirement.ts';
import type { LabelSelectorExpression, LabelSelectorObject } from './label-selector.ts';
import { isLabelValue, isQualifiedName } from './names.ts';

/** A label's key, or another qualified name such as a condition's type. */
export function validateLabelName(key: string, path: Path): FieldError[] {
  return isQualifiedName(key).map((sentence) => path.invalid(key, sentence));
}

/** `path` is that of the whole map: upstream names neither the key nor the value's place. */
export function validateLabels(labels: Labels | undefined, path: Path): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...validateLabelName(key, path),
    ...isLabelValue(value).map((sentence) => path.invalid(value, sentence)),
  ]);
}

export interface LabelSelectorValidationOptions {
  /** Objects of old may hold values that were not checked when they were written. */
  readonly allowInvalidLabelValueInSelector?: boolean;
  /** For authorization requests, which ignore what they do not know. */
  readonly allowUnknownOperatorInRequirement?: boolean;
}

export function validateLabelSelector(
  selector: LabelSelectorObject | null | undefined,
  options: LabelSelectorValidationOptions,
  path: Path,
): FieldError[] {
  if (selector === undefined || selector === null) return [];
  const expressions = selector.matchExpressions ?? [];
  return [
    ...validateLabels(selector.matchLabels, path.child('matchLabels')),
    ...expressions.flatMap((expression, index) =>
      validateExpression(expression, options, path.child('matchExpressions').index(index)),
    ),
  ];
}

function validateExpression(
  expression: LabelSelectorExpression,
  options: LabelSelectorValidationOptions,
  path: Path,
): FieldError[] {
  // An object that was never decoded may lack what its type requires.
  const { key = '', operator = '' } = expression;
  const values = expression.values ?? [];
  const errors: FieldError[] = [];
  const valuesPath = path.child('values');
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(valuesPath.required("must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      errors.push(valuesPath.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
  } else if (options.allowUnknownOperatorInRequirement !== true) {
    errors.push(path.child('operator').invalid(operator, 'not a valid selector operator'));
  }
  errors.push(...validateLabelName(key, path.child('key')));
  if (options.allowInvalidLabelValueInSelector !== true) {
    values.forEach((value, index) => {
      for (const sentence of isLabelValue(value)) errors.push(valuesPath.index(index).invalid(value, sentence));
    });
  }
  return errors;
}
