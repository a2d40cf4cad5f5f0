import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { listOf, validateNonnegative } from '../../field-rules.ts';
import type { JobSpec, SuccessPolicyRule } from '../../types/batch.v1.ts';
import { countIndexes, IndexesError, parseIndexes } from './indexes.ts';

const maxRules = 20;
const maxSucceededIndexesBytes = 64 * 1024;

/** How many indexes the rule names; 0 when they cannot be read. */
function validateIndexes(indexes: string, completions: number, path: Path, errors: FieldError[]): number {
  if (Buffer.byteLength(indexes) > maxSucceededIndexesBytes) {
    errors.push(path.tooLong(indexes, maxSucceededIndexesBytes));
  }
  try {
    return countIndexes(parseIndexes(indexes, completions));
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error;
    errors.push(path.invalid(indexes, `error parsing succeededIndexes: ${error.message}`));
    return 0;
  }
}

function validateRule(rule: SuccessPolicyRule, completions: number, path: Path, errors: FieldError[]): void {
  const count = rule.succeededCount ?? undefined;
  const indexes = rule.succeededIndexes ?? undefined;
  if (count === undefined && indexes === undefined) {
    errors.push(path.required('at least one of succeededCount or succeededIndexes must be specified'));
  }
  const named =
    indexes === undefined ? undefined : validateIndexes(indexes, completions, path.child('succeededIndexes'), errors);
  if (count === undefined) return;
  const countPath = path.child('succeededCount');
  validateNonnegative(count, countPath, errors);
  if (count > completions) {
    const detail = `must be less than or equal to ${completions} (the number of specified completions)`;
    errors.push(countPath.invalid(count, detail));
  }
  if (named !== undefined && count > named) {
    const detail = `must be less than or equal to ${named} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(countPath.invalid(count, detail));
  }
}

/** When an indexed Job counts as done before all its pods are. `path` is that of the policy. */
export function validateSuccessPolicy(spec: Partial<JobSpec>, path: Path, errors: FieldError[]): void {
  const rules = listOf(spec.successPolicy?.rules);
  const rulesPath = path.child('rules');
  if (rules.length === 0) {
    errors.push(rulesPath.required('at least one rules must be specified when the successPolicy is specified'));
  }
  if (rules.length > maxRules) errors.push(rulesPath.tooMany(rules.length, maxRules));
  const completions = spec.completions ?? 0;
  rules.forEach((rule, index) => validateRule(rule, completions, rulesPath.index(index), errors));
}
