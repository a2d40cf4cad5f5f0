/** How much of a capacity a request may take (KEP-5075). */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { Quantity } from '../../../machinery/quantity.ts';
import { quantityOf } from '../../core/resource-list.ts';
import { hasItems, listOf, mustNotBeNegative } from '../../field-rules.ts';
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, DeviceCapacity } from '../../types/resource.v1.ts';
import { checkSet } from './bounded-lists.ts';

const maxOptions = 10;
const maxAmount = Quantity.of(2n ** 63n - 1n);

export function checkCapacityPolicy(errors: FieldError[], path: Path, capacity: DeviceCapacity): void {
  const policy = capacity.requestPolicy;
  if (!policy) return;
  const total = quantityOf(capacity.value);
  const hasValues = hasItems(policy.validValues);
  if (hasValues && policy.validRange) {
    const rule = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    errors.push(path.forbidden(rule));
  } else if (hasValues) {
    if (!policy.default) errors.push(path.child('default').required('required when validValues is defined'));
    else checkValidValues(errors, path.child('validValues'), policy, total);
  } else if (policy.validRange) {
    if (!policy.default) errors.push(path.child('default').required('required when validRange is defined'));
    else checkValidRange(errors, path.child('validRange'), policy.validRange, quantityOf(policy.default), total);
  }
}

function checkValidValues(errors: FieldError[], path: Path, policy: CapacityRequestPolicy, total: Quantity): void {
  const values = listOf(policy.validValues);
  const standard = quantityOf(policy.default);
  const amounts = values.map(quantityOf);
  for (const [index, amount] of amounts.entries()) {
    const next = amounts[index + 1];
    if (next !== undefined && amount.compare(next) > 0) {
      errors.push(path.index(index + 1).invalid(next.toString(), 'values must be sorted in ascending order'));
    }
  }
  checkSet(
    errors,
    path,
    amounts,
    maxOptions,
    (found, at, amount) => {
      if (amount.compare(total) > 0) {
        found.push(at.invalid(amount.toString(), `option is larger than capacity value: ${total}`));
      }
    },
    (amount) => String(amount.ceil()),
  );
  if (amounts.length > maxOptions || !amounts.some((amount) => amount.equals(standard))) {
    errors.push(path.invalid(standard.toString(), 'default value is not valid according to the requestPolicy'));
  }
}

function checkValidRange(
  errors: FieldError[],
  path: Path,
  range: CapacityRequestPolicyRange,
  standard: Quantity,
  total: Quantity,
): void {
  if (!range.min) {
    errors.push(path.child('min').required('required when validRange is defined'));
    return;
  }
  const min = quantityOf(range.min);
  const max = range.max ? quantityOf(range.max) : undefined;
  const refuse = (name: string, value: Quantity, message: string): void => {
    errors.push(path.child(name).invalid(value.toString(), message));
  };
  if (min.compare(total) > 0) refuse('min', min, `min is larger than capacity value: ${total}`);
  if (standard.compare(min) < 0) refuse('default', standard, `default is less than min: ${min}`);
  if (max !== undefined) {
    if (min.compare(max) > 0) refuse('max', min, `min is larger than max: ${max}`);
    if (max.compare(total) > 0) refuse('max', max, `max is larger than capacity value: ${total}`);
    if (standard.compare(max) > 0) refuse('default', standard, `default is more than max: ${max}`);
  }
  if (range.step) checkStep(refuse, { min, max, standard, total, step: quantityOf(range.step) });
}

interface Steps {
  readonly min: Quantity;
  readonly max: Quantity | undefined;
  readonly standard: Quantity;
  readonly total: Quantity;
  readonly step: Quantity;
}

/** The default and the end of the range are whole steps away from its start. */
function checkStep(
  refuse: (name: string, value: Quantity, message: string) => void,
  { min, max, standard, total, step }: Steps,
): void {
  if (step.sign <= 0) {
    refuse('step', step, 'must be greater than zero');
    return;
  }
  const first = min.add(step);
  if (first.compare(total) > 0) refuse('step', step, `one step ${first} is larger than capacity value: ${total}`);
  let isCountable = true;
  for (const [name, amount] of [
    ['default', standard],
    ['min', min],
    ['max', max],
    ['step', step],
  ] as const) {
    if (amount === undefined) continue;
    const fault =
      amount.sign < 0
        ? mustNotBeNegative
        : amount.compare(maxAmount) > 0
          ? 'must not be larger than 9223372036854775807'
          : undefined;
    if (fault === undefined) continue;
    refuse(name, amount, fault);
    isCountable = false;
  }
  if (!isCountable) return;
  for (const amount of [standard, max]) {
    if (amount === undefined || (amount.ceil() - min.ceil()) % step.ceil() === 0n) continue;
    refuse('step', amount, `value is not a multiple of a given step (${step}) from (${min})`);
  }
}
