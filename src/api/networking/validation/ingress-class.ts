import { validateDomainPrefixedPath } from '../../../machinery/domain-names.ts';
import { root, type FieldError } from '../../../machinery/field-error.ts';
import { isDNS1123Label } from '../../../machinery/names.ts';
import { orZero, validateByRule, validateEnum, validateImmutable } from '../../field-rules.ts';
import type { IngressClass, IngressClassParametersReference } from '../../types/networking.v1.ts';
import { validateLocalReference } from './local-reference.ts';

const controllerPath = root('spec').child('controller');
const parametersPath = root('spec').child('parameters');
const scopePath = parametersPath.child('scope');
const namespacePath = parametersPath.child('namespace');
const maxControllerBytes = 250;

function validateParameters(parameters: IngressClassParametersReference, errors: FieldError[]): void {
  validateLocalReference(parameters, parametersPath, errors);
  const scope = parameters.scope ?? undefined;
  const namespace = parameters.namespace ?? undefined;
  if (scope === undefined) errors.push(scopePath.required());
  else if (scope === 'Namespace') {
    if (namespace === undefined) errors.push(namespacePath.required("`parameters.scope` is set to 'Namespace'"));
    else validateByRule(isDNS1123Label, namespace, namespacePath, errors);
  } else if (scope === 'Cluster') {
    if (namespace !== undefined) errors.push(namespacePath.forbidden("`parameters.scope` is set to 'Cluster'"));
  } else validateEnum(scope, ['Cluster', 'Namespace'], scopePath, errors);
}

export function validateIngressClass({ spec }: IngressClass): FieldError[] {
  const errors: FieldError[] = [];
  const { controller = '', parameters } = orZero(spec);
  if (Buffer.byteLength(controller) > maxControllerBytes) {
    errors.push(controllerPath.tooLong(controller, maxControllerBytes));
  }
  errors.push(...validateDomainPrefixedPath(controllerPath, controller));
  if (parameters !== undefined && parameters !== null) validateParameters(parameters, errors);
  return errors;
}

export function validateIngressClassUpdate(ingressClass: IngressClass, old: IngressClass): FieldError[] {
  const errors: FieldError[] = [];
  validateImmutable(ingressClass.spec?.controller ?? '', old.spec?.controller ?? '', controllerPath, errors);
  errors.push(...validateIngressClass(ingressClass));
  return errors;
}
