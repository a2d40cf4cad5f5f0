import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { isQualifiedName } from '../../../machinery/names.ts';
import { validateConditions } from '../../condition-rules.ts';
import { listOf, orZero, validateByRule, validateEnum, validateRequiredEnum } from '../../field-rules.ts';
import type {
  AuditAnnotation,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '../../types/admissionregistration.v1.ts';
import { policySpecPath, validateBinding, validatePolicy } from './policy-parts.ts';

const validationsPath = policySpecPath.child('validations');
const annotationsPath = policySpecPath.child('auditAnnotations');
const mutationsPath = policySpecPath.child('mutations');
const reinvocationPath = policySpecPath.child('reinvocationPolicy');
const actionsPath = policySpecPath.child('validationActions');
const warningsPath = root('status').child('typeChecking').child('expressionWarnings');
const conditionsPath = root('status').child('conditions');
const maxAuditAnnotations = 20;
const maxValueExpressionBytes = 5 * 1024;
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const validationActions = ['Audit', 'Deny', 'Warn'];
const reinvocationPolicies = ['IfNeeded', 'Never'];

function validateValidation(validation: Validation, path: Path, errors: FieldError[]): void {
  const { expression = '', message = '', messageExpression = '' } = validation;
  if (expression.trim() === '') errors.push(path.child('expression').required('expression is not specified'));
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(path.child('messageExpression').invalid(messageExpression, 'must be non-empty if specified'));
  }
  const messagePath = path.child('message');
  if (message !== '' && message.trim() === '') {
    errors.push(messagePath.invalid(message, 'message must be non-empty if specified'));
  } else if (/[\n\r]/.test(message.trim())) {
    errors.push(messagePath.invalid(message, 'message must not contain line breaks'));
  }
  validateEnum(validation.reason, reasons, path.child('reason'), errors);
}

function validateAuditAnnotation(annotation: AuditAnnotation, policy: string, path: Path, errors: FieldError[]): void {
  const { key = '', valueExpression = '' } = annotation;
  if (policy === '') errors.push(path.child('key').invalid(key, 'requires metadata.name be non-empty'));
  else validateByRule(isQualifiedName, `${policy}/${key}`, path.child('key'), errors);
  const expression = valueExpression.trim();
  const expressionPath = path.child('valueExpression');
  if (expression === '') errors.push(expressionPath.required('valueExpression is not specified'));
  else if (Buffer.byteLength(expression) > maxValueExpressionBytes) {
    errors.push(expressionPath.required(`must not exceed ${maxValueExpressionBytes} bytes in length`));
  }
}

export function validateValidatingPolicy({ metadata, spec: given }: ValidatingAdmissionPolicy): FieldError[] {
  const errors: FieldError[] = [];
  const spec = orZero(given);
  validatePolicy(spec, errors);
  const [validations, annotations] = [listOf(spec.validations), listOf(spec.auditAnnotations)];
  if (validations.length + annotations.length === 0) {
    const detail = 'validations or auditAnnotations must contain at least one item';
    errors.push(validationsPath.required(detail), annotationsPath.required(detail));
    return errors;
  }
  validations.forEach((validation, index) => validateValidation(validation, validationsPath.index(index), errors));
  if (annotations.length > maxAuditAnnotations) {
    errors.push(
      annotationsPath.invalid(annotations, `must not have more than ${maxAuditAnnotations} auditAnnotations`),
    );
  }
  const keys = new Set<string>();
  annotations.forEach((annotation, index) => {
    const path = annotationsPath.index(index);
    const key = annotation.key ?? '';
    validateAuditAnnotation(annotation, metadata?.name ?? '', path, errors);
    if (keys.has(key)) errors.push(path.child('key').duplicate(key));
    keys.add(key);
  });
  return errors;
}

export function validateValidatingPolicyStatus({ status }: ValidatingAdmissionPolicy): FieldError[] {
  const errors: FieldError[] = [];
  listOf(status?.typeChecking?.expressionWarnings).forEach(({ warning, fieldRef }, index) => {
    if (!warning) errors.push(warningsPath.index(index).child('warning').required());
    if (!fieldRef?.trim()) errors.push(warningsPath.index(index).child('fieldRef').required());
  });
  validateConditions(status?.conditions, conditionsPath, errors);
  return errors;
}

export function validateValidatingPolicyBinding({ spec: given }: ValidatingAdmissionPolicyBinding): FieldError[] {
  const errors: FieldError[] = [];
  const spec = orZero(given);
  validateBinding(spec, errors);
  const list = listOf(spec.validationActions);
  const actions = new Set<string>();
  list.forEach((action, index) => {
    validateEnum(action, validationActions, actionsPath.index(index), errors);
    if (actions.has(action)) errors.push(actionsPath.index(index).duplicate(action));
    actions.add(action);
  });
  if (actions.has('Deny') && actions.has('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(actionsPath.invalid(list, detail));
  }
  if (list.length === 0) errors.push(actionsPath.required('at least one validation action is required'));
  return errors;
}

const patches = [
  ['JSONPatch', 'jsonPatch', 'applyConfiguration'],
  ['ApplyConfiguration', 'applyConfiguration', 'jsonPatch'],
] as const;

function validateMutation(mutation: Mutation, path: Path, errors: FieldError[]): void {
  const type: string = mutation.patchType ?? '';
  const typePath = path.child('patchType');
  const patch = patches.find(([patchType]) => patchType === type);
  if (type === '') errors.push(typePath.required());
  else if (patch === undefined) {
    errors.push(typePath.invalid(type, "patchType must be 'JSONPatch' or 'ApplyConfiguration'"));
  } else {
    const [, own, other] = patch;
    if (!mutation[own]) errors.push(path.child(own).required(`must be specified when patchType is ${type}`));
    else if (!mutation[own].expression?.trim()) {
      errors.push(path.child(own).child('expression').required('expression is not specified'));
    }
    if (mutation[other]) {
      errors.push(path.child(other).invalid(`{${other}}`, `must not be specified when patchType is ${type}`));
    }
  }
}

export function validateMutatingPolicy({ spec: given }: MutatingAdmissionPolicy): FieldError[] {
  const errors: FieldError[] = [];
  const spec = orZero(given);
  validatePolicy(spec, errors);
  const mutations = listOf(spec.mutations);
  if (mutations.length === 0) errors.push(mutationsPath.required('mutations must contain at least one item'));
  mutations.forEach((mutation, index) => validateMutation(mutation, mutationsPath.index(index), errors));
  validateRequiredEnum(spec.reinvocationPolicy, reinvocationPolicies, reinvocationPath, errors);
  return errors;
}

export function validateMutatingPolicyBinding({ spec }: MutatingAdmissionPolicyBinding): FieldError[] {
  const errors: FieldError[] = [];
  validateBinding(orZero(spec), errors);
  return errors;
}
