import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { root, type FieldError } from '../../machinery/field-error.ts';
import { validateLabels } from '../../machinery/label-validation.ts';
import { isDNS1123Label } from '../../machinery/names.ts';
import { checkOverhead } from '../core/validation/resource-requirements.ts';
import { checkTolerations } from '../core/validation/tolerations.ts';
import { listOf, validateByRule, validateImmutable } from '../field-rules.ts';
import type { RuntimeClass, Scheduling } from '../types/node.v1.ts';

const handlerPath = root('handler');
const overheadPath = root('overhead');
const nodeSelectorPath = root('scheduling').child('nodeSelector');
const tolerationsPath = root('scheduling').child('tolerations');

function validateScheduling({ nodeSelector, tolerations }: Scheduling, errors: FieldError[]): void {
  if (nodeSelector) errors.push(...validateLabels(nodeSelector, nodeSelectorPath));
  checkTolerations(errors, tolerationsPath, tolerations, {});
  const list = listOf(tolerations);
  list.forEach((toleration, index) => {
    if (list.slice(0, index).some((other) => semanticDeepEqual(other, toleration))) {
      errors.push(tolerationsPath.index(index).duplicate(toleration));
    }
  });
}

export function validateRuntimeClass(runtimeClass: RuntimeClass): FieldError[] {
  const errors: FieldError[] = [];
  validateByRule(isDNS1123Label, runtimeClass.handler ?? '', handlerPath, errors);
  const { overhead, scheduling } = runtimeClass;
  if (overhead?.podFixed) checkOverhead(errors, overheadPath, overhead.podFixed, {});
  if (scheduling) validateScheduling(scheduling, errors);
  return errors;
}

export function validateRuntimeClassUpdate(runtimeClass: RuntimeClass, old: RuntimeClass): FieldError[] {
  const errors: FieldError[] = [];
  validateImmutable(runtimeClass.handler ?? '', old.handler ?? '', handlerPath, errors);
  return errors;
}
