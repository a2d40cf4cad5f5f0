/** Taints that a Pod bears. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isLabelValue } from '../../../machinery/names.ts';
import type { Toleration } from '../../types/core.v1.ts';
import { checkQualifiedName, listOf, type Maybe } from '../../field-rules.ts';

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export interface TolerationOptions {
  /** Lt and Gt (KEP-5471), which are off by default: an object of old has them. */
  readonly allowTolerationComparison?: boolean;
}

export function checkTolerations(
  errors: FieldError[],
  path: Path,
  tolerations: Maybe<Toleration>,
  options: TolerationOptions,
): void {
  for (const [index, toleration] of listOf(tolerations).entries()) {
    const { key = '', value = '', tolerationSeconds } = toleration;
    const operator: string = toleration.operator ?? '';
    const effect: string = toleration.effect ?? '';
    const at = path.index(index);
    if (key !== '') checkQualifiedName(errors, at.child('key'), key);
    if (key === '' && operator !== 'Exists') {
      const rule = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(at.child('operator').invalid(operator, rule));
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const rule = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      errors.push(at.child('effect').invalid(effect, rule));
    }
    checkOperator(errors, at, operator, value, options.allowTolerationComparison === true);
    if (effect !== '' && !taintEffects.includes(effect)) {
      errors.push(at.child('effect').notSupported(effect, taintEffects));
    }
  }
}

const wholeNumber = /^(?:0|-?[1-9][0-9]*)$/;

function checkOperator(
  errors: FieldError[],
  path: Path,
  operator: string,
  value: string,
  allowComparison: boolean,
): void {
  const at = path.child('operator');
  if (operator === 'Equal' || operator === '') {
    const sentences = isLabelValue(value);
    if (sentences.length > 0) errors.push(at.invalid(value, sentences.join(';')));
  } else if (operator === 'Exists') {
    if (value !== '') errors.push(at.invalid(value, "value must be empty when `operator` is 'Exists'"));
  } else if (allowComparison && (operator === 'Lt' || operator === 'Gt')) {
    if (!wholeNumber.test(value)) {
      errors.push(path.child('value').invalid(value, 'must be a valid decimal integer in canonical form'));
    }
  } else errors.push(at.notSupported(operator, ['Equal', 'Exists']));
}
