import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { root, type FieldError, type Path } from '../../machinery/field-error.ts';
import { orZero, validateEnum } from '../field-rules.ts';
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from '../types/flowcontrol.v1.ts';
import { mandatoryPriorityLevelSpecs } from './mandatory.ts';

const specPath = root('spec');
const typePath = specPath.child('type');
const limitedPath = specPath.child('limited');
const exemptPath = specPath.child('exempt');
const responsePath = limitedPath.child('limitResponse');
const queuingPath = responsePath.child('queuing');
const enablements = ['Exempt', 'Limited'];
const responses = ['Queue', 'Reject'];
const maxQueues = 10_000_000;
/** Of the hash by which a flow's hand of queues is dealt. */
const maxHashBits = 60;

function validateQueuing(
  { queues = 0, handSize = 0, queueLengthLimit = 0 }: QueuingConfiguration,
  errors: FieldError[],
): void {
  if (queueLengthLimit <= 0) {
    errors.push(queuingPath.child('queueLengthLimit').invalid(queueLengthLimit, 'must be positive'));
  }
  const queuesPath = queuingPath.child('queues');
  if (queues <= 0) errors.push(queuesPath.invalid(queues, 'must be positive'));
  else if (queues > maxQueues) errors.push(queuesPath.invalid(queues, `must not be greater than ${maxQueues}`));
  const handPath = queuingPath.child('handSize');
  if (handSize <= 0) errors.push(handPath.invalid(handSize, 'must be positive'));
  else if (handSize > queues) errors.push(handPath.invalid(handSize, `should not be greater than queues (${queues})`));
  else if (Math.ceil(Math.log2(queues) * handSize) > maxHashBits) {
    const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${maxHashBits}`;
    errors.push(handPath.invalid(handSize, detail));
  }
}

function validateResponse({ type = '', queuing }: Partial<LimitResponse>, errors: FieldError[]): void {
  if (type === 'Reject') {
    if (queuing) errors.push(queuingPath.forbidden('must be nil if limited.limitResponse.type is not Limited'));
  } else if (type === 'Queue') {
    if (queuing) validateQueuing(queuing, errors);
    else errors.push(queuingPath.required('must not be empty if limited.limitResponse.type is Limited'));
  } else validateEnum(type, responses, responsePath.child('type'), errors);
}

function validateShares(shares: number | null | undefined, path: Path, errors: FieldError[]): void {
  if ((shares ?? 0) < 0)
    errors.push(path.child('nominalConcurrencyShares').invalid(shares, 'must be a non-negative integer'));
}

function validateLendable(percent: number | null | undefined, path: Path, errors: FieldError[]): void {
  const value = percent ?? 0;
  if (value < 0 || value > 100) {
    errors.push(path.child('lendablePercent').invalid(value, 'must be between 0 and 100, inclusive'));
  }
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, errors: FieldError[]): void {
  validateShares(limited.nominalConcurrencyShares, limitedPath, errors);
  validateResponse(orZero(limited.limitResponse), errors);
  validateLendable(limited.lendablePercent, limitedPath, errors);
  const borrowing = limited.borrowingLimitPercent ?? 0;
  if (borrowing < 0) {
    const path = limitedPath.child('borrowingLimitPercent');
    errors.push(path.invalid(borrowing, 'if specified, must be a non-negative integer'));
  }
}

function validateExempt(exempt: ExemptPriorityLevelConfiguration, errors: FieldError[]): void {
  validateShares(exempt.nominalConcurrencyShares, exemptPath, errors);
  validateLendable(exempt.lendablePercent, exemptPath, errors);
}

export function validatePriorityLevel({ metadata, spec: given }: PriorityLevelConfiguration): FieldError[] {
  const errors: FieldError[] = [];
  const spec = orZero(given);
  const { type = '', limited, exempt } = spec;
  const name = metadata?.name ?? '';
  if ((name === 'exempt') !== (type === 'Exempt')) {
    errors.push(typePath.invalid(type, "type must be 'Exempt' if and only if name is 'exempt'"));
  }
  if (type === 'Exempt') {
    if (limited) errors.push(limitedPath.forbidden('must be nil if the type is not Limited'));
    if (exempt) validateExempt(exempt, errors);
  } else if (type === 'Limited') {
    if (exempt) errors.push(exemptPath.forbidden('must be nil if the type is Limited'));
    if (limited) validateLimited(limited, errors);
    else errors.push(limitedPath.required('must not be empty when type is Limited'));
  } else validateEnum(type, enablements, typePath, errors);
  const mandatory = mandatoryPriorityLevelSpecs.get(name);
  const fixed = name === 'exempt' ? { ...spec, exempt: undefined } : spec;
  if (mandatory !== undefined && !semanticDeepEqual(fixed, mandatory)) {
    errors.push(specPath.invalid(spec, `spec of '${name}' must equal the fixed value`));
  }
  return errors;
}
