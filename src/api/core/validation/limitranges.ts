import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { isQualifiedName } from '../../../machinery/names.ts';
import { Quantity } from '../../../machinery/quantity.ts';
import type { LimitRange, LimitRangeItem, ResourceList } from '../../types/core.v1.ts';
import { quantityOf } from '../resource-list.ts';
import { isOvercommitAllowed, validateContainerResourceName, validateResourceName } from './resource-names.ts';

const limitsPath = root('spec').child('limits');
const standardTypes: ReadonlySet<string> = new Set(['Container', 'PersistentVolumeClaim', 'Pod']);
const one = Quantity.of(1);
/** Beyond it upstream no longer counts in thousandths (`resource.MaxMilliValue`). */
const maxMilliValue = (2n ** 63n - 1n) / 1000n;

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, item] of (spec?.limits ?? []).entries()) {
    const path = limitsPath.index(index);
    const type: string = item.type ?? '';
    validateLimitType(type, path.child('type'), errors);
    if (seen.has(type)) errors.push(path.child('type').duplicate(type));
    seen.add(type);
    validateItemNames(item, type, path, errors);
    validateItemAmounts(item, type, path, errors);
  }
  return errors;
}

function validateLimitType(type: string, path: Path, errors: FieldError[]): void {
  const sentences = isQualifiedName(type);
  for (const sentence of sentences) errors.push(path.invalid(type, sentence));
  if (sentences.length > 0 || type.includes('/') || standardTypes.has(type)) return;
  errors.push(path.invalid(type, 'must be a standard limit type or fully qualified'));
}

function validateNames(list: ResourceList | undefined, type: string, path: Path, errors: FieldError[]): void {
  const validate = type === 'Pod' || type === 'Container' ? validateContainerResourceName : validateResourceName;
  for (const name of Object.keys(list ?? {})) errors.push(...validate(name, path.key(name)));
}

function validateItemNames(item: LimitRangeItem, type: string, path: Path, errors: FieldError[]): void {
  validateNames(item.max, type, path.child('max'), errors);
  validateNames(item.min, type, path.child('min'), errors);
  for (const field of ['default', 'defaultRequest'] as const) {
    if (type !== 'Pod') validateNames(item[field], type, path.child(field), errors);
    else if (Object.keys(item[field] ?? {}).length > 0) {
      errors.push(path.child(field).forbidden("may not be specified when `type` is 'Pod'"));
    }
  }
  if (type === 'PersistentVolumeClaim' && !item.min?.['storage'] && !item.max?.['storage']) {
    const message = 'either minimum or maximum storage value is required, but neither was provided';
    errors.push(path.child('limits').required(message));
  }
  validateNames(item.maxLimitRequestRatio, type, path.child('maxLimitRequestRatio'), errors);
}

function amountOf(list: ResourceList | undefined, name: string): Quantity | undefined {
  const text = list && Object.hasOwn(list, name) ? list[name] : undefined;
  return text === undefined ? undefined : quantityOf(text);
}

/** Whether both are there and the first is the greater one. */
function exceeds(a: Quantity | undefined, b: Quantity | undefined): boolean {
  return a !== undefined && b !== undefined && a.compare(b) > 0;
}

function validateItemAmounts(item: LimitRangeItem, type: string, path: Path, errors: FieldError[]): void {
  const isPod = type === 'Pod';
  const lists = [
    item.max,
    item.min,
    isPod ? {} : item.default,
    isPod ? {} : item.defaultRequest,
    item.maxLimitRequestRatio,
  ];
  const names = new Set(lists.flatMap((list) => Object.keys(list ?? {})));
  for (const name of names) {
    const [max, min, limit, request, ratio] = lists.map((list) => amountOf(list, name));
    const check = (isWrong: boolean, field: string, shown: Quantity | undefined, message: string): void => {
      if (isWrong) errors.push(path.child(field).key(name).invalid(String(shown), message));
    };
    check(exceeds(min, max), 'min', min, `min value ${min} is greater than max value ${max}`);
    check(
      exceeds(min, request),
      'defaultRequest',
      request,
      `min value ${min} is greater than default request value ${request}`,
    );
    check(
      exceeds(request, max),
      'defaultRequest',
      request,
      `default request value ${request} is greater than max value ${max}`,
    );
    check(
      exceeds(request, limit),
      'defaultRequest',
      request,
      `default request value ${request} is greater than default limit value ${limit}`,
    );
    check(exceeds(min, limit), 'default', min, `min value ${min} is greater than default value ${limit}`);
    check(exceeds(limit, max), 'default', max, `default value ${limit} is greater than max value ${max}`);
    check(exceeds(one, ratio), 'maxLimitRequestRatio', ratio, `ratio ${ratio} is less than 1`);
    if (ratio !== undefined && min !== undefined && max !== undefined) {
      const greatest = greatestRatio(ratio, min, max);
      const isWrong = greatest !== undefined;
      check(isWrong, 'maxLimitRequestRatio', ratio, `ratio ${ratio} is greater than max/min = ${greatest}`);
    }
    check(
      !isOvercommitAllowed(name) && limit !== undefined && request !== undefined && !limit.equals(request),
      'defaultRequest',
      request,
      `default value ${limit} must equal to defaultRequest value ${request} in ${name}`,
    );
  }
}

/** `max`/`min`, printed, when `ratio` is more than that. */
function greatestRatio(ratio: Quantity, min: Quantity, max: Quantity): string | undefined {
  const isSmall = [ratio, min, max].every((amount) => amount.ceil() < maxMilliValue);
  const scale = isSmall ? -3 : 0;
  const greatest = Number(max.ceil(scale)) / Number(min.ceil(scale));
  const value = isSmall ? Number(ratio.ceil(-3)) / 1000 : Number(ratio.ceil());
  if (!(value > greatest)) return undefined;
  return Number.isFinite(greatest) ? greatest.toFixed(6) : '-Inf';
}
